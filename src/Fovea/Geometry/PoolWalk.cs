namespace Fovea;

/// <summary>The walks over the windows and pixels of a max-pooling, laid out once for all of its planes: along each axis, runs that the kernels
/// take without asking where the border is.</summary>
internal sealed class PoolWalk(PoolGeometry geometry)
{
    public PoolGeometry Geometry { get; } = geometry;
    public WindowRun[] RowWindows { get; } = geometry.Vertical.WindowRuns();
    public WindowRun[] ColumnWindows { get; } = geometry.Horizontal.WindowRuns();
    public PixelRun[] RowPixels { get; } = geometry.Vertical.PixelRuns();
    public PixelRun[] ColumnPixels { get; } = geometry.Horizontal.PixelRuns();
}
