namespace Fovea.Kernels;

/// <summary>Carries samples between N x C x H x W memory and lanes.</summary>
internal static unsafe class InputKernels<V> where V : struct, ILanes<V>
{
    /// <summary>Lane <paramref name="lane"/> of a group = the sample's bytes, scaled and shifted, one channel of an image.</summary>
    public static void Load(byte* sample, LaneTensor target, int group, int channel, int lane, float scale, float shift)
    {
        for (int row = 0; row < target.Shape.Height; row++, sample += target.Shape.Width)
        {
            float* destination = target.At(group, channel) + row * target.Row + lane;
            for (int column = 0; column < target.Shape.Width; column++) destination[column * V.Count] = sample[column] * scale + shift;
        }
    }

    /// <summary>Lane <paramref name="lane"/> of a group = the sample's floats.</summary>
    public static void Load(float* sample, LaneTensor target, int group, int lane)
    {
        Shape shape = target.Shape;
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            for (int row = 0; row < shape.Height; row++, sample += shape.Width)
            {
                float* destination = target.At(group, channel) + row * target.Row + lane;
                for (int column = 0; column < shape.Width; column++) destination[column * V.Count] = sample[column];
            }
        }
    }

    /// <summary>Lane <paramref name="lane"/> of a group = 0, so that lanes without a sample stay finite.</summary>
    public static void Clear(LaneTensor target, int group, int lane)
    {
        for (int channel = 0; channel < target.Shape.Channels; channel++)
        {
            for (int row = 0; row < target.Shape.Height; row++)
            {
                float* destination = target.At(group, channel) + row * target.Row + lane;
                for (int column = 0; column < target.Shape.Width; column++) destination[column * V.Count] = 0;
            }
        }
    }

    /// <summary>The sample's floats = lane <paramref name="lane"/> of a group.</summary>
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
