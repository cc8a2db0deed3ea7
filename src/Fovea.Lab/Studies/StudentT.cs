namespace Fovea.Lab;

/// <summary>Student's t-distribution, as far as intervals and tests need it.</summary>
internal static class StudentT
{
    // The 0.975 quantiles for 1 to 10 degrees of freedom, as any table has them.
    private static readonly double[] s_table = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281];

    /// <summary>The probability that a t-distributed number is at least so far from 0, on either side.</summary>
    /// <param name="t">The number.</param>
    /// <param name="degreesOfFreedom">At least 1.</param>
    public static double TwoSided(double t, int degreesOfFreedom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degreesOfFreedom, 1);
        // With x = arctan(t / sqrt(n)) the probability of less is a finite sum of powers of its cosine (Abramowitz and Stegun 26.7.3 and 4).
        int n = degreesOfFreedom;
        double angle = Math.Atan(Math.Abs(t) / Math.Sqrt(n)), cosine = Math.Cos(angle), square = cosine * cosine, sum = 0;
        bool odd = n % 2 == 1;
        double term = odd ? cosine : 1;
        for (int k = odd ? 3 : 2; k <= n; k += 2)
        {
            sum += term;
            term *= square * (k - 1) / k;
        }
        double less = odd ? 2 / Math.PI * (angle + Math.Sin(angle) * sum) : Math.Sin(angle) * sum;
        return Math.Clamp(1 - less, 0, 1);
    }

    /// <summary>The factor of a two-sided 95% interval: the 0.975 quantile, right to four digits.</summary>
    /// <param name="degreesOfFreedom">At least 1: the number of values less one.</param>
    public static double Quantile975(int degreesOfFreedom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(degreesOfFreedom, 1);
        if (degreesOfFreedom <= s_table.Length) return s_table[degreesOfFreedom - 1];
        // The expansion of Cornish and Fisher around the normal quantile (Abramowitz and Stegun 26.7.5).
        const double z = 1.959964;
        double n = degreesOfFreedom, z2 = z * z;
        double first = (z2 + 1) / 4, second = ((5 * z2 + 16) * z2 + 3) / 96, third = (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
        return z * (1 + (first + (second + third / n) / n) / n);
    }
}
