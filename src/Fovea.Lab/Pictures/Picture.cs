using System.Globalization;
using System.Text;
using SkiaSharp;

namespace Fovea.Lab;

/// <summary>A drawing of cells, words and lines, as PNG or SVG.</summary>
public sealed class Picture
{
    // More cells than this make an SVG that no viewer likes.
    private const int MostSvgCells = 50_000;

    private readonly List<Cells> _cells = [];
    private readonly List<Label> _labels = [];
    private readonly List<Line> _lines = [];

    internal Picture(int width, int height) => (Width, Height) = (width, height);

    /// <summary>In pixels.</summary>
    public int Width { get; }

    /// <summary>In pixels.</summary>
    public int Height { get; }

    /// <summary>Whether there is a font on this machine: without one a PNG has no words, an SVG has.</summary>
    public static bool HasFont => SKFontManager.Default.FontFamilyCount > 0;

    /// <summary>Whether the cells are few enough for an SVG.</summary>
    public bool FitsSvg => _cells.Sum(cells => (long)cells.Colors.Length) <= MostSvgCells;

    /// <summary>The picture as a PNG file.</summary>
    public byte[] ToPng()
    {
        using SKSurface surface = SKSurface.Create(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Premul))
            ?? throw new FoveaException($"a picture of {Width} x {Height} pixels is too large. Use a smaller image.");
        SKCanvas canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        foreach (Cells cells in _cells)
        {
            using var bitmap = new SKBitmap(new SKImageInfo(cells.Columns, cells.Colors.Length / cells.Columns, SKColorType.Rgba8888, SKAlphaType.Opaque));
            bitmap.Pixels = cells.Colors;
            using SKImage image = SKImage.FromBitmap(bitmap);
            canvas.DrawImage(image, SKRect.Create(cells.X, cells.Y, bitmap.Width * cells.Side, bitmap.Height * cells.Side), new SKSamplingOptions(SKFilterMode.Nearest));
        }
        using var paint = new SKPaint { IsAntialias = true };
        foreach (Line line in _lines)
        {
            (paint.Color, paint.StrokeWidth) = (line.Color, line.Thickness);
            canvas.DrawLine(line.X1, line.Y1, line.X2, line.Y2, paint);
        }
        foreach (Label label in _labels)
        {
            using var font = new SKFont(SKTypeface.Default, label.Size);
            paint.Color = label.Color;
            // The middle of digits lies a third of the size above the line that they stand on.
            canvas.DrawText(label.Text, label.X, label.Y + label.Size * 0.35f, SKTextAlign.Center, font, paint);
        }
        using SKImage drawn = surface.Snapshot();
        using SKData data = drawn.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    /// <summary>The picture as an SVG file.</summary>
    public string ToSvg()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{Height}\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" text-anchor=\"middle\">\n");
        text.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<g shape-rendering=\"crispEdges\">\n");
        foreach (Cells cells in _cells)
        {
            for (int i = 0; i < cells.Colors.Length; i++)
            {
                int x = cells.X + i % cells.Columns * cells.Side, y = cells.Y + i / cells.Columns * cells.Side;
                text.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"{y}\" width=\"{cells.Side}\" height=\"{cells.Side}\" fill=\"{Hex(cells.Colors[i])}\"/>\n");
            }
        }
        text.Append("</g>\n");
        foreach (Line line in _lines)
            text.Append(CultureInfo.InvariantCulture, $"<path d=\"M{line.X1} {line.Y1}L{line.X2} {line.Y2}\" stroke=\"{Hex(line.Color)}\" stroke-width=\"{line.Thickness}\"/>\n");
        foreach (Label label in _labels)
            text.Append(CultureInfo.InvariantCulture, $"<text x=\"{label.X}\" y=\"{label.Y + label.Size * 0.35f:0.#}\" font-size=\"{label.Size}\" fill=\"{Hex(label.Color)}\">{System.Security.SecurityElement.Escape(label.Text)}</text>\n");
        return text.Append("</svg>\n").ToString();
    }

    /// <summary>Squares of one size, row by row.</summary>
    internal void AddCells(int x, int y, int side, int columns, SKColor[] colors) => _cells.Add(new Cells(x, y, side, columns, colors));

    /// <summary>Words around a middle.</summary>
    internal void AddLabel(float x, float y, float size, string text, SKColor color) => _labels.Add(new Label(x, y, size, text, color));

    internal void AddLine(float x1, float y1, float x2, float y2, float thickness, SKColor color) => _lines.Add(new Line(x1, y1, x2, y2, thickness, color));

    private static string Hex(SKColor color) => $"#{color.Red:x2}{color.Green:x2}{color.Blue:x2}";

    private sealed record Cells(int X, int Y, int Side, int Columns, SKColor[] Colors);

    private sealed record Label(float X, float Y, float Size, string Text, SKColor Color);

    private sealed record Line(float X1, float Y1, float X2, float Y2, float Thickness, SKColor Color);
}
