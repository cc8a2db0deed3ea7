using Fovea.Lab;

namespace Fovea.Tests;

/// <summary>A variant whose numbers leave the range of floats.</summary>
public class StudyDivergenceTests
{
    // The mean squared error of a linear network falls below a learning rate and grows from update to update above: slowly with 2, at once with 1e38.
    private static readonly StudyPlan s_plan = new()
    {
        Name = "divergence",
        Model = "flatten | linear 10",
        Limit = 200,
        Settings = new StudyPlan { Name = "" }.With("optimizer", "sgd").With("loss", "mse").Settings,
        Vary = [StudyAxis.Parse("lr=0.01,0.8,1e38")],
        Seeds = [1, 2],
        Budgets = ["epochs=40"],
    };

    [Fact]
    public void The_other_runs_go_on_and_the_verdict_says_so()
    {
        using var folder = new TemporaryFolder();
        using RunStore store = RunStore.Open(folder["fovea.db"]);
        var told = new List<string>();
        StudyResult result = StudyRunner.Run(s_plan.ToStudy(), new StudyOptions { Folder = folder.Path, Store = store, Found = told.Add });

        Assert.True(result.IsComplete);
        Assert.Equal([2, 0, 0], result.Variants.Select(variant => variant.Runs.Count));
        Assert.Equal([0, 2, 2], result.Variants.Select(variant => variant.Diverged.Count));
        Assert.All(result.Variants[2].Diverged, run =>
        {
            // The loss before the first update is finite, that after it is not.
            Assert.Equal((1, null), (run.Updates, run.CheckpointUpdate));
            Assert.StartsWith("the loss of update 2 (epoch 1) is ", run.Message);
            Assert.Equal((Finding.NotFinite, "layer 2 linear(features 10)"), (run.Finding.Kind, run.Finding.Where));
        });
        // As it happens, with the update, the layer and what is kept.
        Assert.Contains($"lr 1e38, seed 1, diverged: {result.Variants[2].Diverged[0].Message} No checkpoint was written before.", told);
        DivergedRun late = result.Variants[1].Diverged[0];
        // Three updates an epoch; the checkpoint is that of the last whole one.
        Assert.True(late.Updates > 3);
        Assert.Equal(late.History.Count * 3, late.CheckpointUpdate);
        Network kept = TrainedNetwork.Load(folder["runs/2-seed1"]).Network;
        Assert.All(kept.GetParameter("1.weight"), weight => Assert.True(float.IsFinite(weight)));

        Assert.Equal([0, 1], result.Conclusions.Select((sentence, i) => sentence.StartsWith($"lr {(i == 0 ? "0.8" : "1e38")}: diverged with every seed (1, 2); with seed 1 the loss", StringComparison.Ordinal) ? i : -1));
        Assert.Contains("(no checkpoint was written before)", result.Conclusions[1]);
        Assert.Equal("diverged", StudyRow.Of(result).Single(row => row.Name == "Test loss").Cells[1].Figure);
        Assert.Equal("2 of 2", StudyRow.Of(result).Single(row => row.Name == "Runs that diverged").Cells[2].Figure);
        string report = StudyReport.ToHtml(result);
        Assert.Contains("diverged after 1 update; no checkpoint was written before", report);
        Assert.Contains("all seeds (figures of seed 1)", report);
        Assert.Empty(result.Comparisons);

        RunRecord record = store.Runs().Single(run => run is { Name: "lr 1e38", Seed: 2 });
        Assert.Equal((false, result.Variants[2].Diverged[1].Message), (record.IsFinished, record.Divergence));
        Assert.Equal(result.Variants[2].Diverged[1].Finding, Assert.Single(record.Findings));
        Assert.Empty(store.Check());
    }

    [Fact]
    public void The_updates_before_a_run_diverged_are_kept_too()
    {
        using var folder = new TemporaryFolder();
        using RunStore store = RunStore.Open(folder["fovea.db"]);
        StudyResult result = StudyRunner.Run((s_plan with { Vary = [StudyAxis.Parse("lr=0.8,1e38")], Seeds = [1] }).ToStudy(), new StudyOptions { Folder = folder.Path, Store = store, RecordSteps = true });
        Assert.All(result.Variants, variant =>
        {
            long updates = Assert.Single(variant.Diverged).Updates;
            RunRecord record = store.Runs().Single(run => run.Name == variant.Name);
            Assert.Equal(Enumerable.Range(1, (int)updates).Select(update => (long)update), store.Steps(record.Id).Select(step => step.Update));
        });
        // Three updates an epoch: the last are of one that has no end.
        Assert.NotEqual(result.Variants[0].Diverged[0].CheckpointUpdate, result.Variants[0].Diverged[0].Updates);
    }

    [Fact]
    public void Nothing_is_done_again_when_the_study_goes_on()
    {
        using var folder = new TemporaryFolder();
        StudyResult first = StudyRunner.Run(s_plan.ToStudy(), new StudyOptions { Folder = folder.Path });
        Assert.False(StudyFolder.IsUnfinished(folder.Path));
        StudyResult again = StudyRunner.Run(StudyFolder.LoadPlan(folder.Path).ToStudy(), new StudyOptions { Folder = folder.Path }, progress: _ => Assert.Fail("a run is done again"));
        Assert.Equal(first.Variants.SelectMany(variant => variant.Diverged).Select(run => (run.Seed, run.Updates, run.Message, run.CheckpointUpdate)),
            again.Variants.SelectMany(variant => variant.Diverged).Select(run => (run.Seed, run.Updates, run.Message, run.CheckpointUpdate)));
        Assert.Equal(first.Conclusions, again.Conclusions);
    }

    [Fact]
    public void Where_the_first_diverges_the_next_is_compared_with()
    {
        StudyResult result = StudyRunner.Run((s_plan with { Vary = [StudyAxis.Parse("lr=1e38,0.01,0.02")], Budgets = ["epochs=1"] }).ToStudy());
        StudyComparison comparison = Assert.Single(result.Comparisons);
        Assert.Equal(("lr 0.01", "lr 0.02"), (comparison.Reference.Name, comparison.Variant.Name));
    }

    [Fact]
    public void A_study_of_which_all_runs_diverge_still_has_a_report()
    {
        StudyResult result = StudyRunner.Run((s_plan with { Vary = [StudyAxis.Parse("lr=1e38")], Seeds = [1] }).ToStudy());
        Assert.Contains("diverged with seed 1: the loss of update 2", StudyReport.ToHtml(result));
    }

    [Fact]
    public void Some_seeds_alone_may_diverge()
    {
        VariantResult whole = MadeUpStudy.Variant("whole", "stride2", (0.9, 1, 100), (0.91, 1, 100), (0.92, 1, 100));
        var finding = new Finding(Finding.NotFinite, "layer 1 relu", 1, "layer 1 relu is the first", "Use less");
        VariantResult part = MadeUpStudy.Variant("part", "stride2", (0.9, 1, 100), (0.91, 1, 100)) with
        {
            Diverged = [new DivergedRun(3, 1234, "the loss of update 1235 (epoch 2) is NaN: layer 1 relu is the first. Use less.", finding, []) { CheckpointUpdate = 844 }],
        };
        StudyResult result = MadeUpStudy.Result(whole, part);
        Assert.True(result.IsComplete);
        Assert.Equal("part: diverged with seed 3 of 3: the loss of update 1235 (epoch 2) is NaN: layer 1 relu is the first. Use less (the checkpoint of update 844 is kept); its figures are those of the other seeds",
            result.Conclusions[0]);
        Assert.Equal("seed 3 of 3", Assert.Single(StudyFinding.Of(result)).Where);
    }
}
