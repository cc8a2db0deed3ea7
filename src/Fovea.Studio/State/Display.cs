using System.Globalization;

namespace Fovea.Studio.State;

/// <summary>Numbers as the pages show them: the same in every language.</summary>
internal static class Display
{
    /// <summary>"60,000".</summary>
    public static string Whole(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>To so many decimals, without zeros at the end; very small and very large numbers by a power of ten.</summary>
    public static string Decimal(double value, int digits = 4) =>
        value == 0 || Math.Abs(value) is >= 1e-4 and < 1e9
            ? (Math.Round(value, digits) + 0.0).ToString("0." + new string('#', digits), CultureInfo.InvariantCulture)
            : value.ToString("0.###e+0", CultureInfo.InvariantCulture);

    /// <summary>To exactly so many decimals.</summary>
    public static string Fixed(double value, int digits) => value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>"98.5%".</summary>
    public static string Percent(double share, int digits = 1) => Fixed(share * 100, digits) + "%";

    /// <summary>A coordinate of a drawing.</summary>
    public static string Point(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>"1.2 ms", "3.4 s", "5.6 min", "7.8 h".</summary>
    public static string Seconds(double seconds)
    {
        var (value, unit) = seconds switch
        {
            < 1e-3 => (seconds * 1e6, "µs"),
            < 1 => (seconds * 1e3, "ms"),
            < 120 => (seconds, "s"),
            < 7200 => (seconds / 60, "min"),
            _ => (seconds / 3600, "h"),
        };
        return $"{(value < 100 ? Fixed(value, 1) : Whole(value))} {unit}";
    }

    /// <summary>"1.2 kB", with steps of 1024.</summary>
    public static string Bytes(double bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        int unit = 0;
        for (; bytes >= 1024 && unit < units.Length - 1; unit++) bytes /= 1024;
        return $"{(unit == 0 ? Whole(bytes) : bytes.ToString("0.0", CultureInfo.InvariantCulture))} {units[unit]}";
    }
}
