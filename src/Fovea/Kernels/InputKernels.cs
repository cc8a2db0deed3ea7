using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>Carries samples between N x C x H x W memory and lanes.</summary>
internal static unsafe class InputKernels<V> where V : struct, ILanes<V>
{
    /// <summary>The lanes of a group = the samples' bytes, scaled and shifted by channel; 0 in the lanes whose mask is 0. A row of all samples at a
    /// time: the rows of the target stay in the cache, and the conversion works on whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load(byte** samples, LaneTensor target, int group, Normalization normalization, float* mask)
    {
        Shape shape = target.Shape;
        V present = V.Load(mask);
        byte* bytes = stackalloc byte[RowBlock * V.Count];
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            V scale = V.Broadcast(normalization.Scale(channel)), shift = V.Broadcast(normalization.Shift(channel));
            for (int row = 0; row < shape.Height; row++)
            {
                nint pixel = ((nint)channel * shape.Height + row) * shape.Width;
                float* destination = target.At(group, channel) + row * target.Row;
                for (int first = 0; first < shape.Width; first += RowBlock)
                {
                    int count = Math.Min(RowBlock, shape.Width - first);
                    for (int lane = 0; lane < V.Count; lane++)
                    {
                        byte* source = samples[lane] + pixel + first;
                        for (int i = 0; i < count; i++) bytes[i * V.Count + lane] = source[i];
                    }
                    for (int i = 0; i < count; i++, destination += V.Count)
                        (V.MultiplyAdd(V.LoadBytes(bytes + i * V.Count), scale, shift) * present).Store(destination);
                }
            }
        }
    }

    private const int RowBlock = 64;

    /// <summary>The lanes of a group = the samples' floats; 0 where there is no sample (null).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load(float** samples, LaneTensor target, int group)
    {
        Shape shape = target.Shape;
        // Four columns of four samples are a square that is turned in registers; columns beyond come one by one, as do all where a sample is missing.
        int squares = shape.Width;
        for (int lane = 0; lane < V.Count; lane++) squares = samples[lane] == null ? 0 : squares / 4 * 4;
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            for (int row = 0; row < shape.Height; row++)
            {
                nint pixel = ((nint)channel * shape.Height + row) * shape.Width;
                float* destination = target.At(group, channel) + row * target.Row;
                for (int lane = 0; lane < V.Count; lane += 4)
                {
                    float* a = samples[lane] + pixel, b = samples[lane + 1] + pixel, c = samples[lane + 2] + pixel, d = samples[lane + 3] + pixel;
                    for (int column = 0; column < squares; column += 4)
                        Lanes4.Transpose(a + column, b + column, c + column, d + column, destination + column * V.Count + lane, V.Count);
                }
                for (int lane = 0; lane < V.Count; lane++)
                {
                    float* source = samples[lane];
                    for (int column = squares; column < shape.Width; column++) destination[column * V.Count + lane] = source == null ? 0 : source[pixel + column];
                }
            }
        }
    }

    /// <summary>The sample's floats = lane <paramref name="lane"/> of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(LaneTensor source, int group, int lane, Span<float> sample)
    {
        int index = 0;
        for (int channel = 0; channel < source.Shape.Channels; channel++)
        {
            for (int row = 0; row < source.Shape.Height; row++)
            {
                float* pixels = source.At(group, channel) + row * source.Row + lane;
                for (int column = 0; column < source.Shape.Width; column++) sample[index++] = pixels[column * V.Count];
            }
        }
    }
}
