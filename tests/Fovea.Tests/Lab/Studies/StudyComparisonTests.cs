using Fovea.Lab;

namespace Fovea.Tests;

public class StudyComparisonTests
{
    [Fact]
    public void Different_losses_are_not_compared()
    {
        VariantResult one = MadeUpStudy.Variant("one", "stride2", (0.98, 2, 100), (0.99, 2, 100)), other = one with { Name = "other", Loss = new MseLoss() };
        StudyComparison comparison = StudyComparison.Of(one, other)!;
        Assert.Contains("Test loss: not compared, as mse and nll are different measures.", comparison.Evidence);
    }

    [Fact]
    public void A_clear_difference_is_stated_with_its_interval()
    {
        // Parameters 2,361,546 / 104,650 = 22.57. Accuracy differences -0.4, -0.5, -0.3 points: mean -0.4, half-width 0.248 (see
        // SeedStatisticsTests). Time always 14 / 2 = 7.
        VariantResult reference = MadeUpStudy.Variant("stride 1", "stride1", (0.988, 14, 200), (0.989, 14, 200), (0.987, 14, 200));
        VariantResult variant = MadeUpStudy.Variant("stride 2", "stride2", (0.984, 2, 100), (0.984, 2, 100), (0.984, 2, 100));
        StudyComparison comparison = StudyComparison.Of(reference, variant)!;
        Assert.Equal(
            "stride 2: 22.6 times fewer parameters, accuracy lower by 0.40 points (3 seeds, ±0.25), 7.00 times faster",
            comparison.Sentence);
        Assert.Equal(
        [
            "Test accuracy: -0.40 points, 95% interval over 3 seeds from -0.65 to -0.15.",
            "Test loss: +0.0040, 95% interval over 3 seeds from +0.0015 to +0.0065.",
            "Training: 7.00 times faster, 95% interval over 3 seeds from 7.00 to 7.00 times.",
            "Peak memory of the process: 2.00 times smaller, 95% interval over 3 seeds from 2.00 to 2.00 times.",
            "Memory of the engine: 1.00 times smaller (20.0 MB against 20.0 MB).",
        ], comparison.Evidence);
    }

    [Fact]
    public void A_difference_within_the_noise_is_not_claimed()
    {
        // Differences +0.1, -0.3, -0.1 points: mean -0.1, deviations 0.2, -0.2, 0: standard deviation 0.2, half-width
        // 4.3027 * 0.2 / sqrt(3) = 0.497, which reaches over 0. Ratios of time 2, 0.5, 1: logarithms 0.693, -0.693, 0 of mean 0.
        VariantResult reference = MadeUpStudy.Variant("a", "stride2", (0.98, 2, 100), (0.98, 1, 100), (0.98, 3, 100));
        VariantResult variant = MadeUpStudy.Variant("b", "stride2", (0.981, 1, 100), (0.977, 2, 100), (0.979, 3, 100));
        StudyComparison comparison = StudyComparison.Of(reference, variant)!;
        Assert.Equal(
            "b: no measurable difference in accuracy (-0.10 points; 3 seeds, ±0.50), no measurable difference in training time",
            comparison.Sentence);
        Assert.Equal(
            "Test accuracy: -0.10 points, 95% interval over 3 seeds from -0.60 to +0.40: no measurable difference.",
            comparison.Evidence[0]);
        // The half-width of the logarithms is 4.3027 * 0.6931 / sqrt(3) = 1.7219; exp(1.7219) = 5.595, exp(-1.7219) = 0.179.
        Assert.Equal(
            "Training: 1.00 times faster, 95% interval over 3 seeds from 0.18 to 5.60 times: no measurable difference.",
            comparison.Evidence[2]);
    }

    [Fact]
    public void One_seed_carries_no_statement_on_noise()
    {
        VariantResult reference = MadeUpStudy.Variant("stride 2", "stride2", (0.98, 2, 100));
        VariantResult variant = MadeUpStudy.Variant("stride 1", "stride1", (0.99, 3, 130));
        StudyComparison comparison = StudyComparison.Of(reference, variant)!;
        Assert.Equal(
            "stride 1: 22.6 times more parameters, accuracy higher by 1.00 points (1 seed, which says nothing on noise), 1.50 times slower",
            comparison.Sentence);
        Assert.Equal("Peak memory of the process: 1.30 times larger with the one seed.", comparison.Evidence[3]);
    }

    [Fact]
    public void The_same_accuracy_with_one_seed_is_said_to_be_the_same()
    {
        VariantResult one = MadeUpStudy.Variant("a", "stride2", (0.98, 2, 100));
        VariantResult other = MadeUpStudy.Variant("b", "stride2", (0.98, 1, 100));
        Assert.Equal("the same accuracy (1 seed, which says nothing on noise), 2.00 times faster", StudyComparison.Of(one, other)!.Finding);
    }

    [Fact]
    public void Another_number_of_updates_is_said()
    {
        VariantResult reference = MadeUpStudy.Variant("batch 32", "stride2", (0.98, 2, 100)) with { UpdatesPerEpoch = 1688 };
        VariantResult variant = MadeUpStudy.Variant("batch 60,000", "stride2", (0.90, 1, 100)) with { UpdatesPerEpoch = 1 };
        Assert.StartsWith(
            "batch 60,000: 1 update per epoch instead of 1,688, accuracy lower by 8.00 points",
            StudyComparison.Of(reference, variant)!.Sentence);
    }

    [Fact]
    public void Only_seeds_that_both_have_finished_are_compared()
    {
        VariantResult reference = MadeUpStudy.Variant("a", "stride2", (0.98, 2, 100), (0.10, 99, 100));
        VariantResult variant = MadeUpStudy.Variant("b", "stride2", (0.97, 1, 100));
        Assert.Equal(1, StudyComparison.Of(reference, variant)!.AccuracyPoints.Count);
        Assert.Equal(-1, StudyComparison.Of(reference, variant)!.AccuracyPoints.Mean, 9);
        Assert.Null(StudyComparison.Of(reference, variant with { Runs = [] }));
    }
}
