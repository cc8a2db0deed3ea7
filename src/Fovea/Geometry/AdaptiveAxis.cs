using System.Numerics;

namespace Fovea;

/// <summary>
/// One axis of adaptive pooling, which is told the number of outputs instead of the windows: output i of m takes the pixels from
/// floor(i n / m) to ceil((i + 1) n / m) of n (the rule of PyTorch). Where m divides n the windows are n / m wide and lie side by side.
/// </summary>
internal readonly record struct AdaptiveAxis(int Input, int Output)
{
    /// <summary>The first pixel of an output's window.</summary>
    public int Start(int output) => (int)((long)output * Input / Output);

    /// <summary>The pixel after the last of an output's window.</summary>
    public int End(int output) => (int)(((output + 1L) * Input + Output - 1) / Output);

    /// <summary>A window as wide as the widest, from one start to the next.</summary>
    public WindowAxis Window()
    {
        // A window is ceil((n + r) / m) wide, where r = i n mod m takes all multiples of gcd(n, m) below m.
        long divisor = (long)BigInteger.GreatestCommonDivisor(Input, Output);
        long widest = (2L * Output - 1 + Input - divisor) / Output;
        return new WindowAxis(Input, (int)widest, Math.Max(1, Input / Output));
    }
}
