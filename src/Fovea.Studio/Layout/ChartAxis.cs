using System.Globalization;

namespace Fovea.Studio.Layout;

/// <summary>One axis of a drawing: from the smallest to the largest number, with marks at round ones.</summary>
internal sealed record ChartAxis(double Low, double High, double Start, double End)
{
    /// <summary>Whether only whole numbers are marked.</summary>
    public bool IsWhole { get; init; }

    /// <summary>An axis for some numbers, a little longer than they need.</summary>
    /// <param name="values">The numbers.</param>
    /// <param name="start">Where in the drawing the smallest stands.</param>
    /// <param name="end">Where the largest stands.</param>
    /// <param name="tight">Whether it ends at the numbers themselves.</param>
    public static ChartAxis Of(IEnumerable<double> values, double start, double end, bool tight = false)
    {
        double low = double.MaxValue, high = double.MinValue;
        bool isWhole = tight;
        foreach (double value in values.Where(double.IsFinite))
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
            isWhole = isWhole && value == Math.Round(value);
        }
        if (low > high) (low, high) = (0, 1);
        if (low == high) (low, high) = (low - 0.5, high + 0.5);
        double room = tight ? 0 : (high - low) * 0.04;
        return new ChartAxis(low - room, high + room, start, end) { IsWhole = isWhole };
    }

    /// <summary>Where a number stands.</summary>
    public double At(double value) => Start + (value - Low) / (High - Low) * (End - Start);

    /// <summary>Round numbers along the axis and how they are written.</summary>
    public IEnumerable<(double Value, string Text)> Ticks
    {
        get
        {
            double rough = (High - Low) / 5, power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
            double step = power * ((rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 });
            if (IsWhole) step = Math.Max(1, step);
            int digits = Math.Max(0, -(int)Math.Floor(Math.Log10(step) + 1e-9));
            for (double value = Math.Ceiling(Low / step) * step; value <= High + step * 1e-6; value += step)
                yield return (value, Math.Abs(value) >= 1e6 ? value.ToString("0.##e+0", CultureInfo.InvariantCulture)
                    : (Math.Round(value, digits) + 0.0).ToString("N" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
        }
    }
}
