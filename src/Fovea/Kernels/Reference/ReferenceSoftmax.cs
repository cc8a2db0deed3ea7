using System.Numerics;

namespace Fovea.Kernels.Reference;

/// <summary>The plain twins of softmax and log-softmax over the channels of [N][C][positions].</summary>
internal static class ReferenceSoftmax
{
    /// <summary>y = exp(x) / sum(exp(x)), or its logarithm.</summary>
    public static void Forward<T>(int samples, int channels, int positions, ReadOnlySpan<T> x, Span<T> y, bool logarithm)
        where T : IBinaryFloatingPointIeee754<T>
    {
        for (int n = 0; n < samples; n++)
        {
            for (int p = 0; p < positions; p++)
            {
                double largest = double.NegativeInfinity, sum = 0;
                for (int c = 0; c < channels; c++) largest = Math.Max(largest, double.CreateChecked(x[(n * channels + c) * positions + p]));
                for (int c = 0; c < channels; c++) sum += Math.Exp(double.CreateChecked(x[(n * channels + c) * positions + p]) - largest);
                for (int c = 0; c < channels; c++)
                {
                    double value = double.CreateChecked(x[(n * channels + c) * positions + p]) - largest - Math.Log(sum);
                    y[(n * channels + c) * positions + p] = T.CreateChecked(logarithm ? value : Math.Exp(value));
                }
            }
        }
    }

    /// <summary>Of the logarithm: dx = dy - exp(y) sum(dy); of the softmax itself: dx = y (dy - sum(dy y)).</summary>
    public static void Backward<T>(int samples, int channels, int positions, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> dx, bool logarithm)
        where T : IBinaryFloatingPointIeee754<T>
    {
        for (int n = 0; n < samples; n++)
        {
            for (int p = 0; p < positions; p++)
            {
                double sum = 0;
                for (int c = 0; c < channels; c++)
                {
                    int i = (n * channels + c) * positions + p;
                    sum += double.CreateChecked(dy[i]) * (logarithm ? 1 : double.CreateChecked(y[i]));
                }
                for (int c = 0; c < channels; c++)
                {
                    int i = (n * channels + c) * positions + p;
                    double value = double.CreateChecked(y[i]), gradient = double.CreateChecked(dy[i]);
                    dx[i] = T.CreateChecked(logarithm ? gradient - Math.Exp(value) * sum : value * (gradient - sum));
                }
            }
        }
    }
}
