namespace Fovea.Kernels;

/// <summary>
/// Batch normalization of one channel over all groups (Ioffe and Szegedy 2015). The lanes that hold no sample are kept out of the
/// statistics by a mask of ones and zeros, [group][L].
/// </summary>
internal static unsafe class BatchNormKernels<V> where V : struct, ILanes<V>
{
    /// <summary>The sum of a channel's numbers in one group, and of the squares of their distances from their mean; what is left of them is
    /// joined by <see cref="Moments"/>.</summary>
    public static Moments Statistics(LaneTensor x, int channel, int group, float* mask, long count)
    {
        double mean = Sum(x, channel, group, mask, 0, squared: false) / count;
        // The distances are from the rounded mean; what the rounding adds to their squares is taken away.
        double rounded = (float)mean, squares = Sum(x, channel, group, mask, (float)mean, squared: true);
        return new Moments(count, mean, squares - count * (mean - rounded) * (mean - rounded));
    }

    private static double Sum(LaneTensor x, int channel, int group, float* mask, float shift, bool squared)
    {
        double total = 0;
        V center = V.Broadcast(shift), present = V.Load(mask + group * V.Count);
        for (int row = 0; row < x.Shape.Height; row++)
        {
            float* source = x.At(group, channel) + row * x.Row;
            V sum = V.Zero;
            for (int i = 0; i < x.RowCount; i += V.Count)
            {
                V value = V.Load(source + i) - center;
                sum = squared ? V.MultiplyAdd(value, value, sum) : sum + value;
            }
            total += V.Sum(sum * present);
        }
        return total;
    }

    /// <summary>y = max(floor, x scale + shift), of one plane of one group.</summary>
    public static void Normalize(LaneTensor x, LaneTensor y, int group, int channel, float scale, float shift, float floor)
    {
        V a = V.Broadcast(scale), b = V.Broadcast(shift), least = V.Broadcast(floor);
        for (int row = 0; row < x.Shape.Height; row++)
        {
            float* source = x.At(group, channel) + row * x.Row, target = y.At(group, channel) + row * y.Row;
            for (int i = 0; i < x.RowCount; i += V.Count) V.Max(least, V.MultiplyAdd(V.Load(source + i), a, b)).Store(target + i);
        }
    }

    /// <summary>What one group adds to the gradients of shift, sum(dy), and of scale, sum(dy (x - mean) / deviation).</summary>
    public static (double Shift, double Scale) BackwardParameters(LaneTensor x, LaneTensor dy, int channel, int group, float mean, float inverseDeviation)
    {
        double shift = 0, scale = 0;
        V center = V.Broadcast(mean);
        for (int row = 0; row < x.Shape.Height; row++)
        {
            float* source = x.At(group, channel) + row * x.Row, gradient = dy.At(group, channel) + row * dy.Row;
            V sum = V.Zero, product = V.Zero;
            for (int i = 0; i < x.RowCount; i += V.Count)
            {
                V value = V.Load(gradient + i);
                sum += value;
                product = V.MultiplyAdd(value, V.Load(source + i) - center, product);
            }
            shift += V.Sum(sum);
            scale += V.Sum(product);
        }
        return (shift, scale * inverseDeviation);
    }

    /// <summary>dx = scale / deviation (dy - mean(dy) - xhat mean(dy xhat)) of one plane, where xhat = (x - mean) / deviation.</summary>
    public static void BackwardData(LaneTensor x, LaneTensor dy, LaneTensor dx, int group, int channel, float* mask,
        float mean, float inverseDeviation, float scale, float meanGradient, float meanProduct)
    {
        V present = V.Load(mask + group * V.Count) * V.Broadcast(scale * inverseDeviation);
        V center = V.Broadcast(mean), shared = V.Broadcast(meanGradient), slope = V.Broadcast(-inverseDeviation * meanProduct);
        for (int row = 0; row < x.Shape.Height; row++)
        {
            float* source = x.At(group, channel) + row * x.Row, gradient = dy.At(group, channel) + row * dy.Row;
            float* target = dx.At(group, channel) + row * dx.Row;
            for (int i = 0; i < x.RowCount; i += V.Count)
            {
                V value = V.MultiplyAdd(V.Load(source + i) - center, slope, V.Load(gradient + i) - shared);
                (value * present).Store(target + i);
            }
        }
    }
}

/// <summary>How many numbers, their mean, and the sum of the squares of their distances from it.</summary>
internal readonly record struct Moments(long Count, double Mean, double Squares)
{
    /// <summary>Those of both sets of numbers together (Chan, Golub and LeVeque 1979).</summary>
    public Moments With(Moments other)
    {
        long count = Count + other.Count;
        double difference = other.Mean - Mean;
        return new Moments(count, Mean + difference * other.Count / count, Squares + other.Squares + difference * difference * Count * other.Count / count);
    }
}
