using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>
/// Batch normalization of one channel over all groups (Ioffe and Szegedy 2015). The lanes that hold no sample are kept out of the
/// statistics by a mask of ones and zeros, [group][L].
/// </summary>
internal static unsafe class BatchNormKernels<V> where V : struct, ILanes<V>
{
    /// <summary>The moments of a channel's numbers in one group of so many samples: of runs of pixels, whose distances from their own mean are squared while they are in the
    /// first-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Moments Statistics(LaneTensor x, int channel, int group, float* mask, int samples)
    {
        Moments all = default;
        V present = V.Load(mask + group * V.Count);
        var runs = new PixelRuns(x, x);
        for (int run = 0; run < runs.Count; run++)
        {
            var (start, _, size) = runs[run];
            float* source = x.At(group, channel) + start;
            long count = size / V.Count * (long)samples;
            // Four sums at once, as each addition waits for the last.
            V sum0 = V.Zero, sum1 = V.Zero, sum2 = V.Zero, sum3 = V.Zero;
            int i = 0;
            for (; i + 3 * V.Count < size; i += 4 * V.Count)
            {
                sum0 += V.Load(source + i);
                sum1 += V.Load(source + i + V.Count);
                sum2 += V.Load(source + i + 2 * V.Count);
                sum3 += V.Load(source + i + 3 * V.Count);
            }
            for (; i < size; i += V.Count) sum0 += V.Load(source + i);
            double mean = V.Sum((sum0 + sum1 + (sum2 + sum3)) * present) / (double)count;

            V center = V.Broadcast((float)mean);
            sum0 = sum1 = sum2 = sum3 = V.Zero;
            for (i = 0; i + 3 * V.Count < size; i += 4 * V.Count)
            {
                V x0 = V.Load(source + i) - center, x1 = V.Load(source + i + V.Count) - center;
                V x2 = V.Load(source + i + 2 * V.Count) - center, x3 = V.Load(source + i + 3 * V.Count) - center;
                sum0 = V.MultiplyAdd(x0, x0, sum0);
                sum1 = V.MultiplyAdd(x1, x1, sum1);
                sum2 = V.MultiplyAdd(x2, x2, sum2);
                sum3 = V.MultiplyAdd(x3, x3, sum3);
            }
            for (; i < size; i += V.Count)
            {
                V last = V.Load(source + i) - center;
                sum0 = V.MultiplyAdd(last, last, sum0);
            }
            // The distances are from the rounded mean; what the rounding adds to their squares is taken away.
            double rounding = mean - (float)mean;
            all = all.With(new Moments(count, mean, Math.Max(0, V.Sum((sum0 + sum1 + (sum2 + sum3)) * present) - count * rounding * rounding)));
        }
        return all;
    }

    /// <summary>The output of one plane of one group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Normalize(LaneTensor x, LaneTensor y, int group, int channel, BatchNormAffine affine)
    {
        V a = V.Broadcast(affine.Scale), b = V.Broadcast(affine.Shift), least = V.Broadcast(affine.Floor);
        for (int row = 0; row < x.Shape.Height; row++)
        {
            float* source = x.At(group, channel) + row * x.Row, target = y.At(group, channel) + row * y.Row;
            for (int i = 0; i < x.RowCount; i += V.Count) V.Max(least, V.MultiplyAdd(V.Load(source + i), a, b)).Store(target + i);
        }
    }

    /// <summary>What one group adds to the gradients of shift, sum(dy), and of scale, sum(dy (x - mean) / deviation). The gradient of the activation that <paramref name="affine"/>
    /// says counts where its input was not raised.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (double Shift, double Scale) BackwardParameters(LaneTensor x, LaneTensor dy, int channel, int group, float mean, float inverseDeviation, BatchNormAffine affine)
    {
        double shift = 0, scale = 0;
        V center = V.Broadcast(mean), a = V.Broadcast(affine.Scale), b = V.Broadcast(affine.Shift), least = V.Broadcast(affine.Floor);
        var runs = new PixelRuns(x, dy);
        for (int run = 0; run < runs.Count; run++)
        {
            var (xStart, dyStart, count) = runs[run];
            float* source = x.At(group, channel) + xStart, gradient = dy.At(group, channel) + dyStart;
            V evenSum = V.Zero, oddSum = V.Zero, evenProduct = V.Zero, oddProduct = V.Zero;
            int i = 0;
            for (; i + V.Count < count; i += 2 * V.Count)
            {
                V x1 = V.Load(source + i), x2 = V.Load(source + i + V.Count);
                V first = Passed(x1, a, b, least, V.Load(gradient + i)), second = Passed(x2, a, b, least, V.Load(gradient + i + V.Count));
                evenSum += first;
                oddSum += second;
                evenProduct = V.MultiplyAdd(first, x1 - center, evenProduct);
                oddProduct = V.MultiplyAdd(second, x2 - center, oddProduct);
            }
            if (i < count)
            {
                V last = V.Load(source + i), passed = Passed(last, a, b, least, V.Load(gradient + i));
                evenSum += passed;
                evenProduct = V.MultiplyAdd(passed, last - center, evenProduct);
            }
            shift += V.Sum(evenSum + oddSum);
            scale += V.Sum(evenProduct + oddProduct);
        }
        return (shift, scale * inverseDeviation);
    }

    /// <summary>dx = scale / deviation (dy - mean(dy) - xhat mean(dy xhat)) of one plane, where xhat = (x - mean) / deviation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardData(LaneTensor x, LaneTensor dy, LaneTensor dx, int group, int channel, float* mask,
        float mean, float inverseDeviation, float scale, float meanGradient, float meanProduct, BatchNormAffine affine)
    {
        V present = V.Load(mask + group * V.Count) * V.Broadcast(scale * inverseDeviation);
        V center = V.Broadcast(mean), shared = V.Broadcast(meanGradient), slope = V.Broadcast(-inverseDeviation * meanProduct);
        V a = V.Broadcast(affine.Scale), b = V.Broadcast(affine.Shift), least = V.Broadcast(affine.Floor);
        for (int row = 0; row < x.Shape.Height; row++)
        {
            float* source = x.At(group, channel) + row * x.Row, gradient = dy.At(group, channel) + row * dy.Row;
            float* target = dx.At(group, channel) + row * dx.Row;
            for (int i = 0; i < x.RowCount; i += V.Count)
            {
                V pixel = V.Load(source + i);
                V value = V.MultiplyAdd(pixel - center, slope, Passed(pixel, a, b, least, V.Load(gradient + i)) - shared);
                (value * present).Store(target + i);
            }
        }
    }

    // The gradient where the output lies above its floor, as Normalize computed it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Passed(V x, V scale, V shift, V floor, V gradient) => V.SelectGreater(V.MultiplyAdd(x, scale, shift), floor, gradient, V.Zero);
}

/// <summary>What a channel of an input is normalized by, y = max(floor, x scale + shift): with floor 0 a ReLU follows, with negative infinity none.</summary>
internal readonly record struct BatchNormAffine(float Scale, float Shift, float Floor);

/// <summary>Where the sums of a plane of two tensors are taken on the way: runs of pixels, added up in float and then in double. Rows without a gap between
/// them are cut into runs of some length, others are runs by themselves.</summary>
internal readonly struct PixelRuns(LaneTensor x, LaneTensor y)
{
    private const int Pixels = 64;
    private readonly bool _isWhole = x.Row == x.RowCount && y.Row == y.RowCount;
    private readonly Split _split = x.Row == x.RowCount && y.Row == y.RowCount ? new(x.Shape.Height * x.Shape.Width, Pixels) : new(x.Shape.Height, 1);
    private readonly nint _xRow = x.Row, _yRow = y.Row;
    private readonly int _rowCount = x.RowCount, _lanes = x.Lanes;

    public int Count => _split.Parts;

    /// <summary>The first float of a run in each of the planes, and how many there are.</summary>
    public (nint X, nint Y, int Count) this[int run]
    {
        get
        {
            int start = _split.Start(run);
            return _isWhole ? (start * _lanes, start * _lanes, _split.Size(run) * _lanes) : (start * _xRow, start * _yRow, _rowCount);
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
