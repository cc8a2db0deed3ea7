namespace Fovea.Kernels.Reference;

/// <summary>The standard normal distribution, in double.</summary>
internal static class ReferenceNormal
{
    public static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);

    /// <summary>The integral of the density up to x.</summary>
    public static double Integral(double x)
    {
        if (double.IsNaN(x)) return x;
        if (Math.Abs(x) < 3)
        {
            // 1/2 + density (x + x^3 / 3 + x^5 / (3 5) + ...).
            double sum = x, term = x;
            for (int k = 3; k < 100; k += 2) sum += term *= x * x / k;
            return 0.5 + Density(x) * sum;
        }
        // The tail: density / (x + 1 / (x + 2 / (x + 3 / ...))).
        double fraction = Math.Abs(x);
        for (int k = 100; k >= 1; k--) fraction = Math.Abs(x) + k / fraction;
        double tail = Density(x) / fraction;
        return x > 0 ? 1 - tail : tail;
    }
}
