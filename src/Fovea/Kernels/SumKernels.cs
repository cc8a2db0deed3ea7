using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>Copies and sums of what several layers give, number by number: one group of tensors of the same shape, each with its own margin.</summary>
internal static unsafe class SumKernels<V> where V : struct, ILanes<V>
{
    /// <summary>y = x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(LaneTensor x, LaneTensor y, int group)
    {
        var (rows, count) = Rows(x, x, y);
        for (int channel = 0; channel < x.Shape.Channels; channel++)
        {
            float* source = x.At(group, channel), target = y.At(group, channel);
            for (int row = 0; row < rows; row++)
                new ReadOnlySpan<float>(source + row * x.Row, count).CopyTo(new Span<float>(target + row * y.Row, count));
        }
    }

    /// <summary>y = max(floor, a + b); y may be one of the two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(LaneTensor a, LaneTensor b, LaneTensor y, int group, float floor)
    {
        V least = V.Broadcast(floor);
        var (rows, count) = Rows(a, b, y);
        for (int channel = 0; channel < y.Shape.Channels; channel++)
        {
            for (int row = 0; row < rows; row++)
            {
                float* left = a.At(group, channel) + row * a.Row, right = b.At(group, channel) + row * b.Row, target = y.At(group, channel) + row * y.Row;
                for (int i = 0; i < count; i += V.Count)
                {
                    V sum = V.Load(left + i) + V.Load(right + i);
                    // Max takes its second operand where the first is not a number, as a ReLU passes NaN on.
                    V.Max(least, sum).Store(target + i);
                }
            }
        }
    }

    /// <summary>y += a number for each channel.</summary>
    public static void AddToChannels(LaneTensor y, int group, float* numbers)
    {
        for (int channel = 0; channel < y.Shape.Channels; channel++)
        {
            V number = V.Broadcast(numbers[channel]);
            for (int row = 0; row < y.Shape.Height; row++)
            {
                float* pixels = y.At(group, channel) + row * y.Row;
                for (int i = 0; i < y.RowCount; i += V.Count) (V.Load(pixels + i) + number).Store(pixels + i);
            }
        }
    }

    /// <summary>The sum of each channel over pixels and lanes, added to what is there when asked.</summary>
    public static void SumOfChannels(LaneTensor x, int group, float* sums, bool accumulate)
    {
        for (int channel = 0; channel < x.Shape.Channels; channel++)
        {
            V sum = V.Zero;
            for (int row = 0; row < x.Shape.Height; row++)
            {
                float* pixels = x.At(group, channel) + row * x.Row;
                for (int i = 0; i < x.RowCount; i += V.Count) sum += V.Load(pixels + i);
            }
            sums[channel] = accumulate ? sums[channel] + V.Sum(sum) : V.Sum(sum);
        }
    }

    // Rows without a gap between them are one long row.
    private static (int Rows, int Count) Rows(LaneTensor a, LaneTensor b, LaneTensor c) => a.Row == a.RowCount && b.Row == b.RowCount && c.Row == c.RowCount
        ? (1, a.Shape.Height * a.RowCount)
        : (a.Shape.Height, a.RowCount);
}
