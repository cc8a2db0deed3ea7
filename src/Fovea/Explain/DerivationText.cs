using System.Text;

namespace Fovea;

/// <summary>Draws a <see cref="Derivation"/> for a terminal.</summary>
internal static class DerivationText
{
    private const string Indent = "    ";
    private const int NarrowestBroken = 20;

    public static string Render(Derivation derivation, int width)
    {
        var text = new StringBuilder();
        Append(text, derivation, width, "");
        return text.ToString();
    }

    private static void Append(StringBuilder text, Derivation derivation, int width, string margin)
    {
        foreach (string line in Wrap(Plain(derivation.Title), width - margin.Length)) Line(text, margin, line);
        foreach (DerivationStep step in derivation.Steps)
        {
            if (step.Text.Length > 0) foreach (string line in Wrap(Plain(step.Text), width - margin.Length - 2)) Line(text, margin + "  ", line);
            foreach (string line in FormulaLines(step, width - margin.Length - Indent.Length)) Line(text, margin + Indent, line);
            if (step.Table is { } table) foreach (string line in TableLines(table, width - margin.Length - Indent.Length)) Line(text, margin + Indent, line);
        }
        foreach (Derivation part in derivation.Parts ?? [])
        {
            text.Append('\n');
            Append(text, part, width, margin + "  ");
        }
    }

    // The right halves below each other, each with its left half before it.
    private static IEnumerable<string> FormulaLines(DerivationStep step, int width)
    {
        var lines = step.Lines.Select(line => (Left: FormulaText.Draw(Formula.Parse(line.Left).Root), Right: FormulaText.Draw(Formula.Parse(line.Right).Root))).ToList();
        int margin = lines.Where(line => line.Right.Width > 0).Select(line => line.Left.Width).DefaultIfEmpty(0).Max();
        foreach (var (left, right) in lines)
        {
            if (left.Lines.Count > 1 || right.Lines.Count > 1)
            {
                FormulaText.Box padded = left.Width >= margin ? left : FormulaText.Box.Join(new string(' ', margin - left.Width), left);
                foreach (string line in FormulaText.Box.Join(padded, left.Width > 0 ? " " : margin > 0 ? " " : "", right).Lines) yield return line;
                continue;
            }
            string start = right.Width == 0 ? left.Lines[0] : left.Lines[0].PadLeft(margin) + (margin > 0 ? " " : "") + right.Lines[0];
            string hanging = new(' ', right.Width == 0 ? 2 : margin + 3);
            bool first = true;
            foreach (string line in Wrap(start, width, hanging.Length))
            {
                yield return first ? line : hanging + line;
                first = false;
            }
        }
    }

    private static IEnumerable<string> TableLines(DerivationTable table, int width)
    {
        string[][] rows = [[.. table.Columns.Select(Plain)], .. table.Rows.Select(row => row.Select(Plain).ToArray())];
        int[] widths = [.. Enumerable.Range(0, table.Columns.Count).Select(column => rows.Max(row => row[column].Length))];
        // Too wide a table gets narrower in its widest column, whose cells are broken then.
        while (widths.Sum() + 2 * (widths.Length - 1) > width && widths.Max() > NarrowestBroken)
        {
            int widest = Array.IndexOf(widths, widths.Max());
            widths[widest] = Math.Max(NarrowestBroken, widths[widest] - (widths.Sum() + 2 * (widths.Length - 1) - width));
        }
        foreach (string[] row in rows)
        {
            string[][] cells = [.. row.Select((cell, column) => Wrap(cell, widths[column]).ToArray())];
            for (int line = 0; line < cells.Max(cell => cell.Length); line++)
            {
                yield return string.Join("  ", cells.Select((cell, column) => (line < cell.Length ? cell[line] : "") is var text && table.IsNumeric(column)
                    ? text.PadLeft(widths[column]) : text.PadRight(widths[column])));
            }
            if (row == rows[0]) yield return string.Join("  ", widths.Select(width => new string('─', width)));
        }
    }

    private static string Plain(string text) => InlineText.Render(text, words => words, FormulaText.Inline);

    // Breaks at spaces; lines after the first are shorter by `hanging`.
    private static IEnumerable<string> Wrap(string text, int width, int hanging = 0)
    {
        int available = Math.Max(width, 20);
        while (text.Length > available && text.LastIndexOf(' ', available) is var space && space > 0 && text.AsSpan(0, space).Trim().Length > 0)
        {
            yield return text[..space];
            text = text[(space + 1)..];
            available = Math.Max(width - hanging, 20);
        }
        yield return text;
    }

    private static void Line(StringBuilder text, string margin, string line) => text.Append((margin + line).TrimEnd()).Append('\n');
}
