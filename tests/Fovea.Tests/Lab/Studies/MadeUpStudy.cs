using Fovea.Lab;

namespace Fovea.Tests;

/// <summary>Results of studies that never ran, for tests that know their figures.</summary>
internal static class MadeUpStudy
{
    public static VariantResult Variant(string name, string model, params (double Accuracy, double Seconds, double Megabytes)[] runs)
    {
        ModelSpec spec = Zoo.Get(model);
        ModelSummary summary = ModelSummary.Of(spec, hide: ["flatten"]);
        return new VariantResult(name, model, summary.TotalParameters, summary.ToTorchSummary(),
            [.. runs.Select((run, i) => Run((ulong)i + 1, run.Accuracy, run.Seconds, run.Megabytes))])
        {
            Layers = spec.ToText(),
            Input = spec.Input,
            EstimatedMegabytes = summary.TotalMegabytes,
            Budget = "2 epochs",
            BatchSize = 64,
            UpdatesPerEpoch = 844,
            TrainingSamples = 54_000,
            ValidationSamples = 6_000,
            Optimizer = new Adam(),
            Loss = new NllLoss(),
        };
    }

    public static StudyResult Result(params VariantResult[] variants) => new("stride", "mnist", variants)
    {
        Title = "Stride 1 against <stride 2>",
        Question = "What does it cost & what does it save?",
        Seeds = [1, 2, 3],
        TestSamples = 10_000,
        PeakMemoryIsExact = true,
        Command = "fovea study stride --seeds 1,2,3",
        Started = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
    };

    public static TrainingPlace Place(string host = "A host", int threads = 2) =>
        new(new Machine("A processor", 2, "An operating system", ".NET 10", "0.1.0") { Host = host }, threads);

    private static RunResult Run(ulong seed, double accuracy, double seconds, double megabytes) =>
        new(seed, seconds, 108_000 / seconds, megabytes, TestLoss: 1 - accuracy, accuracy,
            [new(1, 0.5, 0.8, 0.4, 0.85, seconds / 2), new(2, 0.3, 0.9, 0.2 + seed / 100.0, accuracy, seconds / 2)])
        {
            EngineMegabytes = 20,
            Places = [Place()],
        };
}
