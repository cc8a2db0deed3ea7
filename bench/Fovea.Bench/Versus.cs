using System.Diagnostics;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// Training steps of this engine and of libtorch, side by side: the same weights, the same batch resident in memory, in turn in one
/// process, each several times for a moment; medians. Libtorch runs twice, with N x C x H x W and with channels-last memory, and the better
/// one counts.
/// </summary>
internal sealed class Versus(string model, int batch, int threads, Optimizer optimizer, int rounds, double seconds)
{
    private const int LossSteps = 20;

    /// <summary>Runs the comparison and returns one line of JSON.</summary>
    public string Run()
    {
        if (LibTorch.Unavailable is { } reason) throw new InvalidOperationException(reason);
        set_num_threads(threads);
        ModelSpec spec = Zoo.Get(model);
        Tensor input = RandomData.Input(spec.Input, batch);
        int[] labels = RandomData.Labels(batch, spec.Output.Count);

        double difference = LossDifference(spec, input, labels);
        var ours = new Ours(new Network(spec, seed: 1), optimizer, threads, input, labels);
        var plain = new Theirs(new Network(spec, seed: 1), optimizer, channelsLast: false, input, labels);
        var channelsLast = new Theirs(new Network(spec, seed: 1), optimizer, channelsLast: true, input, labels);
        Action[] sides = [() => ours.Step(), () => plain.Step(), () => channelsLast.Step()];
        foreach (Action side in sides) Measure(side);
        var samplesPerSecond = new double[sides.Length][];
        for (int side = 0; side < sides.Length; side++) samplesPerSecond[side] = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            for (int side = 0; side < sides.Length; side++) samplesPerSecond[side][round] = Measure(sides[side]);
        }
        double fovea = Median(samplesPerSecond[0]), libtorch = Math.Max(Median(samplesPerSecond[1]), Median(samplesPerSecond[2]));
        double ratio = Median([.. Enumerable.Range(0, rounds).Select(r => samplesPerSecond[0][r] / Math.Max(samplesPerSecond[1][r], samplesPerSecond[2][r]))]);
        return string.Create(CultureInfo.InvariantCulture,
            $$"""{"model":"{{model}}","batch":{{batch}},"threads":{{threads}},"optimizer":"{{optimizer.GetType().Name.ToLowerInvariant()}}","fovea":{"samplesPerSecond":{{fovea:F0}}},"libtorch":{"samplesPerSecond":{{libtorch:F0}}},"ratio":{{ratio:F2}},"lossDifference":{{difference:E2}}}""");
    }

    // The largest difference of the losses over the first steps, relative to the first loss: both sides do the same work. Libtorch's
    // channels-last side is compared: in the other layout it takes wrong gradients through some convolutions on some processors. Where
    // rounding decides between the two sides of a ReLU or the numbers of a pooling window, Adam makes a whole step of it, so that
    // networks of many activations drift apart, as those of libtorch's two layouts do.
    private double LossDifference(ModelSpec spec, Tensor input, int[] labels)
    {
        var ours = new Ours(new Network(spec, seed: 1), optimizer, threads, input, labels);
        var theirs = new Theirs(new Network(spec, seed: 1), optimizer, channelsLast: true, input, labels);
        double largest = 0, first = 0;
        for (int step = 0; step < LossSteps; step++)
        {
            double a = ours.Step(), b = theirs.Step();
            if (step == 0) first = Math.Abs(b);
            largest = Math.Max(largest, Math.Abs(a - b) / first);
        }
        return largest;
    }

    private double Measure(Action step)
    {
        int steps = 0;
        long start = Stopwatch.GetTimestamp();
        do
        {
            step();
            steps++;
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
        return steps * batch / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private sealed class Ours
    {
        private readonly ExecutionPlan _plan;
        private readonly Dataset _data;
        private readonly int[] _samples;

        public Ours(Network network, Optimizer optimizer, int threads, Tensor input, int[] labels)
        {
            var options = new PlanOptions
            {
                BatchSize = input.Samples,
                Threads = threads,
                Loss = Loss.For(network.Model),
                Optimizer = new OptimizerState(network, optimizer, seed: 1),
            };
            _plan = ExecutionPlan.Create(network, options);
            _data = Dataset.FromTensor(input, labels, network.Output.Count);
            _samples = [.. Enumerable.Range(0, labels.Length)];
        }

        public double Step() => _plan.Train(new Batch(_data, _samples)).Loss / _samples.Length;
    }

    private sealed class Theirs
    {
        private readonly Sequential _model;
        private readonly optim.Optimizer _optimizer;
        private readonly torch.Tensor _input, _labels;
        private readonly Loss _loss;

        public Theirs(Network network, Optimizer optimizer, bool channelsLast, Tensor input, int[] labels)
        {
            _model = TorchModel.Create(network, channelsLast);
            _loss = Loss.For(network.Model);
            _optimizer = TorchModel.Optimizer(optimizer, _model.parameters());
            _input = tensor(input.Values, [input.Samples, input.Shape.Channels, input.Shape.Height, input.Shape.Width]);
            if (channelsLast) _input = TorchModel.ChannelsLast(_input);
            _labels = tensor([.. labels.Select(label => (long)label)]);
        }

        public double Step()
        {
            using var scope = NewDisposeScope();
            _optimizer.zero_grad();
            torch.Tensor loss = TorchModel.Loss(_loss, _model.forward(_input), _labels);
            loss.backward();
            _optimizer.step();
            return loss.item<float>();
        }
    }
}
