namespace Fovea.Kernels;

/// <summary>
/// Convolution on lanes. Notation: F filters, C channels, K = C/groups x kernel height x kernel width taps, L lanes.
/// x [C][H][W][L] with a margin of at least the padding; w [K][F'] with F' the filters padded to 16, so that a filter's neighbours lie
/// beside it; y [F][H'][W'][L]. All pointers are to one group of samples.
/// Every function is a walk of tiles over the planes; borders need no special case because of the margins.
/// </summary>
internal static unsafe class ConvolutionKernels<V> where V : struct, ILanes<V>
{
    /// <summary>y = max(floor, x * w + bias) for the filters [first, first + count), which belong to one group of the convolution;
    /// y points to the plane of the first.</summary>
    public static void Forward(in ConvGeometry geometry, LaneTensor x, int group, float* w, nint wRow, float* bias,
        float* y, nint yPlane, nint yRow, int first, int count, float floor)
    {
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
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
        for (int r = 0; r < rows.Parts; r++)
        {
            int filter = rows.Start(r), filters = rows.Size(r);
            for (int oy = 0; oy < vertical.Output; oy++)
            {
                // Taps that lie on the padding add nothing: they are left out, those of a row, and those of all columns of a tile.
                var (top, bottom) = vertical.TapsInside(oy);
                float* taps = w + first + filter + top * loop.AMiddle;
                float* source = input + vertical.Pixel(oy, top) * x.Row;
                float* target = y + filter * yPlane + oy * yRow;
                for (int c = 0; c < columns.Parts; c++)
                {
                    int ox = columns.Start(c);
                    var (left, right) = horizontal.TapsInside(ox, columns.End(c) - 1);
                    TileLoop inside = loop.Part(bottom - top, right - left);
                    Tile<V>.Multiply(filters, columns.Size(c), taps + left * loop.AInner, source + horizontal.Pixel(ox, left) * V.Count,
                        target + ox * V.Count, bias == null ? null : bias + first + filter, &inside);
                }
            }
        }
    }

    /// <summary>dx = the transposed convolution of dy with w. dy needs the margin of <see cref="BackwardMargin"/>.</summary>
    public static void BackwardData(in ConvGeometry geometry, float* dy, nint dyPlane, nint dyRow, float* w, nint wRow, LaneTensor dx, int group)
    {
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        nint taps = vertical.Kernel * horizontal.Kernel;
        for (int part = 0; part < geometry.Groups; part++)
        {
            float* input = dx.At(group, part * geometry.GroupChannels);
            float* gradient = dy + part * geometry.GroupFilters * dyPlane;
            float* weights = w + part * geometry.GroupFilters;
            for (int py = 0; py < Math.Min(vertical.Stride, vertical.Input); py++)
            {
                BackwardPhase v = vertical.Backward(py);
                for (int px = 0; px < Math.Min(horizontal.Stride, horizontal.Input); px++)
                {
                    BackwardPhase h = horizontal.Backward(px);
                    TileLoop loop = new()
                    {
                        // No round at all where no tap meets these pixels: the tiles then store zeros.
                        Outer = v.Taps == 0 || h.Taps == 0 ? 0 : geometry.GroupFilters,
                        Middle = v.Taps,
                        Inner = h.Taps,
                        AOuter = 1,
                        AMiddle = v.TapStep * horizontal.Kernel * wRow,
                        AInner = h.TapStep * wRow,
                        ARow = taps * wRow,
                        BOuter = dyPlane,
                        BMiddle = -v.OutputStep * dyRow,
                        BInner = -h.OutputStep * V.Count,
                        BColumn = V.Count,
                        CRow = dx.Plane,
                        CColumn = horizontal.Stride * V.Count,
                        Floor = float.NegativeInfinity,
                    };
                    var (rows, columns) = Tile<V>.Choose(geometry.GroupChannels, h.Pixels);
                    float* tap = weights + (v.FirstTap * horizontal.Kernel + h.FirstTap) * wRow;
                    for (int r = 0; r < rows.Parts; r++)
                    {
                        int channel = rows.Start(r);
                        for (int ty = 0; ty < v.Pixels; ty++)
                        {
                            var (from, end) = v.TapsInside(ty, ty, vertical.Output);
                            float* source = gradient + (ty + v.FirstOutput - from * v.OutputStep) * dyRow + h.FirstOutput * V.Count;
                            float* target = input + channel * dx.Plane + (py + ty * vertical.Stride) * dx.Row + px * V.Count;
                            for (int c = 0; c < columns.Parts; c++)
                            {
                                int tx = columns.Start(c);
                                var (left, right) = h.TapsInside(tx, columns.End(c) - 1, horizontal.Output);
                                TileLoop inside = loop.Part(end - from, right - left);
                                Tile<V>.Multiply(rows.Size(r), columns.Size(c), tap + channel * taps * wRow + from * loop.AMiddle + left * loop.AInner,
                                    source + tx * V.Count + left * loop.BInner, target + tx * loop.CColumn, null, &inside);
                            }
                        }
                    }
                }
            }
        }
    }

    /// <summary>The margin that <see cref="BackwardData"/> needs around dy: none above and below, where it leaves out the taps that meet no
    /// output.</summary>
    public static Margin BackwardMargin(in ConvGeometry geometry)
    {
        var (left, right) = geometry.Horizontal.BackwardMargin;
        return new Margin(0, 0, left, right);
    }

    /// <summary>dw [K][F'] and, where given, dbias [F'] of the filters [first, first + count), at most <see cref="DotTile{V}.Maximum"/>
    /// of one group of the convolution, summed over the samples of this group and, when asked, added to what is there; dy points to the
    /// plane of the first.</summary>
    public static void BackwardFilter(in ConvGeometry geometry, LaneTensor x, int group, float* dy, nint dyPlane, nint dyRow,
        float* dw, nint wRow, float* dbias, bool accumulate, int first, int count)
    {
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        float** a = stackalloc float*[DotTile<V>.Maximum], b = stackalloc float*[DotTile<V>.Maximum];
        for (int i = 0; i < count; i++) a[i] = dy + i * dyPlane;
        DotLoop loop = new()
        {
            Rows = vertical.Output,
            Columns = horizontal.Output,
            ARow = dyRow,
            BRow = vertical.Stride * x.Row,
            BColumn = horizontal.Stride * V.Count,
            CColumn = wRow,
            Accumulate = accumulate,
        };
        float* input = x.At(group, first / geometry.GroupFilters * geometry.GroupChannels);
        int taps = vertical.Kernel * horizontal.Kernel;
        Split columns = DotTile<V>.Choose(count, geometry.PatchSize).Columns;
        for (int c = 0; c < columns.Parts; c++)
        {
            for (int i = 0; i < columns.Size(c); i++)
            {
                var (channel, tap) = Math.DivRem(columns.Start(c) + i, taps);
                var (ky, kx) = Math.DivRem(tap, horizontal.Kernel);
                b[i] = input + channel * x.Plane + vertical.Pixel(0, ky) * x.Row + horizontal.Pixel(0, kx) * V.Count;
            }
            DotTile<V>.Multiply(count, columns.Size(c), a, b, dw + columns.Start(c) * wRow + first, &loop);
        }
        if (dbias == null) return;
        for (int i = 0; i < count; i++)
        {
            // Two sums at once, as each addition waits for the last.
            V even = V.Zero, odd = V.Zero;
            for (int oy = 0; oy < vertical.Output; oy++)
            {
                float* row = a[i] + oy * dyRow, end = row + horizontal.Output * V.Count;
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
