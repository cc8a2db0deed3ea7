using System.Globalization;
using System.Text;

namespace Fovea;

/// <summary>Draws a <see cref="Derivation"/> as a part of a LaTeX document.</summary>
internal static class DerivationLatex
{
    private static readonly string[] s_headings = ["subsection*", "subsubsection*", "paragraph*"];

    public static string Render(Derivation derivation, Func<DerivationPicture, string>? pictureName)
    {
        var text = new StringBuilder();
        Append(text, derivation, 0, pictureName);
        return text.ToString();
    }

    /// <summary>The lines of a step's formula as an aligned block, for math mode.</summary>
    public static string Aligned(DerivationStep step)
    {
        if (step.Lines is [var (left, right)]) return $"{left} {right}".Trim();
        return "\\begin{aligned}\n" + string.Join(" \\\\\n", step.Lines.Select(line => $"{line.Left} &{line.Right}".Trim())) + "\n\\end{aligned}";
    }

    private static void Append(StringBuilder text, Derivation derivation, int level, Func<DerivationPicture, string>? pictureName)
    {
        text.Append(CultureInfo.InvariantCulture, $"\\{s_headings[Math.Min(level, s_headings.Length - 1)]}{{{Inline(derivation.Title)}}}\n");
        foreach (DerivationStep step in derivation.Steps)
        {
            if (step.Text.Length > 0) text.Append(Inline(step.Text)).Append('\n');
            if (step.Lines.Count > 0) text.Append("\\[\n").Append(Aligned(step)).Append("\n\\]\n");
            else text.Append('\n');
            if (step.Table is { } table) AppendTable(text, table);
            if (step.Picture is { } picture) text.Append(CultureInfo.InvariantCulture, $"\\begin{{center}}\n{Picture(picture, pictureName)}\n\\end{{center}}\n");
        }
        foreach (Derivation part in derivation.Parts ?? []) Append(text, part, level + 1, pictureName);
    }

    private static void AppendTable(StringBuilder text, DerivationTable table)
    {
        text.Append(CultureInfo.InvariantCulture, $"\\begin{{center}}\n\\begin{{tabular}}{{{new string([.. table.Columns.Select((_, column) => table.IsNumeric(column) ? 'r' : 'l')])}}}\n");
        text.Append(string.Join(" & ", table.Columns.Select(Inline))).Append(" \\\\ \\hline\n");
        foreach (var row in table.Rows) text.Append(string.Join(" & ", row.Select(Inline))).Append(" \\\\\n");
        text.Append("\\end{tabular}\n\\end{center}\n");
    }

    private static string Picture(DerivationPicture picture, Func<DerivationPicture, string>? name) => name is null || picture.IsSvg
        ? $"[Picture: {Inline(picture.Description)}]"
        : $"\\includegraphics[width=\\linewidth]{{{name(picture)}}}\\\\\n{Inline(picture.Description)}";

    private static string Inline(string text) => InlineText.Render(text, Escape, formula => $"${formula}$");

    private static string Escape(string text)
    {
        var result = new StringBuilder();
        foreach (char c in text)
        {
            result.Append(c switch
            {
                '\\' => "\\textbackslash{}",
                '~' => "\\textasciitilde{}",
                '^' => "\\textasciicircum{}",
                '<' or '>' or '|' => $"${c}$",
                '#' or '%' or '&' or '_' or '{' or '}' => "\\" + c,
                _ => c.ToString(),
            });
        }
        return result.ToString();
    }
}
