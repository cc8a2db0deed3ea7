using System.Globalization;
using System.Text;
using SkiaSharp;

namespace Fovea.Lab;

/// <summary>Charts beside each other, as a file that stands alone: SVG, or PNG by its name.</summary>
internal static class ChartFile
{
    // A PNG has two pixels for each unit, for screens that have as many.
    private const int PixelsPerUnit = 2, TextSize = 12;

    private const string Style =
        "text { font: 12px system-ui, \"DejaVu Sans\", sans-serif; fill: #1d1e20; } .end { text-anchor: end; } .middle { text-anchor: middle; } .tick { fill: #5d6066; }";

    /// <summary>Writes the charts.</summary>
    /// <param name="path">Ends in .svg or .png.</param>
    /// <param name="charts">Charts whose colours do not come from a page.</param>
    /// <param name="description">What they show.</param>
    /// <exception cref="FoveaException">The name ends otherwise, or there is no font for the words of a PNG.</exception>
    public static void Save(string path, IReadOnlyList<SvgChart> charts, string description)
    {
        Check(path);
        if (IsPng(path)) File.WriteAllBytes(path, Png(charts) ?? throw new FoveaException($"{path}: this machine has no font to write into a PNG. Give a name that ends in .svg."));
        else File.WriteAllText(path, Svg(charts, description));
    }

    /// <summary>Checks that a file of this name can be written, before anything is computed for it.</summary>
    /// <exception cref="FoveaException">It does not end in .svg or .png.</exception>
    public static void Check(string path)
    {
        if (!IsPng(path) && !path.EndsWith(".svg", StringComparison.OrdinalIgnoreCase))
            throw new FoveaException($"{path}: a chart is an SVG or a PNG. Give a name that ends in .svg or .png.");
    }

    private static bool IsPng(string path) => path.EndsWith(".png", StringComparison.OrdinalIgnoreCase);

    /// <summary>The charts as the text of an SVG file.</summary>
    public static string Svg(IReadOnlyList<SvgChart> charts, string description)
    {
        var (width, height) = (charts.Sum(chart => chart.Width), charts.Max(chart => chart.Height));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n");
        text.Append(CultureInfo.InvariantCulture, $"<title>{System.Net.WebUtility.HtmlEncode(description)}</title>\n<style>{Style}</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        int x = 0;
        foreach (var (i, chart) in charts.Index())
        {
            // The chart is an element of its own size; it is moved to its place.
            string drawn = chart.Render($"chart-{i + 1}", description);
            text.Append(CultureInfo.InvariantCulture, $"<svg x=\"{x}\" width=\"{chart.Width}\" height=\"{chart.Height}\">{drawn}</svg>\n");
            x += chart.Width;
        }
        return text.Append("</svg>\n").ToString();
    }

    /// <summary>The charts as a PNG file; null where there is no font for the words.</summary>
    public static byte[]? Png(IReadOnlyList<SvgChart> charts)
    {
        using SKTypeface typeface = SKTypeface.FromFamilyName("DejaVu Sans");
        if (typeface.GetGlyph('0') == 0) return null;
        using var font = new SKFont(typeface, TextSize);
        var (width, height) = (charts.Sum(chart => chart.Width), charts.Max(chart => chart.Height));
        using SKSurface surface = SKSurface.Create(new SKImageInfo(width * PixelsPerUnit, height * PixelsPerUnit));
        SKCanvas canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        canvas.Scale(PixelsPerUnit);
        foreach (SvgChart chart in charts)
        {
            // A plot clears and resets what it draws on, so it is recorded first.
            using var recorder = new SKPictureRecorder();
            chart.Plot.Render(recorder.BeginRecording(new SKRect(0, 0, chart.Width, chart.Height)), chart.Width, chart.Height);
            using SKPicture picture = recorder.EndRecording();
            canvas.Save();
            canvas.ClipRect(new SKRect(0, 0, chart.Width, chart.Height));
            canvas.DrawPicture(picture);
            canvas.Restore();
            foreach (var (x, y, text, style) in chart.PlacedTexts)
            {
                using var paint = new SKPaint { Color = SKColor.Parse(style.Contains("tick") ? "#5d6066" : "#1d1e20"), IsAntialias = true };
                SKTextAlign align = style.Contains("end") ? SKTextAlign.Right : style.Contains("middle") ? SKTextAlign.Center
                    : SKTextAlign.Left;
                canvas.DrawText(text, (float)x, (float)y, align, font, paint);
            }
            canvas.Translate(chart.Width, 0);
        }
        using SKImage image = surface.Snapshot();
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}
