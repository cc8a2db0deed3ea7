using System.Globalization;

namespace Fovea.Cli;

/// <summary>Numbers as they are printed: the same in every language.</summary>
internal static class Format
{
    /// <summary>"60,000".</summary>
    public static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"0.0312".</summary>
    public static string Loss(double value) => value.ToString("F4", CultureInfo.InvariantCulture);

    /// <summary>"98.53%".</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:F2}%");

    /// <summary>"12.3 s".</summary>
    public static string Seconds(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:F1} s");
}
