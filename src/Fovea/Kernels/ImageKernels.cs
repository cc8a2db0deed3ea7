using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>
/// The convolution of a single image, which has no other samples to fill the lanes: they hold channels. x and y are
/// [block of L channels][row][column][L], with a margin of at least the padding around x. The weights are those of the batch, w [K][F']: the filters of a
/// tap already lie side by side. A pixel's numbers are broadcast, one by one, and meet the weights of L filters at a time.
/// </summary>
internal static unsafe class ImageKernels<V> where V : struct, ILanes<V>
{
    /// <summary>y = max(floor, x * w + bias) for the rows [firstRow, endRow) and the blocks of filters [firstBlock, endBlock). A linear layer is a
    /// convolution with a window as large as the image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Convolve(ConvWalk walk, LaneTensor x, float* w, nint wRow, float* bias, LaneTensor y, int firstRow, int endRow, int firstBlock, int endBlock, float floor)
    {
        Fill(bias, y, firstRow, endRow, firstBlock, endBlock);
        WindowAxis vertical = walk.Geometry.Vertical, horizontal = walk.Geometry.Horizontal;
        int channels = walk.Geometry.Input.Channels, taps = vertical.Kernel * horizontal.Kernel;
        var (pixels, filters) = Tile<V>.Choose(horizontal.Output, endBlock - firstBlock);
        TileLoop loop = new()
        {
            AOuter = 1,
            BOuter = taps * wRow,
            AMiddle = vertical.Dilation * x.Row,
            BMiddle = horizontal.Kernel * wRow,
            AInner = horizontal.Dilation * V.Count,
            BInner = wRow,
            ARow = horizontal.Stride * V.Count,
            BColumn = V.Count,
            CRow = V.Count,
            CColumn = y.Plane,
            Accumulate = true,
        };
        for (int block = 0, channel = 0; channel < channels; block++, channel += V.Count)
        {
            loop.Outer = Math.Min(V.Count, channels - channel);
            loop.Floor = channel + V.Count >= channels ? floor : float.NegativeInfinity;
            for (int p = 0; p < pixels.Parts; p++)
            {
                int ox = pixels.Start(p);
                var (left, right) = horizontal.TapsInside(ox, pixels.End(p) - 1);
                foreach (ref readonly WindowRun run in walk.RowWindows.AsSpan())
                {
                    TileLoop inside = loop.Part(run.Taps, right - left);
                    float* weights = w + ((nint)channel * taps + run.FirstTap * horizontal.Kernel + left) * wRow;
                    for (int oy = Math.Max(firstRow, run.First); oy < Math.Min(endRow, run.First + run.Count); oy++)
                    {
                        float* source = x.At(0, block) + vertical.Pixel(oy, run.FirstTap) * x.Row + horizontal.Pixel(ox, left) * V.Count;
                        for (int f = 0; f < filters.Parts; f++)
                        {
                            int first = firstBlock + filters.Start(f);
                            Tile<V>.Multiply(pixels.Size(p), filters.Size(f), source, weights + first * V.Count, y.At(0, first) + oy * y.Row + ox * V.Count, null, &inside);
                        }
                    }
                }
            }
        }
    }

    /// <summary>The same for a convolution of as many groups as it has channels and filters: w [taps][F'], and every vector meets the weights of its own channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ConvolveDepthwise(in ConvGeometry geometry, LaneTensor x, float* w, nint wRow, float* bias, LaneTensor y, int firstRow, int endRow,
        int firstBlock, int endBlock, float floor)
    {
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        V least = V.Broadcast(floor);
        for (int block = firstBlock; block < endBlock; block++)
        {
            float* weights = w + block * V.Count;
            V offset = bias == null ? V.Zero : V.Load(bias + block * V.Count);
            for (int oy = firstRow; oy < endRow; oy++)
            {
                float* target = y.At(0, block) + oy * y.Row;
                for (int ox = 0; ox < horizontal.Output; ox++)
                {
                    // Two sums at once, as each addition waits for the last.
                    V even = offset, odd = V.Zero;
                    float* source = x.At(0, block) + vertical.Pixel(oy, 0) * x.Row + horizontal.Pixel(ox, 0) * V.Count;
                    for (int row = 0; row < vertical.Kernel; row++)
                    {
                        float* pixel = source + row * vertical.Dilation * x.Row, weight = weights + row * horizontal.Kernel * wRow;
                        int column = 0;
                        for (; column + 1 < horizontal.Kernel; column += 2)
                        {
                            even = V.MultiplyAdd(V.Load(pixel + column * horizontal.Dilation * V.Count), V.Load(weight + column * wRow), even);
                            odd = V.MultiplyAdd(V.Load(pixel + (column + 1) * horizontal.Dilation * V.Count), V.Load(weight + (column + 1) * wRow), odd);
                        }
                        if (column < horizontal.Kernel) even = V.MultiplyAdd(V.Load(pixel + column * horizontal.Dilation * V.Count), V.Load(weight + column * wRow), even);
                    }
                    V.Max(least, even + odd).Store(target + ox * V.Count);
                }
            }
        }
    }

    /// <summary>Batch normalization by running means: y = max(floor, (x - mean) / sqrt(variance + epsilon) * weight + bias), all of them one float a channel, in whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Normalize(LaneTensor x, float* weight, float* bias, float* mean, float* variance, float epsilon, LaneTensor y, float floor)
    {
        V least = V.Broadcast(floor);
        for (int block = 0; block < y.Shape.Channels; block++)
        {
            int channel = block * V.Count;
            V scale = V.Load(weight + channel) / V.Sqrt(V.Load(variance + channel) + V.Broadcast(epsilon));
            V shift = V.Load(bias + channel) - scale * V.Load(mean + channel);
            for (int row = 0; row < y.Shape.Height; row++)
            {
                float* source = x.At(0, block) + row * x.Row, target = y.At(0, block) + row * y.Row;
                for (int i = 0; i < y.RowCount; i += V.Count) V.Max(least, V.MultiplyAdd(V.Load(source + i), scale, shift)).Store(target + i);
            }
        }
    }

    /// <summary>Every pixel = the bias, or 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fill(float* bias, LaneTensor y, int firstRow, int endRow, int firstBlock, int endBlock)
    {
        for (int block = firstBlock; block < endBlock; block++)
        {
            V value = bias == null ? V.Zero : V.Load(bias + block * V.Count);
            for (int row = firstRow; row < endRow; row++)
            {
                float* target = y.At(0, block) + row * y.Row;
                for (int i = 0; i < y.RowCount; i += V.Count) value.Store(target + i);
            }
        }
    }

    /// <summary>The blocks = an image, C x H x W.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load(ReadOnlySpan<float> image, Shape shape, LaneTensor target)
    {
        int index = 0;
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            for (int row = 0; row < shape.Height; row++)
            {
                float* pixels = Row(target, channel, row);
                for (int column = 0; column < shape.Width; column++) pixels[column * V.Count] = image[index++];
            }
        }
    }

    /// <summary>An image, C x H x W = the blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(LaneTensor source, Shape shape, Span<float> image)
    {
        int index = 0;
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            for (int row = 0; row < shape.Height; row++)
            {
                float* pixels = Row(source, channel, row);
                for (int column = 0; column < shape.Width; column++) image[index++] = pixels[column * V.Count];
            }
        }
    }

    private static float* Row(LaneTensor blocks, int channel, int row)
    {
        var (block, lane) = Math.DivRem(channel, V.Count);
        return blocks.At(0, block) + row * blocks.Row + lane;
    }
}
