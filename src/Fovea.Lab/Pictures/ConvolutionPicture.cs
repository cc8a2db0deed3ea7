using System.Globalization;
using SkiaSharp;

namespace Fovea.Lab;

/// <summary>Draws a convolution: image, kernel and result side by side; and a convolution's matrix.</summary>
public static class ConvolutionPicture
{
    private const int MostWithValues = 16, SideWithValue = 46, Margin = 24, Title = 34, Panel = 480, LargestMatrix = 1600;

    private static readonly SKColor s_ink = new(0x22, 0x22, 0x22), s_frame = new(0x99, 0x99, 0x99);
    private static readonly SKColor s_positive = new(0xC2, 0x4A, 0x00), s_negative = new(0x1F, 0x5F, 0xB4);

    /// <summary>A row of three panels for each channel of the result. Values stand in the cells when they are few.</summary>
    public static Picture Draw(ConvolutionAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ImageConvolution convolution = answer.Convolution;
        Planes image = convolution.Image, kernel = convolution.Kernel;
        Planes[] parts = [image, kernel, answer.Result];
        string[] titles = ["image", "kernel", convolution.Mode == ConvolutionMode.Convolution ? "convolution" : "cross-correlation"];
        int[] sides = [.. parts.Select(Side)];
        int[] widths = [.. parts.Select((part, i) => Math.Max(part.Shape.Width * sides[i], 150))];
        int rowHeight = parts.Select((part, i) => part.Shape.Height * sides[i]).Max() + Title + Margin, channels = answer.Result.Shape.Channels;
        var picture = new Picture(widths.Sum() + 4 * Margin, rowHeight * channels + Margin);
        for (int channel = 0; channel < channels; channel++)
        {
            int left = Margin, top = Margin / 2 + channel * rowHeight;
            for (int i = 0; i < parts.Length; i++)
            {
                Planes part = parts[i];
                string size = $"{titles[i]}, {part.Shape.Height}x{part.Shape.Width}" + (channels > 1 ? $", {channel + 1} of {channels}" : "");
                picture.AddLabel(left + widths[i] / 2f, top + Title / 2f, 15, size, s_ink);
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
        int side = columns <= MostWithValues && rows <= MostWithValues ? SideWithValue : Math.Clamp(LargestMatrix / 2 / Math.Max(rows, columns), 1, 20);
        var picture = new Picture(Math.Max(columns * side, 420) + 2 * Margin, rows * side + Title + Margin);
        string size = string.Create(CultureInfo.InvariantCulture, $"W: {matrix.Rows:N0} x {matrix.Columns:N0}, {matrix.NonZeros:N0} not zero, sparsity {matrix.Sparsity:P2}");
        picture.AddLabel(picture.Width / 2f, Title / 2f, 15, size, s_ink);
        int left = (picture.Width - columns * side) / 2;
        AddMatrix(picture, left, Title, side, columns, cells, isPhoto: false);
        if (shrink > 1 || side < 3) return picture;
        for (int column = matrix.Input.Width; column < columns; column += matrix.Input.Width) picture.AddLine(left + column * side, Title, left + column * side, Title + rows * side, 1.5f, s_ink);
        for (int row = matrix.Output.Width; row < rows; row += matrix.Output.Width) picture.AddLine(left, Title + row * side, left + columns * side, Title + row * side, 1.5f, s_ink);
        return picture;
    }

    private static int Side(Planes planes) => HasValues(planes.Shape.Height, planes.Shape.Width)
        ? SideWithValue
        : Math.Clamp(Panel / Math.Max(planes.Shape.Height, planes.Shape.Width), 1, 24);

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
        for (int i = 0; i < values.Length; i++)
        {
            string text = values[i].ToString("0.###", CultureInfo.InvariantCulture);
            SKColor color = colors[i].Red * 0.299 + colors[i].Green * 0.587 + colors[i].Blue * 0.114 > 140 ? s_ink : SKColors.White;
            picture.AddLabel(x + i % columns * side + side / 2f, y + i / columns * side + side / 2f, text.Length > 5 ? 12 : 15, text, color);
        }
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
