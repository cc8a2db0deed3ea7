namespace Fovea.Kernels.Reference;

/// <summary>The plain twins of the losses, for one sample: the sum of its terms, and their derivatives by the output.</summary>
internal static class ReferenceLosses
{
    /// <summary>-x[label].</summary>
    public static double NegativeLogLikelihood(ReadOnlySpan<double> x, int label, Span<double> gradient)
    {
        gradient.Clear();
        gradient[label] = -1;
        return -x[label];
    }

    /// <summary>log(sum(exp(x))) minus x[label], and, to a share, minus the mean of all x in its place.</summary>
    /// <remarks>Where classes have weights, each target is multiplied by its class's.</remarks>
    public static double CrossEntropy(ReadOnlySpan<double> x, int label, double smoothing, IReadOnlyList<double>? weights, Span<double> gradient)
    {
        double largest = double.NegativeInfinity, sum = 0, mass = 0, product = 0;
        foreach (double value in x) largest = Math.Max(largest, value);
        foreach (double value in x) sum += Math.Exp(value - largest);
        for (int i = 0; i < x.Length; i++)
        {
            double target = ((i == label ? 1 - smoothing : 0) + smoothing / x.Length) * (weights is null || i >= weights.Count ? 1 : weights[i]);
            gradient[i] = -target;
            mass += target;
            product += target * (x[i] - largest);
        }
        for (int i = 0; i < x.Length; i++) gradient[i] += mass * Math.Exp(x[i] - largest) / sum;
        return mass * Math.Log(sum) - product;
    }

    /// <summary>The sum over the other classes of max(0, margin - x[label] + x), divided by the number of classes.</summary>
    public static double MultiMargin(ReadOnlySpan<double> x, int label, double margin, Span<double> gradient)
    {
        double sum = 0;
        gradient.Clear();
        for (int i = 0; i < x.Length; i++)
        {
            double miss = margin - x[label] + x[i];
            if (i == label || miss <= 0) continue;
            sum += miss / x.Length;
            gradient[i] += 1.0 / x.Length;
            gradient[label] -= 1.0 / x.Length;
        }
        return sum;
    }

    /// <summary>The sum of a term over the outputs.</summary>
    public static double Terms(ReadOnlySpan<double> x, ReadOnlySpan<double> targets, Span<double> gradient,
        Func<double, double, (double Value, double Derivative)> term)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            var (value, derivative) = term(x[i], targets[i]);
            sum += value;
            gradient[i] = derivative;
        }
        return sum;
    }

    public static (double Value, double Derivative) SquaredError(double x, double t) => ((x - t) * (x - t), 2 * (x - t));

    public static (double Value, double Derivative) AbsoluteError(double x, double t) => (Math.Abs(x - t), Math.Sign(x - t));

    public static (double Value, double Derivative) BinaryCrossEntropy(double x, double t) =>
        (-t * Math.Max(Math.Log(x), -100) - (1 - t) * Math.Max(Math.Log(1 - x), -100), (x - t) / Math.Max((1 - x) * x, 1e-12));

    public static (double Value, double Derivative) BinaryCrossEntropyOfLogits(double x, double t) =>
        (Math.Max(x, 0) - x * t + Math.Log(1 + Math.Exp(-Math.Abs(x))), 1 / (1 + Math.Exp(-x)) - t);

    /// <summary>Half the square of a small error, linear with slope <paramref name="delta"/> beyond it.</summary>
    public static (double Value, double Derivative) Huber(double x, double t, double delta)
    {
        double error = x - t, size = Math.Abs(error);
        return size <= delta ? (error * error / 2, error) : (delta * (size - delta / 2), delta * Math.Sign(error));
    }

    /// <summary>The Huber loss divided by its threshold.</summary>
    public static (double Value, double Derivative) SmoothL1(double x, double t, double beta)
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

    /// <summary>max(0, 1 - s x) with s = 2 t - 1.</summary>
    public static (double Value, double Derivative) Hinge(double x, double t)
    {
        double sign = 2 * t - 1;
        return (Math.Max(0, 1 - sign * x), sign * x < 1 ? -sign : 0);
    }

    /// <summary>Binary cross-entropy of a logit times (1 - q)^gamma, where q is the probability of what is right.</summary>
    public static (double Value, double Derivative) Focal(double x, double t, double gamma)
    {
        var (value, derivative) = BinaryCrossEntropyOfLogits(x, t);
        double p = 1 / (1 + Math.Exp(-x)), rest = 1 / (1 + Math.Exp(x)), miss = p * (1 - t) + rest * t;
        double factor = Math.Pow(miss, gamma), slope = gamma == 0 || miss == 0 ? 0 : gamma * factor / miss * p * rest * (1 - 2 * t);
        return (value * factor, derivative * factor + value * slope);
    }

    /// <summary>t (log t - x): a term of the Kullback-Leibler divergence, x the logarithm of a probability. 0 log 0 is 0.</summary>
    public static (double Value, double Derivative) Divergence(double x, double t) => t > 0 ? (t * (Math.Log(t) - x), -t) : (0, 0);
}
