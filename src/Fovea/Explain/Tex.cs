using System.Globalization;

namespace Fovea;

/// <summary>Writes what formulas consist of in LaTeX.</summary>
internal static class Tex
{
    // Characters that fit into the column of a page.
    private const int LongestSum = 66;

    /// <summary>61{,}706.</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture).Replace(",", "{,}");

    /// <summary>A number rounded to so many digits after the point, zeros at the end left out; by a power of ten where a double no longer knows
    /// all digits before the point.</summary>
    public static string Number(double value, int digits) => Math.Abs(value) >= 1e15 ? Decimal(value)
        // Zero is added to lose the sign of a negative zero.
        : (Math.Round(value, digits) + 0.0).ToString("#,0." + new string('#', digits), CultureInfo.InvariantCulture).Replace(",", "{,}");

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

    /// <summary>A matrix in square brackets. One of many columns is an array, as a matrix of amsmath has ten at most.</summary>
    public static string Matrix(IEnumerable<IEnumerable<string>> rows)
    {
        string[][] cells = [.. rows.Select(row => row.ToArray())];
        string body = string.Join(" \\\\ ", cells.Select(row => string.Join(" & ", row)));
        return cells[0].Length <= 10
            ? $"\\begin{{bmatrix}} {body} \\end{{bmatrix}}"
            : $"\\left[ \\begin{{array}}{{{new string('r', cells[0].Length)}}} {body} \\end{{array}} \\right]";
    }

    /// <summary>
    /// "a + b + c". A long sum goes on in lines that begin with {}, as one writes a plus sign at the beginning of a line in LaTeX; see
    /// <see cref="DerivationStep"/>.
    /// </summary>
    public static string Sum(IEnumerable<string> terms)
    {
        var text = new System.Text.StringBuilder();
        int length = 0;
        foreach (string term in terms)
        {
            int more = term.Replace("\\cdot", "x").Length + 3;
            if (text.Length > 0) text.Append(length + more > LongestSum ? " \\\\ {} + " : " + ");
            length = length + more > LongestSum ? more : length + more;
            text.Append(term);
        }
        return text.ToString();
    }
}
