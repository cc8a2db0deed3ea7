using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>Functions that vectors lack, accurate to a few units in the last place of float32. NaN stays NaN.</summary>
internal static class LaneMath<V> where V : struct, ILanes<V>
{
    /// <summary>1 / (1 + exp(-x)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid(V x) => V.Broadcast(1) / (V.Broadcast(1) + V.Exp(V.Zero - x));

    /// <summary>exp(x) - 1 of a number that is not positive: near 0, where the difference would lose its digits, its series.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpMinusOne(V x)
    {
        V series = V.Broadcast(1f / 5040);
        foreach (float coefficient in (ReadOnlySpan<float>)[1f / 720, 1f / 120, 1f / 24, 1f / 6, 1f / 2, 1])
            series = V.MultiplyAdd(series, x, V.Broadcast(coefficient));
        return V.SelectGreater(x, V.Broadcast(-0.4f), series * x, V.Exp(x) - V.Broadcast(1));
    }

    /// <summary>log(1 + x) of a number that is not negative. What is lost of x in the sum 1 + x is made up for by its share.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V LogOnePlus(V x)
    {
        V one = V.Broadcast(1), sum = one + x, rounded = sum - one;
        return V.SelectGreater(rounded, V.Zero, V.Log(sum) * (x / rounded), x);
    }

    /// <summary>The integral of the standard normal density up to x: erfc(-x / sqrt(2)) / 2. With t = 2 / (2 + z), erfc(z) exp(z^2) / t is a
    /// polynomial of degree 8 in u = (7 t - 4) / 3, interpolated at the zeros of Chebyshev's for 0 &lt;= z &lt;= 12; its relative error is 6e-8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NormalIntegral(V x)
    {
        V z = V.Abs(x) * V.Broadcast(0.70710678f), t = V.Broadcast(2) / (V.Broadcast(2) + z);
        V u = V.MultiplyAdd(t, V.Broadcast(7f / 3), V.Broadcast(-4f / 3)), sum = V.Broadcast(-6.89229928e-05f);
        foreach (float coefficient in (ReadOnlySpan<float>)
            [3.93452647e-05f, 6.91224763e-04f, -8.42188601e-04f, -6.77769491e-03f, 7.25139584e-03f, 0.10737066f, 0.32956165f, 0.56277448f])
            sum = V.MultiplyAdd(sum, u, V.Broadcast(coefficient));
        V tail = V.Exp(V.Zero - z * z) * t * sum * V.Broadcast(0.5f);
        return V.SelectGreater(x, V.Zero, V.Broadcast(1) - tail, tail);
    }

    /// <summary>The standard normal density: exp(-x^2 / 2) / sqrt(2 pi).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V NormalDensity(V x) => V.Exp(x * x * V.Broadcast(-0.5f)) * V.Broadcast(0.39894228f);
}
