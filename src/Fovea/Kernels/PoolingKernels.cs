using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>
/// Pooling of one plane on lanes: x [H][W][L] with rows <c>xRow</c> floats apart, y [H'][W'][L] with rows <c>yRow</c> apart.
/// Max-pooling is separable: the largest of each row's window, then the largest of these down the window's rows, with one byte per
/// lane and pass that says which tap won (the first of equals, as in PyTorch). Backward gathers: each pixel asks the windows that
/// cover it whether it won.
/// </summary>
internal static unsafe class PoolingKernels<V> where V : struct, ILanes<V>
{
    /// <summary>Bytes of winners that one plane takes: of both passes.</summary>
    public static nint WinnersSize(in PoolGeometry geometry) =>
        (nint)(geometry.Input.Height + geometry.Vertical.Output) * geometry.Horizontal.Output * V.Count;

    /// <summary>Floats of scratch that one plane takes: the result of the first pass.</summary>
    public static int ScratchSize(in PoolGeometry geometry) => geometry.Input.Height * geometry.Horizontal.Output * V.Count;

    /// <summary>y = the largest of each window; winners are written unless null.</summary>
    public static void MaxForward(PoolWalk walk, float* x, nint xRow, float* y, nint yRow, byte* winners, float* scratch)
    {
        int rows = walk.Geometry.Input.Height, outputs = walk.Geometry.Horizontal.Output, stride = walk.Geometry.Horizontal.Stride;
        nint width = (nint)outputs * V.Count;
        byte* windowWinners = winners + rows * width;
        foreach (ref readonly WindowRun run in walk.ColumnWindows.AsSpan())
        {
            nint target = (nint)run.First * V.Count;
            for (int row = 0; row < rows; row++, target += width)
            {
                Largest(run.Taps, x + row * xRow + run.Pixel * V.Count, V.Count, stride * V.Count, run.FirstTap, scratch + target,
                    winners == null ? null : winners + target, run.Count);
            }
        }
        foreach (ref readonly WindowRun run in walk.RowWindows.AsSpan())
        {
            for (int i = 0; i < run.Count; i++)
            {
                int oy = run.First + i;
                Largest(run.Taps, scratch + (run.Pixel + i * walk.Geometry.Vertical.Stride) * width, width, V.Count, run.FirstTap, y + oy * yRow,
                    winners == null ? null : windowWinners + oy * width, outputs);
            }
        }
    }

    /// <summary>The largest of so many taps <paramref name="tapStep"/> apart, the first of number <paramref name="firstTap"/>, for windows
    /// <paramref name="windowStep"/> apart.</summary>
    private static void Largest(int taps, float* x, nint tapStep, nint windowStep, int firstTap, float* y, byte* winner, int count)
    {
        if (winner == null)
        {
            for (; count > 0; count--, x += windowStep, y += V.Count)
            {
                V largest = V.Load(x);
                for (int tap = 1; tap < taps; tap++) largest = V.Max(largest, V.Load(x + tap * tapStep));
                largest.Store(y);
            }
            return;
        }
        switch (taps)
        {
            case 1: Largest<N1>(x, tapStep, windowStep, firstTap, y, winner, count); break;
            case 2: Largest<N2>(x, tapStep, windowStep, firstTap, y, winner, count); break;
            case 3: Largest<N3>(x, tapStep, windowStep, firstTap, y, winner, count); break;
            case 4: Largest<N4>(x, tapStep, windowStep, firstTap, y, winner, count); break;
            case 5: Largest<N5>(x, tapStep, windowStep, firstTap, y, winner, count); break;
            default:
                for (; count > 0; count--, x += windowStep, y += V.Count, winner += V.Count)
                {
                    V largest = V.Load(x), index = V.Index(firstTap);
                    for (int tap = 1; tap < taps; tap++) Challenge(V.Load(x + tap * tapStep), V.Index(firstTap + tap), ref largest, ref index);
                    largest.Store(y);
                    V.StoreIndex(index, winner);
                }
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Largest<TTaps>(float* x, nint tapStep, nint windowStep, int firstTap, float* y, byte* winner, int count)
        where TTaps : struct, ICount
    {
        V i0 = V.Index(firstTap), i1 = V.Index(firstTap + 1), i2 = V.Index(firstTap + 2), i3 = V.Index(firstTap + 3), i4 = V.Index(firstTap + 4);
        for (; count > 0; count--, x += windowStep, y += V.Count, winner += V.Count)
        {
            V largest = V.Load(x), index = i0;
            if (TTaps.Value > 1) Challenge(V.Load(x + tapStep), i1, ref largest, ref index);
            if (TTaps.Value > 2) Challenge(V.Load(x + 2 * tapStep), i2, ref largest, ref index);
            if (TTaps.Value > 3) Challenge(V.Load(x + 3 * tapStep), i3, ref largest, ref index);
            if (TTaps.Value > 4) Challenge(V.Load(x + 4 * tapStep), i4, ref largest, ref index);
            largest.Store(y);
            V.StoreIndex(index, winner);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Challenge(V value, V tap, ref V largest, ref V index)
    {
        V greater = V.Greater(value, largest);
        largest = V.Select(greater, value, largest);
        index = V.Select(greater, tap, index);
    }

    /// <summary>dx = dy where a pixel won, added up over the windows that it won. dy is [H'][W'][L], rows <paramref name="dyRow"/> apart.</summary>
    public static void MaxBackward(PoolWalk walk, float* dy, nint dyRow, byte* winners, float* dx, nint dxRow, float* scratch)
    {
        int rows = walk.Geometry.Input.Height, outputs = walk.Geometry.Horizontal.Output;
        int down = walk.Geometry.Vertical.Stride, across = walk.Geometry.Horizontal.Stride;
        nint width = (nint)outputs * V.Count;
        byte* windowWinners = winners + rows * width;
        foreach (ref readonly PixelRun run in walk.RowPixels.AsSpan())
        {
            for (int i = 0; i < run.Count; i++)
            {
                nint window = run.FirstWindow + i;
                Won(run, down, dy + window * dyRow, dyRow, windowWinners + window * width, width, scratch + (run.First + i * down) * width, V.Count, outputs);
            }
        }
        foreach (ref readonly PixelRun run in walk.ColumnPixels.AsSpan())
        {
            nint window = (nint)run.FirstWindow * V.Count;
            for (int row = 0; row < rows; row++, window += width)
            {
                Won(run, across, scratch + window, V.Count, winners + window, V.Count, dx + row * dxRow + run.First * V.Count,
                    across * V.Count, run.Count);
            }
        }
    }

    /// <summary>The sum of the gradients of the windows in which a pixel won, for pixels <paramref name="pixelStep"/> apart, whose windows lie one
    /// vector apart. The pixel is the first of these windows' tap <see cref="PixelRun.Tap"/>, and <paramref name="stride"/> taps less in
    /// each that follows.</summary>
    private static void Won(in PixelRun run, int stride, float* dy, nint step, byte* winners, nint winnerStep, float* dx, nint pixelStep, int count)
    {
        switch (run.Windows)
        {
            case 1: Won<N1>(run.Tap, stride, dy, step, winners, winnerStep, dx, pixelStep, count); break;
            case 2: Won<N2>(run.Tap, stride, dy, step, winners, winnerStep, dx, pixelStep, count); break;
            case 3: Won<N3>(run.Tap, stride, dy, step, winners, winnerStep, dx, pixelStep, count); break;
            case 4: Won<N4>(run.Tap, stride, dy, step, winners, winnerStep, dx, pixelStep, count); break;
            case 5: Won<N5>(run.Tap, stride, dy, step, winners, winnerStep, dx, pixelStep, count); break;
            default:
                for (; count > 0; count--, dy += V.Count, winners += V.Count, dx += pixelStep)
                {
                    V sum = V.Zero;
                    for (int i = 0; i < run.Windows; i++) sum += Share(winners + i * winnerStep, V.Index(run.Tap - i * stride), dy + i * step);
                    sum.Store(dx);
                }
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Won<TWindows>(int tap, int stride, float* dy, nint step, byte* winners, nint winnerStep, float* dx, nint pixelStep, int count)
        where TWindows : struct, ICount
    {
        V t0 = V.Index(tap), t1 = V.Index(tap - stride), t2 = V.Index(tap - 2 * stride), t3 = V.Index(tap - 3 * stride), t4 = V.Index(tap - 4 * stride);
        for (; count > 0; count--, dy += V.Count, winners += V.Count, dx += pixelStep)
        {
            V sum = Share(winners, t0, dy);
            if (TWindows.Value > 1) sum += Share(winners + winnerStep, t1, dy + step);
            if (TWindows.Value > 2) sum += Share(winners + 2 * winnerStep, t2, dy + 2 * step);
            if (TWindows.Value > 3) sum += Share(winners + 3 * winnerStep, t3, dy + 3 * step);
            if (TWindows.Value > 4) sum += Share(winners + 4 * winnerStep, t4, dy + 4 * step);
            sum.Store(dx);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Share(byte* winner, V tap, float* dy) => V.Select(V.IndexEquals(V.LoadIndex(winner), tap), V.Load(dy), V.Zero);

    /// <summary>y = the mean of each window.</summary>
    public static void AverageForward(in PoolGeometry geometry, bool countPadding, float* x, nint xRow, float* y, nint yRow)
    {
        for (int oy = 0; oy < geometry.Vertical.Output; oy++)
        {
            var (top, bottom) = geometry.Vertical.TapsInside(oy);
            for (int ox = 0; ox < geometry.Horizontal.Output; ox++)
            {
                var (left, right) = geometry.Horizontal.TapsInside(ox);
                float* window = x + geometry.Vertical.Pixel(oy, 0) * xRow + geometry.Horizontal.Pixel(ox, 0) * V.Count;
                V sum = V.Zero;
                for (int ky = top; ky < bottom; ky++)
                {
                    for (int kx = left; kx < right; kx++) sum += V.Load(window + ky * xRow + kx * V.Count);
                }
                (sum * V.Broadcast(1f / geometry.AverageDivisor(oy, ox, countPadding))).Store(y + oy * yRow + ox * V.Count);
            }
        }
    }

    /// <summary>dx = the shares of the windows that cover a pixel.</summary>
    public static void AverageBackward(in PoolGeometry geometry, bool countPadding, float* dy, nint dyRow, float* dx, nint dxRow)
    {
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        for (int row = 0; row < geometry.Input.Height; row++)
        {
            for (int column = 0; column < geometry.Input.Width; column++)
            {
                V sum = V.Zero;
                for (int oy = vertical.FirstOutputAt(row); oy <= vertical.LastOutputAt(row); oy++)
                {
                    for (int ox = horizontal.FirstOutputAt(column); ox <= horizontal.LastOutputAt(column); ox++)
                    {
                        V share = V.Broadcast(1f / geometry.AverageDivisor(oy, ox, countPadding));
                        sum = V.MultiplyAdd(V.Load(dy + oy * dyRow + ox * V.Count), share, sum);
                    }
                }
                sum.Store(dx + row * dxRow + column * V.Count);
            }
        }
    }
}
