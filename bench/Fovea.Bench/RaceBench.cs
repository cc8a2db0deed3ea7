using System.Diagnostics;
using System.Globalization;
using Fovea.Lab;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// A race of this engine and of libtorch: the same weights at first, the same order of the samples, the same recipe. Each run is a process of
/// its own, timed from its start, reading the data included, until the accuracy on the test images is known; the sides take turns.
/// </summary>
internal sealed class RaceBench(string name, int runs, int threads)
{
    /// <summary>Runs all and prints a line for each seed, and the ratio.</summary>
    public void Run(TextWriter output)
    {
        Race race = Race.Get(name);
        output.WriteLine($"{race.Name}: {race.Description}, {runs} runs of each side, {threads} threads");
        output.WriteLine($"{"seed",4} {"side",-24} {"accuracy",9} {"seconds",8} {"training",9}");
        var ratios = new List<double>();
        for (int seed = 1; seed <= runs; seed++)
        {
            double[] seconds = [.. TrainingSide.Names.Select(side =>
            {
                var (accuracy, whole, training) = InProcess(side, seed);
                output.WriteLine(FormattableString.Invariant($"{seed,4} {side,-24} {accuracy,9:P2} {whole,8:F2} {training,9:F2}"));
                return whole;
            })];
            ratios.Add(Math.Min(seconds[1], seconds[2]) / seconds[0]);
        }
        output.WriteLine(FormattableString.Invariant($"ratio to the better of libtorch's memory layouts, median of {runs}: {Turns.Median(ratios):F2}"));
    }

    /// <summary>One run in this very process: prints accuracy, seconds since the start of the process, and those of the training.</summary>
    public static void Here(string name, string side, int seed, int threads, TextWriter output)
    {
        using var process = Process.GetCurrentProcess();
        Race race = Race.Get(name);
        (double accuracy, double training) = side == TrainingSide.Names[0]
            ? Engine(race, seed, threads, process.StartTime)
            : LibTorch(race, seed, threads, channelsLast: side == TrainingSide.Names[2]);
        output.WriteLine(FormattableString.Invariant($"{accuracy:R} {(DateTime.Now - process.StartTime).TotalSeconds:R} {training:R}"));
    }

    private (double Accuracy, double Seconds, double Training) InProcess(string side, int seed)
    {
        string[] arguments = ["race", name, "--side", side, "--seed", $"{seed}", "--threads", $"{threads}"];
        using Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true })!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"the run of {side} with seed {seed} ended with {process.ExitCode}");
        double[] numbers = [.. text.Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        return (numbers[0], numbers[1], numbers[2]);
    }

    private static (double Accuracy, double Training) Engine(Race race, int seed, int threads, DateTime begun)
    {
        RaceResult result = race.Run((ulong)seed, threads, begun).Result;
        return (result.Accuracy, result.TrainSeconds);
    }

    private static (double Accuracy, double Training) LibTorch(Race race, int seed, int threads, bool channelsLast)
    {
        if (Bench.LibTorch.Unavailable is { } reason) throw new InvalidOperationException(reason);
        set_num_threads(threads);
        Dataset data = Datasets.Load(race.Data, DatasetPart.Training, race.Model.Input);
        var (images, labels) = Copy(data, channelsLast);
        long start = Stopwatch.GetTimestamp();
        TrainingSettings settings = race.Settings with { Seed = (ulong)seed };
        Sequential model = TorchModel.Create(new Network(race.Model, settings.Seed, settings.Initialization), channelsLast);
        optim.Optimizer optimizer = TorchModel.Optimizer(settings.Optimizer, model.parameters());
        int[] order = new int[data.Count];
        var orders = new SampleOrder(data, settings.Sampling, settings.Seed);
        int updatesPerEpoch = new EpochSize(order.Length, settings.BatchSize).Updates;
        for (int epoch = 0; epoch < settings.Epochs; epoch++)
        {
            orders.Fill(order, (uint)epoch);
            using torch.Tensor indices = tensor([.. order.Select(sample => (long)sample)]);
            for (int batch = 0; batch < updatesPerEpoch; batch++)
            {
                using var scope = NewDisposeScope();
                var context = new ScheduleContext(epoch * updatesPerEpoch + batch, settings.Epochs * updatesPerEpoch, updatesPerEpoch, []);
                // The momentum too would change with a schedule that cycles it, as no race's does.
                float rate = settings.Schedule.LearningRate(settings.Optimizer.LearningRate, context);
                foreach (var group in optimizer.ParamGroups) group.LearningRate = rate;
                torch.Tensor samples = indices[TensorIndex.Slice(batch * settings.BatchSize, Math.Min(order.Length, (batch + 1) * settings.BatchSize))];
                optimizer.zero_grad();
                TorchModel.Loss(settings.Loss, model.forward(images.index_select(0, samples)), labels.index_select(0, samples)).backward();
                optimizer.step();
            }
        }
        double training = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Dataset test = Datasets.Load(race.Data, DatasetPart.Test, race.Model.Input);
        var (testImages, testLabels) = Copy(test, channelsLast);
        model.eval();
        using var inference = inference_mode();
        long correct = 0;
        for (int first = 0; first < test.Count; first += ExecutionPlan.InferenceBatch)
        {
            using var scope = NewDisposeScope();
            var part = TensorIndex.Slice(first, Math.Min(test.Count, first + ExecutionPlan.InferenceBatch));
            correct += model.forward(testImages[part]).argmax(1).eq(testLabels[part]).sum().item<long>();
        }
        return ((double)correct / test.Count, training);
    }

    private static (torch.Tensor Images, torch.Tensor Labels) Copy(Dataset data, bool channelsLast)
    {
        var images = new Tensor(data.Count, data.Shape);
        for (int i = 0; i < data.Count; i++) data.CopySample(i, images.Values.AsSpan(i * data.Shape.Count, data.Shape.Count));
        return (TorchModel.Input(images, channelsLast), tensor([.. Enumerable.Range(0, data.Count).Select(i => (long)data.Label(i))]));
    }
}
