using ScottPlot;

namespace Fovea.Lab;

/// <summary>Pictures of losses: curves beside each other, and lines fitted by them.</summary>
public static class LossCharts
{
    private const int Width = 460, Height = 340;

    /// <summary>Draws the curves of losses and of their gradients.</summary>
    /// <param name="path">The file; it ends in .svg or .png.</param>
    /// <param name="comparison">The curves.</param>
    public static void Save(string path, LossComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        string[] names = [.. comparison.Curves.Select(curve => curve.Name)];
        double[] scores = [.. comparison.Scores];
        string link = comparison.Link == "sigmoid" ? " through a sigmoid" : "";
        ChartFile.Save(path,
        [
            Panel($"loss{link}, target {comparison.Target}", curve => curve.Values),
            Panel("its gradient by the score", curve => curve.Gradients),
        ], $"The losses {string.Join(", ", names)}{link} and their gradients, by the score.");

        SvgChart Panel(string title, Func<LossCurve, IReadOnlyList<double>> values)
        {
            // As wide as the scores, whatever the round numbers around them.
            Scale across = Scale.Linear(scores) with { Low = scores[0], High = scores[^1] };
            across = across with { Ticks = [.. across.Ticks.Where(tick => tick.Position >= across.Low && tick.Position <= across.High)] };
            SvgChart chart = Axes(title, across, Scale.Linear(comparison.Curves.SelectMany(values)), "score", names);
            foreach (var (i, curve) in comparison.Curves.Index()) Curve(chart, i, scores, [.. values(curve)]);
            return chart;
        }
    }

    /// <summary>Draws points and the lines that were fitted to them, a panel for each number of outliers.</summary>
    /// <param name="path">The file; it ends in .svg or .png.</param>
    /// <param name="fits">The points and lines.</param>
    public static void Save(string path, LineFits fits)
    {
        ArgumentNullException.ThrowIfNull(fits);
        Scale round = Scale.Linear(fits.Cases.SelectMany(fit => fit.X)), up = Scale.Linear(fits.Cases.SelectMany(fit => fit.Y));
        // Points at the ends are seen whole.
        double margin = 0.03 * (round.High - round.Low);
        Scale across = round with { Low = round.Low - margin, High = round.High + margin };
        ChartFile.Save(path, [.. fits.Cases.Select(Panel)], $"Lines fitted to points with {string.Join(" and ", fits.Cases.Select(fit => fit.Outliers))} outliers.");

        SvgChart Panel(LineFitCase fit)
        {
            string title = fit.Outliers switch { 0 => "no outliers", 1 => "1 outlier", var count => $"{count} outliers" };
            SvgChart chart = Axes(title, across, up, "x", [.. fit.Lines.Select(line => line.Loss)]);
            int good = fit.X.Count - fit.Outliers;
            Points(chart, [.. fit.X.Take(good)], [.. fit.Y.Take(good)], MarkerShape.FilledCircle, 5);
            Points(chart, [.. fit.X.Skip(good)], [.. fit.Y.Skip(good)], MarkerShape.OpenSquare, 8);
            foreach (var (i, line) in fit.Lines.Index())
                Curve(chart, i, [across.Low, across.High], [line.Slope * across.Low + line.Intercept, line.Slope * across.High
                    + line.Intercept]);
            return chart;
        }
    }

    private static SvgChart Axes(string title, Scale across, Scale up, string name, IReadOnlyList<string> legend)
    {
        const int column = 92, row = 18, columns = 4, left = 46, right = 16, bottom = 44, top = 30;
        int rows = (legend.Count + columns - 1) / columns;
        // The legend is drawn above the data, in their units: nothing is drawn outside of the data's rectangle.
        double unitX = (across.High - across.Low) / (Width - left - right),
            unitY = (up.High - up.Low) / (Height - bottom - top - row * rows);
        double ceiling = up.High + row * rows * unitY;
        var chart = new SvgChart(Width, Height, new PixelPadding(left, right, bottom, top),
            new AxisLimits(across.Low, across.High, up.Low, ceiling), forPage: false);
        foreach (var (position, label) in up.Ticks)
        {
            chart.Line(across.Low, position, across.High, position, Ink.Grid);
            chart.Text(across.Low, position, -7, 4, label, "tick end");
        }
        foreach (var (position, label) in across.Ticks)
        {
            chart.Line(position, up.Low, position, up.High, Ink.Grid);
            chart.Text(position, up.Low, 0, 17, label, "tick middle");
        }
        chart.Line(across.Low, up.Low, across.High, up.Low, Ink.Axis);
        chart.Text((across.Low + across.High) / 2, up.Low, 0, 34, name, "middle");
        chart.Text(across.Low, ceiling, 0, -10, title, "name");
        for (int i = 0; i < legend.Count; i++)
        {
            double x = across.Low + i % columns * column * unitX, y = up.High + (row * (rows - i / columns) - 8) * unitY;
            Curve(chart, i, [x, x + 11 * unitX, x + 22 * unitX], [y, y, y], isLegend: true);
            chart.Text(x, y, 28, 4, legend[i], "name");
        }
        return chart;
    }

    private static void Curve(SvgChart chart, int index, double[] x, double[] y, bool isLegend = false)
    {
        var line = chart.Plot.Add.ScatterLine(x, y);
        (line.Color, line.LineWidth) = (chart.Colour(Ink.Variant(index)), 2);
        // Colours alone would not tell lines apart for everybody. The marks of different lines are at different places.
        int step = Math.Max(1, x.Length / 6), first = (step / 2 + 5 * index) % step;
        if (isLegend) (x, y) = ([x[1]], [y[1]]);
        else if (x.Length == 2) (x, y) = ([x[0] + (x[1] - x[0]) * MarkAt(index)], [y[0] + (y[1] - y[0]) * MarkAt(index)]);
        int[] marked = [.. Enumerable.Range(0, x.Length).Where(i => i >= first && (i - first) % step == 0)];
        StudyCharts.AddMarkers(chart, index, [.. marked.Select(i => x[i])], [.. marked.Select(i => y[i])]);
    }

    // Where along a straight line its mark is.
    private static double MarkAt(int index) => 0.5 + 0.08 * (index % 5);

    private static void Points(SvgChart chart, double[] x, double[] y, MarkerShape shape, float size)
    {
        if (x.Length > 0) chart.Plot.Add.Markers(x, y, shape, size, chart.Colour(Ink.Axis));
    }
}
