using System.Globalization;

namespace Fovea;

/// <summary>Writes what formulas consist of in LaTeX.</summary>
internal static class Tex
{
    /// <summary>61{,}706.</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture).Replace(",", "{,}");

    /// <summary>A number rounded to so many digits after the point, zeros at the end left out.</summary>
    public static string Number(double value, int digits) =>
        Math.Round(value, digits).ToString("#,0." + new string('#', digits), CultureInfo.InvariantCulture).Replace(",", "{,}");

    /// <summary>A number as plain text, to five decimals; very small and very large ones by a power of ten: "1.2e-7".</summary>
    public static string Plain(double value, int digits = 5) =>
        value == 0 || Math.Abs(value) is >= 1e-4 and < 1e9
            // Zero is added to lose the sign of a negative zero.
            ? (Math.Round(value, digits) + 0.0).ToString("0." + new string('#', digits), CultureInfo.InvariantCulture)
            : value.ToString("0.###e+0", CultureInfo.InvariantCulture);

    /// <summary>The same in LaTeX, in brackets when it is negative or a product and <paramref name="isFactor"/>.</summary>
    public static string Decimal(double value, bool isFactor = false, int digits = 5)
    {
        string text = Plain(value, digits);
        int exponent = text.IndexOf('e', StringComparison.Ordinal);
        if (exponent >= 0) text = $"{text[..exponent]} \\cdot 10^{{{text[(exponent + 1)..].TrimStart('+')}}}";
        return isFactor && (value < 0 || exponent >= 0) ? $"({text})" : text;
    }

    /// <summary>A factor or term: in brackets when it is negative.</summary>
    public static string Signed(double value, int digits) => value < 0 ? $"({Number(value, digits)})" : Number(value, digits);

    /// <summary>Rounded down.</summary>
    public static string Floor(string body) => $"\\left\\lfloor {body} \\right\\rfloor";

    /// <summary>Rounded up.</summary>
    public static string Ceiling(string body) => $"\\left\\lceil {body} \\right\\rceil";

    /// <summary>A fraction.</summary>
    public static string Fraction(string above, string below) => $"\\frac{{{above}}}{{{below}}}";

    /// <summary>"1 \times 28 \times 28".</summary>
    public static string Shape(Shape shape) => shape.ToString().Replace("x", " \\times ");

    /// <summary>A matrix in square brackets.</summary>
    public static string Matrix(IEnumerable<IEnumerable<string>> rows) =>
        $"\\begin{{bmatrix}} {string.Join(" \\\\ ", rows.Select(row => string.Join(" & ", row)))} \\end{{bmatrix}}";
}
