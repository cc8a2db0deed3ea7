using System.Globalization;
using static System.FormattableString;

namespace Fovea.Lab;

/// <summary>One figure of all variants side by side, as the report and the command line show it.</summary>
/// <param name="Name">What the figure is, with its unit.</param>
/// <param name="Cells">One for each variant: the figure or its mean over the seeds, and after it the standard deviation, if there is
/// one.</param>
public sealed record StudyRow(string Name, IReadOnlyList<(string Figure, string? Spread)> Cells)
{
    /// <summary>All figures of a study.</summary>
    public static IReadOnlyList<StudyRow> Of(StudyResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return
        [
            Fixed("Parameters", variant => Invariant($"{variant.Parameters:N0}")),
            Fixed("Estimated total size, MB", variant => Invariant($"{variant.EstimatedMegabytes:F2}")),
            Fixed("Samples of one update", variant => Invariant($"{variant.BatchSize:N0}")),
            Fixed("Updates per epoch", variant => Invariant($"{variant.UpdatesPerEpoch:N0}")),
            Measured("Updates of a run", run => run.Updates, "N0"),
            Measured("Test accuracy, %", run => 100 * run.TestAccuracy, "N2"),
            Measured("Test loss", run => run.TestLoss, "N4"),
            Measured("Training time, s", run => run.TrainSeconds, "N2"),
            Measured("Speed, samples per second", run => run.SamplesPerSecond, "N0"),
            Measured("Memory of the engine, MB", run => run.EngineMegabytes, "N1"),
            Measured("Peak memory of the process, MB", run => run.PeakMemoryMegabytes, "N0"),
        ];

        StudyRow Fixed(string name, Func<VariantResult, string> figure) =>
            new(name, [.. result.Variants.Select(variant => (figure(variant), (string?)null))]);

        StudyRow Measured(string name, Func<RunResult, double> figure, string format) => new(name,
            [.. result.Variants.Select(variant => Cell(variant.Statistics(figure), format))]);
    }

    private static (string Figure, string? Spread) Cell(SeedStatistics? statistics, string format)
    {
        if (statistics is null) return ("not run", null);
        string? spread = statistics.Deviation > 0 ? "± " + statistics.Deviation.Value.ToString(format, CultureInfo.InvariantCulture) : null;
        return (statistics.Mean.ToString(format, CultureInfo.InvariantCulture), spread);
    }
}
