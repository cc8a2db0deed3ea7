namespace Fovea.Kernels;

/// <summary>
/// Normalization of each sample by itself, over all numbers of some of its channels (Wu and He 2018): every lane has a mean and a deviation
/// of its own. All functions work on the channels [first, first + count) of one group of lanes.
/// </summary>
internal static unsafe class GroupNormKernels<V> where V : struct, ILanes<V>
{
    /// <summary>The mean and the inverse of the deviation of each lane.</summary>
    public static (V Mean, V InverseDeviation) Statistics(LaneTensor x, int group, int first, int count, float epsilon)
    {
        V share = V.Broadcast(1f / (count * x.Shape.Height * x.Shape.Width));
        V mean = Sum(x, group, first, count, V.Zero, squared: false) * share;
        V variance = Sum(x, group, first, count, mean, squared: true) * share;
        return (mean, V.Broadcast(1) / V.Sqrt(variance + V.Broadcast(epsilon)));
    }

    // Row by row, so that no sum has more terms than it must.
    private static V Sum(LaneTensor x, int group, int first, int count, V shift, bool squared)
    {
        V total = V.Zero;
        for (int channel = first; channel < first + count; channel++)
        {
            V plane = V.Zero;
            for (int row = 0; row < x.Shape.Height; row++)
            {
                float* source = x.At(group, channel) + row * x.Row;
                V sum = V.Zero;
                for (int i = 0; i < x.RowCount; i += V.Count)
                {
                    V value = V.Load(source + i) - shift;
                    sum += squared ? value * value : value;
                }
                plane += sum;
            }
            total += plane;
        }
        return total;
    }

    /// <summary>y = (x - mean) inverse scale + shift.</summary>
    public static void Normalize(LaneTensor x, LaneTensor y, int group, int first, int count, V mean, V inverse, in NormScale scale)
    {
        for (int channel = first; channel < first + count; channel++)
        {
            for (int row = 0; row < x.Shape.Height; row++)
            {
                float* source = x.At(group, channel) + row * x.Row, target = y.At(group, channel) + row * y.Row;
                for (int column = 0; column < x.Shape.Width; column++)
                {
                    nint i = column * V.Count, element = scale.Index(channel, row * x.Shape.Width + column);
                    V value = (V.Load(source + i) - mean) * inverse;
                    (scale.Weight == null ? value : V.MultiplyAdd(value, V.Broadcast(scale.Weight[element]), V.Broadcast(scale.Bias[element]))).Store(target + i);
                }
            }
        }
    }

    /// <summary>The means of w dy and of w dy xhat, where xhat = (x - mean) inverse: what <see cref="BackwardData"/> takes off.</summary>
    public static (V Gradient, V Product) BackwardMeans(LaneTensor x, LaneTensor dy, int group, int first, int count, V mean, V inverse, in NormScale scale)
    {
        V gradients = V.Zero, products = V.Zero, share = V.Broadcast(1f / (count * x.Shape.Height * x.Shape.Width));
        for (int channel = first; channel < first + count; channel++)
        {
            for (int row = 0; row < x.Shape.Height; row++)
            {
                float* source = x.At(group, channel) + row * x.Row, gradient = dy.At(group, channel) + row * dy.Row;
                V sum = V.Zero, product = V.Zero;
                for (int column = 0; column < x.Shape.Width; column++)
                {
                    nint i = column * V.Count;
                    V value = V.Load(gradient + i);
                    if (scale.Weight != null) value *= V.Broadcast(scale.Weight[scale.Index(channel, row * x.Shape.Width + column)]);
                    sum += value;
                    product = V.MultiplyAdd(value, V.Load(source + i) - mean, product);
                }
                gradients += sum;
                products += product;
            }
        }
        return (gradients * share, products * inverse * share);
    }

    /// <summary>dx = inverse (w dy - mean(w dy) - xhat mean(w dy xhat)).</summary>
    public static void BackwardData(LaneTensor x, LaneTensor dy, LaneTensor dx, int group, int first, int count, V mean, V inverse, in NormScale scale,
        V meanGradient, V meanProduct)
    {
        V slope = V.Zero - inverse * meanProduct;
        for (int channel = first; channel < first + count; channel++)
        {
            for (int row = 0; row < x.Shape.Height; row++)
            {
                float* source = x.At(group, channel) + row * x.Row, gradient = dy.At(group, channel) + row * dy.Row, target = dx.At(group, channel) + row * dx.Row;
                for (int column = 0; column < x.Shape.Width; column++)
                {
                    nint i = column * V.Count;
                    V value = V.Load(gradient + i);
                    if (scale.Weight != null) value *= V.Broadcast(scale.Weight[scale.Index(channel, row * x.Shape.Width + column)]);
                    (V.MultiplyAdd(V.Load(source + i) - mean, slope, value - meanGradient) * inverse).Store(target + i);
                }
            }
        }
    }

    /// <summary>The gradients of scale, sum(dy xhat), and of shift, sum(dy), over the lanes; added to what is there.</summary>
    public static void BackwardParameters(LaneTensor x, LaneTensor dy, int group, int first, int count, V mean, V inverse, in NormScale scale,
        float* dWeight, float* dBias)
    {
        for (int channel = first; channel < first + count; channel++)
        {
            V sum = V.Zero, product = V.Zero;
            for (int row = 0; row < x.Shape.Height; row++)
            {
                float* source = x.At(group, channel) + row * x.Row, gradient = dy.At(group, channel) + row * dy.Row;
                for (int column = 0; column < x.Shape.Width; column++)
                {
                    V value = V.Load(gradient + column * V.Count), normalized = (V.Load(source + column * V.Count) - mean) * inverse;
                    if (scale.PerChannel)
                    {
                        sum += value;
                        product = V.MultiplyAdd(value, normalized, product);
                        continue;
                    }
                    nint element = scale.Index(channel, row * x.Shape.Width + column);
                    dBias[element] += V.Sum(value);
                    dWeight[element] += V.Sum(value * normalized);
                }
            }
            if (!scale.PerChannel) continue;
            dBias[channel] += V.Sum(sum);
            dWeight[channel] += V.Sum(product);
        }
    }
}

/// <summary>What normalized numbers are scaled and shifted by: a number for each channel, or for each channel of each pixel, whose numbers then
/// lie <see cref="PixelStep"/> apart. Null where there is nothing.</summary>
internal readonly unsafe struct NormScale(float* weight, float* bias, nint pixelStep)
{
    public float* Weight { get; } = weight;
    public float* Bias { get; } = bias;
    public nint PixelStep { get; } = pixelStep;
    public bool PerChannel => PixelStep == 0;
    public nint Index(int channel, int pixel) => pixel * PixelStep + channel;
}
