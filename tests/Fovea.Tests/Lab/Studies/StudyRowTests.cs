using Fovea.Lab;

namespace Fovea.Tests;

public class StudyRowTests
{
    [Fact]
    public void A_batch_is_no_larger_than_the_samples_that_there_are()
    {
        // The study has 54,000 samples.
        VariantResult usual = MadeUpStudy.Variant("a", "stride2", (0.98, 2, 100)), large = MadeUpStudy.Variant("b", "stride2", (0.98, 2, 100)) with { BatchSize = 100_000 };
        Assert.Equal(["64", "54,000, all there are"], Cells(MadeUpStudy.Result(usual, large), "Samples of one update"));
    }

    [Fact]
    public void It_is_counted_which_runs_reached_the_target_where_there_was_one()
    {
        VariantResult plain = MadeUpStudy.Variant("a", "stride2", (0.98, 2, 100), (0.99, 2, 100));
        Assert.Null(Cells(MadeUpStudy.Result(plain), "Runs that reached the target"));
        VariantResult reached = plain with { Runs = [plain.Runs[0] with { TargetReached = true }, plain.Runs[1] with { TargetReached = false }] };
        Assert.Equal(["1 of 2"], Cells(MadeUpStudy.Result(reached), "Runs that reached the target"));
    }

    private static IEnumerable<string>? Cells(StudyResult result, string name) =>
        StudyRow.Of(result).SingleOrDefault(row => row.Name == name)?.Cells.Select(cell => cell.Figure);
}
