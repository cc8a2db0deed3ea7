using System.Globalization;

namespace Fovea.Lab;

/// <summary>An axis: where values are placed, what is written along it.</summary>
/// <param name="Low">The lower end, as placed.</param>
/// <param name="High">The upper end.</param>
/// <param name="Ticks">Places and words.</param>
/// <param name="Place">Where a value is placed.</param>
internal sealed record Scale(double Low, double High, IReadOnlyList<(double Position, string Label)> Ticks, Func<double, double> Place)
{
    private const double Smallest = 1e-6;
    private const int MostTicks = 7;

    /// <summary>Round numbers at equal distances, the values between the first and the last.</summary>
    public static Scale Linear(IEnumerable<double> values)
    {
        double[] all = [.. values];
        double low = all.Min(), high = all.Max();
        if (high - low < Smallest) (low, high) = (low - 0.5, high + 0.5);
        double step = Fovea.Lab.Ticks.Step(high - low, most: 4);
        double first = Math.Floor(low / step), last = Math.Ceiling(high / step);
        int decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(step) + Smallest));
        string format = $"F{decimals}";
        var ticks = Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step);
        return new Scale(first * step, last * step, [.. ticks.Select(t => (t, t.ToString(format, CultureInfo.InvariantCulture)))], v => v);
    }

    /// <summary>A logarithmic axis as long as the values, with as few of the usual round numbers as give three ticks or more.</summary>
    public static Scale Logarithmic(IEnumerable<double> values)
    {
        double[] all = [.. values.Select(Place)];
        double margin = Math.Max(0.06 * (all.Max() - all.Min()), 0.02), low = all.Min() - margin, high = all.Max() + margin;
        double[][] mantissas = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 4, 6, 8]];
        // In a narrow range, where none of these gives enough, round numbers at equal distances.
        double[] ticks = mantissas.Select(set => Between(set, low, high)).FirstOrDefault(inside => inside.Length >= 3) ?? Steps(low, high);
        // Labels must not touch, wherever on the axis they come to lie.
        var apart = new List<double>();
        foreach (double tick in ticks) if (apart.Count == 0 || Math.Log10(tick / apart[^1]) * MostTicks >= high - low) apart.Add(tick);
        return new Scale(low, high, [.. apart.Select(t => (Math.Log10(t), $"{t:0.######}"))], Place);

        static double Place(double value) => Math.Log10(Math.Max(value, Smallest));
    }

    private static double[] Steps(double low, double high)
    {
        double first = Math.Pow(10, low), last = Math.Pow(10, high), step = Fovea.Lab.Ticks.Step(last - first, MostTicks);
        int from = (int)Math.Ceiling(first / step), to = (int)Math.Floor(last / step);
        return [.. Enumerable.Range(from, Math.Max(0, to - from + 1)).Select(i => i * step)];
    }

    private static double[] Between(double[] mantissas, double low, double high) =>
    [
        .. from exponent in Enumerable.Range((int)Math.Floor(low), (int)(Math.Ceiling(high) - Math.Floor(low)))
           from mantissa in mantissas
           let number = mantissa * Math.Pow(10, exponent)
           where Math.Log10(number) >= low && Math.Log10(number) <= high
           select number,
    ];
}

/// <summary>Round distances between the ticks of an axis.</summary>
internal static class Ticks
{
    /// <summary>The smallest of 1, 2, 5, 10 ... that makes no more than so many steps of a span.</summary>
    public static double Step(double span, int most)
    {
        double unit = Math.Pow(10, Math.Floor(Math.Log10(span / most)));
        return new[] { 1, 2, 5, 10 }.Select(factor => factor * unit).First(step => span / step <= most * (1 + 1e-9));
    }

    /// <summary>The same in whole numbers: at least 1.</summary>
    public static int Step(int span, int most) => Math.Max(1, (int)Step((double)span, most));
}
