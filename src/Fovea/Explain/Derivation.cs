using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Fovea;

/// <summary>
/// How a number comes about: what the library answers when it is asked to show the working. A derivation is data; the renderers
/// (<see cref="ToText"/>, <see cref="ToMarkdown"/>, <see cref="ToLatex"/>, <see cref="ToHtml"/>) only draw it. Titles, texts and the cells
/// of tables may hold formulas between dollar signs, "a kernel of $k = 5$"; all formulas are LaTeX, see <see cref="DerivationStep"/>.
/// </summary>
/// <param name="Title">What is derived.</param>
/// <param name="Steps">The steps, in order.</param>
/// <param name="Parts">Derivations that this one consists of, shown after its own steps.</param>
public sealed record Derivation(string Title, IReadOnlyList<DerivationStep> Steps, IReadOnlyList<Derivation>? Parts = null)
{
    /// <summary>The derivation for a terminal; formulas in Unicode.</summary>
    /// <param name="width">Where lines are broken, in characters; a matrix is never broken.</param>
    public string ToText(int width = 100) => DerivationText.Render(this, width);

    /// <summary>The derivation in Markdown; formulas between dollar signs.</summary>
    /// <param name="headingLevel">The level of the title's heading: 2 for "##".</param>
    /// <param name="pictureName">What gives the name of a picture's file; null puts the pictures into the text.</param>
    public string ToMarkdown(int headingLevel = 2, Func<DerivationPicture, string>? pictureName = null) =>
        DerivationMarkdown.Render(this, headingLevel, pictureName);

    /// <summary>The derivation as a part of a LaTeX document that uses the package amsmath.</summary>
    /// <param name="pictureName">What gives the name of a picture's file, for a document that uses the package graphicx too; null puts a
    /// note in the place of each picture. An SVG is a note always, as LaTeX cannot show it.</param>
    public string ToLatex(Func<DerivationPicture, string>? pictureName = null) => DerivationLatex.Render(this, pictureName);

    /// <summary>The derivation as a part of an HTML page; formulas in MathML, nothing is loaded.</summary>
    /// <param name="headingLevel">The level of the title's heading: 2 for "h2".</param>
    public string ToHtml(int headingLevel = 2) => DerivationHtml.Render(this, headingLevel);

    /// <summary>The derivation as an HTML page of its own.</summary>
    public string ToHtmlPage() => DerivationHtml.Page(this);

    /// <summary>The style sheet of <see cref="ToHtml"/>, for the head of a page that shows derivations.</summary>
    public static string HtmlStyle => DerivationHtml.Style;

    /// <summary>The pictures of all steps, in order.</summary>
    public IEnumerable<DerivationPicture> Pictures =>
        Steps.Select(step => step.Picture).OfType<DerivationPicture>().Concat((Parts ?? []).SelectMany(part => part.Pictures));

    /// <summary>The derivation as JSON; formulas stay LaTeX.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<Derivation>());
}

/// <summary>
/// One step of a <see cref="Derivation"/>: a text, a formula, the same formula with the numbers put in, and what comes out. The three are
/// drawn below each other, aligned at their first relation signs; numbers and results without a relation get an equals sign before them.
/// A line that begins with {} goes on with the one above: "{} + c".
/// They are LaTeX of the subset that <see cref="Formula"/> reads.
/// </summary>
/// <param name="Text">What is done, in a sentence; empty where table or picture speaks for itself.</param>
/// <param name="Formula">The formula: n' = \frac{n}{2}.</param>
/// <param name="Numbers">Its right side with numbers: \frac{28}{2}. Several lines are separated by \\.</param>
/// <param name="Result">What comes out: 14.</param>
/// <param name="Table">A table that belongs to the step.</param>
/// <param name="Picture">A picture that belongs to the step; a terminal does not show it.</param>
public sealed record DerivationStep(
    string Text, string? Formula = null, string? Numbers = null, string? Result = null, DerivationTable? Table = null, DerivationPicture? Picture = null)
{
    /// <summary>The lines of the formula in LaTeX, each cut in two at the sign at which they are aligned.</summary>
    internal IReadOnlyList<(string Left, string Right)> Lines
    {
        get
        {
            var lines = new List<(string, string)>();
            foreach (string line in Fovea.Formula.SplitLines(Formula)) Add(line, "");
            foreach (string line in Fovea.Formula.SplitLines(Numbers).Concat(Fovea.Formula.SplitLines(Result))) Add(line, lines.Count == 0 ? "" : "= ");
            return lines;

            void Add(string line, string sign)
            {
                if (line.StartsWith("{}", StringComparison.Ordinal))
                {
                    lines.Add(("", line));
                    return;
                }
                int relation = Fovea.Formula.Parse(line).FirstRelation;
                if (relation >= 0) lines.Add((line[..relation].TrimEnd(), line[relation..]));
                else lines.Add(sign.Length == 0 ? (line, "") : ("", sign + line));
            }
        }
    }
}

/// <summary>A table in a derivation. Columns of numbers, sizes and ranges are aligned to the right.</summary>
/// <param name="Columns">The heads.</param>
/// <param name="Rows">The cells, row by row, as many as there are columns.</param>
public sealed record DerivationTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>Whether a column holds nothing but numbers, percentages, sizes such as 5x3, pairs and ranges such as 3 to 7.</summary>
    public bool IsNumeric(int column) => Rows.All(row => row[column] is var cell
        && (cell.Length == 0 || double.TryParse(cell, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out _) || IsMadeOfNumbers(cell)));

    private static bool IsMadeOfNumbers(string cell)
    {
        string[] parts = cell is ['(', .. var pair, ')'] ? pair.Split(", ") : cell.Contains('x') ? cell.Split('x', StringSplitOptions.TrimEntries) : cell.Split(" to ");
        return parts.Length <= 2 && parts.All(part => part.Any(char.IsAsciiDigit) && part.All(sign => char.IsAsciiDigit(sign) || sign is '.' or ',' or '+' or '-' or '%'));
    }
}

/// <summary>A picture in a derivation.</summary>
/// <param name="Description">What is to be seen, in words.</param>
/// <param name="Data">The file: a PNG, or an SVG in UTF-8.</param>
/// <param name="IsSvg">Which of the two.</param>
public sealed record DerivationPicture(string Description, byte[] Data, bool IsSvg = false)
{
    /// <summary>An SVG.</summary>
    /// <param name="description">What is to be seen, in words.</param>
    /// <param name="svg">The file's text.</param>
    public static DerivationPicture OfSvg(string description, string svg) => new(description, Encoding.UTF8.GetBytes(svg), IsSvg: true);

    /// <summary>How the name of its file ends: ".png" or ".svg".</summary>
    public string Extension => IsSvg ? ".svg" : ".png";

    /// <summary>The picture as an address that holds all of it.</summary>
    internal string DataUri => $"data:image/{(IsSvg ? "svg+xml" : "png")};base64,{Convert.ToBase64String(Data)}";
}
