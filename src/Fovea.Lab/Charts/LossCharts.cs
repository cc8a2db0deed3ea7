using System.Globalization;
using ScottPlot;

namespace Fovea.Lab;

/// <summary>Pictures of losses: curves beside each other, and lines fitted by them.</summary>
public static class LossCharts
{
    private const int Width = 460, Height = 340;

    // Lines that are not of a loss are drawn in the colour of the axes.
    private const string TrueLine = "true line", Point = "point", Outlier = "outlier";

    /// <summary>Draws the curves of losses and of their gradients.</summary>
    /// <param name="path">The file; it ends in .svg or .png.</param>
    /// <param name="comparison">The curves.</param>
    public static void Save(string path, LossComparison comparison) => ChartFile.Save(path, Charts(comparison), Description(comparison));

    /// <summary>Draws points and the lines that were fitted to them, a panel for each number of outliers.</summary>
    /// <param name="path">The file; it ends in .svg or .png.</param>
    /// <param name="fits">The points and lines.</param>
    public static void Save(string path, LineFits fits) => ChartFile.Save(path, Charts(fits), Description(fits));

    /// <summary>The curves as a picture of a document.</summary>
    public static DerivationPicture Picture(LossComparison comparison) =>
        DerivationPicture.OfSvg(Description(comparison), ChartFile.Svg(Charts(comparison), Description(comparison)));

    /// <summary>The points and lines as a picture of a document.</summary>
    public static DerivationPicture Picture(LineFits fits) =>
        DerivationPicture.OfSvg(Description(fits), ChartFile.Svg(Charts(fits), Description(fits)));

    private static string Description(LossComparison comparison) =>
        $"The losses {string.Join(", ", comparison.Curves.Select(curve => curve.Name))}{Through(comparison)} and their slopes, by the score.";

    private static string Description(LineFits fits) =>
        $"Lines fitted to points with {string.Join(" and ", fits.Cases.Select(fit => fit.Outliers))} outliers.";

    private static string Through(LossComparison comparison) => comparison.Link == "sigmoid" ? " through a sigmoid" : "";

    private static SvgChart[] Charts(LossComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        string[] names = [.. comparison.Curves.Select(curve => curve.Name)];
        double[] scores = [.. comparison.Scores];
        // As wide as the scores, whatever the round numbers around them.
        Scale across = Scale.Linear(scores) with { Low = scores[0], High = scores[^1] };
        across = across with { Ticks = [.. across.Ticks.Where(tick => tick.Position >= across.Low && tick.Position <= across.High)] };
        SvgChart values = Axes($"loss{Through(comparison)}, target {comparison.Target.ToString("G6", CultureInfo.InvariantCulture)}", across,
            Scale.Linear(comparison.Curves.SelectMany(curve => curve.Values)), "score", "loss", names);
        SvgChart slopes = Axes("its slope by the score", across,
            Scale.Linear(comparison.Curves.SelectMany(curve => curve.Gradients.Concat(curve.Kinks.SelectMany(kink => (double[])[kink.Left, kink.Right])))),
            "score", "slope", names);
        foreach (var (i, curve) in comparison.Curves.Index())
        {
            Curve(values, i, scores, [.. curve.Values]);
            Slopes(slopes, i, scores, curve);
        }
        return [values, slopes];
    }

    // A slope jumps at a kink: two lines that end in open circles, as neither of the slopes is taken there.
    private static void Slopes(SvgChart chart, int index, double[] scores, LossCurve curve)
    {
        int from = 0;
        double? start = null;
        foreach (LossKink kink in curve.Kinks)
        {
            int at = Array.IndexOf(scores, kink.Score);
            Part(at, kink.Left);
            double[] place = [kink.Score, kink.Score], ends = [kink.Left, kink.Right];
            var jump = chart.Plot.Add.ScatterLine(place, ends);
            (jump.Color, jump.LineWidth) = (chart.Colour(Ink.Variant(index)), 0.5f);
            chart.Plot.Add.Markers(place, ends, MarkerShape.OpenCircle, 7, chart.Colour(Ink.Variant(index)));
            (from, start) = (at, kink.Right);
        }
        Part(scores.Length - 1, null);

        void Part(int to, double? end)
        {
            double[] y = [.. curve.Gradients.Skip(from).Take(to - from + 1)];
            if (start is { } first) y[0] = first;
            if (end is { } last) y[^1] = last;
            Curve(chart, index, scores[from..(to + 1)], y, scores.Length);
        }
    }

    private static SvgChart[] Charts(LineFits fits)
    {
        ArgumentNullException.ThrowIfNull(fits);
        Scale round = Scale.Linear(fits.Cases.SelectMany(fit => fit.X)), up = Scale.Linear(fits.Cases.SelectMany(fit => fit.Y));
        // Points at the ends are seen whole.
        double margin = 0.03 * (round.High - round.Low);
        Scale across = round with { Low = round.Low - margin, High = round.High + margin };
        return [.. fits.Cases.Select(Panel)];

        SvgChart Panel(LineFitCase fit)
        {
            string title = fit.Outliers switch { 0 => "no outliers", 1 => "1 outlier", var count => $"{count} outliers" };
            string[] marks = [TrueLine, Point, .. fit.Outliers > 0 ? (string[])[Outlier] : []];
            SvgChart chart = Axes(title, across, up, "x", "y", [.. fit.Lines.Select(line => line.Loss), .. marks]);
            int good = fit.X.Count - fit.Outliers;
            Points(chart, [.. fit.X.Take(good)], [.. fit.Y.Take(good)], Point);
            Points(chart, [.. fit.X.Skip(good)], [.. fit.Y.Skip(good)], Outlier);
            Dashed(chart, across.Low, fits.Slope * across.Low + fits.Intercept, across.High, fits.Slope * across.High + fits.Intercept, dashes: 40);
            foreach (var (i, line) in fit.Lines.Index())
                Curve(chart, i, [across.Low, across.High], [line.Slope * across.Low + line.Intercept, line.Slope * across.High
                    + line.Intercept]);
            return chart;
        }
    }

    private static SvgChart Axes(string title, Scale across, Scale up, string name, string upName, IReadOnlyList<string> legend)
    {
        const int column = 92, row = 18, columns = 4, left = 52, right = 16, bottom = 44, top = 30;
        int rows = (legend.Count + columns - 1) / columns;
        // The legend is drawn above the data, in their units: nothing is drawn outside of the data's rectangle.
        double unitX = (across.High - across.Low) / (Width - left - right),
            unitY = (up.High - up.Low) / (Height - bottom - top - row * rows);
        double ceiling = up.High + row * rows * unitY;
        var chart = new SvgChart(Width, Height, new PixelPadding(left, right, bottom, top),
            new AxisLimits(across.Low, across.High, up.Low, ceiling), forPage: false);
        chart.Grid(across, up);
        chart.Text((across.Low + across.High) / 2, up.Low, 0, 34, name, "middle");
        chart.Text(across.Low, up.High, -7, -10, upName, "end");
        chart.Text(across.Low, ceiling, 0, -10, title, "name");
        for (int i = 0; i < legend.Count; i++)
        {
            double x = across.Low + i % columns * column * unitX, y = up.High + (row * (rows - i / columns) - 8) * unitY;
            if (legend[i] == TrueLine) Dashed(chart, x, y, x + 22 * unitX, y, dashes: 3);
            else if (legend[i] is Point or Outlier) Points(chart, [x + 11 * unitX], [y], legend[i]);
            else Curve(chart, i, [x, x + 11 * unitX, x + 22 * unitX], [y, y, y], isLegend: true);
            chart.Text(x, y, 28, 4, legend[i], "name");
        }
        return chart;
    }

    private static void Curve(SvgChart chart, int index, double[] x, double[] y, int whole = 0, bool isLegend = false)
    {
        var line = chart.Plot.Add.ScatterLine(x, y);
        (line.Color, line.LineWidth) = (chart.Colour(Ink.Variant(index)), 2);
        // Colours alone would not tell lines apart for everybody. The marks of different lines are at different places.
        int step = Math.Max(1, Math.Max(x.Length, whole) / 6), first = (step / 2 + 5 * index) % step;
        if (isLegend) (x, y) = ([x[1]], [y[1]]);
        else if (x.Length == 2) (x, y) = ([x[0] + (x[1] - x[0]) * MarkAt(index)], [y[0] + (y[1] - y[0]) * MarkAt(index)]);
        int[] marked = [.. Enumerable.Range(0, x.Length).Where(i => i >= first && (i - first) % step == 0)];
        StudyCharts.AddMarkers(chart, index, [.. marked.Select(i => x[i])], [.. marked.Select(i => y[i])]);
    }

    // Where along a straight line its mark is.
    private static double MarkAt(int index) => 0.5 + 0.08 * (index % 5);

    // An SVG is drawn without patterns of lines, so that each dash is a line.
    private static void Dashed(SvgChart chart, double x1, double y1, double x2, double y2, int dashes)
    {
        for (int i = 0; i < dashes; i++)
        {
            double from = i / (dashes - 0.4), to = (i + 0.6) / (dashes - 0.4);
            chart.Line(x1 + from * (x2 - x1), y1 + from * (y2 - y1), x1 + to * (x2 - x1), y1 + to * (y2 - y1), Ink.Words, 1.5f);
        }
    }

    private static void Points(SvgChart chart, double[] x, double[] y, string kind)
    {
        var (shape, size) = kind == Outlier ? (MarkerShape.OpenSquare, 8) : (MarkerShape.FilledCircle, 5);
        if (x.Length > 0) chart.Plot.Add.Markers(x, y, shape, size, chart.Colour(Ink.Axis));
    }
}
