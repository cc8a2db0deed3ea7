using System.Numerics;

namespace Fovea.Kernels.Reference;

/// <summary>The plain twins of the poolings, over images [N][C][H][W].</summary>
internal static class ReferencePooling
{
    /// <summary>y = the largest of each window.</summary>
    public static void MaxForward<T>(in PoolGeometry geometry, ReadOnlySpan<T> x, Span<T> y) where T : IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < y.Length; i++) y[i] = x[Winner(geometry, x, i)];
    }

    /// <summary>dx = dy where a pixel won.</summary>
    public static void MaxBackward<T>(in PoolGeometry geometry, ReadOnlySpan<T> x, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IBinaryFloatingPointIeee754<T>
    {
        dx.Clear();
        for (int i = 0; i < dy.Length; i++) dx[Winner(geometry, x, i)] += dy[i];
    }

    // The first of the largest, row by row.
    private static int Winner<T>(in PoolGeometry geometry, ReadOnlySpan<T> x, int output) where T : IBinaryFloatingPointIeee754<T>
    {
        var (plane, oy, ox) = Place(geometry, output);
        var (top, bottom) = geometry.Vertical.TapsInside(oy);
        var (left, right) = geometry.Horizontal.TapsInside(ox);
        int winner = -1;
        for (int ky = top; ky < bottom; ky++)
        {
            for (int kx = left; kx < right; kx++)
            {
                int pixel = Pixel(geometry, plane, oy, ox, ky, kx);
                if (winner < 0 || x[pixel] > x[winner]) winner = pixel;
            }
        }
        return winner;
    }

    /// <summary>y = the mean of each window.</summary>
    public static void AverageForward<T>(in PoolGeometry geometry, bool countPadding, ReadOnlySpan<T> x, Span<T> y)
        where T : IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < y.Length; i++)
        {
            var (plane, oy, ox) = Place(geometry, i);
            var (top, bottom) = geometry.Vertical.TapsInside(oy);
            var (left, right) = geometry.Horizontal.TapsInside(ox);
            double sum = 0;
            for (int ky = top; ky < bottom; ky++)
            {
                for (int kx = left; kx < right; kx++) sum += double.CreateChecked(x[Pixel(geometry, plane, oy, ox, ky, kx)]);
            }
            y[i] = T.CreateChecked(sum / geometry.AverageDivisor(oy, ox, countPadding));
        }
    }

    /// <summary>dx = each pixel's shares of dy.</summary>
    public static void AverageBackward<T>(in PoolGeometry geometry, bool countPadding, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IBinaryFloatingPointIeee754<T>
    {
        dx.Clear();
        for (int i = 0; i < dy.Length; i++)
        {
            var (plane, oy, ox) = Place(geometry, i);
            var (top, bottom) = geometry.Vertical.TapsInside(oy);
            var (left, right) = geometry.Horizontal.TapsInside(ox);
            T share = dy[i] / T.CreateChecked(geometry.AverageDivisor(oy, ox, countPadding));
            for (int ky = top; ky < bottom; ky++)
            {
                for (int kx = left; kx < right; kx++) dx[Pixel(geometry, plane, oy, ox, ky, kx)] += share;
            }
        }
    }

    private static (int Plane, int Row, int Column) Place(in PoolGeometry geometry, int output)
    {
        int width = geometry.Horizontal.Output, height = geometry.Vertical.Output;
        return (output / (width * height), output / width % height, output % width);
    }

    private static int Pixel(in PoolGeometry geometry, int plane, int oy, int ox, int ky, int kx) =>
        (plane * geometry.Vertical.Input + geometry.Vertical.Pixel(oy, ky)) * geometry.Horizontal.Input + geometry.Horizontal.Pixel(ox, kx);
}
