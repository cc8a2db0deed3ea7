namespace Fovea.Lab;

/// <summary>What a curve over epochs goes along.</summary>
public enum CurveAxis
{
    /// <summary>Epochs, from 1.</summary>
    Epoch,

    /// <summary>Updates so far.</summary>
    Update,

    /// <summary>Seconds of updates so far.</summary>
    Second,
}

/// <summary>A figure over the epochs of runs that differ in nothing but their seed.</summary>
/// <param name="Runs">The runs, each of another seed.</param>
/// <param name="X">Where the curve's points stand: epochs, or the means of updates or seconds over the seeds.</param>
/// <param name="Figures">The figure over the seeds at each point.</param>
public sealed record RunCurve(IReadOnlyList<RunRecord> Runs, IReadOnlyList<double> X, IReadOnlyList<SeedStatistics> Figures)
{
    /// <summary>The curves of some runs, as far as all runs of a curve have come; none of runs without the figure.</summary>
    /// <param name="runs">The runs. Those of a study belong together by its variants, others where model, data and settings are the same.</param>
    /// <param name="figure">The figure; null where an epoch has none.</param>
    /// <param name="axis">What the curves go along.</param>
    public static IReadOnlyList<RunCurve> Of(IEnumerable<RunRecord> runs, Func<EpochResult, double?> figure, CurveAxis axis)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(figure);
        return [.. RunRecord.Alike(runs.Where(run => run.History.Count > 0)).Select(alike => Of(alike, figure, axis)).Where(curve => curve.X.Count > 0)];
    }

    private static RunCurve Of(IReadOnlyList<RunRecord> runs, Func<EpochResult, double?> figure, CurveAxis axis)
    {
        List<double> x = [];
        List<SeedStatistics> figures = [];
        for (int i = 0; i < runs.Min(run => run.History.Count); i++)
        {
            double[] values = [.. runs.Select(run => figure(run.History[i])).OfType<double>()];
            if (values.Length == 0) continue;
            x.Add(axis switch
            {
                CurveAxis.Update => runs.Average(run => (double)run.History[i].Updates),
                CurveAxis.Second => runs.Average(run => run.History.Take(i + 1).Sum(epoch => epoch.Seconds)),
                _ => i + 1,
            });
            figures.Add(SeedStatistics.Of(values));
        }
        return new RunCurve(runs, x, figures);
    }
}
