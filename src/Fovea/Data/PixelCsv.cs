using System.Text;

namespace Fovea;

/// <summary>
/// Images as tables of text: a row for each, its class in one column and its pixels, whole numbers from 0 to 255, in the others, row by row (and
/// channel by channel). Columns are divided by commas, semicolons or tabs. The class stands in the column whose head is label, class, target or y;
/// without a line of heads, or where none is so called, in the first.
/// </summary>
public static class PixelCsv
{
    private static readonly string[] s_labelHeads = ["label", "class", "target", "y"];

    // Longer fields are no numbers, nor names.
    private const int LongestField = 256;

    /// <summary>Reads files whose classes are the same, such as one to train on and one to test on.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="shape">The shape of a sample; null for a square image of one channel or, where the pixels make none, of three.</param>
    /// <param name="normalization">How bytes become floats.</param>
    /// <exception cref="DataFormatException">A file is not such a table, or its pixels do not make that shape.</exception>
    public static IReadOnlyList<Dataset> Read(IReadOnlyList<string> paths, Shape? shape, Normalization normalization)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count == 0) throw new ArgumentException("there must be at least one file.", nameof(paths));
        var labels = new ClassLabels();
        var tables = new List<(string Path, byte[] Pixels, int[] Labels)>();
        foreach (string path in paths)
        {
            using FileStream stream = File.OpenRead(path);
            var (pixels, numbers) = Read(stream, path, labels);
            tables.Add((path, pixels, numbers));
        }
        return Join(tables, labels, shape, normalization);
    }

    /// <summary>Reads one such table from a stream that can be read twice; the path is for messages.</summary>
    /// <exception cref="DataFormatException">The stream is not such a table, or its pixels do not make that shape.</exception>
    public static Dataset Read(Stream stream, string path, Shape? shape, Normalization normalization)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var labels = new ClassLabels();
        var (pixels, numbers) = Read(stream, path, labels);
        return Join([(path, pixels, numbers)], labels, shape, normalization)[0];
    }

    private static Dataset[] Join(List<(string Path, byte[] Pixels, int[] Labels)> tables, ClassLabels labels, Shape? shape, Normalization normalization)
    {
        var (names, classes) = labels.Sort();
        if (names.Length < 2) throw new DataFormatException($"{tables[0].Path}: all samples are of one class, \"{names[0]}\". Give samples of at least two; the class is in the column label, or else in the first.");
        int size = tables[0].Pixels.Length / tables[0].Labels.Length;
        return [.. tables.Select(table =>
        {
            int own = table.Pixels.Length / table.Labels.Length;
            if (own != size) throw new DataFormatException($"{table.Path}: {own} pixels a row, but {tables[0].Path} has {size}. Give files that belong together.");
            foreach (ref int label in table.Labels.AsSpan()) label = classes[label];
            return Dataset.FromBytes(table.Path, ShapeOf(table.Path, size, shape), table.Pixels, table.Labels, names, normalization);
        })];
    }

    private static Shape ShapeOf(string path, int pixels, Shape? shape)
    {
        if (shape is { } wanted && wanted.Count == pixels) return wanted;
        foreach (int channels in (int[])[1, 3])
        {
            int side = (int)Math.Round(Math.Sqrt(pixels / channels));
            if (channels * side * side == pixels) return new Shape(channels, side, side);
        }
        throw new DataFormatException($"{path}: {pixels} pixels a row make no square image of one channel or three{(shape is { } other ? $", nor {other}" : "")}. Say the shape, as in --input 1x{pixels}x1.");
    }

    /// <summary>Reads a table twice: to count, and, in as much memory as that takes, for its numbers.</summary>
    private static (byte[] Pixels, int[] Labels) Read(Stream stream, string path, ClassLabels labels)
    {
        var text = new Fields(stream, path);
        var heads = new List<string>();
        bool isFirst = true;
        long rows = 0;
        int columns = 0, words = 0;
        while (text.Next())
        {
            if (isFirst)
            {
                if (!IsNumber(text.Field)) words++;
                // So many are no heads of pixels that are remembered, only their place.
                if (heads.Count <= LongestHeads) heads.Add(Encoding.UTF8.GetString(text.Field).Trim('"').ToLowerInvariant());
                columns++;
            }
            if (!text.EndsRow) continue;
            if (text.Column != columns) throw text.Error($"the row ends after {text.Column} fields, but the first has {columns}");
            isFirst = false;
            rows++;
        }
        if (columns < 2) throw new DataFormatException($"{path}: expected rows of a label and pixels, divided by commas, semicolons or tabs, but there is {(columns == 0 ? "nothing in it" : "one column")}.");
        // One word may be the class of the first sample.
        bool hasHeads = words > 1;
        int labelColumn = Math.Max(0, hasHeads ? heads.FindIndex(s_labelHeads.Contains) : 0);
        if (hasHeads && --rows == 0) throw new DataFormatException($"{path}: there is a line of heads, but no samples.");
        long count = rows * (columns - 1);
        if (count > Array.MaxLength) throw new DataFormatException($"{path}: {rows:N0} rows of {columns - 1:N0} pixels are more than fit into memory. Leave some out.");

        byte[] pixels = new byte[count];
        int[] numbers = new int[rows];
        text.Restart();
        while (hasHeads && text.Next() && !text.EndsRow) { }
        int pixel = 0;
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                text.Next();
                if (column == labelColumn) numbers[row] = labels.Add(Label(text), path);
                else pixels[pixel++] = Pixel(text);
            }
        }
        return (pixels, numbers);
    }

    private const int LongestHeads = 1 << 16;

    private static string Label(Fields text)
    {
        string label = Encoding.UTF8.GetString(text.Field).Trim().Trim('"');
        if (label.Length == 0) throw text.Error("expected a label, got nothing");
        // 5.0, as some programs write whole numbers.
        return label.EndsWith(".0", StringComparison.Ordinal) && long.TryParse(label.AsSpan(0, label.Length - 2), out _) ? label[..^2] : label;
    }

    private static byte Pixel(Fields text)
    {
        ReadOnlySpan<byte> field = text.Field;
        int value = 0;
        foreach (byte digit in field.EndsWith(".0"u8) ? field[..^2] : field)
        {
            value = digit is >= (byte)'0' and <= (byte)'9' ? value * 10 + digit - '0' : 256;
            if (value > 255) break;
        }
        return field.Length > 0 && value <= 255 ? (byte)value
            : throw text.Error($"expected a pixel, a whole number from 0 to 255, got \"{Encoding.UTF8.GetString(field)}\"");
    }

    private static bool IsNumber(ReadOnlySpan<byte> field) => double.TryParse(field, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _);

    /// <summary>The fields of a table, one after the other; empty lines are passed over.</summary>
    private sealed class Fields(Stream stream, string path)
    {
        private readonly byte[] _buffer = new byte[1 << 16], _field = new byte[LongestField];
        private int _position, _end, _length;
        private long _line = 1;
        private int _column;
        private bool _endsLine = true;

        /// <summary>The current field, without spaces around it.</summary>
        public ReadOnlySpan<byte> Field => _field.AsSpan(0, _length).Trim(" \r"u8);

        /// <summary>Which field of its row it is, from 1.</summary>
        public int Column => _column;

        /// <summary>Whether it is the last of its row.</summary>
        public bool EndsRow => _endsLine;

        public DataFormatException Error(string problem) => new($"{path}: line {_line}, column {_column}: {problem}.");

        public void Restart()
        {
            stream.Position = 0;
            (_position, _end, _line, _column, _endsLine) = (0, 0, 1, 0, true);
        }

        public bool Next()
        {
            if (_endsLine && _column > 0) (_line, _column) = (_line + 1, 0);
            (_length, _endsLine) = (0, false);
            _column++;
            while (true)
            {
                int next = Byte();
                if (next is '\n' or < 0)
                {
                    if (_column == 1 && Field.Length == 0)
                    {
                        if (next < 0) return false;
                        (_line, _length) = (_line + 1, 0);
                        continue;
                    }
                    _endsLine = true;
                    return true;
                }
                if (next is ',' or ';' or '\t') return true;
                // The mark that some programs begin a text with.
                if (_line == 1 && _column == 1 && next is 0xEF or 0xBB or 0xBF) continue;
                if (_length == LongestField) throw Error($"a field is longer than {LongestField} bytes: this is no table of pixels");
                _field[_length++] = (byte)next;
            }
        }

        private int Byte()
        {
            if (_position == _end)
            {
                (_position, _end) = (0, stream.Read(_buffer));
                if (_end == 0) return -1;
            }
            return _buffer[_position++];
        }
    }
}
