namespace Fovea;

/// <summary>
/// Losses of one prediction x against one target t that training does not have yet: value, and derivative by x. At a kink the derivative is
/// the subgradient 0.
/// </summary>
internal static class LossTerms
{
    /// <summary>Half the square of a small error, linear with slope <paramref name="delta"/> beyond it (Huber 1964).</summary>
    public static (double Value, double Derivative) Huber(double x, double t, double delta)
    {
        double error = x - t, size = Math.Abs(error);
        return size <= delta ? (error * error / 2, error) : (delta * (size - delta / 2), delta * Math.Sign(error));
    }

    /// <summary>The Huber loss divided by its threshold <paramref name="beta"/>: its slope far out is always 1.</summary>
    public static (double Value, double Derivative) SmoothAbsoluteError(double x, double t, double beta)
    {
        var (value, derivative) = Huber(x, t, beta);
        return (value / beta, derivative / beta);
    }

    /// <summary>log(cosh(x - t)), written so that nothing overflows.</summary>
    public static (double Value, double Derivative) LogCosh(double x, double t)
    {
        double size = Math.Abs(x - t);
        return (size + Math.Log(1 + Math.Exp(-2 * size)) - Math.Log(2), Math.Tanh(x - t));
    }

    /// <summary>max(0, 1 - t x) for a target of -1 or 1.</summary>
    public static (double Value, double Derivative) Hinge(double x, double t) => (Math.Max(0, 1 - t * x), t * x < 1 ? -t : 0);

    /// <summary>-(1 - q)^gamma log q, where q is the probability of the label: x for 1, 1 - x for 0 (Lin et al. 2017).</summary>
    public static (double Value, double Derivative) Focal(double x, double t, double gamma)
    {
        double q = t == 1 ? x : 1 - x, scale = Math.Pow(1 - q, gamma), log = Math.Log(q);
        double derivative = gamma * Math.Pow(1 - q, gamma - 1) * log - scale / q;
        return (-scale * log, t == 1 ? derivative : -derivative);
    }

    /// <summary>t log(t / x): a term of the Kullback-Leibler divergence. 0 log 0 is 0.</summary>
    public static (double Value, double Derivative) Divergence(double x, double t) => t == 0 ? (0, 0) : (t * Math.Log(t / x), -t / x);
}
