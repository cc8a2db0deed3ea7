using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>
/// Convolution on lanes. Notation: F filters, C channels, K = C/groups x kernel height x kernel width taps, L lanes.
/// x [C][H][W][L] with a margin of at least the padding; w [K][F'] with F' the filters padded to 16, so that a filter's neighbours lie
/// beside it; y [F][H'][W'][L]. All pointers are to one group of samples.
/// Every function is a walk of tiles over the planes; borders need no special case because of the margins.
/// </summary>
internal static unsafe class ConvolutionKernels<V> where V : struct, ILanes<V>
{
    // Floats of the gradients that a tile of filters takes at once in the gradient of the weights: with the rows of the input under them, part of a
    // second-level cache.
    private const int GradientBlock = 24_576;

    /// <summary>y = max(floor, x * w + bias) for the filters [first, first + count), which belong to one group of the convolution;
    /// y points to the plane of the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(ConvWalk walk, LaneTensor x, int group, float* w, nint wRow, float* bias,
        float* y, nint yPlane, nint yRow, int first, int count, float floor)
    {
        ConvGeometry geometry = walk.Geometry;
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        nint down = vertical.Stride * x.Row;
        var (rows, columns) = Tile<V>.Choose(count, horizontal.Output);
        float* input = x.At(group, first / geometry.GroupFilters * geometry.GroupChannels);
        TileLoop loop = new()
        {
            Outer = geometry.GroupChannels,
            Middle = vertical.Kernel,
            Inner = horizontal.Kernel,
            AOuter = vertical.Kernel * horizontal.Kernel * wRow,
            AMiddle = horizontal.Kernel * wRow,
            AInner = wRow,
            ARow = 1,
            BOuter = x.Plane,
            BMiddle = vertical.Dilation * x.Row,
            BInner = horizontal.Dilation * V.Count,
            BColumn = horizontal.Stride * V.Count,
            CRow = yPlane,
            CColumn = V.Count,
            Floor = floor,
        };
        for (int c = 0; c < columns.Parts; c++)
        {
            int ox = columns.Start(c);
            var (left, right) = horizontal.TapsInside(ox, columns.End(c) - 1);
            foreach (ref readonly WindowRun run in walk.RowWindows.AsSpan())
            {
                // Taps that lie on the padding add nothing: they are left out, those of a row, and those of all columns of a tile.
                TileLoop inside = loop.Part(run.Taps, right - left);
                float* taps = w + first + run.FirstTap * loop.AMiddle + left * loop.AInner;
                float* source = input + run.Pixel * x.Row + horizontal.Pixel(ox, left) * V.Count;
                float* target = y + run.First * yRow + ox * V.Count;
                for (int row = 0; row < run.Count; row++, source += down, target += yRow)
                {
                    // All filters pass over the windows while these are in a near cache.
                    for (int r = 0; r < rows.Parts; r++)
                    {
                        int filter = rows.Start(r);
                        Tile<V>.Multiply(rows.Size(r), columns.Size(c), taps + filter, source, target + filter * yPlane, bias == null ? null : bias + first + filter, &inside);
                    }
                }
            }
        }
    }

    /// <summary>dx = the transposed convolution of dy with w. dy needs the margin of <see cref="BackwardMargin"/>.</summary>
    public static void BackwardData(ConvWalk walk, float* dy, nint dyPlane, nint dyRow, float* w, nint wRow, LaneTensor dx, int group)
    {
        ConvGeometry geometry = walk.Geometry;
        for (int part = 0; part < geometry.Groups; part++)
        {
            float* target = dx.At(group, part * geometry.GroupChannels);
            float* gradient = dy + part * geometry.GroupFilters * dyPlane;
            float* weights = w + part * geometry.GroupFilters;
            for (int py = 0; py < walk.RowPhases.Length; py++)
            {
                for (int px = 0; px < walk.ColumnPhases.Length; px++)
                    BackwardPixels(walk, walk.RowPhases[py], walk.ColumnPhases[px], gradient, dyPlane, dyRow, weights, wRow, target + py * dx.Row + px * V.Count, dx.Plane, dx.Row);
            }
        }
    }

    /// <summary>The gradients of the pixels a stride apart from dx on, of the channels of one group of the convolution.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardPixels(ConvWalk walk, in RowPhase rowPhase, in BackwardPhase h, float* dy, nint dyPlane, nint dyRow, float* w, nint wRow, float* dx, nint dxPlane, nint dxRow)
    {
        ConvGeometry geometry = walk.Geometry;
        BackwardPhase v = rowPhase.Phase;
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        nint taps = vertical.Kernel * horizontal.Kernel, down = vertical.Stride * dxRow;
        TileLoop loop = new()
        {
            // No round at all where no tap meets these pixels: the tiles then store zeros.
            Outer = v.Taps == 0 || h.Taps == 0 ? 0 : geometry.GroupFilters,
            AOuter = 1,
            AMiddle = v.TapStep * horizontal.Kernel * wRow,
            AInner = h.TapStep * wRow,
            ARow = taps * wRow,
            BOuter = dyPlane,
            BMiddle = -v.OutputStep * dyRow,
            BInner = -h.OutputStep * V.Count,
            BColumn = V.Count,
            CRow = dxPlane,
            CColumn = horizontal.Stride * V.Count,
            Floor = float.NegativeInfinity,
        };
        var (rows, columns) = Tile<V>.Choose(geometry.GroupChannels, h.Pixels, new BackwardRounds(h, horizontal.Output));
        float* tap = w + (v.FirstTap * horizontal.Kernel + h.FirstTap) * wRow;
        for (int c = 0; c < columns.Parts; c++)
        {
            int tx = columns.Start(c);
            var (left, right) = h.TapsInside(tx, columns.End(c) - 1, horizontal.Output);
            foreach (ref readonly PhaseRun run in rowPhase.Runs.AsSpan())
            {
                TileLoop inside = loop.Part(run.Taps, right - left);
                float* source = dy + (run.First + v.FirstOutput - run.FirstTap * v.OutputStep) * dyRow + (h.FirstOutput + tx) * V.Count + left * loop.BInner;
                float* target = dx + run.First * down + tx * loop.CColumn;
                float* inner = tap + run.FirstTap * loop.AMiddle + left * loop.AInner;
                for (int row = 0; row < run.Count; row++, source += dyRow, target += down)
                {
                    // As forward: all channels, while the gradients are there.
                    for (int r = 0; r < rows.Parts; r++)
                    {
                        int channel = rows.Start(r);
                        Tile<V>.Multiply(rows.Size(r), columns.Size(c), inner + channel * loop.ARow, source, target + channel * dxPlane, null, &inside);
                    }
                }
            }
        }
    }

    // What a loop costs beside its rounds, in rounds.
    private const double Restart = 0.5;

    private readonly struct BackwardRounds(BackwardPhase phase, int outputs) : IRounds
    {
        public double Of(int first, int last)
        {
            var (left, right) = phase.TapsInside(first, last, outputs);
            return right - left + Restart;
        }
    }

    /// <summary>The margin that <see cref="BackwardData"/> needs around dy: none above and below, where it leaves out the taps that meet no
    /// output.</summary>
    public static Margin BackwardMargin(in ConvGeometry geometry)
    {
        var (left, right) = geometry.Horizontal.BackwardMargin;
        return new Margin(0, 0, left, right);
    }

    /// <summary>dw [K][F'] of the filters [first, first + count), at most <see cref="DotTile{V}.Maximum"/>
    /// of one group of the convolution, summed over the samples of this group and, when asked, added to what is there; dy points to the
    /// plane of the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardFilter(in ConvGeometry geometry, LaneTensor x, int group, float* dy, nint dyPlane, nint dyRow,
        float* dw, nint wRow, bool accumulate, int first, int count)
    {
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        float** a = stackalloc float*[DotTile<V>.Maximum], b = stackalloc float*[DotTile<V>.Maximum];
        DotLoop loop = new()
        {
            Columns = horizontal.Output,
            ARow = dyRow,
            BRow = vertical.Stride * x.Row,
            BColumn = horizontal.Stride * V.Count,
            CColumn = wRow,
        };
        float* input = x.At(group, first / geometry.GroupFilters * geometry.GroupChannels);
        Split columns = DotTile<V>.Choose(count, geometry.PatchSize).Columns;
        // All taps pass over a few rows of dy while these are in the first-level cache.
        Split blocks = new(vertical.Output, (int)Math.Max(1, GradientBlock / (count * dyRow)));
        for (int block = 0; block < blocks.Parts; block++)
        {
            int row = blocks.Start(block);
            loop.Rows = blocks.Size(block);
            loop.Accumulate = accumulate || block > 0;
            for (int i = 0; i < count; i++) a[i] = dy + i * dyPlane + row * dyRow;
            float* plane = input + vertical.Pixel(row, 0) * x.Row + horizontal.Pixel(0, 0) * V.Count;
            int ky = 0, kx = 0;
            for (int c = 0; c < columns.Parts; c++)
            {
                for (int i = 0; i < columns.Size(c); i++)
                {
                    b[i] = plane + ky * vertical.Dilation * x.Row + kx * horizontal.Dilation * V.Count;
                    if (++kx < horizontal.Kernel) continue;
                    kx = 0;
                    if (++ky < vertical.Kernel) continue;
                    ky = 0;
                    plane += x.Plane;
                }
                DotTile<V>.Multiply(count, columns.Size(c), a, b, dw + columns.Start(c) * wRow + first, &loop);
            }
        }
    }

    /// <summary>dbias [F'] of the filters [first, first + count), summed over the samples of this group and, when asked, added to what is there; dy points to the
    /// plane of the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardBias(Shape output, float* dy, nint dyPlane, nint dyRow, float* dbias, bool accumulate, int first, int count)
    {
        for (int i = 0; i < count; i++)
        {
            // Two sums at once, as each addition waits for the last.
            V even = V.Zero, odd = V.Zero;
            for (int oy = 0; oy < output.Height; oy++)
            {
                float* row = dy + i * dyPlane + oy * dyRow, end = row + output.Width * V.Count;
                for (; row + V.Count < end; row += 2 * V.Count)
                {
                    even += V.Load(row);
                    odd += V.Load(row + V.Count);
                }
                if (row < end) even += V.Load(row);
            }
            float sum = V.Sum(even + odd);
            dbias[first + i] = accumulate ? dbias[first + i] + sum : sum;
        }
    }
}
