namespace Fovea;

/// <summary>The walks over the windows and pixels of a convolution, laid out once for all of its planes: rows in runs that have the same taps on
/// the image, and the pixels that meet the same taps on the way back.</summary>
internal sealed class ConvWalk(ConvGeometry geometry)
{
    public ConvGeometry Geometry { get; } = geometry;

    /// <summary>The rows of windows.</summary>
    public WindowRun[] RowWindows { get; } = geometry.Vertical.WindowRuns();

    /// <summary>The rows of pixels a stride apart, for each of their starts.</summary>
    public RowPhase[] RowPhases { get; } = [.. Phases(geometry.Vertical).Select(phase => new RowPhase(phase, phase.Runs(geometry.Vertical.Output)))];

    /// <summary>The columns of pixels a stride apart, for each of their starts.</summary>
    public BackwardPhase[] ColumnPhases { get; } = [.. Phases(geometry.Horizontal)];

    private static IEnumerable<BackwardPhase> Phases(WindowAxis axis) => Enumerable.Range(0, Math.Min(axis.Stride, axis.Input)).Select(axis.Backward);
}

/// <summary>Rows of pixels a stride apart, in runs that meet the same taps.</summary>
internal readonly record struct RowPhase(BackwardPhase Phase, PhaseRun[] Runs);
