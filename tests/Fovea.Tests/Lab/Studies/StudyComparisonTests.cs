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
        // t = 0.4 / (0.1 / sqrt(3)) = 6.928; of two degrees of freedom p = 1 - t / sqrt(2 + t^2) = 1 - 6.928 / 7.071 = 0.0202.
        VariantResult reference = MadeUpStudy.Variant("stride 1", "stride1", (0.988, 14, 200), (0.989, 14, 200), (0.987, 14, 200));
        VariantResult variant = MadeUpStudy.Variant("stride 2", "stride2", (0.984, 2, 100), (0.984, 2, 100), (0.984, 2, 100));
        StudyComparison comparison = StudyComparison.Of(reference, variant)!;
        Assert.Equal(
            "stride 2: 22.6 times fewer parameters, accuracy lower by 0.40 points (3 seeds, ±0.25), 7.00 times faster (3 seeds, equal ratios; no interval)",
            comparison.Sentence);
        Assert.Equal(
        [
            "Test accuracy: -0.40 points, 95% interval over 3 seeds from -0.65 to -0.15, p = 0.020.",
            "Test loss: +0.0040, 95% interval over 3 seeds from +0.0015 to +0.0065, p = 0.020.",
            "Gap between validation and training loss: 0.0000 with each of 3 seeds: the 3 differences are equal, so that their spread cannot be judged.",
            "Training: 7.00 times faster with each of 3 seeds: the 3 ratios are equal, so that their spread cannot be judged.",
            "Peak memory of the process: 2.00 times smaller on average over 3 seeds; not tested, as a process holds what its earlier runs have left.",
            "Memory of the engine: the same (20.0 MB).",
        ], comparison.Evidence);
    }

    [Fact]
    public void A_difference_within_the_noise_is_not_claimed()
    {
        // Differences +0.1, -0.3, -0.1 points: mean -0.1, deviations 0.2, -0.2, 0: standard deviation 0.2, half-width
        // 4.3027 * 0.2 / sqrt(3) = 0.497, which reaches over 0:
        // t = 0.866, p = 1 - 0.866 / sqrt(2.75) = 0.478. Ratios of time 2, 0.5, 1: logarithms 0.693, -0.693, 0 of mean 0.
        VariantResult reference = MadeUpStudy.Variant("a", "stride2", (0.98, 2, 100), (0.98, 1, 100), (0.98, 3, 100));
        VariantResult variant = MadeUpStudy.Variant("b", "stride2", (0.981, 1, 100), (0.977, 2, 100), (0.979, 3, 100));
        StudyComparison comparison = StudyComparison.Of(reference, variant)!;
        Assert.Equal(
            "b: no measurable difference in accuracy (-0.10 points; 3 seeds, ±0.50), no measurable difference in training time",
            comparison.Sentence);
        Assert.Equal(
            "Test accuracy: -0.10 points, 95% interval over 3 seeds from -0.60 to +0.40, p = 0.478: no measurable difference.",
            comparison.Evidence[0]);
        // The half-width of the logarithms is 4.3027 * 0.6931 / sqrt(3) = 1.7219; exp(1.7219) = 5.595, exp(-1.7219) = 0.179.
        Assert.Equal(
            "Training: 1.00 times faster, 95% interval over 3 seeds from 0.18 to 5.60 times, p = 1.000: no measurable difference.",
            comparison.Evidence[3]);
    }

    [Fact]
    public void One_seed_carries_no_statement_on_noise()
    {
        VariantResult reference = MadeUpStudy.Variant("stride 2", "stride2", (0.98, 2, 100));
        VariantResult variant = MadeUpStudy.Variant("stride 1", "stride1", (0.99, 3, 130));
        StudyComparison comparison = StudyComparison.Of(reference, variant)!;
        Assert.Equal(
            "stride 1: 22.6 times more parameters, accuracy higher by 1.00 points (1 seed, which says nothing on noise), 1.50 times slower (one run each; no interval)",
            comparison.Sentence);
        Assert.Equal("Peak memory of the process: 1.30 times larger with the one seed.", comparison.Evidence[4]);
        Assert.False(comparison.IsTested);
        Assert.Equal("1 seed: no test can be made", comparison.Test);
    }

    [Fact]
    public void The_same_accuracy_with_one_seed_is_said_to_be_the_same()
    {
        VariantResult one = MadeUpStudy.Variant("a", "stride2", (0.98, 2, 100));
        VariantResult other = MadeUpStudy.Variant("b", "stride2", (0.98, 1, 100));
        Assert.Equal("the same accuracy (1 seed, which says nothing on noise), 2.00 times faster (one run each; no interval)", StudyComparison.Of(one, other)!.Finding);
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

    [Fact]
    public void Times_that_were_set_are_not_compared()
    {
        var timed = new Dictionary<string, string> { ["seconds"] = "2" };
        VariantResult reference = MadeUpStudy.Variant("a", "stride2", (0.98, 2, 100), (0.99, 2, 100)) with { Settings = timed };
        VariantResult variant = MadeUpStudy.Variant("b", "stride2", (0.98, 2, 100), (0.99, 2, 100)) with { Settings = timed };
        StudyComparison comparison = StudyComparison.Of(reference, variant)!;
        Assert.Equal("b: the same accuracy (2 seeds, whose differences are equal and say nothing on noise)", comparison.Sentence);
        Assert.Contains("Training: as long as its budget of seconds allows, with both.", comparison.Evidence);
        // Some ended at their target: when, was found.
        Assert.Contains("as fast", StudyComparison.Of(reference, variant with { Runs = [.. variant.Runs.Select(run => run with { TargetReached = true })] })!.Sentence);
        // Of another budget they are found, not set.
        Assert.Contains("as fast", StudyComparison.Of(reference with { Settings = new Dictionary<string, string>() }, variant)!.Sentence);
    }

    [Fact]
    public void Several_comparisons_are_corrected_for()
    {
        // As above p = 0.0202 by itself. The other differs by -0.1, +0.1, 0 points: mean 0, p = 1. The smaller of two is doubled: 0.040, still a difference.
        VariantResult reference = MadeUpStudy.Variant("a", "stride2", (0.988, 14, 200), (0.989, 14, 200), (0.987, 14, 200));
        VariantResult lower = MadeUpStudy.Variant("b", "stride2", (0.984, 14, 200), (0.984, 14, 200), (0.984, 14, 200));
        VariantResult noise = MadeUpStudy.Variant("c", "stride2", (0.987, 14, 200), (0.990, 14, 200), (0.987, 14, 200));
        IReadOnlyList<StudyComparison> two = StudyComparison.Of([(reference, lower), (reference, noise)]);
        Assert.Equal("Test accuracy: -0.40 points, 95% interval over 3 seeds from -0.65 to -0.15, p = 0.040.", two[0].Evidence[0]);
        Assert.Equal("paired t-tests, seed by seed, at the 5% level, p corrected for 2 comparisons by Holm's method", two[0].Test);
        // Of three it is three times 0.0202, which is above 5%: the interval leaves out 0, yet nothing is claimed.
        IReadOnlyList<StudyComparison> three = StudyComparison.Of([(reference, lower), (reference, noise), (reference, noise with { Name = "d" })]);
        Assert.Equal("Test accuracy: -0.40 points, 95% interval over 3 seeds from -0.65 to -0.15, p = 0.061: no measurable difference.", three[0].Evidence[0]);
        Assert.StartsWith("b: no measurable difference in accuracy (-0.40 points; 3 seeds, ±0.25; p = 0.061 for 3 comparisons)", three[0].Sentence);
    }

    [Fact]
    public void Comparisons_that_cannot_be_tested_do_not_count_among_those_corrected_for()
    {
        // Equal differences, and a pair with one seed in common, have no p: 0.0202 stays as it is.
        VariantResult reference = MadeUpStudy.Variant("a", "stride2", (0.988, 14, 200), (0.989, 14, 200), (0.987, 14, 200));
        VariantResult lower = MadeUpStudy.Variant("b", "stride2", (0.984, 14, 200), (0.984, 14, 200), (0.984, 14, 200));
        VariantResult same = reference with { Name = "c" }, single = MadeUpStudy.Variant("d", "stride2", (0.9, 14, 200));
        IReadOnlyList<StudyComparison> all = StudyComparison.Of([(reference, lower), (reference, same), (reference, single)]);
        Assert.Equal("Test accuracy: -0.40 points, 95% interval over 3 seeds from -0.65 to -0.15, p = 0.020.", all[0].Evidence[0]);
        Assert.Equal("paired t-tests, seed by seed, at the 5% level", all[0].Test);
        Assert.Equal("3 seeds: no test can be made", all[1].Test);
        Assert.Equal("Test accuracy: 0.00 points with each of 3 seeds: the 3 differences are equal, so that their spread cannot be judged.", all[1].Evidence[0]);
    }

    [Fact]
    public void A_speed_is_stated_with_its_interval()
    {
        // Ratios 14 / 2 = 7, 14 / 2.5 = 5.6, 14 / 1.6 = 8.75, whose logarithms 1.94591, 1.72277, 2.16905 have the mean 1.94591 (7 times), the deviation 0.22314
        // and the half-width 4.3027 * 0.22314 / sqrt(3) = 0.55432: exp(1.39159) = 4.02, exp(2.50023) = 12.2.
        VariantResult reference = MadeUpStudy.Variant("a", "stride2", (0.98, 14, 100), (0.98, 14, 100), (0.98, 14, 100));
        VariantResult variant = MadeUpStudy.Variant("b", "stride2", (0.98, 2, 100), (0.98, 2.5, 100), (0.98, 1.6, 100));
        Assert.EndsWith(", 7.00 times faster (3 seeds, from 4.02 to 12.2)", StudyComparison.Of(reference, variant)!.Sentence);
    }

    [Fact]
    public void A_rare_class_is_judged_by_balanced_accuracy_and_recall()
    {
        static VariantResult With(VariantResult variant, params int[] found) => variant with
        {
            Runs = [.. variant.Runs.Select((run, i) => run with { Confusion = new ConfusionMatrix(["round", "odd"], [[90, 0], [10 - found[i], found[i]]]) })],
        };
        VariantResult reference = With(MadeUpStudy.Variant("plain", "stride2", (0.9, 2, 100), (0.9, 2, 100), (0.9, 2, 100)), 4, 5, 6);
        VariantResult variant = With(MadeUpStudy.Variant("balanced", "stride2", (0.9, 2, 100), (0.9, 2, 100), (0.9, 2, 100)), 8, 9, 10);
        StudyComparison comparison = StudyComparison.Of(reference, variant)!;
        // Recall is higher by 40 points in each pair, the balanced accuracy by half of that.
        const string equal = "3 seeds, whose differences are equal and say nothing on noise";
        Assert.Equal($"balanced accuracy higher by 20.00 points ({equal}), recall of odd higher by 40.00 points ({equal}), as fast (3 seeds, equal ratios; no interval)",
            comparison.Finding);
    }

    [Fact]
    public void A_few_parameters_more_are_counted()
    {
        VariantResult reference = MadeUpStudy.Variant("plain", "stride2", (0.98, 2, 100)), variant = MadeUpStudy.Variant("batch norm", "stride2", (0.98, 2, 100));
        Assert.StartsWith("64 more parameters, ", StudyComparison.Of(reference, variant with { Parameters = reference.Parameters + 64 })!.Finding);
    }

    [Fact]
    public void Times_and_memory_are_compared_among_runs_of_one_machine_and_number_of_threads()
    {
        VariantResult reference = MadeUpStudy.Variant("a", "stride2", (0.98, 2, 100), (0.99, 2, 100)), variant = MadeUpStudy.Variant("b", "stride2", (0.98, 1, 50), (0.99, 1, 50));
        VariantResult Elsewhere(params TrainingPlace[] places) => variant with { Runs = [variant.Runs[0], variant.Runs[1] with { Places = places }] };
        AssertNotCompared("the runs were made on different machines", Elsewhere(MadeUpStudy.Place("Another host")));
        // Taken up on another machine, its time is of both.
        AssertNotCompared("the runs were made on different machines", Elsewhere(MadeUpStudy.Place(), MadeUpStudy.Place("Another host")));
        AssertNotCompared("the runs were made with different numbers of threads (2, 8)", Elsewhere(MadeUpStudy.Place(threads: 8)));
        TrainingPlace here = MadeUpStudy.Place();
        AssertNotCompared("the runs were made with different versions of Fovea, .NET or the operating system", Elsewhere(here with { Machine = here.Machine with { Fovea = "0.2.0" } }));
        // As in results from before this was kept.
        AssertNotCompared("it is not known on which machine and with how many threads each run was made", Elsewhere());
        // A run without a partner is not compared with any, wherever it was made.
        VariantResult more = variant with { Runs = [.. variant.Runs, variant.Runs[0] with { Seed = 3, Places = [] }] };
        Assert.EndsWith("2.00 times faster (2 seeds, equal ratios; no interval)", StudyComparison.Of(reference, more)!.Sentence);

        void AssertNotCompared(string reason, VariantResult other)
        {
            StudyComparison comparison = StudyComparison.Of(reference, other)!;
            Assert.EndsWith($", training times not compared, as {reason}", comparison.Sentence);
            Assert.Contains($"Training: times not compared, as {reason}.", comparison.Evidence);
            Assert.Contains($"Memory: not compared, as {reason}.", comparison.Evidence);
            Assert.DoesNotContain(comparison.Evidence, line => line.Contains("times smaller") || line.Contains("faster"));
        }
    }

    [Fact]
    public void Time_and_speed_are_told_apart_where_more_samples_are_trained_on()
    {
        // 108,000 samples in 2 s against 216,000 in 3 s: the time is 1.50 times longer, the speed 72,000 / 54,000 = 1.33 times higher.
        VariantResult reference = MadeUpStudy.Variant("a", "stride2", (0.98, 2, 100)), variant = MadeUpStudy.Variant("b", "stride2", (0.98, 3, 100));
        variant = variant with { Runs = [variant.Runs[0] with { SamplesPerSecond = 72_000 }] };
        StudyComparison comparison = StudyComparison.Of(reference, variant)!;
        Assert.EndsWith("training 1.50 times longer (one run each; no interval), 1.33 times more samples per second (one run each; no interval)", comparison.Sentence);
        Assert.Contains("Training time: 1.50 times longer with the one seed.", comparison.Evidence);
        Assert.Contains("Samples per second: 1.33 times more with the one seed.", comparison.Evidence);
        Assert.DoesNotContain("faster", comparison.Sentence);
    }

    [Fact]
    public void A_target_that_some_runs_missed_is_told_beside_the_time()
    {
        static VariantResult With(VariantResult variant, params bool[] reached) => variant with { Runs = [.. variant.Runs.Select((run, i) => run with { TargetReached = reached[i] })] };
        VariantResult reference = MadeUpStudy.Variant("a", "stride2", (0.98, 2, 100), (0.99, 2, 100)), variant = MadeUpStudy.Variant("b", "stride2", (0.98, 1, 100), (0.99, 1, 100));
        Assert.Contains(", target reached in 1 of 2 runs instead of 2 of 2, 2.00 times faster", StudyComparison.Of(With(reference, true, true), With(variant, true, false))!.Sentence);
        Assert.DoesNotContain("target", StudyComparison.Of(With(reference, true, true), With(variant, true, true))!.Sentence);
    }

    [Fact]
    public void Memory_that_grows_with_the_runs_of_a_process_is_no_finding()
    {
        // The same network after itself: each run leaves something, so that the second of a seed has always a little more.
        VariantResult reference = MadeUpStudy.Variant("a", "stride2", (0.98, 2, 100), (0.99, 2, 100.4), (0.99, 2, 100.8));
        VariantResult variant = MadeUpStudy.Variant("b", "stride2", (0.98, 2, 100.2), (0.99, 2, 100.6), (0.99, 2, 101));
        Assert.Contains("Peak memory of the process: the same on average over 3 seeds; not tested, as a process holds what its earlier runs have left.", StudyComparison.Of(reference, variant)!.Evidence);
    }
}
