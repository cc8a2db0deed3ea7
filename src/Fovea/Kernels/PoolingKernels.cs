using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>
/// Pooling of one plane on lanes: x [H][W][L] with rows <c>xRow</c> floats apart, y [H'][W'][L] with rows <c>yRow</c> apart.
/// Max-pooling is separable: the largest of each row's window, then the largest of these down the window's rows, with one byte per
/// lane and pass that says which tap won (the first of equals, as in PyTorch). Backward, along an axis without padding each window hands its gradient to the
/// pixel that won; along others each pixel asks the windows that cover it. Windows of 2x2 pixels side by side, the most common, take one pass, and one byte.
/// </summary>
internal static unsafe class PoolingKernels<V> where V : struct, ILanes<V>
{
    /// <summary>Bytes of winners that one plane takes: of both passes.</summary>
    public static nint WinnersSize(in PoolGeometry geometry) =>
        (nint)((geometry.Halves ? 0 : geometry.Input.Height) + geometry.Vertical.Output) * geometry.Horizontal.Output * V.Count;

    /// <summary>Floats of scratch that one plane takes: the result of the first pass.</summary>
    public static int ScratchSize(in PoolGeometry geometry) => geometry.Halves ? 0 : geometry.Input.Height * geometry.Horizontal.Output * V.Count;

    /// <summary>y = the largest of each window; winners are written unless null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MaxForward(PoolWalk walk, float* x, nint xRow, float* y, nint yRow, byte* winners, float* scratch)
    {
        if (walk.Geometry.Halves)
        {
            HalveForward(walk.Geometry, x, xRow, y, yRow, winners);
            return;
        }
        int rows = walk.Geometry.Input.Height, outputs = walk.Geometry.Horizontal.Output;
        nint down = walk.Geometry.Vertical.Stride, across = walk.Geometry.Horizontal.Stride, width = (nint)outputs * V.Count;
        byte* windowWinners = winners == null ? null : winners + rows * width;
        foreach (ref readonly WindowRun run in walk.ColumnWindows.AsSpan())
        {
            nint target = (nint)run.First * V.Count;
            var block = new PoolBlock(rows, run.Count) { XRow = xRow, XStep = across * V.Count, YRow = width, YStep = V.Count, WinnersRow = width };
            Largest(run, V.Count, x + run.Pixel * V.Count, scratch + target, winners == null ? null : winners + target, block);
        }
        foreach (ref readonly WindowRun run in walk.RowWindows.AsSpan())
        {
            var block = new PoolBlock(run.Count, outputs) { XRow = down * width, XStep = V.Count, YRow = yRow, YStep = V.Count, WinnersRow = width };
            Largest(run, width, scratch + run.Pixel * width, y + run.First * yRow, winners == null ? null : windowWinners + run.First * width, block);
        }
    }

    // The larger of each row of a window, then of these: as the two passes do.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void HalveForward(in PoolGeometry geometry, float* x, nint xRow, float* y, nint yRow, byte* winners)
    {
        V i0 = V.Index(0), i1 = V.Index(1), i2 = V.Index(2), i3 = V.Index(3);
        int columns = geometry.Horizontal.Output;
        for (int row = geometry.Vertical.Output; row > 0; row--, x += 2 * xRow, y += yRow)
        {
            float* source = x, target = y;
            for (int column = columns; column > 0; column--, source += 2 * V.Count, target += V.Count)
            {
                V top = V.Load(source), bottom = V.Load(source + xRow), topIndex = i0, bottomIndex = i2;
                Challenge(V.Load(source + V.Count), i1, ref top, ref topIndex);
                Challenge(V.Load(source + xRow + V.Count), i3, ref bottom, ref bottomIndex);
                Challenge(bottom, bottomIndex, ref top, ref topIndex);
                top.Store(target);
                if (winners == null) continue;
                V.StoreIndex(topIndex, winners);
                winners += V.Count;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void HalveBackward(in PoolGeometry geometry, float* dy, nint dyRow, byte* winners, float* dx, nint dxRow)
    {
        V i0 = V.Index(0), i1 = V.Index(1), i2 = V.Index(2), i3 = V.Index(3);
        int rows = geometry.Vertical.Output, columns = geometry.Horizontal.Output;
        // A last row or column that no window covers has no gradient.
        int width = geometry.Input.Width * V.Count, left = width - 2 * columns * V.Count;
        for (int row = rows; row > 0; row--, dy += dyRow, dx += 2 * dxRow)
        {
            float* gradient = dy, target = dx;
            for (int column = columns; column > 0; column--, gradient += V.Count, winners += V.Count, target += 2 * V.Count)
            {
                V value = V.Load(gradient), winner = V.LoadIndex(winners);
                V.SelectEqual(winner, i0, value, V.Zero).Store(target);
                V.SelectEqual(winner, i1, value, V.Zero).Store(target + V.Count);
                V.SelectEqual(winner, i2, value, V.Zero).Store(target + dxRow);
                V.SelectEqual(winner, i3, value, V.Zero).Store(target + dxRow + V.Count);
            }
            for (int i = 0; i < left; i += V.Count)
            {
                V.Zero.Store(target + i);
                V.Zero.Store(target + dxRow + i);
            }
        }
        for (int row = 2 * rows; row < geometry.Input.Height; row++, dx += dxRow) new Span<float>(dx, width).Clear();
    }

    /// <summary>The largest of a run's taps, <paramref name="tapStep"/> apart, for each window of a block.</summary>
    private static void Largest(in WindowRun run, nint tapStep, float* x, float* y, byte* winners, in PoolBlock block)
    {
        if (winners == null)
        {
            switch (run.Taps)
            {
                case 2: Largest<N2>(run.Taps, tapStep, x, y, block); break;
                case 3: Largest<N3>(run.Taps, tapStep, x, y, block); break;
                case 5: Largest<N5>(run.Taps, tapStep, x, y, block); break;
                default: Largest<N1>(run.Taps, tapStep, x, y, block); break;
            }
            return;
        }
        switch (run.Taps)
        {
            case 1: Largest<N1>(run.FirstTap, tapStep, x, y, winners, block); break;
            case 2: Largest<N2>(run.FirstTap, tapStep, x, y, winners, block); break;
            case 3: Largest<N3>(run.FirstTap, tapStep, x, y, winners, block); break;
            case 4: Largest<N4>(run.FirstTap, tapStep, x, y, winners, block); break;
            case 5: Largest<N5>(run.FirstTap, tapStep, x, y, winners, block); break;
            default:
                for (int i = 0; i < block.Rows * block.Columns; i++)
                {
                    var (row, column) = Math.DivRem(i, block.Columns);
                    float* source = x + row * block.XRow + column * block.XStep;
                    V largest = V.Load(source), index = V.Index(run.FirstTap);
                    for (int tap = 1; tap < run.Taps; tap++) Challenge(V.Load(source + tap * tapStep), V.Index(run.FirstTap + tap), ref largest, ref index);
                    largest.Store(y + row * block.YRow + column * block.YStep);
                    V.StoreIndex(index, winners + row * block.WinnersRow + column * V.Count);
                }
                break;
        }
    }

    /// <summary>Without winners; the taps beyond those that are constant come one by one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Largest<TTaps>(int taps, nint tapStep, float* x, float* y, in PoolBlock block) where TTaps : struct, ICount
    {
        nint xStep = block.XStep, yStep = block.YStep;
        for (int row = block.Rows; row > 0; row--, x += block.XRow, y += block.YRow)
        {
            float* source = x, target = y;
            for (int column = block.Columns; column > 0; column--, source += xStep, target += yStep)
            {
                V largest = V.Load(source);
                if (TTaps.Value > 1) largest = V.Max(largest, V.Load(source + tapStep));
                if (TTaps.Value > 2) largest = V.Max(largest, V.Load(source + 2 * tapStep));
                if (TTaps.Value > 3) largest = V.Max(largest, V.Load(source + 3 * tapStep));
                if (TTaps.Value > 4) largest = V.Max(largest, V.Load(source + 4 * tapStep));
                if (TTaps.Value == 1)
                {
                    for (int tap = 1; tap < taps; tap++) largest = V.Max(largest, V.Load(source + tap * tapStep));
                }
                largest.Store(target);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Largest<TTaps>(int firstTap, nint tapStep, float* x, float* y, byte* winners, in PoolBlock block) where TTaps : struct, ICount
    {
        V i0 = V.Index(firstTap), i1 = V.Index(firstTap + 1), i2 = V.Index(firstTap + 2), i3 = V.Index(firstTap + 3), i4 = V.Index(firstTap + 4);
        nint xStep = block.XStep, yStep = block.YStep;
        for (int row = block.Rows; row > 0; row--, x += block.XRow, y += block.YRow, winners += block.WinnersRow)
        {
            float* source = x, target = y;
            byte* winner = winners;
            for (int column = block.Columns; column > 0; column--, source += xStep, target += yStep, winner += V.Count)
            {
                V largest = V.Load(source), index = i0;
                if (TTaps.Value > 1) Challenge(V.Load(source + tapStep), i1, ref largest, ref index);
                if (TTaps.Value > 2) Challenge(V.Load(source + 2 * tapStep), i2, ref largest, ref index);
                if (TTaps.Value > 3) Challenge(V.Load(source + 3 * tapStep), i3, ref largest, ref index);
                if (TTaps.Value > 4) Challenge(V.Load(source + 4 * tapStep), i4, ref largest, ref index);
                largest.Store(target);
                V.StoreIndex(index, winner);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Challenge(V value, V tap, ref V largest, ref V index)
    {
        index = V.SelectGreater(value, largest, tap, index);
        largest = V.Max(value, largest);
    }

    /// <summary>dx = dy where a pixel won, added up over the windows that it won. dy is [H'][W'][L], rows <paramref name="dyRow"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MaxBackward(PoolWalk walk, float* dy, nint dyRow, byte* winners, float* dx, nint dxRow, float* scratch)
    {
        if (walk.Geometry.Halves)
        {
            HalveBackward(walk.Geometry, dy, dyRow, winners, dx, dxRow);
            return;
        }
        WindowAxis vertical = walk.Geometry.Vertical, horizontal = walk.Geometry.Horizontal;
        int rows = vertical.Input, outputs = horizontal.Output;
        nint width = (nint)outputs * V.Count;
        byte* windowWinners = winners + rows * width;
        if (HandsOut(vertical))
        {
            var lines = new PoolBlock(outputs, vertical.Output) { XRow = V.Count, XStep = dyRow, YRow = V.Count, YStep = width, WinnersRow = V.Count, WinnersStep = width };
            HandOut(vertical, dy, windowWinners, scratch, lines);
        }
        else
        {
            foreach (ref readonly PixelRun run in walk.RowPixels.AsSpan())
            {
                var block = new PoolBlock(run.Count, outputs) { XRow = dyRow, XStep = V.Count, YRow = vertical.Stride * width, YStep = V.Count, WinnersRow = width };
                Won(run, vertical.Stride, dyRow, width, dy + run.FirstWindow * dyRow, windowWinners + run.FirstWindow * width, scratch + run.First * width, block);
            }
        }
        if (HandsOut(horizontal))
        {
            var lines = new PoolBlock(rows, outputs) { XRow = width, XStep = V.Count, YRow = dxRow, YStep = V.Count, WinnersRow = width, WinnersStep = V.Count };
            HandOut(horizontal, scratch, winners, dx, lines);
        }
        else
        {
            foreach (ref readonly PixelRun run in walk.ColumnPixels.AsSpan())
            {
                nint window = (nint)run.FirstWindow * V.Count;
                var block = new PoolBlock(rows, run.Count) { XRow = width, XStep = V.Count, YRow = dxRow, YStep = (nint)horizontal.Stride * V.Count, WinnersRow = width };
                Won(run, horizontal.Stride, V.Count, V.Count, scratch + window, winners + window, dx + run.First * V.Count, block);
            }
        }
    }

    // Where all windows lie inside of the image, one beside the other, and are small enough for registers.
    private static bool HandsOut(in WindowAxis axis) => axis.Kernel is >= 2 and <= 5 && axis.Dilation == 1 && axis.Padding == 0 && axis.Pixel(axis.Output - 1, axis.Kernel - 1) < axis.Input;

    private static void HandOut(in WindowAxis axis, float* dy, byte* winners, float* dx, in PoolBlock block)
    {
        switch (axis.Kernel)
        {
            case 2: HandOut<N2>(axis.Stride, axis.Input, dy, winners, dx, block); break;
            case 3: HandOut<N3>(axis.Stride, axis.Input, dy, winners, dx, block); break;
            case 4: HandOut<N4>(axis.Stride, axis.Input, dy, winners, dx, block); break;
            default: HandOut<N5>(axis.Stride, axis.Input, dy, winners, dx, block); break;
        }
    }

    /// <summary>Along lines of windows that lie inside of the image: each hands its gradient to the pixel that won. A pixel's sum stays in a register until the last
    /// window over it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void HandOut<TTaps>(int stride, int pixels, float* dy, byte* winners, float* dx, in PoolBlock block) where TTaps : struct, ICount
    {
        V i0 = V.Index(0), i1 = V.Index(1), i2 = V.Index(2), i3 = V.Index(3), i4 = V.Index(4);
        nint xStep = block.XStep, yStep = block.YStep, winnersStep = block.WinnersStep;
        for (int row = block.Rows; row > 0; row--, dy += block.XRow, winners += block.WinnersRow, dx += block.YRow)
        {
            float* gradient = dy, target = dx;
            byte* winner = winners;
            V p0 = V.Zero, p1 = V.Zero, p2 = V.Zero, p3 = V.Zero, p4 = V.Zero;
            int window = block.Columns;
            while (true)
            {
                V share = V.Load(gradient), tap = V.LoadIndex(winner);
                p0 = V.AddWhereEqual(tap, i0, p0, share);
                p1 = V.AddWhereEqual(tap, i1, p1, share);
                if (TTaps.Value > 2) p2 = V.AddWhereEqual(tap, i2, p2, share);
                if (TTaps.Value > 3) p3 = V.AddWhereEqual(tap, i3, p3, share);
                if (TTaps.Value > 4) p4 = V.AddWhereEqual(tap, i4, p4, share);
                window--;
                // Pixels that no other window sees: up to the next one, or to the end of the line.
                for (int i = window > 0 ? stride : pixels - (block.Columns - 1) * stride; i > 0; i--, target += yStep)
                {
                    p0.Store(target);
                    p0 = p1;
                    p1 = p2;
                    p2 = p3;
                    p3 = p4;
                    p4 = V.Zero;
                }
                if (window == 0) break;
                gradient += xStep;
                winner += winnersStep;
            }
        }
    }

    /// <summary>The sum of the gradients of the windows in which a pixel won, for each pixel of a block. A pixel's windows lie
    /// <paramref name="step"/> apart, their winners <paramref name="winnerStep"/>; it is the first's tap <see cref="PixelRun.Tap"/>, and
    /// <paramref name="stride"/> taps less in each that follows.</summary>
    private static void Won(in PixelRun run, int stride, nint step, nint winnerStep, float* dy, byte* winners, float* dx, in PoolBlock block)
    {
        switch (run.Windows)
        {
            case 1: Won<N1>(run.Tap, stride, step, winnerStep, dy, winners, dx, block); break;
            case 2: Won<N2>(run.Tap, stride, step, winnerStep, dy, winners, dx, block); break;
            case 3: Won<N3>(run.Tap, stride, step, winnerStep, dy, winners, dx, block); break;
            case 4: Won<N4>(run.Tap, stride, step, winnerStep, dy, winners, dx, block); break;
            case 5: Won<N5>(run.Tap, stride, step, winnerStep, dy, winners, dx, block); break;
            default:
                for (int i = 0; i < block.Rows * block.Columns; i++)
                {
                    var (row, column) = Math.DivRem(i, block.Columns);
                    float* gradient = dy + row * block.XRow + column * block.XStep;
                    byte* winner = winners + row * block.WinnersRow + column * V.Count;
                    V sum = V.Zero;
                    for (int window = 0; window < run.Windows; window++)
                        sum += Share(winner + window * winnerStep, V.Index(run.Tap - window * stride), gradient + window * step);
                    sum.Store(dx + row * block.YRow + column * block.YStep);
                }
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Won<TWindows>(int tap, int stride, nint step, nint winnerStep, float* dy, byte* winners, float* dx, in PoolBlock block)
        where TWindows : struct, ICount
    {
        V t0 = V.Index(tap), t1 = V.Index(tap - stride), t2 = V.Index(tap - 2 * stride), t3 = V.Index(tap - 3 * stride), t4 = V.Index(tap - 4 * stride);
        nint yStep = block.YStep;
        for (int row = block.Rows; row > 0; row--, dy += block.XRow, winners += block.WinnersRow, dx += block.YRow)
        {
            float* gradient = dy, target = dx;
            byte* winner = winners;
            for (int column = block.Columns; column > 0; column--, gradient += V.Count, winner += V.Count, target += yStep)
            {
                V sum = Share(winner, t0, gradient);
                if (TWindows.Value > 1) sum += Share(winner + winnerStep, t1, gradient + step);
                if (TWindows.Value > 2) sum += Share(winner + 2 * winnerStep, t2, gradient + 2 * step);
                if (TWindows.Value > 3) sum += Share(winner + 3 * winnerStep, t3, gradient + 3 * step);
                if (TWindows.Value > 4) sum += Share(winner + 4 * winnerStep, t4, gradient + 4 * step);
                sum.Store(target);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Share(byte* winner, V tap, float* dy) => V.SelectEqual(V.LoadIndex(winner), tap, V.Load(dy), V.Zero);

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

/// <summary>Rows and columns of windows or pixels that a pooling treats alike, and how far apart they lie: x is read, y is written.</summary>
internal readonly struct PoolBlock(int rows, int columns)
{
    public int Rows { get; } = rows;
    public int Columns { get; } = columns;
    public nint XRow { get; init; }
    public nint XStep { get; init; }
    public nint YRow { get; init; }
    public nint YStep { get; init; }

    /// <summary>From one row of winners to the next.</summary>
    public nint WinnersRow { get; init; }

    /// <summary>From one winner of a row to the next, for windows that hand out.</summary>
    public nint WinnersStep { get; init; }
}
