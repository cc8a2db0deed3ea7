using System.Globalization;

namespace Fovea.Cli;

/// <summary>Numbers as they are printed: the same in every language.</summary>
internal static class Format
{
    /// <summary>"60,000".</summary>
    public static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 sample", "60,000 samples".</summary>
    public static string Count(int count, string unit) => $"{Number(count)} {unit}{(count == 1 ? "" : "s")}";

    /// <summary>"0.0312".</summary>
    public static string Loss(double value) => value.ToString("F4", CultureInfo.InvariantCulture);

    /// <summary>"1.15797": to some decimals; very small and very large numbers by a power of ten.</summary>
    public static string Decimal(double value, int digits = 5) =>
        value == 0 || Math.Abs(value) is >= 1e-4 and < 1e9
            ? (Math.Round(value, digits) + 0.0).ToString("0." + new string('#', digits), CultureInfo.InvariantCulture)
            : value.ToString("0.###e+0", CultureInfo.InvariantCulture);

    /// <summary>"98.53%".</summary>
    public static string Percent(double share) => $"{share * 100:F2}%";

    /// <summary>"12.3 s".</summary>
    public static string Seconds(double value) => $"{value:F1} s";
}
