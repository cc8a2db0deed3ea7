using System.Numerics.Tensors;
using Fovea.Kernels;

namespace Fovea;

/// <summary>Measures a network on some training samples and judges what comes out.</summary>
internal sealed class DiagnosisProbe
{
    // The gradients of so many batches of so many samples at most.
    private const int Batches = 32, BatchSize = 32;

    // Where a figure becomes a finding. docs/theory/diagnosis.md says why.
    private const double DeadShare = 0.4, VanishingRatio = 1e-4, ExplodingRatio = 100, Drift = 0.5, LargeBatch = 10;

    private readonly Trainer _trainer;
    private readonly Network _network;
    private readonly int[] _samples;
    private readonly int _batch;
    private readonly IReadOnlyList<LayerPlace> _places;

    // By the number of the layer.
    private readonly LayerFigures[] _layers;
    private readonly List<Finding> _findings = [];

    private DiagnosisProbe(Trainer trainer)
    {
        (_trainer, _network) = (trainer, trainer.Network);
        int[] order = [.. Enumerable.Range(0, trainer.Training.Count)];
        // As the updates draw them: the loss of the untrained network, say, is another where rare classes come more often.
        if (trainer.Settings.Sampling == Sampling.Plain) new Philox(trainer.Settings.Seed, RandomPurpose.Probe).Shuffle(order, step: 0);
        else new SampleOrder(trainer.Training, trainer.Settings.Sampling, trainer.Settings.Seed).Fill(order, epoch: 0);
        _batch = BatchOf(order.Length);
        _samples = order[..SamplesOf(order.Length)];
        _places = LayerPlace.Of(_network.Model);
        _layers = [.. _places.OrderBy(place => place.Number).Select(place => new LayerFigures(place.Index + 1, place.Where[(place.Where.IndexOf(' ', "layer ".Length) + 1)..]))];
    }

    /// <summary>How many of so many training samples are looked at.</summary>
    public static int SamplesOf(int count) => Math.Min(Batches, count / BatchOf(count)) * BatchOf(count);

    private static int BatchOf(int count) => Math.Clamp(count / Batches, 1, BatchSize);

    /// <summary>What <see cref="Diagnosis.Of"/> returns.</summary>
    public static Diagnosis Examine(Trainer trainer)
    {
        var probe = new DiagnosisProbe(trainer);
        double start = trainer.StartLoss ??= Gradients(new Network(trainer.Model, trainer.Settings.Seed, trainer.Settings.Initialization), trainer, probe._samples, probe._batch).Loss;
        if (NonFiniteSearch.InParameters(trainer.Network, trainer.Updates, trainer.Settings.Optimizer.LearningRate) is { } broken)
            return new Diagnosis([broken, .. CurveFindings.Of(trainer, start)], [], probe._samples.Length, Finite(start), null);
        probe.MeasureUnits();
        GradientNoise? noise = probe.MeasureGradients();
        return new Diagnosis([.. probe._findings, .. CurveFindings.Of(trainer, start)],
            [.. probe._layers.Where(layer => layer != new LayerFigures(layer.Layer, layer.Name))], probe._samples.Length, Finite(start), noise);
    }

    // JSON has no other numbers.
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    /// <summary>Dead units, and the statistics that batch normalization should have, in evaluation mode.</summary>
    private void MeasureUnits()
    {
        var units = new Dictionary<int, ChannelStatistics>();
        foreach (LayerPlace place in _places)
        {
            // What batch normalization normalizes: the output that it reads.
            if (place.Layer is BatchNorm2D) units[place.Source] = new ChannelStatistics(place.Input, withMoments: true);
            if (place.IsRectified) units.TryAdd(place.Number, new ChannelStatistics(place.Output, withMoments: false));
        }
        if (units.Count == 0) return;
        ExecutionPlan plan = ExecutionPlan.Create(_network, new PlanOptions { BatchSize = _samples.Length, Threads = _trainer.Threads, Fuse = false });
        float[] input = new float[_network.Input.Count];
        int first = _places[0].Number;
        plan.Observe(new Batch(_trainer.Training, _samples), null, (layer, sample, output) =>
        {
            if (layer == first && units.TryGetValue(-1, out ChannelStatistics? samples))
            {
                _trainer.Training.CopySample(_samples[sample], input);
                samples.Add(input);
            }
            if (units.TryGetValue(layer, out ChannelStatistics? statistics)) statistics.Add(output);
        });
        foreach (LayerPlace place in _places)
        {
            if (place.IsRectified) JudgeUnits(place, units[place.Number]);
            if (place.Layer is BatchNorm2D) JudgeStatistics(place, units[place.Source]);
        }
    }

    private void JudgeUnits(LayerPlace layer, ChannelStatistics units)
    {
        int dead = units.Largest.Count(largest => largest <= 0), all = units.Largest.Length;
        double share = (double)dead / all;
        _layers[layer.Number] = _layers[layer.Number] with { DeadShare = share };
        if (share < DeadShare) return;
        string unit = layer.Output.IsFlat ? "units" : "channels";
        // Others than those of the probe may still wake them.
        string so = dead == all ? "none of them has a gradient through the layer, and unless others do, what learns through it alone learns no more"
            : "these samples give them no gradient, and unless others do, they learn no more";
        int samples = _samples.Distinct().Count();
        _findings.Add(new Finding(Finding.DeadUnits, layer.Called, share,
            $"{layer.Called}: {dead:N0} of {all:N0} {unit} are 0 for {(samples == 1 ? "the one sample" : $"all {samples:N0} samples")} looked at: {so}",
            "Use a smaller learning rate, leakyrelu, or batch normalization before it"));
    }

    private void JudgeStatistics(LayerPlace layer, ChannelStatistics population)
    {
        float epsilon = ((BatchNorm2D)layer.Layer).Epsilon;
        float[] means = _network.GetParameter($"{layer.Path}.running_mean"), variances = _network.GetParameter($"{layer.Path}.running_var");
        double mean = 0, variance = 0;
        for (int channel = 0; channel < means.Length; channel++)
        {
            double own = population.Variance(channel) + epsilon;
            mean += Math.Pow(means[channel] - population.Mean(channel), 2) / own / means.Length;
            variance += Math.Pow(Math.Log((variances[channel] + epsilon) / own), 2) / means.Length;
        }
        (mean, variance) = (Math.Sqrt(mean), Math.Sqrt(variance));
        _layers[layer.Number] = _layers[layer.Number] with { MeanDrift = Finite(mean), VarianceDrift = Finite(variance) };
        if (!(Math.Max(mean, variance) is >= Drift and < double.PositiveInfinity)) return;
        _findings.Add(new Finding(Finding.BatchStatistics, layer.Called, Math.Max(mean, variance),
            $"{layer.Called}: its running means are {mean:F2} standard deviations from those of {_samples.Length:N0} samples, and its running variances differ by a factor of {Math.Exp(variance):F2} (root mean squares over the channels): it does in evaluation what it did not do in training",
            "Train for more updates, use larger batches or a larger momentum of the statistics, or groupnorm"));
    }

    /// <summary>The gradients in training mode: their norms by layer, and how much they differ from batch to batch.</summary>
    private GradientNoise? MeasureGradients()
    {
        var (loss, mean, squaredNorm) = Gradients(_network, _trainer, _samples, _batch);
        if (!double.IsFinite(loss))
        {
            // The next update would have failed.
            _findings.Add(NonFiniteSearch.Find(_network, _trainer.Settings, new Batch(_trainer.Training, _samples), _trainer.Updates, null, _trainer.Threads));
            return null;
        }
        ParameterArena arena = _network.ParameterMemory;
        var weights = _places.Where(place => place.Layer is Conv2D or Linear).Select(place => (Place: place, Weight: arena.Entries.First(entry => entry.Name == $"{place.Path}.weight"))).ToArray();
        foreach (var (place, weight) in weights)
        {
            double norm = Norm(mean.AsSpan(weight.Offset, weight.Size)), size = Norm(arena.Span.Slice(weight.Offset, weight.Size));
            _layers[place.Number] = _layers[place.Number] with { WeightNorm = size, GradientNorm = Finite(norm), GradientSize = Finite(norm / Math.Sqrt(weight.Spec.Count)) };
            if (norm < ExplodingRatio * size || size == 0) continue;
            _findings.Add(new Finding(Finding.ExplodingGradient, place.Called, norm / size,
                $"{place.Called}: the norm of the gradient is {norm:G3}, that of the weights {size:G3}: a step of SGD with learning rate {size / norm:G2} would be as large as the weights",
                "Use a smaller learning rate, a warm-up, batch normalization, or smaller initial weights"));
        }
        JudgeVanishing([.. weights.Select(weight => weight.Place)]);
        if (_samples.Length < 2 * _batch || !double.IsFinite(squaredNorm)) return null;
        var noise = GradientNoise.Of(squaredNorm, _batch, Math.Pow(Norm(mean), 2), _samples.Length);
        int batch = Math.Min(_trainer.Settings.BatchSize, _trainer.Training.Count);
        if (noise.Scale is { } scale && batch > LargeBatch * scale)
        {
            _findings.Add(new Finding(Finding.BatchSize, "training", batch / scale,
                $"the batch of {batch:N0} samples is {(scale >= 0.5 ? $"{batch / scale:N0} times the gradient noise scale of about {scale:N0}" : "far above the gradient noise scale, which is next to 0")}: batches that are smaller by much give almost the same gradient, and more updates for the same work",
                "Use smaller batches, or a larger learning rate"));
        }
        return noise;
    }

    private void JudgeVanishing(LayerPlace[] weights)
    {
        // Where a whole layer is dead the gradient is 0 before it, and that finding has said why.
        if (weights.Length < 2 || _layers.Any(layer => layer.DeadShare == 1)) return;
        LayerPlace least = weights.MinBy(Size)!, most = weights.MaxBy(Size)!;
        if (!(Size(least) < VanishingRatio * Size(most))) return;
        _findings.Add(new Finding(Finding.VanishingGradient, least.Called, Size(least) / Size(most),
            $"{least.Called}: a weight's gradient is {Size(least):G3}, in {most.Called} it is {Size(most):G3} (root mean squares): steps in proportion to it hardly change the first",
            "Use relu instead of sigmoid or tanh, batch normalization, or fewer layers"));

        double Size(LayerPlace weight) => _layers[weight.Number].GradientSize ?? double.PositiveInfinity;
    }

    /// <summary>The mean loss, the mean gradient and the mean of the batches' squared norms. The network's running statistics stay as they are.</summary>
    private static (double Loss, float[] Mean, double SquaredNorm) Gradients(Network network, Trainer trainer, int[] samples, int batch)
    {
        TrainingSettings settings = trainer.Settings;
        // An optimizer without a memory: it is never asked for an update.
        var optimizer = new OptimizerState(network, new Sgd(settings.Optimizer.LearningRate), settings.Seed);
        ExecutionPlan plan = ExecutionPlan.Create(network, new PlanOptions { BatchSize = batch, Threads = trainer.Threads, Loss = settings.Loss, Optimizer = optimizer });
        float[] buffers = network.BufferMemory.Span.ToArray(), mean = new float[network.ParameterMemory.Count];
        BatchSums sums = default;
        double squaredNorm = 0;
        int batches = samples.Length / batch;
        for (int i = 0; i < batches; i++)
        {
            sums += plan.Train(new Batch(trainer.Training, samples.AsSpan(i * batch, batch)), keepGradients: true);
            squaredNorm += Math.Pow(Norm(optimizer.Gradients), 2) / batches;
            TensorPrimitives.MultiplyAdd(optimizer.Gradients, 1f / batches, mean, mean);
        }
        buffers.CopyTo(network.BufferMemory.Span);
        return (sums.Mean, mean, squaredNorm);
    }

    // Scaled: the squares of large gradients leave the range of floats.
    private static double Norm(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values) sum += (double)value * value;
        return Math.Sqrt(sum);
    }

    /// <summary>The largest number of each channel over samples and positions, and their sums where these are asked for; of a flat shape, each
    /// number is a channel.</summary>
    private sealed class ChannelStatistics(Shape shape, bool withMoments)
    {
        private readonly int _channels = shape.IsFlat ? shape.Count : shape.Channels;
        private readonly double[] _sums = new double[shape.IsFlat ? shape.Count : shape.Channels], _squares = new double[shape.IsFlat ? shape.Count : shape.Channels];
        private long _count;

        public float[] Largest { get; } = [.. Enumerable.Repeat(float.NegativeInfinity, shape.IsFlat ? shape.Count : shape.Channels)];

        public void Add(ReadOnlySpan<float> output)
        {
            int positions = output.Length / _channels;
            _count += positions;
            if (positions == 1) TensorPrimitives.Max(Largest, output, Largest);
            for (int channel = 0; channel < _channels && (positions > 1 || withMoments); channel++)
            {
                ReadOnlySpan<float> values = output.Slice(channel * positions, positions);
                Largest[channel] = Math.Max(Largest[channel], TensorPrimitives.Max(values));
                if (!withMoments) continue;
                foreach (float value in values)
                {
                    _sums[channel] += value;
                    _squares[channel] += (double)value * value;
                }
            }
        }

        public double Mean(int channel) => _sums[channel] / _count;

        // Unbiased, as the running variance is.
        public double Variance(int channel) => Math.Max(0, _squares[channel] - _count * Mean(channel) * Mean(channel)) / Math.Max(1, _count - 1);
    }
}
