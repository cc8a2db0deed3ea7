using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>
/// Numbers in channels x height x width, in double: an image, a kernel or a result whose arithmetic is shown. A kernel of several filters
/// lies filter by filter: its channels are filters x channels of a group.
/// </summary>
public sealed record Planes
{
    // 400 MB, of which an explanation holds some.
    private const long LargestCount = 50_000_000;

    /// <summary>On existing memory, which is not copied.</summary>
    /// <exception cref="ArgumentException">The shape is flat, or the number of values is not its count.</exception>
    public Planes(Shape shape, double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (shape.IsFlat || values.Length != shape.Count)
            throw new ArgumentException($"planes: {shape} does not fit {values.Length} numbers.", nameof(values));
        (Shape, Values) = (shape, values);
    }

    /// <summary>Channels x height x width.</summary>
    [JsonInclude]
    public Shape Shape { get; internal init; }

    /// <summary>All numbers, channel by channel and row by row: v(x).</summary>
    [JsonInclude]
    public double[] Values { get; internal init; }

    /// <summary>One number.</summary>
    public double this[int channel, int row, int column] => Values[(channel * Shape.Height + row) * Shape.Width + column];

    /// <summary>An image of ones.</summary>
    /// <exception cref="ShapeException">It is too large for its arithmetic to be shown.</exception>
    public static Planes Ones(Shape shape)
    {
        RequireCount("the image", shape.Channels, shape.Height, shape.Width);
        double[] values = new double[shape.Count];
        Array.Fill(values, 1);
        return new Planes(shape, values);
    }

    /// <summary>Reads "1 0 -1; 2 0 -2": rows between semicolons or on lines of their own, numbers between blanks or commas.</summary>
    /// <param name="text">The numbers.</param>
    /// <param name="channels">How many planes lie below each other in the rows.</param>
    /// <param name="place">Where the text comes from, for messages.</param>
    /// <exception cref="DataFormatException">The rows differ in length, are not numbers, or do not divide into the channels.</exception>
    public static Planes Parse(string text, int channels, string place)
    {
        ArgumentNullException.ThrowIfNull(text);
        return FromRows(text.Split([';', '\n']), channels, place);
    }

    /// <summary>Reads a CSV file without a head: a row on each line, numbers between commas, semicolons, tabs or blanks.</summary>
    /// <param name="path">The file.</param>
    /// <param name="channels">How many planes lie below each other in the rows.</param>
    /// <exception cref="DataFormatException">There is no such file; the rows differ in length, are not numbers, or do not divide.</exception>
    public static Planes ReadCsv(string path, int channels = 1)
    {
        if (Directory.Exists(path)) throw new DataFormatException($"{path}: this is a folder. Give a file of numbers.");
        return FromRows(TextFile.Read(path).Replace(';', ',').Split('\n'), channels, path);
    }

    /// <summary>The numbers as CSV, a line for each row, the planes below each other.</summary>
    public string ToCsv()
    {
        var text = new StringBuilder();
        for (int i = 0; i < Values.Length; i++)
            // Zero is added to lose the sign of a negative zero.
            text.Append((Values[i] + 0.0).ToString("R", CultureInfo.InvariantCulture)).Append((i + 1) % Shape.Width == 0 ? '\n' : ',');
        return text.ToString();
    }

    /// <summary>Every plane turned by 180 degrees: what a convolution slides over the image, where a correlation slides the kernel.</summary>
    public Planes Turned()
    {
        double[] turned = [.. Values];
        int size = Shape.Height * Shape.Width;
        for (int start = 0; start < turned.Length; start += size) Array.Reverse(turned, start, size);
        return new Planes(Shape, turned);
    }

    /// <summary>The same planes again and again, as the filters of several channels.</summary>
    /// <exception cref="ShapeException">They are too many.</exception>
    public Planes Repeated(int times)
    {
        RequireCount("the kernel", (long)Shape.Channels * times, Shape.Height, Shape.Width);
        double[] values = new double[Values.Length * times];
        for (int i = 0; i < times; i++) Values.CopyTo(values, i * Values.Length);
        return new Planes(new Shape(Shape.Channels * times, Shape.Height, Shape.Width), values);
    }

    /// <summary>Asserts that so many numbers can be held.</summary>
    /// <exception cref="ShapeException">They cannot.</exception>
    internal static void RequireCount(string what, long channels, long height, long width)
    {
        Int128 count = (Int128)channels * height * width;
        if (count <= LargestCount) return;
        throw new ShapeException($"{what} of {channels}x{height}x{width} has {count:N0} numbers, more than {LargestCount:N0}",
            what == "the kernel" ? "Use a smaller kernel, or fewer channels and filters" : "Use a smaller image or padding, or a greater stride");
    }

    /// <summary>The largest absolute difference to numbers of the same count.</summary>
    internal double LargestDifference(ReadOnlySpan<double> others)
    {
        double largest = 0;
        for (int i = 0; i < others.Length; i++) largest = Math.Max(largest, Math.Abs(Values[i] - others[i]));
        return largest;
    }

    private static Planes FromRows(string[] rows, int channels, string place)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        var values = new List<double>();
        int width = 0, height = 0;
        for (int line = 0; line < rows.Length; line++)
        {
            string row = rows[line].Trim();
            if (row.Length == 0) continue;
            string[] cells = row.Contains(',') ? row.Split(',') : row.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            height++;
            if (height == 1) width = cells.Length;
            else if (cells.Length != width)
                throw new DataFormatException($"{place}, row {height}: expected {width} numbers as in row 1, got {cells.Length}. Give every row the same length.");
            for (int column = 0; column < cells.Length; column++)
            {
                if (!double.TryParse(cells[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value))
                    throw new DataFormatException($"{place}, row {height}, column {column + 1}: expected a number, got \"{Printable(cells[column].Trim())}\".");
                values.Add(value);
            }
        }
        if (height == 0) throw new DataFormatException($"{place}: expected rows of numbers, got nothing.");
        if (height % channels != 0)
            throw new DataFormatException($"{place}: {height} rows do not divide into {channels} planes below each other. Give every plane as many rows.");
        return new Planes(new Shape(channels, height / channels, width), [.. values]);
    }

    // A file that is no text must not reach the terminal as it is.
    private static string Printable(string cell)
    {
        string text = string.Concat(cell.Take(24).Select(letter => char.IsControl(letter) || letter == '\uFFFD' ? '?' : letter));
        return cell.Length > 24 ? text + "..." : text;
    }
}
