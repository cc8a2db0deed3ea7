using System.Globalization;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// Training steps of this engine and of libtorch, side by side: the same weights, the same batch resident in memory, in turn in one
/// process, each several times for a moment; medians. Libtorch runs twice, with N x C x H x W and with channels-last memory, and the better
/// one counts. The peak of the memory is that of a process of each side's own.
/// </summary>
internal sealed class Versus(string model, int batch, int threads, string optimizerName, Optimizer optimizer, int lossSteps, Turns turns)
{
    /// <summary>Runs the comparison and returns one line of JSON.</summary>
    public string Run()
    {
        if (LibTorch.Unavailable is { } reason) throw new InvalidOperationException(reason);
        set_num_threads(threads);
        ModelSpec spec = Zoo.Get(model);
        double difference = LossDifference(spec);
        TrainingSide[] sides = [.. TrainingSide.Names.Select(name => TrainingSide.Create(name, spec, optimizer, threads, batch))];
        double[][] seconds = turns.Measure([.. sides.Select(side => (Action)(() => side.Step()))]);
        double[] medians = [.. seconds.Select(Turns.Median)];
        int opponent = medians[1] <= medians[2] ? 1 : 2;
        double ratio = Turns.Median([.. seconds[0].Select((fovea, round) => Math.Min(seconds[1][round], seconds[2][round]) / fovea)]);
        double Megabytes(int side) => PeakMemory.InProcess(TrainingSide.Names[side], model, optimizerName, threads, batch) / 1e6;
        return string.Create(CultureInfo.InvariantCulture,
            $$$"""{"model":"{{{model}}}","batch":{{{batch}}},"threads":{{{threads}}},"optimizer":"{{{optimizerName}}}","fovea":{"samplesPerSecond":{{{batch / medians[0]:F0}}},"peakMegabytes":{{{Megabytes(0):F0}}}},"libtorch":{"samplesPerSecond":{{{batch / medians[opponent]:F0}}},"peakMegabytes":{{{Megabytes(opponent):F0}}}},"ratio":{{{ratio:F2}}},"lossDifference":{{{difference:E2}}}}""");
    }

    // The largest difference of the losses over the first steps, relative to the first loss: both sides do the same work. Libtorch's
    // channels-last side is compared: in the other layout it takes wrong gradients through some convolutions on some processors. Where
    // rounding decides between the two sides of a ReLU or the numbers of a pooling window, Adam makes a whole step of it, so that
    // networks of many activations drift apart, as those of libtorch's two layouts do.
    private double LossDifference(ModelSpec spec)
    {
        TrainingSide ours = TrainingSide.Create(TrainingSide.Names[0], spec, optimizer, threads, batch);
        TrainingSide theirs = TrainingSide.Create(TrainingSide.Names[2], spec, optimizer, threads, batch);
        double largest = 0, first = 0;
        for (int step = 0; step < lossSteps; step++)
        {
            double a = ours.Step(), b = theirs.Step();
            if (step == 0) first = Math.Abs(b);
            largest = Math.Max(largest, Math.Abs(a - b) / first);
        }
        return largest;
    }
}
