using System.Globalization;
using SkiaSharp;

namespace Fovea.Lab;

/// <summary>Draws a convolution: image, kernel and result side by side; and a convolution's matrix.</summary>
public static class ConvolutionPicture
{
    private const int MostWithValues = 16, SideWithValue = 46, SideWithLongValue = 58, LongValue = 5, Margin = 24, Title = 34, Panel = 480, LargestPanel = 800, LargestMatrix = 1600;

    // In pixels; a letter is somewhat more than half as wide as it is high.
    private const float LargestFont = 15, LetterWidth = 0.62f;

    private static readonly SKColor s_ink = new(0x22, 0x22, 0x22), s_frame = new(0x99, 0x99, 0x99);
    private static readonly SKColor s_positive = new(0xC2, 0x4A, 0x00), s_negative = new(0x1F, 0x5F, 0xB4);

    /// <summary>A row of three panels for each channel of the result. Values stand in the cells when they are few; a photo is drawn smaller.</summary>
    public static Picture Draw(ConvolutionAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ImageConvolution convolution = answer.Convolution;
        Planes[] parts = [convolution.Image, convolution.Weights, answer.Result];
        bool isTurned = convolution.Mode == ConvolutionMode.Convolution;
        int channels = answer.Result.Shape.Channels;
        string[] titles = [.. parts.Zip((string[])["image", isTurned ? "kernel, turned by 180°" : "kernel", isTurned ? "convolution" : "cross-correlation"],
            (part, title) => $"{title}, {part.Shape.Height}x{part.Shape.Width}")];
        parts = [.. parts.Select(Shrunk)];
        int[] sides = [.. parts.Select(part => Side(part.Shape.Height, part.Shape.Width, part.Values))];
        int[] widths = [.. parts.Select((part, i) => Math.Max(part.Shape.Width * sides[i], (int)((titles[i].Length + (channels > 1 ? 10 : 0)) * LargestFont * LetterWidth)))];
        int rowHeight = parts.Select((part, i) => part.Shape.Height * sides[i]).Max() + Title + Margin;
        var picture = new Picture(widths.Sum() + 4 * Margin, rowHeight * channels + Margin);
        for (int channel = 0; channel < channels; channel++)
        {
            int left = Margin, top = Margin / 2 + channel * rowHeight;
            for (int i = 0; i < parts.Length; i++)
            {
                Planes part = parts[i];
                picture.AddLabel(left + widths[i] / 2f, top + Title / 2f, LargestFont, titles[i] + (channels > 1 ? $", {channel + 1} of {channels}" : ""), s_ink);
                int x = left + (widths[i] - part.Shape.Width * sides[i]) / 2, count = part.Shape.Height * part.Shape.Width;
                // An image of fewer channels than the result is seen by all of them.
                int plane = Math.Min(channel, part.Shape.Channels - 1);
                AddMatrix(picture, x, top + Title, sides[i], part.Shape.Width, part.Values.AsSpan(plane * count, count), isPhoto: i == 0);
                left += widths[i] + Margin;
            }
        }
        return picture;
    }

    /// <summary>The cells of the matrix, with lines between its blocks; a very large one is drawn smaller, each point the largest of its cells.</summary>
    public static Picture Draw(ToeplitzMatrix matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        int shrink = (Math.Max(matrix.Rows, matrix.Columns) + LargestMatrix - 1) / LargestMatrix;
        int rows = (matrix.Rows + shrink - 1) / shrink, columns = (matrix.Columns + shrink - 1) / shrink;
        double[] cells = new double[rows * columns];
        for (int row = 0; row < matrix.Rows; row++)
        {
            foreach (var (column, value) in matrix.Row(row))
            {
                ref double cell = ref cells[row / shrink * columns + column / shrink];
                if (Math.Abs(value) > Math.Abs(cell)) cell = value;
            }
        }
        int side = HasValues(rows, columns) ? Side(rows, columns, cells) : Math.Clamp(LargestMatrix / 2 / Math.Max(rows, columns), 1, 20);
        var picture = new Picture(Math.Max(columns * side, 420) + 2 * Margin, rows * side + Title + Margin);
        string size = $"W: {matrix.Rows:N0} x {matrix.Columns:N0}, {matrix.NonZeros:N0} not zero, sparsity {matrix.Sparsity:P2}";
        picture.AddLabel(picture.Width / 2f, Title / 2f, LargestFont, size, s_ink);
        int left = (picture.Width - columns * side) / 2;
        AddMatrix(picture, left, Title, side, columns, cells, isPhoto: false);
        if (shrink > 1 || side < 3) return picture;
        for (int column = matrix.Input.Width; column < columns; column += matrix.Input.Width) picture.AddLine(left + column * side, Title, left + column * side, Title + rows * side, 1.5f, s_ink);
        for (int row = matrix.Output.Width; row < rows; row += matrix.Output.Width) picture.AddLine(left, Title + row * side, left + columns * side, Title + row * side, 1.5f, s_ink);
        return picture;
    }

    // A photo is drawn smaller, each point the mean of some pixels.
    private static Planes Shrunk(Planes planes)
    {
        Shape shape = planes.Shape;
        int factor = (Math.Max(shape.Height, shape.Width) + LargestPanel - 1) / LargestPanel;
        if (factor == 1) return planes;
        var small = new Shape(shape.Channels, (shape.Height + factor - 1) / factor, (shape.Width + factor - 1) / factor);
        double[] values = new double[small.Count];
        for (int i = 0; i < values.Length; i++)
        {
            int channel = i / (small.Height * small.Width), top = i / small.Width % small.Height * factor, left = i % small.Width * factor;
            int bottom = Math.Min(top + factor, shape.Height), right = Math.Min(left + factor, shape.Width);
            for (int row = top; row < bottom; row++)
            {
                for (int column = left; column < right; column++) values[i] += planes[channel, row, column];
            }
            values[i] /= (bottom - top) * (right - left);
        }
        return new Planes(small, values);
    }

    private static int Side(int rows, int columns, ReadOnlySpan<double> values) => !HasValues(rows, columns)
        ? Math.Clamp(Panel / Math.Max(rows, columns), 1, 24)
        : Texts(values).Max(text => text.Length) > LongValue ? SideWithLongValue : SideWithValue;

    private static bool HasValues(int rows, int columns) => rows <= MostWithValues && columns <= MostWithValues;

    // Grey from the smallest to the largest where nothing is negative; else blue below zero, white, orange above.
    private static void AddMatrix(Picture picture, int x, int y, int side, int columns, ReadOnlySpan<double> values, bool isPhoto)
    {
        double low = double.MaxValue, high = double.MinValue;
        foreach (double value in values) (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (isPhoto && low >= 0 && high > 1) (low, high) = (0, Math.Max(high, high > 100 ? 255 : 0));
        var colors = new SKColor[values.Length];
        for (int i = 0; i < colors.Length; i++) colors[i] = low < 0 || !isPhoto ? Signed(values[i], Math.Max(-low, high)) : Grey(values[i], low, high);
        picture.AddCells(x, y, side, columns, colors);
        int rows = values.Length / columns;
        foreach (var (x1, y1, x2, y2) in ((float, float, float, float)[])
            [(x, y, x + columns * side, y), (x, y + rows * side, x + columns * side, y + rows * side), (x, y, x, y + rows * side), (x + columns * side, y, x + columns * side, y + rows * side)])
        {
            picture.AddLine(x1, y1, x2, y2, 1, s_frame);
        }
        if (side < SideWithValue) return;
        string[] texts = Texts(values);
        float font = MathF.Min(LargestFont, (side - 5) / (LetterWidth * texts.Max(text => text.Length)));
        for (int i = 0; i < values.Length; i++)
        {
            SKColor color = colors[i].Red * 0.299 + colors[i].Green * 0.587 + colors[i].Blue * 0.114 > 140 ? s_ink : SKColors.White;
            picture.AddLabel(x + i % columns * side + side / 2f, y + i / columns * side + side / 2f, font, texts[i], color);
        }
    }

    // Short enough for a cell: six or seven characters. What is nothing beside the largest is rounding.
    private static string[] Texts(ReadOnlySpan<double> values)
    {
        double largest = 0;
        foreach (double value in values) largest = Math.Max(largest, Math.Abs(value));
        string[] texts = new string[values.Length];
        for (int i = 0; i < texts.Length; i++)
        {
            string format = Math.Abs(values[i]) switch { < 0.0005 or >= 1e6 => "0.#e+0", < 100 => "0.###", < 1000 => "0.##", < 10_000 => "0.#", _ => "0" };
            texts[i] = Math.Abs(values[i]) <= 1e-9 * largest ? "0" : values[i].ToString(format, CultureInfo.InvariantCulture);
        }
        return texts;
    }

    private static SKColor Grey(double value, double low, double high)
    {
        byte grey = high > low ? (byte)Math.Round(255 * (value - low) / (high - low)) : (byte)128;
        return new SKColor(grey, grey, grey);
    }

    private static SKColor Signed(double value, double largest)
    {
        SKColor end = value < 0 ? s_negative : s_positive;
        double share = largest > 0 ? Math.Min(1, Math.Abs(value) / largest) : 0;
        return new SKColor(Mix(end.Red), Mix(end.Green), Mix(end.Blue));

        byte Mix(byte channel) => (byte)Math.Round(255 + share * (channel - 255));
    }
}
