using System.Numerics;

namespace Fovea.Kernels.Reference;

/// <summary>The plain twin of the linear layer: x [N][K], w [O][K], y [N][O].</summary>
internal static class ReferenceLinear
{
    /// <summary>y = x w^T + bias.</summary>
    public static void Forward<T>(int samples, int inputs, int outputs, ReadOnlySpan<T> x, ReadOnlySpan<T> w, ReadOnlySpan<T> bias, Span<T> y)
        where T : IBinaryFloatingPointIeee754<T>
    {
        for (int n = 0; n < samples; n++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double sum = bias.IsEmpty ? 0 : double.CreateChecked(bias[o]);
                for (int k = 0; k < inputs; k++) sum += double.CreateChecked(x[n * inputs + k]) * double.CreateChecked(w[o * inputs + k]);
                y[n * outputs + o] = T.CreateChecked(sum);
            }
        }
    }

    /// <summary>dx, dw and dbias from dy; empty spans are left out.</summary>
    public static void Backward<T>(int samples, int inputs, int outputs, ReadOnlySpan<T> x, ReadOnlySpan<T> w, ReadOnlySpan<T> dy,
        Span<T> dx, Span<T> dw, Span<T> dbias) where T : IBinaryFloatingPointIeee754<T>
    {
        for (int o = 0; o < outputs; o++)
        {
            double total = 0;
            for (int n = 0; n < samples; n++) total += double.CreateChecked(dy[n * outputs + o]);
            if (!dbias.IsEmpty) dbias[o] = T.CreateChecked(total);
            for (int k = 0; k < inputs; k++)
            {
                double sum = 0;
                for (int n = 0; n < samples; n++) sum += double.CreateChecked(dy[n * outputs + o]) * double.CreateChecked(x[n * inputs + k]);
                dw[o * inputs + k] = T.CreateChecked(sum);
            }
        }
        if (dx.IsEmpty) return;
        for (int n = 0; n < samples; n++)
        {
            for (int k = 0; k < inputs; k++)
            {
                double sum = 0;
                for (int o = 0; o < outputs; o++) sum += double.CreateChecked(dy[n * outputs + o]) * double.CreateChecked(w[o * inputs + k]);
                dx[n * inputs + k] = T.CreateChecked(sum);
            }
        }
    }
}
