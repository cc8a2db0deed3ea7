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
    public static void MaxForward(in PoolGeometry geometry, float* x, nint xRow, float* y, nint yRow, byte* winners, float* scratch)
    {
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        nint width = (nint)horizontal.Output * V.Count;
        byte* rowWinners = winners, windowWinners = winners + geometry.Input.Height * width;
        for (int row = 0; row < geometry.Input.Height; row++)
        {
            for (int ox = 0; ox < horizontal.Output; ox++)
            {
                var (first, end) = horizontal.TapsInside(ox);
                Largest(x + row * xRow + horizontal.Pixel(ox, 0) * V.Count, V.Count, first, end, scratch + row * width + ox * V.Count,
                    winners == null ? null : rowWinners + row * width + ox * V.Count);
            }
        }
        for (int oy = 0; oy < vertical.Output; oy++)
        {
            var (first, end) = vertical.TapsInside(oy);
            for (int ox = 0; ox < horizontal.Output; ox++)
            {
                Largest(scratch + vertical.Pixel(oy, 0) * width + ox * V.Count, width, first, end, y + oy * yRow + ox * V.Count,
                    winners == null ? null : windowWinners + oy * width + ox * V.Count);
            }
        }
    }

    private static void Largest(float* x, nint step, int first, int end, float* y, byte* winner)
    {
        V largest = V.Load(x + first * step);
        if (winner == null)
        {
            for (int tap = first + 1; tap < end; tap++) largest = V.Max(largest, V.Load(x + tap * step));
            largest.Store(y);
            return;
        }
        V index = V.Index(first);
        for (int tap = first + 1; tap < end; tap++)
        {
            V value = V.Load(x + tap * step);
            V greater = V.Greater(value, largest);
            largest = V.Select(greater, value, largest);
            index = V.Select(greater, V.Index(tap), index);
        }
        largest.Store(y);
        V.StoreIndex(index, winner);
    }

    /// <summary>dx = dy where a pixel won, added up over the windows that it won. dy is [H'][W'][L], rows <paramref name="dyRow"/> apart.</summary>
    public static void MaxBackward(in PoolGeometry geometry, float* dy, nint dyRow, byte* winners, float* dx, nint dxRow, float* scratch)
    {
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        nint width = (nint)horizontal.Output * V.Count;
        byte* rowWinners = winners, windowWinners = winners + geometry.Input.Height * width;
        for (int row = 0; row < geometry.Input.Height; row++)
        {
            int first = vertical.FirstOutputAt(row), last = vertical.LastOutputAt(row);
            for (int ox = 0; ox < horizontal.Output; ox++)
            {
                Won(dy + ox * V.Count, dyRow, windowWinners + ox * V.Count, width, first, last, row - vertical.Pixel(first, 0),
                    vertical.Stride, scratch + row * width + ox * V.Count);
            }
        }
        for (int row = 0; row < geometry.Input.Height; row++)
        {
            for (int column = 0; column < geometry.Input.Width; column++)
            {
                int first = horizontal.FirstOutputAt(column), last = horizontal.LastOutputAt(column);
                Won(scratch + row * width, V.Count, rowWinners + row * width, V.Count, first, last, column - horizontal.Pixel(first, 0),
                    horizontal.Stride, dx + row * dxRow + column * V.Count);
            }
        }
    }

    /// <summary>The sum of the gradients of the windows first to last in which a pixel won; it is tap <paramref name="tap"/> of the first,
    /// and <paramref name="stride"/> taps less in each that follows.</summary>
    private static void Won(float* dy, nint step, byte* winners, nint winnerStep, int first, int last, int tap, int stride, float* dx)
    {
        V sum = V.Zero;
        for (int window = first; window <= last; window++, tap -= stride)
            sum += V.Select(V.IndexEquals(V.LoadIndex(winners + window * winnerStep), V.Index(tap)), V.Load(dy + window * step), V.Zero);
        sum.Store(dx);
    }

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
