namespace Fovea;

/// <summary>How the cells of a claimed table lie: what parts them, and which columns hold layer, output and parameters.</summary>
internal sealed class ClaimTable
{
    private static readonly string[][] s_heads =
    [
        ["layer", "layer (type)", "layer type", "name", "module", "type"], ["output", "output shape", "shape", "output size"], ["parameters", "parameter", "params", "param", "param #", "# params", "#params"],
    ];

    private readonly char _separator;
    private readonly int[] _columns;
    private readonly int _width;

    private ClaimTable(char separator, int[] columns, int width, bool hasHead) => (_separator, _columns, _width, HasHead) = (separator, columns, width, hasHead);

    /// <summary>Whether the first line names the columns.</summary>
    public bool HasHead { get; }

    /// <summary>Finds out from the first line.</summary>
    /// <exception cref="DataFormatException">It names some of the columns and not others, or one twice.</exception>
    public static ClaimTable Of(string line, string place)
    {
        // Commas stand in shapes too, so that the others are looked for first; not in quotation marks.
        string outside = string.Concat(line.Split('"').Where((_, i) => i % 2 == 0));
        char separator = outside.Contains(';') ? ';' : outside.Contains('\t') ? '\t' : ',';
        string[] cells = [.. Split(line, separator, place).Select(cell => cell.ToLowerInvariant())];
        int[] columns = [.. s_heads.Select(names => Array.FindIndex(cells, names.Contains))];
        if (columns.All(column => column < 0)) return new ClaimTable(separator, [0, 1, 2], 3, hasHead: false);
        if (Array.IndexOf(columns, -1) is >= 0 and var missing)
            throw new DataFormatException($"{place}the head has no column \"{s_heads[missing][0]}\". Name the columns layer, output and parameters, in any order.");
        return new ClaimTable(separator, columns, cells.Length, hasHead: true);
    }

    /// <summary>Layer, output and parameters of a line.</summary>
    /// <exception cref="DataFormatException">It has more or fewer cells than the head.</exception>
    public string[] Cells(string line, string place)
    {
        string[] cells = Split(line, _separator, place);
        if (cells.Length != _width)
        {
            throw new DataFormatException($"{place}expected {_width} cells{(_width == 3 ? " (layer, output, parameters)" : " as in the head")}, got {cells.Length}."
                + (_separator == ',' ? " Put outputs between quotation marks: Linear-9,\"[-1, 84]\",10164." : ""));
        }
        return [.. _columns.Select(column => cells[column])];
    }

    // Cells between separators, perhaps in quotation marks, of which two stand for one.
    private static string[] Split(string line, char separator, string place)
    {
        var cells = new List<string>();
        int position = 0;
        while (true)
        {
            while (position < line.Length && line[position] == ' ') position++;
            string cell;
            if (position < line.Length && line[position] == '"')
            {
                int end = position + 1;
                while (end < line.Length && (line[end] != '"' || end + 1 < line.Length && line[end + 1] == '"')) end += line[end] == '"' ? 2 : 1;
                if (end >= line.Length) throw new DataFormatException($"{place}a quotation mark is not closed.");
                cell = line[(position + 1)..end].Replace("\"\"", "\"");
                position = end + 1;
                while (position < line.Length && line[position] == ' ') position++;
                if (position < line.Length && line[position] != separator) throw new DataFormatException($"{place}expected {(separator == '\t' ? "a tab" : $"\"{separator}\"")} after a closing quotation mark, got \"{line[position]}\".");
            }
            else
            {
                int end = line.IndexOf(separator, position);
                if (end < 0) end = line.Length;
                cell = line[position..end];
                position = end;
            }
            cells.Add(cell.Trim());
            if (position >= line.Length) return [.. cells];
            position++;
        }
    }
}
