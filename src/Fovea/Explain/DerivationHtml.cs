using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Fovea;

/// <summary>Draws a <see cref="Derivation"/> as a part of an HTML page, or as a page; formulas in MathML, nothing is loaded.</summary>
internal static partial class DerivationHtml
{
    // A table is scrolled rather than its names and numbers broken.
    private const int LongestUnbroken = 24;

    /// <summary>What the parts need to look right: for the head of a page that shows them.</summary>
    public const string Style = """
        .derivation { max-width: 54rem; line-height: 1.5; }
        .derivation .derivation { margin-left: 1rem; padding-left: 1rem; border-left: 3px solid color-mix(in srgb, currentColor 18%, transparent); }
        .derivation h1, .derivation h2, .derivation h3, .derivation h4 { margin: 1.4em 0 .5em; line-height: 1.25; }
        .derivation p { margin: .6em 0 .3em; }
        .derivation math { font-family: "Latin Modern Math", "STIX Two Math", "Cambria Math", "DejaVu Math TeX Gyre", math; font-size: 1.1em; }
        .derivation .formula { margin: .5em 0 .9em 1.5rem; padding: .1em 0; overflow: auto hidden; }
        .derivation .formula mtable.lines > mtr > mtd { padding: .3em 0; math-style: normal; }
        .derivation .formula mtable.lines > mtr > mtd:first-child { padding-right: .28em; }
        .derivation mtd.left { text-align: left; text-align: -webkit-left; }
        .derivation mtd.right { text-align: right; text-align: -webkit-right; }
        .derivation mtd.rule-before { border-left: 1px solid; }
        .derivation mtd.rule-above { border-top: 1px solid; }
        .derivation .table { margin: .4em 0 1em; overflow-x: auto; }
        .derivation table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        .derivation .short { white-space: nowrap; }
        .derivation th, .derivation td { padding: .2em .55em; border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent); text-align: left; }
        .derivation .number { text-align: right; }
        @media (max-width: 30rem) {
          .derivation table { font-size: .75em; }
          .derivation th, .derivation td { padding: .2em .25em; }
          .derivation .derivation { margin-left: .3rem; padding-left: .6rem; }
          .derivation .formula { margin-left: .3rem; }
        }
        .derivation .picture { overflow-x: auto; }
        .derivation .picture img { display: block; max-width: max(100%, 40rem); height: auto; background: #fff; border-radius: 4px; }
        """;

    public static string Render(Derivation derivation, int headingLevel)
    {
        var text = new StringBuilder();
        Append(text, derivation, headingLevel);
        return text.ToString();
    }

    /// <summary>A page of its own.</summary>
    public static string Page(Derivation derivation) => $$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{{Words(derivation.Title)}}</title>
        <style>
        :root { color-scheme: light dark; }
        body { margin: 2rem auto; max-width: 54rem; padding: 0 1rem; font-family: system-ui, sans-serif; color: light-dark(#1c2733, #dde3ea); background: light-dark(#fff, #14181d); overflow-wrap: break-word; }
        @media (max-width: 30rem) { body { padding: 0 .6rem; } }
        {{Style}}
        </style>
        </head>
        <body>
        {{Render(derivation, 1)}}</body>
        </html>

        """;

    private static void Append(StringBuilder text, Derivation derivation, int level)
    {
        string heading = $"h{Math.Min(level, 6)}";
        text.Append(CultureInfo.InvariantCulture, $"<section class=\"derivation\">\n<{heading}>{Inline(derivation.Title)}</{heading}>\n");
        foreach (DerivationStep step in derivation.Steps)
        {
            if (step.Text.Length > 0) text.Append(CultureInfo.InvariantCulture, $"<p>{Inline(step.Text)}</p>\n");
            if (step.Lines.Count > 0) text.Append(CultureInfo.InvariantCulture, $"<div class=\"formula\">{FormulaMathML.Lines(step.Lines)}</div>\n");
            if (step.Table is { } table) AppendTable(text, table);
            if (step.Picture is { } picture) text.Append(CultureInfo.InvariantCulture, $"<p class=\"picture\"><img alt=\"{Words(picture.Description)}\" src=\"{picture.DataUri}\"></p>\n");
        }
        foreach (Derivation part in derivation.Parts ?? []) Append(text, part, level + 1);
        text.Append("</section>\n");
    }

    private static void AppendTable(StringBuilder text, DerivationTable table)
    {
        text.Append("<div class=\"table\"><table>\n<thead><tr>");
        AppendCells(table.Columns, "th");
        text.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in table.Rows)
        {
            text.Append("<tr>");
            AppendCells(row, "td");
            text.Append("</tr>\n");
        }
        text.Append("</tbody>\n</table></div>\n");

        void AppendCells(IReadOnlyList<string> cells, string tag)
        {
            for (int column = 0; column < cells.Count; column++)
            {
                string classes = ((table.IsNumeric(column) ? "number " : "") + (tag == "td" && cells[column].Length <= LongestUnbroken ? "short" : "")).TrimEnd();
                text.Append(classes.Length > 0 ? $"<{tag} class=\"{classes}\">" : $"<{tag}>").Append(Inline(cells[column])).Append(CultureInfo.InvariantCulture, $"</{tag}>");
            }
        }
    }

    // Where no elements can stand.
    private static string Words(string text) => WebUtility.HtmlEncode(InlineText.Render(text, words => words, FormulaText.Inline));

    // A line is not broken between a formula and the comma behind it.
    private static string Inline(string text) =>
        BeforeMark().Replace(InlineText.Render(text, words => WebUtility.HtmlEncode(words), FormulaMathML.Inline), "<span class=\"short\">$0</span>");

    [GeneratedRegex("<math>(?:(?!</math>).)*</math>[,.;:)]+")]
    private static partial Regex BeforeMark();
}
