using System.Numerics;

namespace Fovea.Kernels.Reference;

/// <summary>The plain twins of the adaptive poolings: plane by plane over N x C x H x W, sums in double.</summary>
internal static class ReferenceAdaptivePooling
{
    /// <summary>y = the mean of each window.</summary>
    public static void AverageForward<T>(AdaptiveAxis vertical, AdaptiveAxis horizontal, ReadOnlySpan<T> x, Span<T> y) where T : IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < y.Length; i++)
        {
            double sum = 0;
            int count = 0;
            foreach (int pixel in Pixels(vertical, horizontal, i))
            {
                sum += double.CreateChecked(x[pixel]);
                count++;
            }
            y[i] = T.CreateChecked(sum / count);
        }
    }

    /// <summary>dx = the shares of the windows that cover a pixel.</summary>
    public static void AverageBackward<T>(AdaptiveAxis vertical, AdaptiveAxis horizontal, ReadOnlySpan<T> dy, Span<T> dx) where T : IBinaryFloatingPointIeee754<T>
    {
        double[] sums = new double[dx.Length];
        for (int i = 0; i < dy.Length && sums.Length > 0; i++)
        {
            int[] pixels = [.. Pixels(vertical, horizontal, i)];
            foreach (int pixel in pixels) sums[pixel] += double.CreateChecked(dy[i]) / pixels.Length;
        }
        ReferenceConvolution.Copy(sums, dx);
    }

    /// <summary>y = the largest of each window.</summary>
    public static void MaxForward<T>(AdaptiveAxis vertical, AdaptiveAxis horizontal, ReadOnlySpan<T> x, Span<T> y) where T : IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < y.Length; i++) y[i] = x[Winner(vertical, horizontal, x, i)];
    }

    /// <summary>dx = dy at the first of the largest of each window.</summary>
    public static void MaxBackward<T>(AdaptiveAxis vertical, AdaptiveAxis horizontal, ReadOnlySpan<T> x, ReadOnlySpan<T> dy, Span<T> dx) where T : IBinaryFloatingPointIeee754<T>
    {
        dx.Clear();
        for (int i = 0; i < dy.Length && dx.Length > 0; i++) dx[Winner(vertical, horizontal, x, i)] += dy[i];
    }

    private static int Winner<T>(AdaptiveAxis vertical, AdaptiveAxis horizontal, ReadOnlySpan<T> x, int output) where T : IBinaryFloatingPointIeee754<T>
    {
        int winner = -1;
        foreach (int pixel in Pixels(vertical, horizontal, output))
        {
            if (winner < 0 || x[pixel] > x[winner]) winner = pixel;
        }
        return winner;
    }

    // The places in x of the pixels that a place in y sees.
    private static IEnumerable<int> Pixels(AdaptiveAxis vertical, AdaptiveAxis horizontal, int output)
    {
        var (rest, ox) = Math.DivRem(output, horizontal.Output);
        var (plane, oy) = Math.DivRem(rest, vertical.Output);
        for (int row = vertical.Start(oy); row < vertical.End(oy); row++)
        {
            for (int column = horizontal.Start(ox); column < horizontal.End(ox); column++)
                yield return (plane * vertical.Input + row) * horizontal.Input + column;
        }
    }
}
