using System.Globalization;
using System.Xml.Linq;
using ScottPlot;

namespace Fovea.Lab;

/// <summary>What a mark of a chart means; the page gives it a colour, by day and by night.</summary>
internal readonly record struct Ink(string Variable, Color Placeholder)
{
    private const int MostVariants = 16;

    public static Ink Axis { get; } = new("--axis", new Color(254, 1, 254));
    public static Ink Words { get; } = new("--ink", new Color(254, 1, 252));
    public static Ink Grid { get; } = new("--grid", new Color(254, 1, 253));

    /// <summary>The colour of a variant, by its number.</summary>
    public static Ink Variant(int index) => new($"--variant-{index % 5 + 1}", new Color(254, 1, (byte)(index % MostVariants)));

    /// <summary>Its colour by day, for a file without a page around it.</summary>
    public Color Day => Color.FromHex(Variable switch
    {
        "--axis" => "#7b7e84",
        "--grid" => "#e6e4de",
        "--variant-1" => "#1f5fbf",
        "--variant-2" => "#d0551b",
        "--variant-3" => "#13806a",
        "--variant-4" => "#8447b3",
        "--variant-5" => "#8a6a00",
        _ => "#1d1e20",
    });
}

/// <summary>
/// A chart as inline SVG. ScottPlot places and draws lines and areas, in colours that are then replaced by the variables of the page's
/// style. Words are written here, as text in the page's own font: ScottPlot would need a font of the machine that renders, and set every
/// letter for it.
/// </summary>
internal sealed class SvgChart
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    private readonly bool _forPage;
    private readonly List<(Coordinates At, double Dx, double Dy, string Text, string Style)> _texts = [];
    private readonly Dictionary<string, string> _colours = [];

    /// <summary>An empty chart.</summary>
    /// <param name="width">Its width, in units of its own; the page scales it.</param>
    /// <param name="height">Its height.</param>
    /// <param name="margins">Room for words on each side of the data.</param>
    /// <param name="limits">What the sides of the data's rectangle stand for.</param>
    /// <param name="forPage">Whether a page gives the colours; without one they are those by day.</param>
    public SvgChart(int width, int height, PixelPadding margins, AxisLimits limits, bool forPage = true)
    {
        (Width, Height, _forPage) = (width, height, forPage);
        Plot.HideAxesAndGrid();
        Plot.Layout.Fixed(margins);
        Plot.Axes.SetLimits(limits);
        Plot.FigureBackground.Color = Plot.DataBackground.Color = Colors.Transparent;
    }

    public int Width { get; }

    public int Height { get; }

    public Plot Plot { get; } = new();

    /// <summary>Lines and numbers at the ticks of both scales, and the axis below.</summary>
    public void Grid(Scale across, Scale up)
    {
        foreach (var (position, label) in up.Ticks)
        {
            Line(across.Low, position, across.High, position, Ink.Grid);
            Text(across.Low, position, -7, 4, label, "tick end");
        }
        foreach (var (position, label) in across.Ticks)
        {
            Line(position, up.Low, position, up.High, Ink.Grid);
            Text(position, up.Low, 0, 17, label, "tick middle");
        }
        Line(across.Low, up.Low, across.High, up.Low, Ink.Axis);
    }

    /// <summary>The colour to draw a mark in.</summary>
    public Color Colour(Ink ink, double opacity = 1)
    {
        if (!_forPage) return ink.Day.WithAlpha(opacity);
        _colours[$"#{ink.Placeholder.Red:X2}{ink.Placeholder.Green:X2}{ink.Placeholder.Blue:X2}"] = $"var({ink.Variable})";
        return ink.Placeholder.WithAlpha(opacity);
    }

    /// <summary>A straight line.</summary>
    public void Line(double x1, double y1, double x2, double y2, Ink ink, float width = 1)
    {
        var line = Plot.Add.Line(x1, y1, x2, y2);
        (line.LineColor, line.LineWidth, line.MarkerSize) = (Colour(ink), width, 0);
    }

    /// <summary>Words at a place, moved by so many units; the style is the name of a class of the page.</summary>
    public void Text(double x, double y, double dx, double dy, string text, string style) =>
        _texts.Add((new Coordinates(x, y), dx, dy, text, style));

    /// <summary>The chart, as an element of a page.</summary>
    /// <param name="id">A name that no other chart of the page has; null for one that the page has several times, which then has no names in it, and is not clipped.</param>
    /// <param name="description">What it shows, for those who cannot see it.</param>
    public string Render(string? id, string description)
    {
        XElement drawn = XDocument.Parse(Plot.GetSvgXml(Width, Height)).Root!;
        if (id is null)
        {
            drawn.Descendants(s_svg + "clipPath").Remove();
            drawn.Descendants().Attributes("clip-path").Remove();
        }
        // The names in it are not the same in every process; the page has those of all its charts.
        var names = drawn.Descendants().Attributes("id").Index().ToDictionary(name => $"url(#{name.Item.Value})", name => $"{id}-{name.Index}");
        foreach (XAttribute attribute in drawn.Descendants().Attributes())
        {
            if (_colours.TryGetValue(attribute.Value, out string? variable)) attribute.Value = variable;
            else if (attribute.Name == "id") attribute.Value = names[$"url(#{attribute.Value})"];
            else if (names.TryGetValue(attribute.Value, out string? name)) attribute.Value = $"url(#{name})";
        }
        var chart = new XElement(s_svg + "svg", new XAttribute("viewBox", $"0 0 {Width} {Height}"), new XAttribute("role", "img"),
            new XAttribute("aria-label", description), drawn.Elements());
        foreach (var (x, y, text, style) in PlacedTexts)
        {
            chart.Add(new XElement(s_svg + "text", new XAttribute("class", style), new XAttribute("x", Number(x)),
                new XAttribute("y", Number(y)), text));
        }
        return chart.ToString(SaveOptions.DisableFormatting);
    }

    /// <summary>The words and where their baselines are, once the plot has been drawn.</summary>
    public IEnumerable<(double X, double Y, string Text, string Style)> PlacedTexts =>
        _texts.Select(text => (Plot.GetPixel(text.At), text)).Select(placed => (placed.Item1.X + placed.text.Dx, placed.Item1.Y + placed.text.Dy, placed.text.Text, placed.text.Style));

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
