namespace Fovea.Lab;

/// <summary>A picture of a range test: the losses by the learning rate.</summary>
public static class RangeChart
{
    /// <summary>Checks the name of the picture's file.</summary>
    /// <exception cref="FoveaException">It does not end in .svg or .png.</exception>
    public static void CheckPath(string path) => ChartFile.Check(path);

    /// <summary>Draws the losses of a test, single and smoothed, with the rates that it suggests.</summary>
    /// <param name="path">The file; it ends in .svg or .png.</param>
    /// <param name="range">The test.</param>
    public static void Save(string path, LearningRateRange range)
    {
        ArgumentNullException.ThrowIfNull(range);
        const int width = 640, height = 380;
        Scale across = Powers(range.Points[0].LearningRate, range.Points[^1].LearningRate);
        // A loss that has diverged would press the rest to the bottom.
        double start = range.Points[0].Smoothed, most = Math.Max(start, range.Points.Max(point => point.Smoothed));
        double top = Math.Min(most, 2 * start);
        Scale up = Scale.Linear([0, 1.05 * top]);
        var chart = new SvgChart(width, height, new ScottPlot.PixelPadding(52, 20, 48, 34), new ScottPlot.AxisLimits(across.Low, across.High, up.Low, up.High), forPage: false);
        chart.Grid(across, up);
        chart.Text((across.Low + across.High) / 2, up.Low, 0, 36, "learning rate", "middle");
        chart.Text(across.Low, up.High, 0, -14, "loss of each update, and smoothed", "name");
        Mark(range.Steepest, "falls fastest", row: 0);
        Mark(range.Divergence, "diverges", row: 1);
        double[] x = [.. range.Points.Select(point => Math.Log10(point.LearningRate))];
        var single = chart.Plot.Add.Markers(x, [.. range.Points.Select(point => Math.Min(point.Loss, up.High))], ScottPlot.MarkerShape.FilledCircle, 3, chart.Colour(Ink.Axis));
        single.MarkerStyle.LineWidth = 0;
        var line = chart.Plot.Add.ScatterLine(x, [.. range.Points.Select(point => Math.Min(point.Smoothed, up.High))]);
        (line.Color, line.LineWidth) = (chart.Colour(Ink.Variant(0)), 2);
        ChartFile.Save(path, [chart], "The loss by the learning rate, which rises from update to update.");

        void Mark(double? rate, string words, int row)
        {
            if (rate is not { } value) return;
            double at = Math.Log10(value);
            chart.Line(at, up.Low, at, up.High, Ink.Variant(1));
            chart.Text(at, up.High, -5, 14 + 17 * row, $"{words}: {value:G2}", "name end");
        }
    }

    // Powers of ten, as exponents.
    private static Scale Powers(double low, double high)
    {
        double first = Math.Log10(low), last = Math.Log10(high);
        return Scale.Linear([first, last]) with
        {
            Low = first,
            High = last,
            Ticks = [.. Enumerable.Range((int)Math.Ceiling(first - 1e-9), 1 + (int)Math.Floor(last + 1e-9) - (int)Math.Ceiling(first - 1e-9))
                .Select(power => ((double)power, $"1e{power}"))],
        };
    }
}
