using System.Text;
using Spectre.Console.Rendering;

namespace Fovea.Cli;

/// <summary>A table of texts. Where it is wider than its room, cells of the widest columns are broken at spaces; where that is not enough, columns move
/// closer together, and only then are words broken: at their hyphens, and anywhere at last.</summary>
internal sealed class TextTable
{
    // Spaces between the texts of two columns. One less is left at both ends of the rule, and before each line.
    private const int WidestGap = 3;

    private const int NarrowestBroken = 4;

    private readonly List<Column> _columns = [];
    private readonly List<string[]> _rows = [];

    private sealed record Column(string Head, bool IsRight, int? Width, bool IsWhole);

    /// <summary>Adds a column.</summary>
    /// <param name="head">Its head.</param>
    /// <param name="isRight">Whether its cells end below each other, as numbers do.</param>
    /// <param name="width">How wide it is; as wide as its widest cell unless given.</param>
    /// <param name="isWhole">Whether it is never broken.</param>
    public TextTable AddColumn(string head, bool isRight = false, int? width = null, bool isWhole = false)
    {
        _columns.Add(new Column(head, isRight, width, isWhole));
        return this;
    }

    /// <summary>Adds columns of texts.</summary>
    public TextTable AddColumns(params IEnumerable<string> heads)
    {
        foreach (string head in heads) AddColumn(head);
        return this;
    }

    /// <summary>Adds columns of numbers.</summary>
    public TextTable AddNumbers(params IEnumerable<string> heads)
    {
        foreach (string head in heads) AddColumn(head, isRight: true);
        return this;
    }

    /// <summary>Adds a row, a cell for each column.</summary>
    public void AddRow(params IEnumerable<string> cells) => _rows.Add([.. cells]);

    /// <summary>How wide it is where nothing is broken.</summary>
    public int Width => WidthOf(Unbroken(), WidestGap);

    /// <summary>The lines of the table.</summary>
    /// <param name="room">How wide it may be.</param>
    public IEnumerable<string> Lines(int room)
    {
        var (widths, gap) = Layout(room);
        yield return "";
        foreach (string line in RowLines([.. _columns.Select(column => column.Head)], widths, gap)) yield return line;
        yield return new string('─', WidthOf(widths, gap));
        foreach (string[] row in _rows) foreach (string line in RowLines(row, widths, gap)) yield return line;
        yield return "";
    }

    private static int WidthOf(int[] columns, int gap) => columns.Sum() + gap * (columns.Length - 1) + 2 * (gap - 1);

    private (int[] Widths, int Gap) Layout(int room)
    {
        int[] widths = Unbroken();
        if (WidthOf(widths, WidestGap) <= room) return (widths, WidestGap);
        int[] words = Longest(text => text.Split('\n', ' '));
        for (int gap = WidestGap; gap > 0; gap--)
        {
            int[] broken = Shrunk(widths, words, room, gap);
            if (WidthOf(broken, gap) <= room) return (broken, gap);
        }
        int[] atHyphens = Shrunk(Shrunk(widths, words, room, gap: 1), Longest(text => text.Replace("-", "- ", StringComparison.Ordinal).Split('\n', ' ')), room, gap: 1);
        return (Shrunk(atHyphens, [.. widths.Select(_ => NarrowestBroken)], room, gap: 1), 1);
    }

    // The widest columns first, until they fit or none is wider than its least width.
    private int[] Shrunk(int[] columns, int[] least, int room, int gap)
    {
        int[] widths = [.. columns];
        while (WidthOf(widths, gap) > room && Widest(widths, i => widths[i] > least[i]) is >= 0 and var widest) widths[widest]--;
        return widths;
    }

    private int[] Unbroken()
    {
        int[] widths = Longest(text => text.Split('\n'));
        for (int i = 0; i < widths.Length; i++) widths[i] = _columns[i].Width ?? widths[i];
        return widths;
    }

    // Of those columns that may be narrower; -1 where there is none.
    private int Widest(int[] widths, Func<int, bool> mayShrink)
    {
        int widest = -1;
        for (int i = 0; i < widths.Length; i++)
        {
            if (!_columns[i].IsWhole && mayShrink(i) && (widest < 0 || widths[i] > widths[widest])) widest = i;
        }
        return widest;
    }

    // The longest part of a cell in each column.
    private int[] Longest(Func<string, string[]> parts)
    {
        var longest = new int[_columns.Count];
        for (int i = 0; i < longest.Length; i++)
        {
            foreach (string part in parts(_columns[i].Head)) longest[i] = Math.Max(longest[i], Cells(part));
            foreach (string[] row in _rows) foreach (string part in parts(row[i])) longest[i] = Math.Max(longest[i], Cells(part));
        }
        return longest;
    }

    private IEnumerable<string> RowLines(string[] row, int[] widths, int gap)
    {
        string[][] cells = [.. row.Select((cell, i) => Wrap(cell, widths[i]).ToArray())];
        for (int line = 0; Array.Exists(cells, cell => line < cell.Length); line++)
        {
            var text = new StringBuilder().Append(' ', gap - 1);
            for (int i = 0; i < cells.Length; i++)
            {
                string part = line < cells[i].Length ? cells[i][line] : "";
                int blank = Math.Max(0, widths[i] - Cells(part));
                text.Append(' ', _columns[i].IsRight ? blank : 0).Append(part).Append(' ', _columns[i].IsRight ? 0 : blank).Append(' ', gap);
            }
            yield return text.ToString().TrimEnd();
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        foreach (string line in text.Split('\n'))
        {
            string rest = line;
            while (Cells(rest) > width)
            {
                int most = rest.Length;
                while (most > 1 && Cells(rest[..most]) > width) most--;
                int space = rest.LastIndexOf(' ', most, most);
                if (space > 0)
                {
                    yield return rest[..space];
                    rest = rest[(space + 1)..];
                    continue;
                }
                int hyphen = rest.LastIndexOf('-', most - 1, most);
                if (hyphen > 0) most = hyphen + 1;
                if (char.IsHighSurrogate(rest[most - 1])) most += most > 1 ? -1 : 1;
                yield return rest[..most];
                rest = rest[most..];
            }
            yield return rest;
        }
    }

    // The width of a text on a terminal, where some characters take two places.
    private static int Cells(string text) => Ascii.IsValid(text) ? text.Length : new Segment(text).CellCount();
}
