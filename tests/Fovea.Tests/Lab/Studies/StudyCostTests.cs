using System.Text.Json;
using Fovea.Lab;

namespace Fovea.Tests;

public sealed class StudyCostTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static readonly Calibration s_calibration = new(0.01, 0.001, 3 << 20, 50 << 20, DateTimeOffset.UnixEpoch);

    private static Dataset Samples(int count) => Dataset.FromTensor(new Tensor(count, Shape.Flat(1)), new int[count], classes: 1);

    private static VariantCost Cost(TrainingSettings settings) => VariantCost.Of(
        new StudyVariant("one", ModelSpec.Parse("linear 1", Shape.Flat(1)), settings with { BatchSize = 32, ValidationFraction = 0.2 }), s_calibration, Samples(100), Samples(50));

    [Fact]
    public void A_run_costs_its_updates_its_validations_and_two_tests()
    {
        // 20 of 100 set aside: 80 samples in batches of 32 are 3 updates an epoch. 2 epochs: 160 samples at 10 ms; 2 x 20 + 2 x 50 evaluated at 1 ms.
        VariantCost cost = Cost(new TrainingSettings { Epochs = 2 });
        Assert.Equal((6, 1.6, 1.74), (cost.Updates, Math.Round(cost.TrainSeconds, 9), Math.Round(cost.Seconds, 9)));
        Assert.Equal((3, 50), (cost.EngineMegabytes, cost.PeakMemoryMegabytes));
        // 4 updates: an epoch and a part of one, each with its validation.
        cost = Cost(new TrainingSettings { Epochs = TrainingSettings.Unlimited, Updates = 4 });
        Assert.Equal((4, Math.Round(4 * 0.8 / 3, 9)), (cost.Updates, Math.Round(cost.TrainSeconds, 9)));
        Assert.Equal(Math.Round(4 * 0.8 / 3 + 0.14, 9), Math.Round(cost.Seconds, 9));
        // 8 seconds of updates at 0.8 s an epoch: 30 updates.
        cost = Cost(new TrainingSettings { Epochs = TrainingSettings.Unlimited, Seconds = 8 });
        Assert.Equal((30, 8), (cost.Updates, cost.TrainSeconds));
    }

    [Fact]
    public void Measurements_are_kept_and_a_damaged_file_is_made_anew()
    {
        var cache = new CalibrationCache(_folder["caches/calibration.json"]);
        Assert.Null(cache.Find("a"));
        cache.Add("a", s_calibration);
        new CalibrationCache(cache.Path).Add("b", s_calibration with { EngineBytes = 7 });
        Assert.Equal(s_calibration, cache.Find("a"));
        Assert.Equal(7, cache.Find("b")!.EngineBytes);
        File.WriteAllText(cache.Path, "{");
        Assert.Null(cache.Find("a"));
        cache.Add("c", s_calibration);
        Assert.Equal(s_calibration, cache.Find("c"));
        Assert.Contains("Set $FOVEA_CACHE to a folder that can be written.", Assert.Throws<FoveaException>(() =>
            new CalibrationCache(Path.Combine(cache.Path, "below", "calibration.json")).Add("a", s_calibration)).Message);
    }

    [Fact]
    public void Who_has_no_home_has_measurements_among_the_temporary_files()
    {
        Assert.Equal(Path.Combine("me", ".cache"), CalibrationCache.CachesOf("me"));
        Assert.Equal(Path.GetTempPath(), CalibrationCache.CachesOf(""));
    }

    [Fact]
    public void Variants_share_a_measurement_where_their_updates_do_the_same()
    {
        Dataset samples = Samples(100);
        string Key(TrainingSettings settings) => CalibrationCache.Key(new StudyVariant("one", ModelSpec.Parse("linear 1", Shape.Flat(1)), settings), samples, threads: 1);
        var sgd = new TrainingSettings { Optimizer = new Sgd(0.1f) };
        TrainingSettings[] alike = [sgd, sgd with { Epochs = 9, Seed = 2, Patience = 3, Schedule = new CosineSchedule { WarmUp = 1 } }, sgd.With("lr", "0.2"), sgd.With("weight-decay", "0.1"), sgd.With("init", "kaiming-normal")];
        Assert.Single(alike.Select(Key).Distinct());
        // A momentum and a mean of the parameters are held; a norm, a penalty and other images are computed.
        TrainingSettings[] other = [sgd, .. (((string, string)[])[("momentum", "0.9"), ("ema", "0.9"), ("clip-norm", "1"), ("l1", "0.1"), ("augment", "shift=2"), ("batch-size", "8"), ("optimizer", "adam"),
            ("loss", "mse"), ("validation", "0.1")]).Select(setting => sgd.With(setting.Item1, setting.Item2))];
        Assert.Equal(other.Length, other.Select(Key).Distinct().Count());
    }

    [Fact]
    public void The_memory_of_a_momentum_is_predicted()
    {
        Study study = (new StudyPlan
        {
            Name = "momentum",
            Model = "flatten | linear 40 | relu | linear 10",
            Limit = 100,
            Settings = new StudyPlan { Name = "" }.With("optimizer", "sgd").Settings,
            Vary = [StudyAxis.Parse("momentum=0,0.9")],
            Seeds = [1],
            Budgets = ["epochs=1"],
        }).ToStudy();
        var cache = new CalibrationCache(_folder["calibration.json"]);
        StudyCost cost = StudyCost.Predict(study, cache, threads: 1);
        Assert.Equal(StudyRunner.Run(study, new StudyOptions { Threads = 1 }).Variants.Select(variant => variant.Runs[0].EngineMegabytes), cost.Variants.Select(variant => variant.EngineMegabytes));
    }

    [Fact]
    public void What_a_training_takes_is_measured_once_for_each_kind_of_update()
    {
        var cache = new CalibrationCache(_folder["calibration.json"]);
        ModelSpec model = ModelSpec.Parse("conv 2 k3 | relu | flatten | linear 4 | logsoftmax", new Shape(1, 6, 5));
        var settings = new TrainingSettings { BatchSize = 8, Optimizer = new Sgd(1e6f) };
        Assert.Null(TrainingCost.Known(model, settings, 20, cache));
        TrainingCost cost = TrainingCost.Predict(model, settings, 20, cache);
        // 20 samples are two and a half batches of 8. The rate of a million harms nothing.
        Assert.Equal(2.5, cost.SecondsPerEpoch / cost.SecondsPerUpdate, 9);
        Assert.Equal((8, 20), (cost.BatchSize, cost.Samples));
        // The engine of a training with as many samples holds the very same.
        Assert.Equal(new Trainer(model, Dataset.FromTensor(new Tensor(1024, model.Input), new int[1024], 4), settings with { ValidationFraction = 0 }).EngineBytes, cost.EngineBytes);
        Assert.Equal(cost, TrainingCost.Predict(model, settings, 20, cache));
        Assert.Equal(cost.Measured, TrainingCost.Known(model, settings with { Epochs = 9, Seed = 2 }, 40, cache)!.Measured);
        Assert.Null(TrainingCost.Known(model, settings with { BatchSize = 9 }, 20, cache));
        Assert.True(TrainingCost.IsQuick(model, settings));
        Assert.False(TrainingCost.IsQuick(Zoo.Get("vgg16"), settings));
    }

    [Fact]
    public void A_dry_run_trains_nothing_measures_once_and_predicts_the_engines_memory_exactly()
    {
        string[] study = ["study", "--model", "flatten | linear 24 | relu | linear 10", "--vary", "batch-size=16,600", "--seeds", "1,2", "--epochs", "1", "--limit", "900",
            "--out", _folder["study"], "--store", _folder["fovea.db"]];
        CommandLineRun first = CommandLineRun.Of([.. study, "--dry-run"]);
        Assert.Equal((0, "measuring batch-size 16 ...\nmeasuring batch-size 600 ...\n"), (first.Code, first.Error));
        // 5% of 900 set aside: 855 samples are 54 updates of 16, or 2 of 600.
        Assert.Matches(@"batch-size 16\s+54\s+[\d,.]+ s\s+[\d,.]+\s+[\d,]+\s", first.Output);
        Assert.Matches(@"batch-size 600\s+2\s+[\d,.]+ s\s+[\d,.]+\s+[\d,]+\s", first.Output);
        Assert.Contains("4 runs, about ", first.Output);
        Assert.Contains(CalibrationCache.UsualPath, first.Output);
        Assert.False(Directory.Exists(_folder["study"]));
        Assert.False(File.Exists(_folder["fovea.db"]));

        using JsonDocument again = JsonDocument.Parse(CommandLineRun.OutputOf([.. study, "--dry-run", "--json"]));
        Assert.Equal(4, again.RootElement.GetProperty("runs").GetInt32());
        CommandLineRun.OutputOf(study);
        using JsonDocument result = JsonDocument.Parse(File.ReadAllText(_folder["study/study.json"]));
        foreach (JsonElement variant in result.RootElement.GetProperty("variants").EnumerateArray())
        {
            JsonElement predicted = variant.GetProperty("predicted");
            Assert.All(variant.GetProperty("runs").EnumerateArray(), run =>
            {
                Assert.Equal(run.GetProperty("engineMegabytes").GetDouble(), predicted.GetProperty("engineMegabytes").GetDouble());
                Assert.Equal(run.GetProperty("updates").GetInt64(), predicted.GetProperty("updates").GetInt64());
            });
        }
        Assert.Contains("Memory of the engine as predicted, MB", File.ReadAllText(_folder["study/report.html"]));
        CommandLineRun.AssertRefused("study: --recalibrate goes with --dry-run.", [.. study, "--recalibrate"]);
    }
}
