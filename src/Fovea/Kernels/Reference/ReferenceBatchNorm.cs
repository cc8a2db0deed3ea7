using System.Numerics;

namespace Fovea.Kernels.Reference;

/// <summary>The plain twin of batch normalization over [N][C][positions].</summary>
internal static class ReferenceBatchNorm
{
    /// <summary>Mean and biased variance of one channel.</summary>
    public static (double Mean, double Variance) Statistics<T>(int samples, int channels, int positions, int channel, ReadOnlySpan<T> x)
        where T : IBinaryFloatingPointIeee754<T>
    {
        double mean = 0, variance = 0;
        for (int n = 0; n < samples; n++)
        {
            for (int p = 0; p < positions; p++) mean += double.CreateChecked(x[(n * channels + channel) * positions + p]);
        }
        mean /= (double)samples * positions;
        for (int n = 0; n < samples; n++)
        {
            for (int p = 0; p < positions; p++)
            {
                double difference = double.CreateChecked(x[(n * channels + channel) * positions + p]) - mean;
                variance += difference * difference;
            }
        }
        return (mean, variance / ((double)samples * positions));
    }

    /// <summary>y = (x - mean) / deviation scale + shift, for one channel.</summary>
    public static void Normalize<T>(int samples, int channels, int positions, int channel, ReadOnlySpan<T> x, Span<T> y,
        double mean, double deviation, double scale, double shift) where T : IBinaryFloatingPointIeee754<T>
    {
        for (int n = 0; n < samples; n++)
        {
            for (int p = 0; p < positions; p++)
            {
                int i = (n * channels + channel) * positions + p;
                y[i] = T.CreateChecked((double.CreateChecked(x[i]) - mean) / deviation * scale + shift);
            }
        }
    }

    /// <summary>dx of one channel (where asked for), and the gradients of its scale and shift.</summary>
    public static (double Scale, double Shift) Backward<T>(int samples, int channels, int positions, int channel, ReadOnlySpan<T> x,
        ReadOnlySpan<T> dy, Span<T> dx, double mean, double deviation, double scale) where T : IBinaryFloatingPointIeee754<T>
    {
        double sum = 0, product = 0, count = (double)samples * positions;
        for (int n = 0; n < samples; n++)
        {
            for (int p = 0; p < positions; p++)
            {
                int i = (n * channels + channel) * positions + p;
                sum += double.CreateChecked(dy[i]);
                product += double.CreateChecked(dy[i]) * (double.CreateChecked(x[i]) - mean) / deviation;
            }
        }
        for (int n = 0; n < samples && !dx.IsEmpty; n++)
        {
            for (int p = 0; p < positions; p++)
            {
                int i = (n * channels + channel) * positions + p;
                double normalized = (double.CreateChecked(x[i]) - mean) / deviation;
                dx[i] = T.CreateChecked(scale / deviation * (double.CreateChecked(dy[i]) - sum / count - normalized * product / count));
            }
        }
        return (product, sum);
    }
}
