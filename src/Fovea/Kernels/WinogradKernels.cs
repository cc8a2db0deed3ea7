using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>
/// Convolution of stride 1 by Winograd's algorithm, on lanes. With d a tile of 6 x 6 inputs, g a kernel of k x k and y a tile of m x m outputs, m = 7 - k:
/// <code>y = At [(G g Gt) * (Bt d B)] A      * element by element, summed over channels: for each of the 36 positions a product of matrices</code>
/// <see cref="WinogradAxis{V}"/> has the three matrices.
/// Transformed inputs lie as [position][channel][tile][L] for a strip of tiles that fits the second-level cache, weights as [position][channel][F'] (F' the
/// filters padded to 16), products as [position][filter][tile][L], transformed gradients of the output as [position][tile][L][F], the filters filled up to whole
/// vectors. Tiles that reach over the border are copied with zeros around them.
/// </summary>
[SkipLocalsInit]
internal static unsafe class WinogradKernels<V> where V : struct, ILanes<V>
{
    private const int Size = WinogradGeometry.Size, Positions = WinogradGeometry.Positions;

    // Filters whose products are there at once: all of them pass over the inputs of a position while these are in the first-level cache.
    private const int MaximumFilters = 32;

    // Outputs of a tile along an axis, of a 3x3 kernel.
    private const int MaximumOutputs = 4;

    // Floats of the transformed tiles of a strip, which a second-level cache holds beside the weights; and the fewest tiles of one, so that what a register tile
    // costs beside its loop is spread over some.
    private const int StripSize = 80_000, SmallestStrip = 3;

    /// <summary>Floats from one position to the next, for so many between them: a line more, as 36 lines a power of two apart would share few places of a cache.</summary>
    public static nint Position(nint count) => count + 16;

    /// <summary>Floats of scratch that <see cref="Forward"/> needs.</summary>
    public static nint ForwardScratch(in WinogradGeometry tiles)
    {
        nint plane = Strips(tiles, ForwardPlanes(tiles)).Largest * V.Count;
        return Positions * (Position(tiles.Input.Channels * plane) + Position(FilterBlocks(tiles).Largest * plane));
    }

    /// <summary>Floats of scratch that <see cref="BackwardFilter"/> needs.</summary>
    public static nint BackwardScratch(in WinogradGeometry tiles)
    {
        nint plane = Strips(tiles, tiles.Input.Channels + tiles.Filters).Largest * V.Count;
        return Positions * (Position(tiles.Input.Channels * plane) + Position(FilterVectors(tiles) * V.Count * plane));
    }

    /// <summary>Cuts tiles into strips, for so many planes that are there at once.</summary>
    public static Split Strips(in WinogradGeometry tiles, int planes) => new(tiles.Tiles, Math.Max(SmallestStrip, StripSize / (Positions * planes * V.Count)));

    private static int ForwardPlanes(in WinogradGeometry tiles) => tiles.Input.Channels + FilterBlocks(tiles).Largest;

    private static Split FilterBlocks(in WinogradGeometry tiles) => new(tiles.Filters, MaximumFilters);

    // Vectors that hold one number of each filter.
    private static int FilterVectors(in WinogradGeometry tiles) => (tiles.Filters + V.Count - 1) / V.Count;

    /// <summary>y = max(floor, x * w + bias) for one group of samples.</summary>
    /// <param name="tiles">The convolution; for the pass backward to the data the transposed one.</param>
    /// <param name="x">The first pixel of the input.</param>
    /// <param name="xPlane">From channel to channel.</param>
    /// <param name="xRow">From row to row.</param>
    /// <param name="margin">The zeros around the input: as many as the padding, or none.</param>
    /// <param name="u">The transformed weights.</param>
    /// <param name="uPosition">From position to position.</param>
    /// <param name="uChannel">From channel to channel.</param>
    /// <param name="uFilter">From filter to filter.</param>
    /// <param name="bias">One float a filter, or null.</param>
    /// <param name="y">The output.</param>
    /// <param name="yPlane">From filter to filter.</param>
    /// <param name="yRow">From row to row.</param>
    /// <param name="floor">What results are raised to.</param>
    /// <param name="scratch">See <see cref="ForwardScratch"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(in WinogradGeometry tiles, float* x, nint xPlane, nint xRow, Size2D margin, float* u, nint uPosition, nint uChannel, nint uFilter,
        float* bias, float* y, nint yPlane, nint yRow, float floor, float* scratch)
    {
        int channels = tiles.Input.Channels;
        Split strips = Strips(tiles, ForwardPlanes(tiles)), blocks = FilterBlocks(tiles);
        nint plane = (nint)strips.Largest * V.Count, position = Position(channels * plane), productsPosition = Position(blocks.Largest * plane);
        float* products = scratch + Positions * position, offset = stackalloc float[V.Count];
        for (int strip = 0; strip < strips.Parts; strip++)
        {
            int first = strips.Start(strip), count = strips.Size(strip);
            TransformInput(tiles, channels, x, xPlane, xRow, margin, first, count, scratch, position, plane);
            TileLoop loop = new TileLoop
            {
                Outer = 1,
                AInner = uChannel,
                ARow = uFilter,
                BInner = plane,
                BColumn = V.Count,
                CRow = plane,
                CColumn = V.Count,
                Floor = float.NegativeInfinity,
            }.Part(1, channels);
            for (int block = 0; block < blocks.Parts; block++)
            {
                int filter = blocks.Start(block), filters = blocks.Size(block);
                var (rows, columns) = Tile<V>.Choose(filters, count);
                for (int i = 0; i < Positions; i++)
                {
                    for (int r = 0; r < rows.Parts; r++)
                    {
                        int row = rows.Start(r);
                        for (int c = 0; c < columns.Parts; c++)
                        {
                            nint column = columns.Start(c) * V.Count;
                            Tile<V>.Multiply(rows.Size(r), columns.Size(c), u + i * uPosition + (filter + row) * uFilter, scratch + i * position + column,
                                products + i * productsPosition + row * plane + column, null, &loop);
                        }
                    }
                }
                for (int f = 0; f < filters; f++)
                {
                    (bias == null ? V.Zero : V.Broadcast(bias[filter + f])).Store(offset);
                    TransformOutput(tiles, first, count, products + f * plane, productsPosition, offset, floor, y + (filter + f) * yPlane, yPlane, yRow);
                }
            }
        }
    }

    /// <summary>The gradient of the transformed weights, u [position][channel][F'], of one group of samples; when asked, added to what is there. The gradient of the
    /// output has filters in its lanes, so that the samples of a strip are summed up as a product of matrices and never across lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardFilter(in WinogradGeometry tiles, float* x, nint xPlane, nint xRow, float* dy, nint dyPlane, nint dyRow,
        float* u, nint uPosition, nint uChannel, bool accumulate, float* scratch)
    {
        int channels = tiles.Input.Channels;
        Split strips = Strips(tiles, channels + tiles.Filters);
        nint plane = (nint)strips.Largest * V.Count, sample = FilterVectors(tiles) * V.Count, position = Position(channels * plane), gradientPosition = Position(sample * plane);
        float* gradients = scratch + Positions * position;
        var (rows, columns) = Tile<V>.Choose(channels, FilterVectors(tiles));
        for (int strip = 0; strip < strips.Parts; strip++)
        {
            int first = strips.Start(strip), count = strips.Size(strip);
            TransformInput(tiles, channels, x, xPlane, xRow, tiles.Padding, first, count, scratch, position, plane);
            TransformGradient(tiles, dy, dyPlane, dyRow, first, count, gradients, gradientPosition, sample);
            TileLoop loop = new()
            {
                Outer = 1,
                Middle = 1,
                Inner = count * V.Count,
                AInner = 1,
                ARow = plane,
                BInner = sample,
                BColumn = V.Count,
                CRow = uChannel,
                CColumn = V.Count,
                Accumulate = accumulate || strip > 0,
                Floor = float.NegativeInfinity,
            };
            for (int i = 0; i < Positions; i++)
            {
                for (int r = 0; r < rows.Parts; r++)
                {
                    for (int c = 0; c < columns.Parts; c++)
                    {
                        nint filter = columns.Start(c) * V.Count;
                        Tile<V>.Multiply(rows.Size(r), columns.Size(c), scratch + i * position + rows.Start(r) * plane, gradients + i * gradientPosition + filter,
                            u + i * uPosition + rows.Start(r) * uChannel + filter, null, &loop);
                    }
                }
            }
        }
    }

    /// <summary>G g Gt for the weights of a channel, w [k k][F'], of some filters.</summary>
    /// <param name="kernel">The taps along an axis, k.</param>
    /// <param name="turned">Whether to turn the kernel by 180 degrees.</param>
    /// <param name="w">The channel's first weight.</param>
    /// <param name="wRow">F'.</param>
    /// <param name="filters">How many of them, in whole vectors.</param>
    /// <param name="u">The channel's first transformed weight.</param>
    /// <param name="uPosition">From position to position.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformWeights(int kernel, bool turned, float* w, nint wRow, nint filters, float* u, nint uPosition)
    {
        float* half = stackalloc float[Size * Size * V.Count];
        nint tap = wRow;
        if (turned)
        {
            w += (kernel * kernel - 1) * wRow;
            tap = -wRow;
        }
        for (nint f = 0; f < filters; f += V.Count)
        {
            WinogradAxis<V>.Evaluate(kernel, kernel, w + f, tap, kernel * tap, half, V.Count, Size * V.Count);
            WinogradAxis<V>.Evaluate(kernel, Size, half, Size * V.Count, V.Count, u + f, Size * uPosition, uPosition);
        }
    }

    /// <summary>The gradient of a channel's weights, from that of what <see cref="TransformWeights"/> makes of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardWeights(int kernel, float* u, nint uPosition, float* dw, nint wRow)
    {
        float* half = stackalloc float[Size * Size * V.Count];
        for (nint f = 0; f < wRow; f += V.Count)
        {
            WinogradAxis<V>.EvaluateBackward(kernel, Size, u + f, uPosition, Size * uPosition, half, V.Count, Size * V.Count);
            WinogradAxis<V>.EvaluateBackward(kernel, kernel, half, Size * V.Count, V.Count, dw + f, kernel * wRow, wRow);
        }
    }

    /// <summary>Bt d B of the tiles of a strip, of as many channels as the input has planes.</summary>
    /// <param name="tiles">The convolution.</param>
    /// <param name="planes">The planes.</param>
    /// <param name="x">The first pixel of the input.</param>
    /// <param name="xPlane">From plane to plane.</param>
    /// <param name="xRow">From row to row.</param>
    /// <param name="margin">The zeros around the input.</param>
    /// <param name="first">The first tile.</param>
    /// <param name="count">The tiles of the strip.</param>
    /// <param name="target">[position][plane][tile][L].</param>
    /// <param name="position">From position to position.</param>
    /// <param name="plane">From plane to plane.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformInput(in WinogradGeometry tiles, int planes, float* x, nint xPlane, nint xRow, Size2D margin, int first, int count, float* target, nint position, nint plane)
    {
        float* copy = stackalloc float[Size * Size * V.Count];
        Shape input = tiles.Input;
        int outputs = tiles.Outputs, left = -tiles.Padding.Width, right = left + tiles.TileColumns * outputs;
        // Tiles from these to those lie inside of the margin.
        int firstRow = -margin.Height, firstColumn = -margin.Width, lastRow = input.Height + margin.Height - Size, lastColumn = input.Width + margin.Width - Size;
        var (top, start) = tiles.Origin(first);
        for (int channel = 0; channel < planes; channel++, x += xPlane, target += plane)
        {
            int row = top - tiles.Padding.Height, column = start + left;
            for (int tile = 0; tile < count; tile++)
            {
                float* pixels = x + row * xRow + column * V.Count;
                // The same tile of the next channel: a few lines here and there, which the processor does not foresee.
                Prefetch.Rows(pixels + xPlane, xRow, Size, outputs * V.Count);
                nint step = xRow;
                if (row < firstRow || column < firstColumn || row > lastRow || column > lastColumn)
                {
                    CopyTile(input, margin, row, column, pixels, xRow, copy);
                    pixels = copy;
                    step = Size * V.Count;
                }
                WinogradAxis<V>.Interpolate(pixels, step, target + tile * V.Count, position);
                column += outputs;
                if (column < right) continue;
                column = left;
                row += outputs;
            }
        }
    }

    /// <summary>A dy At of the tiles of a strip, the transposed <see cref="TransformOutput"/>, with filters in the lanes: target [position][tile][L][F].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformGradient(in WinogradGeometry tiles, float* dy, nint dyPlane, nint dyRow, int first, int count, float* target, nint position, nint sample)
    {
        int outputs = tiles.Outputs;
        nint pixel = V.Count * V.Count;
        float* turned = stackalloc float[MaximumOutputs * MaximumOutputs * V.Count * V.Count];
        for (int tile = 0; tile < count; tile++)
        {
            var (row, column) = tiles.Origin(first + tile);
            int rows = tiles.Output.Height - row, columns = tiles.Output.Width - column;
            for (int filter = 0; filter < tiles.Filters; filter += V.Count)
            {
                int filters = Math.Min(V.Count, tiles.Filters - filter);
                // The next tile's.
                for (int f = 0; f < filters; f++)
                    Prefetch.Rows(dy + (filter + f) * dyPlane + row * dyRow + (column + outputs) * V.Count, dyRow, outputs, outputs * V.Count);
                for (int i = 0; i < outputs * outputs; i++)
                {
                    var (down, right) = Math.DivRem(i, outputs);
                    bool inside = down < rows && right < columns;
                    if (!inside || filters < V.Count) new Span<float>(turned + i * pixel, (int)pixel).Clear();
                    if (inside)
                        Lanes4.Transpose(dy + filter * dyPlane + (row + down) * dyRow + (column + right) * V.Count, dyPlane, filters, V.Count, turned + i * pixel, V.Count);
                }
                for (int lane = 0; lane < V.Count; lane++)
                {
                    float* source = turned + lane * V.Count, result = target + (tile * V.Count + lane) * sample + filter;
                    if (outputs == 4) WinogradAxis<V>.Spread<N4>(source, pixel, result, position);
                    else WinogradAxis<V>.Spread<N2>(source, pixel, result, position);
                }
            }
        }
    }

    /// <summary>At m A of the tiles of a strip of one plane, their bias, L floats, added, raised to a floor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransformOutput(in WinogradGeometry tiles, int first, int count, float* products, nint position, float* bias, float floor, float* y, nint yPlane, nint yRow)
    {
        float* whole = stackalloc float[MaximumOutputs * MaximumOutputs * V.Count];
        int outputs = tiles.Outputs, height = tiles.Output.Height, width = tiles.Output.Width;
        var (row, column) = tiles.Origin(first);
        for (int tile = 0; tile < count; tile++, products += V.Count)
        {
            int rows = height - row, columns = width - column;
            float* target = y + row * yRow + column * V.Count;
            Prefetch.Rows(target + yPlane, yRow, outputs, outputs * V.Count);
            if (rows >= outputs && columns >= outputs) Collect(outputs, products, position, target, yRow, bias, floor);
            else
            {
                Collect(outputs, products, position, whole, outputs * V.Count, bias, floor);
                for (int i = 0; i < Math.Min(rows, outputs); i++)
                {
                    for (int j = 0; j < Math.Min(columns, outputs); j++) V.Load(whole + (i * outputs + j) * V.Count).Store(target + i * yRow + j * V.Count);
                }
            }
            column += outputs;
            if (column < width) continue;
            column = 0;
            row += outputs;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Collect(int outputs, float* products, nint position, float* y, nint yRow, float* bias, float floor)
    {
        if (outputs == 4) WinogradAxis<V>.Collect<N4>(products, position, y, yRow, bias, floor);
        else WinogradAxis<V>.Collect<N2>(products, position, y, yRow, bias, floor);
    }

    /// <summary>Copies a tile that begins in a row and a column of an input and reaches over its margin, with zeros there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyTile(Shape input, Size2D margin, int row, int column, float* source, nint step, float* copy)
    {
        int top = -margin.Height - row, bottom = input.Height + margin.Height - row, left = -margin.Width - column, right = input.Width + margin.Width - column;
        for (int i = 0; i < Size; i++)
        {
            for (int j = 0; j < Size; j++, copy += V.Count)
            {
                bool inside = i >= top && i < bottom && j >= left && j < right;
                (inside ? V.Load(source + i * step + j * V.Count) : V.Zero).Store(copy);
            }
        }
    }
}
