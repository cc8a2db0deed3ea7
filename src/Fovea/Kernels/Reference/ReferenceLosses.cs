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

    /// <summary>log(sum(exp(x))) - x[label].</summary>
    public static double CrossEntropy(ReadOnlySpan<double> x, int label, Span<double> gradient)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (double value in x) largest = Math.Max(largest, value);
        foreach (double value in x) sum += Math.Exp(value - largest);
        for (int i = 0; i < x.Length; i++) gradient[i] = Math.Exp(x[i] - largest) / sum - (i == label ? 1 : 0);
        return largest + Math.Log(sum) - x[label];
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
}
