using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// What batch normalization sees of a trained network: how far the mean and the variance of single batches lie from those of many samples,
/// and what that does to the accuracy when a batch is normalized by its own statistics.
/// </summary>
/// <param name="Layer">The first layer of batch normalization, counted from 1.</param>
/// <param name="BatchSize">Samples of a batch.</param>
/// <param name="MeanError">The root mean square, over batches and channels, of a batch's mean less the population's, in deviations of the
/// population.</param>
/// <param name="VarianceError">The root mean square of a batch's variance less the population's, as a share of it.</param>
/// <param name="RunningMeanError">The same for the running mean that the training left.</param>
/// <param name="RunningVarianceError">The same for its running variance.</param>
/// <param name="TrainingModeAccuracy">The accuracy on the test samples in training mode: each batch normalized by its own statistics.</param>
public sealed record BatchStatistics(int Layer, int BatchSize, double MeanError, double VarianceError,
    double RunningMeanError, double RunningVarianceError, double TrainingModeAccuracy)
{
    // Enough for errors of 2% in the population's mean, and quick.
    private const int MostSamples = 4096;

    /// <summary>Measures a trained network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="training">The samples that it was trained on.</param>
    /// <param name="test">The samples that the accuracy is of.</param>
    /// <param name="settings">How it was trained: loss, batch size and seed.</param>
    /// <param name="threads">Threads to use; 0 takes all processors.</param>
    /// <returns>Null where there is no layer of batch normalization on an image.</returns>
    /// <exception cref="FoveaException">Network, samples and loss do not fit each other.</exception>
    public static BatchStatistics? Of(Network network, Dataset training, Dataset test, TrainingSettings settings, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Spread(network, training, test, settings, [settings.BatchSize], threads).FirstOrDefault()?.Statistics;
    }

    /// <summary>Measures a trained network with batches of several sizes, one after the other as they are asked for.</summary>
    /// <param name="network">The network.</param>
    /// <param name="training">The samples that it was trained on.</param>
    /// <param name="test">The samples that the accuracy is of.</param>
    /// <param name="settings">How it was trained: loss and seed.</param>
    /// <param name="sizes">The sizes of batches.</param>
    /// <param name="threads">Threads to use; 0 takes all processors.</param>
    /// <returns>For each size what is measured; nothing where there is no layer of batch normalization on an image.</returns>
    /// <exception cref="FoveaException">Network, samples and loss do not fit each other.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is smaller than 1.</exception>
    public static IEnumerable<BatchSpread> Spread(Network network, Dataset training, Dataset test, TrainingSettings settings, IReadOnlyList<int> sizes, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(sizes);
        foreach (int size in sizes) ArgumentOutOfRangeException.ThrowIfLessThan(size, 1, nameof(sizes));
        ExecutionPlan.CheckSamples(network, training, settings.Loss);
        ExecutionPlan.CheckSamples(network, test, settings.Loss);
        return Measure(network, training, test, settings, sizes, threads);
    }

    private static IEnumerable<BatchSpread> Measure(Network network, Dataset training, Dataset test, TrainingSettings settings, IReadOnlyList<int> sizes, int threads)
    {
        int layer = network.Model.Layers.ToList().FindIndex(l => l is BatchNorm2D);
        if (layer < 0) yield break;
        int[] samples = Shuffled(Math.Min(MostSamples, training.Count), training.Count, settings.Seed);
        (double Mean, double Square)[][] moments = Moments(network, layer, training, samples);
        var population = Statistics(moments, 0, moments.Length);
        float[] runningMean = network.GetParameter($"{layer}.running_mean"), runningVariance = network.GetParameter($"{layer}.running_var");
        var running = population.Index().Where(p => p.Item.Variance > 0)
            .Select(p => Errors((runningMean[p.Index], runningVariance[p.Index]), p.Item)).ToArray();
        foreach (int size in sizes)
        {
            int batch = Math.Min(size, Math.Min(training.Count, MostSamples));
            double meanSum = 0, varianceSum = 0;
            var means = new List<double>();
            for (int first = 0; first + batch <= moments.Length; first += batch)
            {
                var statistics = Statistics(moments, first, batch);
                for (int channel = 0; channel < population.Length; channel++)
                {
                    if (population[channel].Variance <= 0) continue;
                    var (mean, variance) = Errors(statistics[channel], population[channel]);
                    (meanSum, varianceSum) = (meanSum + mean * mean, varianceSum + variance * variance);
                    means.Add(mean);
                }
            }
            yield return new BatchSpread(new BatchStatistics(layer + 1, batch, Root(meanSum, means.Count), Root(varianceSum, means.Count),
                Root(running.Sum(e => e.Mean * e.Mean), running.Length), Root(running.Sum(e => e.Variance * e.Variance), running.Length),
                AccuracyInTrainingMode(network, test, settings with { BatchSize = size }, threads)), Percentiles(means));
        }
    }

    // Of the sorted values those at 0, 1 ... 100% of the way from the first to the last.
    private static double[] Percentiles(List<double> values)
    {
        if (values.Count == 0) return [];
        values.Sort();
        return [.. Enumerable.Range(0, 101).Select(percent => values[(int)Math.Round((values.Count - 1) * percent / 100.0)])];
    }

    private static (double Mean, double Variance) Errors((double Mean, double Variance) value, (double Mean, double Variance) population) =>
        ((value.Mean - population.Mean) / Math.Sqrt(population.Variance), value.Variance / population.Variance - 1);

    private static double Root(double sum, int terms) => terms == 0 ? 0 : Math.Sqrt(sum / terms);

    // Of each sample and channel, the means of the layer's input and of its square over all positions.
    private static (double Mean, double Square)[][] Moments(Network network, int layer, Dataset data, int[] samples)
    {
        Network? before = layer == 0 ? null : network.FirstLayers(layer);
        Shape shape = network.Model.Shapes[layer];
        int positions = shape.Height * shape.Width;
        var result = new (double, double)[samples.Length][];
        int done = 0;
        foreach (int[] chunk in samples.Chunk(ExecutionPlan.InferenceBatch))
        {
            var input = new Tensor(chunk.Length, data.Shape);
            for (int i = 0; i < chunk.Length; i++) data.CopySample(chunk[i], input[i]);
            Tensor output = before?.Predict(input) ?? input;
            for (int i = 0; i < chunk.Length; i++)
            {
                var channels = new (double, double)[shape.Channels];
                for (int channel = 0; channel < channels.Length; channel++)
                {
                    double sum = 0, squares = 0;
                    foreach (float x in output[i].Slice(channel * positions, positions)) (sum, squares) = (sum + x, squares + (double)x * x);
                    channels[channel] = (sum / positions, squares / positions);
                }
                result[done++] = channels;
            }
        }
        return result;
    }

    private static (double Mean, double Variance)[] Statistics((double Mean, double Square)[][] moments, int first, int count)
    {
        var result = new (double, double)[moments[0].Length];
        for (int channel = 0; channel < result.Length; channel++)
        {
            double mean = 0, square = 0;
            for (int i = first; i < first + count; i++) (mean, square) = (mean + moments[i][channel].Mean, square + moments[i][channel].Square);
            (mean, square) = (mean / count, square / count);
            result[channel] = (mean, Math.Max(0, square - mean * mean));
        }
        return result;
    }

    // A training step whose gradients are not applied, on a copy, whose running statistics may change.
    private static double AccuracyInTrainingMode(Network network, Dataset test, TrainingSettings settings, int threads)
    {
        Network copy = network.FirstLayers(network.Model.Layers.Count);
        int batch = Math.Min(settings.BatchSize, test.Count);
        ExecutionPlan plan = ExecutionPlan.Create(copy, new PlanOptions
        {
            BatchSize = batch,
            Threads = threads > 0 ? threads : Environment.ProcessorCount,
            Loss = settings.Loss,
            Optimizer = new OptimizerState(copy, settings.Optimizer, settings.Seed),
        });
        int[] order = Shuffled(test.Count, test.Count, settings.Seed);
        int correct = 0;
        for (int first = 0; first < order.Length; first += batch)
            correct += plan.Train(new Batch(test, order.AsSpan(first, Math.Min(batch, order.Length - first))), keepGradients: true).Correct;
        return (double)correct / test.Count;
    }

    private static int[] Shuffled(int take, int count, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new Philox(seed, RandomPurpose.Probe).Shuffle(order, step: 0);
        return order[..take];
    }
}

/// <summary>What batch normalization sees of a trained network with batches of one size, and how that is spread.</summary>
/// <param name="Statistics">The figures.</param>
/// <param name="MeanErrors">Percentiles, from 0 to 100, of a batch's mean less the population's over batches and channels, in deviations of the
/// population; empty where nothing varies.</param>
public sealed record BatchSpread(BatchStatistics Statistics, IReadOnlyList<double> MeanErrors);
