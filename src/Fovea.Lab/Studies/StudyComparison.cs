using System.Globalization;
using static System.FormattableString;

namespace Fovea.Lab;

/// <summary>
/// One variant against another, in figures and in words. Differences and ratios are taken seed by seed and then averaged; where the 95%
/// interval of the mean leaves room for none, the words say that there is no measurable difference.
/// </summary>
/// <param name="Reference">What it is compared with.</param>
/// <param name="Variant">What is compared.</param>
/// <param name="AccuracyPoints">Test accuracy of the variant less that of the reference, in percentage points.</param>
/// <param name="TestLoss">Test loss of the variant less that of the reference.</param>
/// <param name="LogSpeed">The natural logarithm of how many times faster the variant trained.</param>
/// <param name="LogMemory">The natural logarithm of how many times smaller the peak of memory was.</param>
public sealed record StudyComparison(VariantResult Reference, VariantResult Variant, SeedStatistics AccuracyPoints, SeedStatistics TestLoss,
    SeedStatistics LogSpeed, SeedStatistics LogMemory)
{
    /// <summary>Compares over the seeds that both have finished; null when there is none.</summary>
    public static StudyComparison? Of(VariantResult reference, VariantResult variant)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(variant);
        var pairs = reference.Runs.Join(variant.Runs, run => run.Seed, run => run.Seed, (r, v) => (Reference: r, Variant: v)).ToArray();
        if (pairs.Length == 0) return null;
        SeedStatistics Over(Func<RunResult, RunResult, double> figure) =>
            SeedStatistics.Of([.. pairs.Select(pair => figure(pair.Reference, pair.Variant))]);
        return new StudyComparison(reference, variant,
            Over((r, v) => 100 * (v.TestAccuracy - r.TestAccuracy)),
            Over((r, v) => v.TestLoss - r.TestLoss),
            Over((r, v) => Math.Log(r.TrainSeconds / v.TrainSeconds)),
            Over((r, v) => Math.Log(r.PeakMemoryMegabytes / v.PeakMemoryMegabytes)));
    }

    /// <summary>The conclusion in one sentence: "stride 2: 22.6 times fewer parameters, accuracy lower by 0.42 points (3 seeds, ±0.25),
    /// 7.04 times faster".</summary>
    public string Sentence => $"{Variant.Name}: {Finding}";

    /// <summary>The sentence without the variant's name.</summary>
    public string Finding
    {
        get
        {
            var parts = new List<string>();
            if (Variant.Parameters != Reference.Parameters)
                parts.Add(Times((double)Reference.Parameters / Variant.Parameters, "fewer parameters", "more parameters"));
            if (Variant.UpdatesPerEpoch != Reference.UpdatesPerEpoch)
            {
                string updates = Variant.UpdatesPerEpoch == 1 ? "update" : "updates";
                parts.Add(Invariant($"{Variant.UpdatesPerEpoch:N0} {updates} per epoch instead of {Reference.UpdatesPerEpoch:N0}"));
            }
            parts.Add(Accuracy);
            parts.Add(!IsOnOneMachine ? "training times not compared, as the runs were made on different machines"
                : LogSpeed.Excludes(0) == false
                ? "no measurable difference in training time"
                : Times(Math.Exp(LogSpeed.Mean), "faster", "slower"));
            return string.Join(", ", parts);
        }
    }

    /// <summary>What stands behind the conclusion: means, intervals and what was not in the sentence.</summary>
    public IReadOnlyList<string> Evidence =>
    [
        Difference("Test accuracy", AccuracyPoints, " points", decimals: 2),
        // Figures of different losses have nothing in common.
        Reference.Loss == Variant.Loss ? Difference("Test loss", TestLoss, "", decimals: 4)
            : $"Test loss: not compared, as {Variant.Loss.Name} and {Reference.Loss.Name} are different measures.",
        IsOnOneMachine ? Ratio("Training", LogSpeed, "faster", "slower") : "Training: not compared, as the runs were made on different machines.",
        Ratio("Peak memory of the process", LogMemory, "smaller", "larger"),
        EngineMemory,
    ];

    private string Accuracy
    {
        get
        {
            double points = AccuracyPoints.Mean;
            string noise = AccuracyPoints.HalfWidth is { } half ? $"{Seeds}, ±{Fixed(half, 2)}" : "1 seed, which says nothing on noise";
            if (AccuracyPoints.Excludes(0) == false) return $"no measurable difference in accuracy ({Signed(points, 2)} points; {noise})";
            if (points == 0) return $"the same accuracy ({noise})";
            return $"accuracy {(points < 0 ? "lower" : "higher")} by {Fixed(Math.Abs(points), 2)} points ({noise})";
        }
    }

    // Seconds of different processors say nothing on the variants.
    private bool IsOnOneMachine => Reference.Runs.Concat(Variant.Runs).Select(run => run.Machine).Distinct().Count() <= 1;

    private string Seeds => $"{AccuracyPoints.Count} seeds";

    // It does not depend on the seed.
    private string EngineMemory
    {
        get
        {
            double reference = Reference.Runs[0].EngineMegabytes, variant = Variant.Runs[0].EngineMegabytes;
            string times = Times(reference / variant, "smaller", "larger");
            return Invariant($"Memory of the engine: {times} ({variant:F1} MB against {reference:F1} MB).");
        }
    }

    private string Difference(string what, SeedStatistics difference, string unit, int decimals)
    {
        string mean = Signed(difference.Mean, decimals) + unit;
        if (difference.HalfWidth is not { } half) return $"{what}: {mean} with the one seed.";
        string low = Signed(difference.Mean - half, decimals), high = Signed(difference.Mean + half, decimals);
        return $"{what}: {mean}, 95% interval over {Seeds} from {low} to {high}{Verdict(difference)}.";
    }

    private string Ratio(string what, SeedStatistics logarithm, string less, string more)
    {
        string mean = Times(Math.Exp(logarithm.Mean), less, more);
        if (logarithm.HalfWidth is not { } half) return $"{what}: {mean} with the one seed.";
        string low = Factor(Math.Exp(Math.Abs(logarithm.Mean) - half)), high = Factor(Math.Exp(Math.Abs(logarithm.Mean) + half));
        return $"{what}: {mean}, 95% interval over {Seeds} from {low} to {high} times{Verdict(logarithm)}.";
    }

    private static string Verdict(SeedStatistics statistics) => statistics.Excludes(0) == false ? ": no measurable difference" : "";

    // 22.6 is "22.6 times fewer", 0.5 is "2.00 times more".
    private static string Times(double ratio, string less, string more) =>
        ratio >= 1 ? $"{Factor(ratio)} times {less}" : $"{Factor(1 / ratio)} times {more}";

    // Three digits of any factor below 1,000.
    private static string Factor(double factor) => Fixed(factor, factor < 9.995 ? 2 : factor < 99.95 ? 1 : 0);

    private static string Signed(double value, int decimals) => (Math.Round(value, decimals) > 0 ? "+" : "") + Fixed(value, decimals);

    // The sum makes 0 of -0.
    private static string Fixed(double value, int decimals) =>
        (Math.Round(value, decimals) + 0.0).ToString(Invariant($"N{decimals}"), CultureInfo.InvariantCulture);
}
