using System.Globalization;

namespace Fovea.Lab;

/// <summary>
/// One variant against another, in figures and in words. Differences and ratios are taken seed by seed and then averaged; where the paired
/// t-test at the 5% level, corrected for the number of comparisons, leaves room for none, the words say that there is no measurable difference. Where no test
/// can be made, as of one seed or of differences that are all equal, they say that instead.
/// </summary>
/// <param name="Reference">What it is compared with.</param>
/// <param name="Variant">What is compared.</param>
/// <param name="AccuracyPoints">Test accuracy of the variant less that of the reference, in percentage points.</param>
public sealed record StudyComparison(VariantResult Reference, VariantResult Variant, SeedStatistics AccuracyPoints)
{
    private const double Level = 0.05;

    /// <summary>Balanced accuracy of the variant less that of the reference, in percentage points; null where no class is rare.</summary>
    public SeedStatistics? BalancedPoints { get; init; }

    /// <summary>The same of the recall of the rarest class.</summary>
    public SeedStatistics? RecallPoints { get; init; }

    /// <summary>Test loss of the variant less that of the reference; null where they are different measures.</summary>
    public SeedStatistics? TestLoss { get; init; }

    /// <summary>The gap between validation and training loss after the last epoch, less that of the reference; null without validation, and where the losses
    /// are different measures.</summary>
    public SeedStatistics? Gap { get; init; }

    /// <summary>The natural logarithm of how many times shorter the variant trained; null where that was set, or cannot be compared.</summary>
    public SeedStatistics? LogTime { get; init; }

    /// <summary>The natural logarithm of how many times more samples it trained on in a second; null where that cannot be compared, or follows from
    /// <see cref="LogTime"/>, as both trained on equally many samples.</summary>
    public SeedStatistics? LogSpeed { get; init; }

    /// <summary>The natural logarithm of how many times smaller the peak of memory was; null where it cannot be compared. It is not tested: a process holds what its
    /// earlier runs have left, so that its runs are no independent measurements, and the variants follow each other in one order.</summary>
    public SeedStatistics? LogMemory { get; init; }

    /// <summary>Why times and memory of the runs cannot be compared, in words; null where they can.</summary>
    public string? Unlike { get; init; }

    /// <summary>How many comparisons the probabilities are corrected for: those that could be tested, of the figure with the most of them.</summary>
    public int Comparisons { get; private init; } = 1;

    // By figure, once corrected for other comparisons, and for how many.
    private IReadOnlyDictionary<string, (double? Probability, int Comparisons)> Corrected { get; init; } = new Dictionary<string, (double?, int)>();

    private static readonly (string Name, Func<StudyComparison, SeedStatistics?> Of)[] s_figures =
    [
        (nameof(AccuracyPoints), c => c.AccuracyPoints), (nameof(TestLoss), c => c.TestLoss), (nameof(LogTime), c => c.LogTime), (nameof(LogSpeed), c => c.LogSpeed),
        (nameof(BalancedPoints), c => c.BalancedPoints), (nameof(RecallPoints), c => c.RecallPoints), (nameof(Gap), c => c.Gap),
    ];

    /// <summary>Compares several pairs of variants, the reference first: the probabilities of each figure are corrected for the number of comparisons by Holm's
    /// method.</summary>
    public static IReadOnlyList<StudyComparison> Of(IEnumerable<(VariantResult Reference, VariantResult Variant)> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        StudyComparison[] all = [.. pairs.Select(pair => Of(pair.Reference, pair.Variant)).OfType<StudyComparison>()];
        var corrected = all.Select(_ => new Dictionary<string, (double?, int)>()).ToArray();
        int most = 0;
        foreach (var (name, of) in s_figures)
        {
            double?[] probabilities = Holm.Adjust([.. all.Select(comparison => of(comparison)?.Probability)]);
            int tested = probabilities.Count(probability => probability is not null);
            most = Math.Max(most, tested);
            for (int i = 0; i < all.Length; i++) corrected[i][name] = (probabilities[i], tested);
        }
        return [.. all.Select((comparison, i) => comparison with { Comparisons = most, Corrected = corrected[i] })];
    }

    /// <summary>Compares over the seeds that both have finished; null when there is none.</summary>
    public static StudyComparison? Of(VariantResult reference, VariantResult variant)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(variant);
        var pairs = reference.Runs.Join(variant.Runs, run => run.Seed, run => run.Seed, (r, v) => (Reference: r, Variant: v)).ToArray();
        if (pairs.Length == 0) return null;
        SeedStatistics Over(Func<RunResult, RunResult, double> figure) =>
            SeedStatistics.Of([.. pairs.Select(pair => figure(pair.Reference, pair.Variant))]);
        bool isImbalanced = pairs.All(pair => pair is { Reference.Confusion.IsImbalanced: true, Variant.Confusion: not null });
        // Figures of different losses have nothing in common.
        bool isOneLoss = reference.Loss == variant.Loss;
        string? unlike = TrainingPlace.Difference(pairs.SelectMany(pair => (RunResult[])[pair.Reference, pair.Variant]).Select(run => run.Places));
        return new StudyComparison(reference, variant, Over((r, v) => 100 * (v.TestAccuracy - r.TestAccuracy)))
        {
            BalancedPoints = isImbalanced ? Over((r, v) => 100 * (v.Confusion!.BalancedAccuracy - r.Confusion!.BalancedAccuracy)) : null,
            RecallPoints = isImbalanced ? Over((r, v) => 100 * (v.RecallOfRarest!.Value - r.RecallOfRarest!.Value)) : null,
            TestLoss = isOneLoss ? Over((r, v) => v.TestLoss - r.TestLoss) : null,
            Gap = isOneLoss && pairs.All(pair => pair.Reference.Gap is not null && pair.Variant.Gap is not null) ? Over((r, v) => v.Gap!.Value - r.Gap!.Value) : null,
            LogTime = unlike is null && !IsTimed(reference, variant) ? Over((r, v) => Math.Log(r.TrainSeconds / v.TrainSeconds)) : null,
            LogSpeed = unlike is null && pairs.Any(pair => pair.Reference.SamplesSeen != pair.Variant.SamplesSeen) ? Over((r, v) => Math.Log(v.SamplesPerSecond / r.SamplesPerSecond)) : null,
            LogMemory = unlike is null ? Over((r, v) => Math.Log(r.PeakMemoryMegabytes / v.PeakMemoryMegabytes)) : null,
            Unlike = unlike,
        };
    }

    /// <summary>The conclusion in one sentence: "stride 2: 22.6 times fewer parameters, accuracy lower by 0.42 points (3 seeds, ±0.25),
    /// 7.04 times faster (3 seeds, from 6.51 to 7.62)".</summary>
    public string Sentence => $"{Variant.Name}: {Finding}";

    /// <summary>The sentence without the variant's name.</summary>
    public string Finding
    {
        get
        {
            var parts = new List<string>();
            if (Variant.Parameters != Reference.Parameters)
            {
                double ratio = (double)Reference.Parameters / Variant.Parameters;
                long more = Variant.Parameters - Reference.Parameters;
                // 16 of 11,738 are no "1.00 times more".
                parts.Add(Math.Abs(ratio - 1) >= 0.005 ? Times(ratio, "fewer parameters", "more parameters")
                    : $"{Math.Abs(more):N0} {(more > 0 ? "more" : "fewer")} parameters");
            }
            if (Variant.UpdatesPerEpoch != Reference.UpdatesPerEpoch)
            {
                string updates = Variant.UpdatesPerEpoch == 1 ? "update" : "updates";
                parts.Add($"{Variant.UpdatesPerEpoch:N0} {updates} per epoch instead of {Reference.UpdatesPerEpoch:N0}");
            }
            if (BalancedPoints is null) parts.Add(Accuracy("accuracy", AccuracyPoints, nameof(AccuracyPoints)));
            else
            {
                parts.Add(Accuracy("balanced accuracy", BalancedPoints, nameof(BalancedPoints)));
                parts.Add(Accuracy($"recall of {RarestClass}", RecallPoints!, nameof(RecallPoints)));
            }
            // Without it an earlier end would pass for a shorter way to the target.
            if (Reference.Runs.Concat(Variant.Runs).Any(run => run.TargetReached == false)) parts.Add($"target reached in {Reached(Variant)} runs instead of {Reached(Reference)}");
            // Who trains on more samples takes longer, and need not be slower.
            if (LogTime is { } time)
            {
                parts.Add(IsNoise(time, nameof(LogTime)) ? "no measurable difference in training time"
                    : $"{(LogSpeed is null ? Times(time, "faster", "slower", "as fast") : $"training {Times(time, "shorter", "longer", "as long")}")} ({Noise(time)})");
            }
            if (LogSpeed is { } speed)
                parts.Add(IsNoise(speed, nameof(LogSpeed)) ? "no measurable difference in speed" : $"{Times(speed, "more", "fewer", "as many")} samples per second ({Noise(speed)})");
            if (Unlike is not null) parts.Add($"training times not compared, as {Unlike}");
            return string.Join(", ", parts);
        }
    }

    /// <summary>Whether any of its differences could be tested.</summary>
    public bool IsTested => s_figures.Any(figure => figure.Of(this)?.Probability is not null);

    /// <summary>How differences are judged, in words.</summary>
    public string Test => !IsTested ? $"{Seeds}: no test can be made"
        : "paired t-tests, seed by seed, at the 5% level" + (Comparisons > 1 ? $", p corrected for {Comparisons} comparisons by Holm's method" : "");

    /// <summary>What stands behind the conclusion: means, intervals and what was not in the sentence.</summary>
    public IReadOnlyList<string> Evidence =>
    [
        .. BalancedPoints is null ? (string[])[] :
        [
            Difference("Balanced accuracy", BalancedPoints, " points", decimals: 2, nameof(BalancedPoints)),
            Difference($"Recall of {RarestClass}", RecallPoints!, " points", decimals: 2, nameof(RecallPoints)),
        ],
        Difference("Test accuracy", AccuracyPoints, " points", decimals: 2, nameof(AccuracyPoints)),
        TestLoss is { } loss ? Difference("Test loss", loss, "", decimals: 4, nameof(TestLoss))
            : $"Test loss: not compared, as {Variant.Loss.Described} and {Reference.Loss.Described} are different measures.",
        .. Gap is { } gap ? (string[])[Difference("Gap between validation and training loss", gap, "", decimals: 4, nameof(Gap))] : [],
        LogTime is not { } time ? Set : LogSpeed is null ? Ratio("Training", time, "faster", "slower", nameof(LogTime)) : Ratio("Training time", time, "shorter", "longer", nameof(LogTime)),
        .. LogSpeed is { } speed ? (string[])[Ratio("Samples per second", speed, "more", "fewer", nameof(LogSpeed))] : [],
        .. LogMemory is { } memory ? (string[])[ProcessMemory(memory), EngineMemory]
            : [$"Memory: not compared, as {Unlike}."],
    ];

    private string Accuracy(string what, SeedStatistics difference, string figure)
    {
        double points = difference.Mean;
        string noise = difference.Count == 1 ? "1 seed, which says nothing on noise"
            : difference.HalfWidth is { } half ? $"{Seeds}, ±{Fixed(half, 2)}" : $"{Seeds}, whose differences are equal and say nothing on noise";
        // The interval is of one comparison alone, and may leave out 0 all the same.
        if (IsNoise(difference, figure) && difference.Probability <= Level)
            noise += $"; p = {Probability(difference, figure):F3} for {Corrected[figure].Comparisons} comparisons";
        if (IsNoise(difference, figure)) return $"no measurable difference in {what} ({Signed(points, 2)} points; {noise})";
        return Math.Round(points, 9) == 0 ? $"the same {what} ({noise})" : $"{what} {(points < 0 ? "lower" : "higher")} by {Fixed(Math.Abs(points), 2)} points ({noise})";
    }

    private string Set => Unlike is null ? "Training: as long as its budget of seconds allows, with both." : $"Training: times not compared, as {Unlike}.";

    private string Noise(SeedStatistics logarithm) => logarithm.Count == 1 ? "one run each; no interval"
        : Interval(logarithm) is { } interval ? $"{Seeds}, {interval}" : $"{Seeds}, equal ratios; no interval";

    // Where no test can be made there is none: that says neither that it is noise nor that it is not.
    private bool IsNoise(SeedStatistics statistics, string figure) => Probability(statistics, figure) > Level;

    private double? Probability(SeedStatistics statistics, string figure) => Corrected.GetValueOrDefault(figure).Probability ?? statistics.Probability;

    private string RarestClass => Reference.Runs.First(run => run.Confusion is not null).Confusion!.NameOfRarest;

    // Their times are what was set, not what was found: none ended earlier, at a target or for want of patience.
    private static bool IsTimed(VariantResult reference, VariantResult variant) =>
        reference.Settings.TryGetValue("seconds", out string? seconds) && variant.Settings.GetValueOrDefault("seconds") == seconds
        && !reference.Settings.ContainsKey("patience") && !variant.Settings.ContainsKey("patience")
        && reference.Runs.Concat(variant.Runs).All(run => run.TargetReached != true);

    private string Seeds => AccuracyPoints.Count == 1 ? "1 seed" : $"{AccuracyPoints.Count} seeds";

    private string ProcessMemory(SeedStatistics logarithm) => $"Peak memory of the process: {Times(logarithm with { Deviation = null }, "smaller", "larger", "the same")}"
        + (logarithm.Count == 1 ? " with the one seed." : $" on average over {Seeds}; not tested, as a process holds what its earlier runs have left.");

    private static string Reached(VariantResult variant) => $"{variant.Runs.Count(run => run.TargetReached == true)} of {variant.Ended}";

    // It does not depend on the seed.
    private string EngineMemory
    {
        get
        {
            double reference = Reference.Runs[0].EngineMegabytes, variant = Variant.Runs[0].EngineMegabytes;
            if ($"{reference:F1}" == $"{variant:F1}") return $"Memory of the engine: the same ({variant:F1} MB).";
            string times = Times(reference / variant, "smaller", "larger");
            return $"Memory of the engine: {times} ({variant:F1} MB against {reference:F1} MB).";
        }
    }

    private string Difference(string what, SeedStatistics difference, string unit, int decimals, string figure)
    {
        string mean = Signed(difference.Mean, decimals) + unit;
        return $"{what}: {mean}" + (difference.HalfWidth is not { } half ? Untested(difference, "differences")
            : $", 95% interval over {Seeds} from {Signed(difference.Mean - half, decimals)} to {Signed(difference.Mean + half, decimals)}{Verdict(difference, figure)}.");
    }

    private string Ratio(string what, SeedStatistics logarithm, string less, string more, string figure) => $"{what}: {Times(logarithm, less, more, "the same")}"
        + (Interval(logarithm) is { } interval ? $", 95% interval over {Seeds} {interval} times{Verdict(logarithm, figure)}." : Untested(logarithm, "ratios"));

    private static string Untested(SeedStatistics statistics, string what) => statistics.Count == 1 ? " with the one seed."
        : $" with each of {statistics.Count} seeds: the {statistics.Count} {what} are equal, so that their spread cannot be judged.";

    // Of how many times faster, or slower; as the mean is said.
    private static string? Interval(SeedStatistics logarithm) => logarithm.HalfWidth is not { } half ? null
        : $"from {Factor(Math.Exp(Math.Abs(logarithm.Mean) - half))} to {Factor(Math.Exp(Math.Abs(logarithm.Mean) + half))}";

    // The interval is of one comparison; the probability knows of the others.
    private string Verdict(SeedStatistics statistics, string figure)
    {
        double p = Probability(statistics, figure)!.Value;
        string probability = p < 0.001 ? ", p < 0.001" : $", p = {p:F3}";
        return probability + (p > Level ? ": no measurable difference" : "");
    }

    // What is 1.00 times is no difference, unless an interval stands beside it.
    private static string Times(SeedStatistics logarithm, string less, string more, string same)
    {
        double ratio = Math.Exp(logarithm.Mean);
        return logarithm.HalfWidth is null && Factor(Math.Max(ratio, 1 / ratio)) == Factor(1) ? same : Times(ratio, less, more);
    }

    // 22.6 is "22.6 times fewer", 0.5 is "2.00 times more".
    private static string Times(double ratio, string less, string more) =>
        ratio >= 1 ? $"{Factor(ratio)} times {less}" : $"{Factor(1 / ratio)} times {more}";

    // Three digits of any factor below 1,000.
    private static string Factor(double factor) => Fixed(factor, factor < 9.995 ? 2 : factor < 99.95 ? 1 : 0);

    private static string Signed(double value, int decimals) => (Math.Round(value, decimals) > 0 ? "+" : "") + Fixed(value, decimals);

    // The sum makes 0 of -0.
    private static string Fixed(double value, int decimals) =>
        (Math.Round(value, decimals) + 0.0).ToString($"N{decimals}", CultureInfo.InvariantCulture);
}
