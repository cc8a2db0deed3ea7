using System.Globalization;
using System.Text;

namespace Fovea;

/// <summary>Draws a <see cref="Derivation"/> in Markdown, formulas between dollar signs as on GitHub and in notebooks.</summary>
internal static class DerivationMarkdown
{
    public static string Render(Derivation derivation, int headingLevel, Func<DerivationPicture, string>? pictureName)
    {
        var text = new StringBuilder();
        Append(text, derivation, headingLevel, pictureName ?? (picture => picture.DataUri));
        return text.ToString();
    }

    private static void Append(StringBuilder text, Derivation derivation, int level, Func<DerivationPicture, string> address)
    {
        text.Append(new string('#', Math.Min(level, 6))).Append(' ').Append(Inline(derivation.Title)).Append("\n\n");
        foreach (DerivationStep step in derivation.Steps)
        {
            if (step.Text.Length > 0) text.Append(Inline(step.Text)).Append("\n\n");
            if (step.Lines.Count > 0) text.Append("$$\n").Append(DerivationLatex.Aligned(step)).Append("\n$$\n\n");
            if (step.Table is { } table)
            {
                Row(table.Columns.Select(Inline));
                Row(table.Columns.Select((_, column) => table.IsNumeric(column) ? "---:" : "---"));
                foreach (var row in table.Rows) Row(row.Select(Inline));
                text.Append('\n');
            }
            // Blanks would end the address.
            if (step.Picture is { } picture) text.Append(CultureInfo.InvariantCulture, $"![{Inline(picture.Description)}](<{address(picture)}>)\n\n");
        }
        foreach (Derivation part in derivation.Parts ?? []) Append(text, part, level + 1, address);

        void Row(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells.Select(cell => cell.Replace("|", "\\|"))).Append(" |\n");
    }

    private static string Inline(string text) => InlineText.Render(text, Escape, formula => $"${formula}$");

    private static string Escape(string text)
    {
        var result = new StringBuilder();
        foreach (char c in text)
        {
            if (c is '*' or '_' or '`' or '<' or '[' or ']' or '\\') result.Append('\\');
            result.Append(c);
        }
        return result.ToString();
    }
}
