using System.Globalization;

namespace Fovea.Lab;

/// <summary>One figure of all variants side by side, as the report and the command line show it.</summary>
/// <param name="Name">What the figure is, with its unit.</param>
/// <param name="Cells">One for each variant: the figure or its mean over the seeds, and after it half the 95% interval of the mean, if there
/// is one.</param>
public sealed record StudyRow(string Name, IReadOnlyList<(string Figure, string? Spread)> Cells)
{
    /// <summary>What the figures of a study are, in a sentence below them.</summary>
    public static string Note(StudyResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        string unlike = result.Unlike is { } reason ? $" Times and memory are not set side by side, as {reason}." : "";
        return (result.Variants.Any(variant => variant.Runs.Count > 1)
            ? "Mean over the seeds and, after ±, half of its 95% t-interval; a figure without ± is of one seed or the same with all."
            : "One seed: there is no statement on noise.") + unlike;
    }

    /// <summary>All figures of a study.</summary>
    public static IReadOnlyList<StudyRow> Of(StudyResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        RunResult[] runs = [.. result.Variants.SelectMany(variant => variant.Runs)];
        string rarest = runs.FirstOrDefault(run => run.Confusion?.IsImbalanced == true)?.Confusion!.NameOfRarest ?? "";
        bool predicted = result.Variants.Any(variant => variant.Predicted is not null);
        return
        [
            .. Differing(result),
            .. result.Variants.All(variant => variant.Diverged.Count == 0) ? (StudyRow[])[]
                : [Fixed("Runs that diverged", variant => variant.Diverged.Count == 0 ? "none" : $"{variant.Diverged.Count} of {variant.Ended}")],
            Fixed("Parameters", variant => $"{variant.Parameters:N0}"),
            Fixed("Estimated total size, MB", variant => $"{variant.EstimatedMegabytes:F2}"),
            Fixed("Samples of one update", variant => variant.BatchSize <= variant.TrainingSamples ? $"{variant.BatchSize:N0}"
                : $"{variant.TrainingSamples:N0}, all there are"),
            Fixed("Updates per epoch", variant => $"{variant.UpdatesPerEpoch:N0}"),
            Measured("Updates of a run", run => run.Updates, "N0"),
            .. Where(run => run.TargetReached is not null, Fixed("Runs that reached the target", variant => $"{variant.Runs.Count(run => run.TargetReached == true)} of {variant.Ended}")),
            .. rarest.Length == 0 ? (StudyRow[])[] :
            [
                Measured("Balanced accuracy, %", run => 100 * run.Confusion?.BalancedAccuracy, "N2"),
                Measured($"Recall of {rarest}, %", run => 100 * run.RecallOfRarest, "N2"),
            ],
            Measured("Test accuracy, %", run => 100 * run.TestAccuracy, "N2"),
            .. Where(run => run.BatchStatistics is not null, Measured("Test accuracy in training mode, %", run => 100 * run.BatchStatistics?.TrainingModeAccuracy, "N2")),
            Measured("Test loss", run => run.TestLoss, "N4"),
            .. Where(run => run.Gap is not null, Measured("Validation minus training loss", run => run.Gap, "N4")),
            // A mean over different machines is that of none.
            .. result.Unlike is not null ? (StudyRow[])[] :
            [
                Measured("Training time, s", run => run.TrainSeconds, "N2"),
                .. Predicted("Training time as predicted, s", cost => cost.TrainSeconds, "N2"),
                Measured("Speed, samples per second", run => run.SamplesPerSecond, "N0"),
                Measured("Memory of the engine, MB", run => run.EngineMegabytes, "N1"),
                .. Predicted("Memory of the engine as predicted, MB", cost => cost.EngineMegabytes, "N1"),
                Measured("Peak memory of the process, MB", run => run.PeakMemoryMegabytes, "N0"),
                .. Predicted("Peak memory as predicted, MB", cost => cost.PeakMemoryMegabytes, "N0"),
            ],
        ];

        StudyRow[] Where(Func<RunResult, bool> condition, StudyRow row) => runs.Any(condition) ? [row] : [];

        // By a measurement of this machine before the study, where there is one.
        StudyRow[] Predicted(string name, Func<VariantCost, double> figure, string format) => !predicted ? [] :
            [Fixed(name, variant => variant.Predicted is { } cost ? figure(cost).ToString(format, CultureInfo.InvariantCulture) : "not measured before")];

        StudyRow Fixed(string name, Func<VariantResult, string> figure) =>
            new(name, [.. result.Variants.Select(variant => (figure(variant), (string?)null))]);

        // A variant without the figure has an empty cell.
        StudyRow Measured(string name, Func<RunResult, double?> figure, string format) => new(name,
            [.. result.Variants.Select(variant => variant.Runs.Count > 0 && variant.Runs.Any(run => figure(run) is null) ? ("", null)
                : Cell(variant, run => figure(run)!.Value, format))]);
    }

    /// <summary>The settings that are not the same for all variants; the size of a batch has a row of its own, the end of a run a panel. What
    /// only some optimizers have is left out where it is as usual for them.</summary>
    public static IReadOnlyList<StudyRow> Differing(StudyResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        string[] elsewhere = ["batch-size", "epochs", "updates", "seconds"];
        return
        [
            .. result.Variants.SelectMany(variant => variant.Settings.Keys).Distinct().Except(elsewhere).Where(Differs)
                .Select(name => new StudyRow(name, [.. result.Variants.Select(variant => (variant.Settings.GetValueOrDefault(name, ""), (string?)null))])),
        ];

        bool Differs(string name)
        {
            VariantResult[] having = [.. result.Variants.Where(variant => variant.Settings.ContainsKey(name))];
            return having.Select(variant => variant.Settings[name]).Distinct().Count() > 1
                || (having.Length < result.Variants.Count && having.Any(variant => Usual(variant).GetValueOrDefault(name) != variant.Settings[name]));
        }
    }

    private static IReadOnlyDictionary<string, string> Usual(VariantResult variant)
    {
        var usual = new TrainingSettings();
        foreach (string kind in (string[])["optimizer", "schedule"])
            if (variant.Settings.TryGetValue(kind, out string? name)) usual = usual.With(kind, name);
        return usual.Describe();
    }

    private static (string Figure, string? Spread) Cell(VariantResult variant, Func<RunResult, double> figure, string format)
    {
        if (variant.Statistics(figure) is not { } statistics) return (variant.Diverged.Count > 0 ? "diverged" : "not run", null);
        string? spread = statistics.HalfWidth is { } half ? "± " + half.ToString(format, CultureInfo.InvariantCulture) : null;
        return (statistics.Mean.ToString(format, CultureInfo.InvariantCulture), spread);
    }
}
