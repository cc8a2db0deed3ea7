using System.Globalization;
using ScottPlot;

namespace Fovea.Lab;

/// <summary>The pictures of a study's report. They show the figures of the result and compute none but means over seeds.</summary>
internal sealed class StudyCharts(StudyResult result, string prefix = "")
{
    private const int MostEpochsWithMarkers = 12;

    // Told apart without colours, and sized to look alike.
    private static readonly (MarkerShape Shape, float Size)[] s_markers =
    [
        (MarkerShape.FilledCircle, 7.5f), (MarkerShape.FilledSquare, 6.5f), (MarkerShape.FilledTriangleUp, 9.5f),
        (MarkerShape.FilledDiamond, 9), (MarkerShape.FilledTriangleDown, 9.5f),
    ];

    private readonly (int Index, VariantResult Variant)[] _variants = [.. result.Variants.Index().Where(v => v.Item.Runs.Count > 0)];

    /// <summary>How a variant's marks look, to be explained beside the charts.</summary>
    public static string Marker(int variant)
    {
        var chart = new SvgChart(18, 14, new PixelPadding(0), new AxisLimits(0, 18, 0, 14));
        chart.Line(1, 7, 17, 7, Ink.Variant(variant), 2);
        AddMarkers(chart, variant, [9], [7]);
        return chart.Render(id: null, "");
    }

    /// <summary>A figure of every epoch: the mean of the seeds as a line, the lowest to the highest of them as a band.</summary>
    /// <param name="id">A name that no other chart has.</param>
    /// <param name="description">What it shows.</param>
    /// <param name="figure">The figure; null where there is none.</param>
    /// <param name="scale">The vertical axis.</param>
    public ReportChart Curves(string id, string description, Func<EpochResult, double?> figure, Scale scale) =>
        ReportChart.Of(prefix + id, description, ["variant", "seed", "epoch", id], OfEpochs(run => [.. run.History.Select(e => (double)e.Epoch)], figure),
            forPage => DrawCurves(figure, scale, forPage));

    private SvgChart DrawCurves(Func<EpochResult, double?> figure, Scale scale, bool forPage)
    {
        int epochs = _variants.SelectMany(v => v.Variant.Runs).Max(run => run.History.Count);
        double margin = Math.Max(0.25, 0.03 * (epochs - 1));
        var limits = Around(1 - margin, epochs + margin, scale);
        var chart = new SvgChart(420, 250, new PixelPadding(46, 10, 30, 10), limits, forPage);
        foreach (var (position, label) in scale.Ticks)
        {
            chart.Line(1 - margin, position, epochs + margin, position, Ink.Grid);
            chart.Text(1 - margin, position, -7, 4, label, "tick end");
        }
        int step = Ticks.Step(epochs, most: 10);
        for (int epoch = step; epoch <= epochs; epoch += step)
        {
            chart.Text(epoch, scale.Low, 0, 18, $"{(epoch == step ? "epoch " : "")}{epoch}", "tick middle");
        }
        foreach (var (index, variant) in _variants)
        {
            // As far as every seed goes: with another end than a number of epochs they go differently far.
            double[][] points = [.. Enumerable.Range(0, variant.Runs.Min(run => run.History.Count)).Select(e =>
                variant.Runs.Select(run => figure(run.History[e])).OfType<double>().Select(scale.Place).ToArray())];
            if (points.Length == 0 || points.Any(seeds => seeds.Length == 0)) continue;
            double[] x = [.. Enumerable.Range(1, points.Length).Select(e => (double)e)];
            if (epochs == 1)
            {
                // A band of no width would not be seen: the range is a line, beside those of the other variants.
                x[0] += 0.05 * (index - (result.Variants.Count - 1) / 2.0);
                chart.Line(x[0], points[0].Min(), x[0], points[0].Max(), Ink.Variant(index), 2);
            }
            else
            {
                var band = chart.Plot.Add.FillY(x, [.. points.Select(p => p.Min())], [.. points.Select(p => p.Max())]);
                (band.FillColor, band.LineWidth) = (chart.Colour(Ink.Variant(index), opacity: 0.18), 0);
                var line = chart.Plot.Add.ScatterLine(x, [.. points.Select(p => p.Average())]);
                (line.Color, line.LineWidth) = (chart.Colour(Ink.Variant(index)), 2);
            }
            if (epochs <= MostEpochsWithMarkers) AddMarkers(chart, index, x, [.. points.Select(p => p.Average())]);
        }
        chart.Line(1 - margin, scale.Low, epochs + margin, scale.Low, Ink.Axis);
        return chart;
    }

    /// <summary>A figure against what was spent, one line for each run: by updates, seconds or anything else that grows with the epochs.</summary>
    /// <param name="id">A name that no other chart has.</param>
    /// <param name="description">What it shows.</param>
    /// <param name="spent">What a run had spent up to the end of each of its epochs.</param>
    /// <param name="figure">The figure; null where there is none.</param>
    /// <param name="scale">The vertical axis.</param>
    public ReportChart Spent(string id, string description, Func<RunResult, IReadOnlyList<double>> spent, Func<EpochResult, double?> figure, Scale scale) =>
        ReportChart.Of(prefix + id, description, ["variant", "seed", .. id.Split('-').Reverse()], OfEpochs(spent, figure), forPage => DrawSpent(spent, figure, scale, forPage));

    private SvgChart DrawSpent(Func<RunResult, IReadOnlyList<double>> spent, Func<EpochResult, double?> figure, Scale scale, bool forPage)
    {
        // On a logarithmic axis: what small and large batches take may differ by a hundred times.
        Scale along = Scale.Logarithmic(_variants.SelectMany(v => v.Variant.Runs).SelectMany(spent));
        var chart = new SvgChart(420, 250, new PixelPadding(46, 10, 30, 10), Around(along.Low, along.High, scale), forPage);
        foreach (var (position, label) in scale.Ticks)
        {
            chart.Line(along.Low, position, along.High, position, Ink.Grid);
            chart.Text(along.Low, position, -7, 4, label, "tick end");
        }
        foreach (var (position, label) in along.Ticks) chart.Text(position, scale.Low, 0, 18, label, "tick middle");
        foreach (var (index, variant) in _variants)
        {
            foreach (RunResult run in variant.Runs)
            {
                var points = run.History.Zip(spent(run), (epoch, x) => (X: along.Place(x), Y: figure(epoch))).Where(point => point.Y is not null).ToArray();
                double[] x = [.. points.Select(point => point.X)], y = [.. points.Select(point => scale.Place(point.Y!.Value))];
                if (x.Length == 0) continue;
                var line = chart.Plot.Add.ScatterLine(x, y);
                (line.Color, line.LineWidth) = (chart.Colour(Ink.Variant(index)), 1.5f);
                if (x.Length <= MostEpochsWithMarkers) AddMarkers(chart, index, x, y);
            }
        }
        chart.Line(along.Low, scale.Low, along.High, scale.Low, Ink.Axis);
        return chart;
    }

    // A mark at the end of the scale is not cut in half.
    private static AxisLimits Around(double left, double right, Scale scale) =>
        new(left, right, scale.Low - 0.03 * (scale.High - scale.Low), scale.High + 0.03 * (scale.High - scale.Low));

    private IEnumerable<IReadOnlyList<object?>> OfEpochs(Func<RunResult, IReadOnlyList<double>> along, Func<EpochResult, double?> figure) =>
        from v in _variants
        from run in v.Variant.Runs
        from point in run.History.Zip(along(run))
        select (IReadOnlyList<object?>)[v.Variant.Name, run.Seed, point.Second, figure(point.First)];

    private IEnumerable<IReadOnlyList<object?>> OfRuns(Func<VariantResult, RunResult, double> figure) =>
        from v in _variants
        from run in v.Variant.Runs
        select (IReadOnlyList<object?>)[v.Variant.Name, run.Seed, figure(v.Variant, run)];

    /// <summary>One bar for each variant, as long as the mean of a figure; a thin line shows the lowest to the highest seed.</summary>
    /// <param name="id">A name that no other chart has.</param>
    /// <param name="description">What it shows.</param>
    /// <param name="figure">The figure of one run.</param>
    /// <param name="format">How the mean is written at the end of its bar.</param>
    public ReportChart Bars(string id, string description, Func<VariantResult, RunResult, double> figure, string format) =>
        ReportChart.Of(prefix + id, description, ["variant", "seed", id], OfRuns(figure), forPage => DrawBars(figure, format, forPage));

    private SvgChart DrawBars(Func<VariantResult, RunResult, double> figure, string format, bool forPage)
    {
        double[][] values = [.. _variants.Select(v => v.Variant.Runs.Select(run => figure(v.Variant, run)).ToArray())];
        var limits = new AxisLimits(0, values.Max(v => v.Max()), -_variants.Length, 0);
        var chart = new SvgChart(420, 34 * _variants.Length + 6, new PixelPadding(NameRoom, 78, 3, 3), limits, forPage);
        for (int i = 0; i < _variants.Length; i++)
        {
            double y = -(i + 0.5), mean = values[i].Average(), low = values[i].Min(), high = values[i].Max();
            var bar = chart.Plot.Add.Rectangle(0, mean, y - 0.27, y + 0.27);
            (bar.FillColor, bar.LineWidth) = (chart.Colour(Ink.Variant(_variants[i].Index)), 0);
            if (high > low) chart.Line(low, y, high, y, Ink.Words, 1.5f);
            chart.Text(0, y, -8, 4, _variants[i].Variant.Name, "name end");
            chart.Text(Math.Max(mean, high), y, 7, 4, mean.ToString(format, CultureInfo.InvariantCulture), "value");
        }
        chart.Line(0, -_variants.Length, 0, 0, Ink.Axis);
        return chart;
    }

    // Names stand left of their bars.
    private float NameRoom => Math.Clamp(14 + 6.6f * _variants.Max(v => v.Variant.Name.Length), 70, 190);

    /// <summary>The test accuracy of every seed, and their means; a thin line joins the runs of one seed.</summary>
    public ReportChart Accuracies(string id, string description) =>
        ReportChart.Of(prefix + id, description, ["variant", "seed", "test accuracy %"], OfRuns((_, run) => 100 * run.TestAccuracy), DrawAccuracies);

    private SvgChart DrawAccuracies(bool forPage)
    {
        double[][] percent = [.. _variants.Select(v => v.Variant.Runs.Select(run => 100 * run.TestAccuracy).ToArray())];
        Scale scale = Scale.Linear(percent.SelectMany(v => v));
        var limits = new AxisLimits(scale.Low, scale.High, -_variants.Length, 0);
        var chart = new SvgChart(420, 44 * _variants.Length + 30, new PixelPadding(NameRoom, 16, 26, 4), limits, forPage);
        foreach (var (position, label) in scale.Ticks)
        {
            chart.Line(position, -_variants.Length, position, 0, Ink.Grid);
            chart.Text(position, -_variants.Length, 0, 17, label, "tick middle");
        }
        foreach (ulong seed in result.Seeds)
        {
            var runs = _variants.SelectMany((v, i) =>
                v.Variant.Runs.Where(run => run.Seed == seed).Select(run => (X: 100 * run.TestAccuracy, Y: -(i + 0.5))));
            foreach (var (from, to) in runs.Zip(runs.Skip(1))) chart.Line(from.X, from.Y, to.X, to.Y, Ink.Axis, 0.75f);
        }
        for (int i = 0; i < _variants.Length; i++)
        {
            double y = -(i + 0.5), mean = percent[i].Average();
            chart.Line(mean, y - 0.3, mean, y + 0.3, Ink.Variant(_variants[i].Index), 3);
            AddMarkers(chart, _variants[i].Index, percent[i], [.. percent[i].Select(_ => y)]);
            chart.Text(scale.Low, y, -8, 4, _variants[i].Variant.Name, "name end");
        }
        return chart;
    }

    /// <summary>The marks of a variant, which tell it apart without colours.</summary>
    internal static void AddMarkers(SvgChart chart, int variant, double[] x, double[] y)
    {
        var (shape, size) = s_markers[(variant + variant / s_markers.Length) % s_markers.Length];
        var markers = chart.Plot.Add.Markers(x, y, shape, size, chart.Colour(Ink.Variant(variant)));
        markers.MarkerStyle.LineWidth = 0;
    }
}
