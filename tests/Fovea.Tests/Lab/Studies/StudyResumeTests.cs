using Fovea.Lab;

namespace Fovea.Tests;

public class StudyResumeTests
{
    // Two variants, two seeds, 3 epochs of 8 updates: small enough to be stopped often.
    private static readonly Study s_study = new StudyPlan
    {
        Name = "small",
        Model = "conv 2 k5 s4 | relu | dropout 0.5 | flatten | linear 10 | logsoftmax",
        Limit = 256,
        // Far too high for Adam: something is found while it trains.
        Vary = [StudyAxis.Parse("optimizer=adam,sgd")],
        Settings = new Dictionary<string, System.Text.Json.JsonElement> { ["batch-size"] = System.Text.Json.JsonElement.Parse("32"), ["lr"] = System.Text.Json.JsonElement.Parse("0.5") },
        Seeds = [1, 2],
        Budgets = ["epochs=3"],
    }.ToStudy();

    private static readonly Lazy<string> s_whole = new(() =>
    {
        using var folder = new TemporaryFolder();
        return Bits(StudyRunner.Run(s_study, new StudyOptions { Threads = 1, Folder = folder.Path }), folder.Path);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(30)]
    [InlineData(95)]
    public void Stopped_after_some_updates_a_study_goes_on_to_the_same_bits(int updates)
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        int seen = 0;
        StudyResult first = StudyRunner.Run(s_study, new StudyOptions { Threads = 1, Folder = folder.Path }, cancellation: stop.Token, progress: _ =>
        {
            if (++seen == updates) stop.Cancel();
        });
        Assert.False(first.IsComplete);
        Assert.True(StudyFolder.IsUnfinished(folder.Path));
        var repeated = new List<(string, ulong)>();
        StudyResult second = StudyRunner.Run(StudyFolder.LoadPlan(folder.Path).ToStudy(), new StudyOptions { Threads = 2, Folder = folder.Path },
            progress => repeated.Add((progress.Variant, progress.Seed)));
        Assert.Equal(s_whole.Value, Bits(second, folder.Path));
        // Finished runs are not trained again.
        Assert.DoesNotContain(repeated, run => first.Variants.Any(v => v.Name == run.Item1 && v.Runs.Any(r => r.Seed == run.Item2)));
        Assert.False(StudyFolder.IsUnfinished(folder.Path));
    }

    [Fact]
    public void A_study_that_is_taken_up_with_other_threads_says_which_runs_that_concerns_and_when_it_was_begun()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        int seen = 0;
        // In the middle of the second of four runs, of 24 updates each.
        StudyResult first = StudyRunner.Run(s_study, new StudyOptions { Threads = 1, Folder = folder.Path }, cancellation: stop.Token, progress: _ =>
        {
            if (++seen == 30) stop.Cancel();
        });
        StudyResult second = StudyRunner.Run(StudyFolder.LoadPlan(folder.Path).ToStudy(), new StudyOptions { Threads = 2, Folder = folder.Path });
        Assert.Equal(first.Started, second.Started);
        int[][] Threads(VariantResult variant) => [.. variant.Runs.Select(run => run.Places.Select(place => place.Threads).ToArray())];
        Assert.Equal([[1], [2]], Threads(second.Variants[0]));
        Assert.Equal([[1, 2], [2]], Threads(second.Variants[1]));
        Assert.EndsWith("training times not compared, as the runs were made with different numbers of threads (1, 2)", Assert.Single(second.Comparisons).Sentence);
    }

    [Fact]
    public void What_runs_suffer_from_is_told_as_it_is_found_and_kept()
    {
        using var folder = new TemporaryFolder();
        using RunStore store = RunStore.Open(folder["fovea.db"]);
        var told = new List<string>();
        using var stop = new CancellationTokenSource();
        // Stopped within the second epoch.
        StudyRunner.Run(s_study with { Seeds = [1] }, new StudyOptions { Threads = 1, Folder = folder.Path, Store = store, Found = told.Add },
            progress => { if (progress.Training.Epoch == 2) stop.Cancel(); }, stop.Token);
        string words = Assert.Single(told, words => words.StartsWith("adam, seed 1, after epoch 1: the mean training loss of epoch 1 was ", StringComparison.Ordinal));
        RunRecord underWay = store.Runs().Single(run => run.Name == "adam");
        Assert.False(underWay.IsFinished);
        Assert.Contains(underWay.Findings, finding => words.EndsWith($": {finding}", StringComparison.Ordinal));

        told.Clear();
        StudyResult result = StudyRunner.Run(s_study with { Seeds = [1] }, new StudyOptions { Threads = 1, Folder = folder.Path, Store = store, Found = told.Add });
        Assert.DoesNotContain(words, told);
        StudyFinding found = Assert.Single(StudyFinding.Of(result), found => found.Finding.Kind == Finding.LearningRate && found.Variant.Name == "adam");
        Assert.Equal("after epoch 1 and at the end", found.When);
    }

    [Fact]
    public void A_run_that_ends_at_its_target_spends_no_more()
    {
        using var folder = new TemporaryFolder();
        Study study = s_study with { Until = StudyTarget.Parse("train-loss=100") };
        StudyResult result = StudyRunner.Run(study, new StudyOptions { Threads = 1, Folder = folder.Path });
        Assert.All(result.Variants.SelectMany(v => v.Runs), run => Assert.Equal((1, true), (run.History.Count, run.TargetReached)));
        // Killed between the end of a run and the writing of its figures, it is still over.
        File.Delete(Path.Combine(folder.Path, "runs", "1-seed1", "run.json"));
        Assert.Equal(Bits(result, folder.Path), Bits(StudyRunner.Run(study, new StudyOptions { Threads = 1, Folder = folder.Path }), folder.Path));
    }

    [Fact]
    public void Figures_that_are_damaged_are_said_to_be_and_kept()
    {
        using var folder = new TemporaryFolder();
        StudyRunner.Run(s_study, new StudyOptions { Threads = 1, Folder = folder.Path });
        string file = Path.Combine(folder.Path, "runs", "2-seed1", "run.json");
        File.WriteAllText(file, "{");
        FoveaException exception = Assert.Throws<FoveaException>(() => StudyRunner.Run(s_study, new StudyOptions { Folder = folder.Path }));
        Assert.StartsWith($"{file}: the run's figures cannot be read", exception.Message);
        Assert.Equal("{", File.ReadAllText(file));
    }

    // The weights, byte for byte, and all figures but times and memory.
    private static string Bits(StudyResult result, string folder) => string.Join('\n',
    [
        .. Directory.EnumerateFiles(folder, "*.safetensors", SearchOption.AllDirectories).Order()
            .Select(file => Path.GetRelativePath(folder, file) + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))),
        .. result.Variants.SelectMany(v => v.Runs.Select(run => $"{v.Name} {run.Seed} {run.TestLoss:R} {run.TestAccuracy} {run.Updates} "
            + string.Join(' ', run.History.Select(e => $"{e.TrainLoss:R} {e.ValidationLoss:R} {e.Updates} {string.Join(' ', e.Findings ?? [])}"))
            + string.Join(' ', run.Diagnosis!.Findings.Concat(run.Diagnosis.Passed).Select(found => $"{found.Epoch} {found}")))),
    ]);
}
