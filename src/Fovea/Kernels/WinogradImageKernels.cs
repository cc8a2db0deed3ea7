using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>
/// The convolution of a single image by Winograd's algorithm, with channels in the lanes: x and y are [block of L channels][row][column][L] as for
/// <see cref="ImageKernels{V}"/>, and the channels of x fill whole vectors. See <see cref="WinogradKernels{V}"/> for the algorithm. A tile is transformed as a tile of L
/// samples is, but in each position's product of matrices the transformed inputs, [block][tile][L], are the scalars, and the transformed weights,
/// [channel][F], the vectors; the products, [block of filters][tile][L], are transformed as they lie. Who works on some filters transforms their weights for itself.
/// </summary>
internal static unsafe class WinogradImageKernels<V> where V : struct, ILanes<V>
{
    private const int Positions = WinogradGeometry.Positions;

    // Filters whose weights are there at once, and the fewest tiles that pay for transforming these.
    private const int MaximumFilters = WinogradGeometry.ImageFilters, SmallestPart = WinogradGeometry.ImageTiles;

    /// <summary>Cuts a convolution into items: blocks of filters, and tiles where that gives fewer than wanted.</summary>
    public static (Split Blocks, Split Tiles) Cut(in WinogradGeometry tiles, int wanted)
    {
        Split blocks = new(Blocks(tiles.Filters), Math.Max(1, MaximumFilters / V.Count));
        int parts = Math.Max(1, Math.Min(wanted / blocks.Parts, tiles.Tiles / SmallestPart));
        return (blocks, Split.Into(tiles.Tiles, parts));
    }

    /// <summary>Floats of scratch that an item needs.</summary>
    public static nint Scratch(in WinogradGeometry tiles)
    {
        int filters = Cut(tiles, wanted: 1).Blocks.Largest, channels = Blocks(tiles.Input.Channels);
        nint plane = (nint)Strip(tiles) * V.Count;
        return Positions * (Position(channels * V.Count * filters * V.Count) + Position(channels * plane) + Position(filters * plane));
    }

    /// <summary>y = max(floor, x * w + bias) for some blocks of filters and some tiles.</summary>
    /// <param name="tiles">The convolution.</param>
    /// <param name="x">The input, with a margin of the padding.</param>
    /// <param name="w">The weights, [K][F'].</param>
    /// <param name="wRow">F'.</param>
    /// <param name="bias">F' floats, or null.</param>
    /// <param name="y">The output.</param>
    /// <param name="firstBlock">The first block of filters.</param>
    /// <param name="blocks">How many.</param>
    /// <param name="firstTile">The first tile.</param>
    /// <param name="endTile">Behind the last.</param>
    /// <param name="floor">What results are raised to.</param>
    /// <param name="scratch">See <see cref="Scratch"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Convolve(in WinogradGeometry tiles, LaneTensor x, float* w, nint wRow, float* bias, LaneTensor y,
        int firstBlock, int blocks, int firstTile, int endTile, float floor, float* scratch)
    {
        int channels = tiles.Input.Channels, inputBlocks = Blocks(channels), filters = blocks * V.Count, strip = Strip(tiles);
        nint plane = (nint)strip * V.Count;
        nint weightsPosition = Position(channels * filters), position = Position(inputBlocks * plane), productsPosition = Position(blocks * plane);
        float* weights = scratch, inputs = weights + Positions * weightsPosition, products = inputs + Positions * position;
        for (int channel = 0; channel < channels; channel++)
        {
            float* source = w + (nint)channel * tiles.Kernel * tiles.Kernel * wRow + firstBlock * V.Count;
            WinogradKernels<V>.TransformWeights(tiles.Kernel, turned: false, source, wRow, filters, weights + channel * filters, weightsPosition);
        }
        TileLoop loop = new()
        {
            Outer = 1,
            Middle = inputBlocks,
            Inner = V.Count,
            AMiddle = plane,
            AInner = 1,
            ARow = V.Count,
            BMiddle = V.Count * filters,
            BInner = filters,
            BColumn = V.Count,
            CRow = V.Count,
            CColumn = plane,
            Floor = float.NegativeInfinity,
        };
        for (int first = firstTile; first < endTile; first += strip)
        {
            int count = Math.Min(strip, endTile - first);
            WinogradKernels<V>.TransformInput(tiles, inputBlocks, x.Data, x.Plane, x.Row, tiles.Padding, first, count, inputs, position, plane);
            var (rows, columns) = Tile<V>.Choose(count, blocks);
            for (int i = 0; i < Positions; i++)
            {
                for (int c = 0; c < columns.Parts; c++)
                {
                    for (int r = 0; r < rows.Parts; r++)
                    {
                        nint tile = rows.Start(r) * V.Count;
                        Tile<V>.Multiply(rows.Size(r), columns.Size(c), inputs + i * position + tile, weights + i * weightsPosition + columns.Start(c) * V.Count,
                            products + i * productsPosition + columns.Start(c) * plane + tile, null, &loop);
                    }
                }
            }
            for (int block = 0; block < blocks; block++)
            {
                float* offset = bias == null ? null : bias + (firstBlock + block) * V.Count;
                WinogradKernels<V>.TransformOutput(tiles, first, count, products + block * plane, productsPosition, offset, floor, y.At(0, firstBlock + block), y.Plane, y.Row);
            }
        }
    }

    private static int Blocks(int channels) => (channels + V.Count - 1) / V.Count;

    // The same for all blocks of filters: a smaller one would take longer strips than there is scratch for.
    private static int Strip(in WinogradGeometry tiles) =>
        WinogradKernels<V>.Strips(tiles, Blocks(tiles.Input.Channels) + Cut(tiles, wanted: 1).Blocks.Largest).Largest;

    private static nint Position(nint count) => WinogradKernels<V>.Position(count);
}
