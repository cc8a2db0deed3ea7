using System.Numerics;

namespace Fovea.Kernels.Reference;

/// <summary>The plain twin of the normalizations of each sample by itself: [N][parts][size], where a part is some channels of a sample. The
/// scale of a number is that of its element of the sample divided by <c>run</c>: its channel, or the element itself.</summary>
internal static class ReferenceGroupNorm
{
    /// <summary>y = (x - mean) / deviation scale + shift; empty spans are left out.</summary>
    public static void Forward<T>(int samples, int parts, int size, double epsilon, int run, ReadOnlySpan<T> x, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y)
        where T : IBinaryFloatingPointIeee754<T>
    {
        for (int part = 0; part < samples * parts; part++)
        {
            var (mean, deviation) = Statistics(x.Slice(part * size, size), epsilon);
            for (int i = part * size; i < (part + 1) * size; i++)
            {
                int element = i % (parts * size) / run;
                double value = (double.CreateChecked(x[i]) - mean) / deviation;
                y[i] = T.CreateChecked(scale.IsEmpty ? value : value * double.CreateChecked(scale[element]) + double.CreateChecked(shift[element]));
            }
        }
    }

    /// <summary>dx and the gradients of scale and shift from dy; empty spans are left out.</summary>
    public static void Backward<T>(int samples, int parts, int size, double epsilon, int run, ReadOnlySpan<T> x, ReadOnlySpan<T> scale, ReadOnlySpan<T> dy,
        Span<T> dx, Span<T> dScale, Span<T> dShift) where T : IBinaryFloatingPointIeee754<T>
    {
        double[] scales = new double[dScale.Length], shifts = new double[dShift.Length];
        for (int part = 0; part < samples * parts; part++)
        {
            var (mean, deviation) = Statistics(x.Slice(part * size, size), epsilon);
            double sum = 0, product = 0;
            for (int i = part * size; i < (part + 1) * size; i++)
            {
                int element = i % (parts * size) / run;
                double gradient = double.CreateChecked(dy[i]), normalized = (double.CreateChecked(x[i]) - mean) / deviation;
                double scaled = scale.IsEmpty ? gradient : gradient * double.CreateChecked(scale[element]);
                sum += scaled;
                product += scaled * normalized;
                if (scale.IsEmpty) continue;
                scales[element] += gradient * normalized;
                shifts[element] += gradient;
            }
            for (int i = part * size; i < (part + 1) * size && !dx.IsEmpty; i++)
            {
                double gradient = double.CreateChecked(dy[i]), normalized = (double.CreateChecked(x[i]) - mean) / deviation;
                double scaled = scale.IsEmpty ? gradient : gradient * double.CreateChecked(scale[i % (parts * size) / run]);
                dx[i] = T.CreateChecked((scaled - sum / size - normalized * product / size) / deviation);
            }
        }
        ReferenceConvolution.Copy(scales, dScale);
        ReferenceConvolution.Copy(shifts, dShift);
    }

    private static (double Mean, double Deviation) Statistics<T>(ReadOnlySpan<T> x, double epsilon) where T : IBinaryFloatingPointIeee754<T>
    {
        double mean = 0, variance = 0;
        foreach (T value in x) mean += double.CreateChecked(value);
        mean /= x.Length;
        foreach (T value in x) variance += (double.CreateChecked(value) - mean) * (double.CreateChecked(value) - mean);
        return (mean, Math.Sqrt(variance / x.Length + epsilon));
    }
}
