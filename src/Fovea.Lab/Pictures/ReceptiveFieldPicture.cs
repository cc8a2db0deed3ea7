using SkiaSharp;

namespace Fovea.Lab;

/// <summary>Draws receptive fields: what one output of each layer sees of the input, and how strongly where that was measured.</summary>
public static class ReceptiveFieldPicture
{
    private const int Margin = 24, Title = 34, Panel = 440, LargestSide = 20, LegendRow = 24, LegendWidth = 240, Swatch = 16;

    private static readonly SKColor s_ink = new(0x22, 0x22, 0x22), s_frame = new(0x77, 0x77, 0x77);
    private static readonly SKColor s_unseen = new(0xF4, 0xF4, 0xF4), s_padding = new(0xD9, 0xD9, 0xD9);
    private static readonly SKColor s_first = new(0x08, 0x30, 0x6B), s_last = new(0xC6, 0xDB, 0xEF), s_strong = new(0xA6, 0x36, 0x03);

    /// <summary>The input, its pixels coloured by the first layer whose output sees them; beside it the effective field.</summary>
    public static Picture Draw(ReceptiveFields fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        LayerReceptiveField[] views = Views(fields);
        // Around the image as much of the padding as is seen, but not more than would leave the image small.
        int high = fields.Input.Height, wide = fields.Input.Width;
        int top = Math.Max(views.Min(view => Math.Min(0, view.SeenRows.First)), -high / 2), left = Math.Max(views.Min(view => Math.Min(0, view.SeenColumns.First)), -wide / 2);
        int rows = Math.Min(views.Max(view => Math.Max(high - 1, view.SeenRows.Last)), high - 1 + high / 2) - top + 1;
        int columns = Math.Min(views.Max(view => Math.Max(wide - 1, view.SeenColumns.Last)), wide - 1 + wide / 2) - left + 1;
        int side = Side(rows, columns), effectiveSide = Side(high, wide);
        int legend = Margin + columns * side + Margin, second = legend + LegendWidth + Margin;
        int height = Title + Math.Max(rows * side, views.Length * LegendRow);
        if (fields.Effective is not null) height = Math.Max(height, Title + high * effectiveSide);
        var picture = new Picture(fields.Effective is null ? legend + LegendWidth : second + Math.Max(wide * effectiveSide, LegendWidth) + Margin, height + Margin);

        var colors = new SKColor[rows * columns];
        for (int i = 0; i < colors.Length; i++)
        {
            int row = top + i / columns, column = left + i % columns;
            int first = Array.FindIndex(views, view => Holds(view.SeenRows, row) && Holds(view.SeenColumns, column));
            bool inside = row >= 0 && row < high && column >= 0 && column < wide;
            colors[i] = first >= 0 ? Mix(Shade(first, views.Length), s_padding, inside ? 0 : 0.5) : inside ? s_unseen : s_padding;
        }
        picture.AddLabel(Margin + columns * side / 2f, Title / 2f, 15, $"what one output sees of the input, {high}x{wide}", s_ink);
        picture.AddCells(Margin, Title, side, columns, colors);
        AddFrame(picture, Margin - left * side, Title - top * side, wide * side, high * side);
        foreach (var (i, view) in views.Index())
        {
            int y = Title + i * LegendRow;
            picture.AddCells(legend, y, Swatch, 1, [Shade(i, views.Length)]);
            string text = $"{view.Name}: {view.Rows.Size}x{view.Columns.Size} pixels";
            picture.AddLabel(legend + Swatch + (LegendWidth - Swatch) / 2f, y + Swatch / 2f, 14, text, s_ink);
        }
        if (fields.Effective is { } effective)
        {
            picture.AddLabel(second + wide * effectiveSide / 2f, Title / 2f, 15, $"how strongly: {effective.Name}", s_ink);
            // As on the terminal, by the square root: the outer pixels are faint.
            picture.AddCells(second, Title, effectiveSide, wide, [.. effective.Map.Select(share => Mix(SKColors.White, s_strong, Math.Sqrt(share)))]);
            AddFrame(picture, second, Title, wide * effectiveSide, high * effectiveSide);
        }
        return picture;
    }

    /// <summary>What is to be seen, in words.</summary>
    public static string Describe(ReceptiveFields fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        return "The input, its pixels coloured by the first layer whose output sees them; grey is padding"
            + (fields.Effective is { } effective ? $". Beside it, how strongly {(effective.At is null ? "an output" : "the output")} of {effective.Name} depends on each pixel" : "");
    }

    // Each view once, by the first layer that has it.
    private static LayerReceptiveField[] Views(ReceptiveFields fields) => [.. fields.Layers.DistinctBy(layer => (layer.SeenRows, layer.SeenColumns))];

    private static int Side(int rows, int columns) => Math.Clamp(Panel / Math.Max(rows, columns), 1, LargestSide);

    private static bool Holds(PixelRange range, int pixel) => pixel >= range.First && pixel <= range.Last;

    private static SKColor Shade(int view, int views) => Mix(s_first, s_last, views == 1 ? 0 : view / (views - 1.0));

    private static SKColor Mix(SKColor from, SKColor to, double share)
    {
        return new SKColor(Channel(from.Red, to.Red), Channel(from.Green, to.Green), Channel(from.Blue, to.Blue));

        byte Channel(byte a, byte b) => (byte)Math.Round(a + share * (b - a));
    }

    private static void AddFrame(Picture picture, int x, int y, int width, int height)
    {
        foreach (var (x1, y1, x2, y2) in ((int, int, int, int)[])[(x, y, x + width, y), (x, y + height, x + width, y + height), (x, y, x, y + height), (x + width, y, x + width, y + height)])
            picture.AddLine(x1, y1, x2, y2, 1.5f, s_frame);
    }
}
