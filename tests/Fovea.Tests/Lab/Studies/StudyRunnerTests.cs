using Fovea.Lab;

namespace Fovea.Tests;

public class StudyRunnerTests
{
    private static readonly Study s_small = (Studies.Get("stride") with { Limit = 300, Seeds = [4, 5], Budgets = ["epochs=1"], Command = "a command" }).ToStudy();

    [Fact]
    public void A_study_trains_every_variant_with_every_seed()
    {
        var runs = new List<(string Variant, ulong Seed, int Run, int Runs)>();
        var saved = new List<int>();
        StudyResult result = StudyRunner.Run(s_small, new StudyOptions { Threads = 2, RunDone = sofar => saved.Add(sofar.Variants.Sum(variant => variant.Runs.Count)) }, progress =>
        {
            if (runs.LastOrDefault().Run != progress.Run) runs.Add((progress.Variant, progress.Seed, progress.Run, progress.Runs));
        });

        // Seed by seed, so that an interrupted study has pairs.
        Assert.Equal([("stride 1", 4ul, 1, 4), ("stride 2", 4ul, 2, 4), ("stride 1", 5ul, 3, 4), ("stride 2", 5ul, 4, 4)], runs);
        Assert.Equal([1, 2, 3, 4], saved);
        Assert.True(result.IsComplete);
        Assert.Equal("a command", result.Command);
        Assert.All(result.Variants.SelectMany(variant => variant.Runs), run => Assert.Equal(new TrainingPlace(Machine.This, 2), Assert.Single(run.Places)));
        Assert.Equal(Environment.MachineName, Machine.This.Host);
        Assert.Equal(10_000, result.TestSamples);
        Assert.All(result.Variants, variant => Assert.Equal((285, 15), (variant.TrainingSamples, variant.ValidationSamples)));
        Assert.Equal([2_361_546, 104_650], result.Variants.Select(variant => variant.Parameters));
        // 285 samples in batches of 64: 4 and a rest.
        Assert.All(result.Variants, variant => Assert.Equal(5, variant.UpdatesPerEpoch));
        Assert.All(result.Variants.SelectMany(variant => variant.Runs), run =>
        {
            Assert.Single(run.History);
            Assert.Equal(run.History[0].Seconds, run.TrainSeconds);
            Assert.Equal(285 / run.TrainSeconds, run.SamplesPerSecond, 6);
            // The two sets of images alone are 70,000 x 784 bytes, 52 MB; whatever else this process held before counts too.
            Assert.InRange(run.PeakMemoryMegabytes, 52, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e6);
        });
        // Parameters and two moments of Adam in 4 bytes each: 27.0 MB and 1.2 MB.
        Assert.True(result.Variants[0].Runs[0].EngineMegabytes > 27.0);
        Assert.InRange(result.Variants[1].Runs[0].EngineMegabytes, 1.2, 27.0);
    }

    [Fact]
    public void Each_variant_has_the_samples_and_updates_of_its_own_validation_share()
    {
        Study study = (Studies.Get("stride") with { Limit = 200, Seeds = [1], Budgets = ["epochs=1"], Model = "flatten | linear 10 | logsoftmax", Vary = [StudyAxis.Parse("validation=0.05,0.5")] }).ToStudy();
        StudyResult result = StudyRunner.Run(study, new StudyOptions { Threads = 1 });
        // Of 200 samples 10 and 100 are set aside; 190 are 3 updates of at most 64, 100 are 2.
        Assert.Equal([(190, 10, 3), (100, 100, 2)], result.Variants.Select(variant => (variant.TrainingSamples, variant.ValidationSamples, variant.UpdatesPerEpoch)));
        Assert.All(result.Variants, variant => Assert.Equal((variant.UpdatesPerEpoch, variant.TrainingSamples), ((int)variant.Runs[0].Updates, (int)variant.Runs[0].SamplesSeen)));
        Assert.Contains("2 updates per epoch instead of 3", result.Comparisons[0].Sentence);
        Assert.Contains("mnist: 100 to 190 samples to train on, 10 to 100 set aside", StudyReport.ToHtml(result));
    }

    [Fact]
    public void A_run_is_the_trainers_own()
    {
        Study study = s_small with { Seeds = [7], Variants = [s_small.Variants[1]] };
        RunResult run = StudyRunner.Run(study, new StudyOptions { Threads = 1 }).Variants[0].Runs[0];
        Dataset training = Datasets.Load("mnist", DatasetPart.Training).Take(300), test = Datasets.Load("mnist", DatasetPart.Test);
        var trainer = new Trainer(Zoo.Get("stride2"), training, new TrainingSettings { Epochs = 1, Seed = 7 }, threads: 2);
        trainer.Run();
        Evaluation evaluation = trainer.Evaluate(test);
        Assert.Equal((evaluation.Loss, evaluation.Accuracy), (run.TestLoss, run.TestAccuracy));
        Assert.Equal(trainer.History[0] with { Seconds = 0 }, run.History[0] with { Seconds = 0 });
    }

    [Fact]
    public void An_interrupted_study_keeps_its_finished_runs()
    {
        using var source = new CancellationTokenSource();
        StudyResult result = StudyRunner.Run(s_small, new StudyOptions { Threads = 1 }, cancellation: source.Token, progress: progress =>
        {
            if (progress.Run == 2) source.Cancel();
        });
        Assert.Equal([1, 0], result.Variants.Select(variant => variant.Runs.Count));
        Assert.False(result.IsComplete);
    }

    [Fact]
    public void Time_left_is_estimated_for_the_whole_study()
    {
        double first = 0;
        StudyRunner.Run(s_small with { Seeds = [1] }, new StudyOptions { Threads = 1 }, progress: progress => first = first == 0 ? progress.SecondsLeft : first);
        Assert.InRange(first, 1e-6, 600);
    }

    [Fact]
    public void A_model_is_named_as_the_command_line_takes_it()
    {
        ModelSpec changed = ModelSpec.Parse("flatten | linear 10 | logsoftmax", new Shape(1, 28, 28)) with { Name = "stride2" };
        StudyVariant known = s_small.Variants[1];
        StudyVariant other = known with { Name = "other", Model = changed };
        StudyResult result = StudyRunner.Run(s_small with { Seeds = [1], Variants = [known, other] });
        Assert.Equal(["stride2", "flatten | linear 10 | logsoftmax"], result.Variants.Select(variant => variant.Model));
    }
}
