using System.Globalization;
using ScottPlot;

namespace Fovea.Lab;

/// <summary>The pictures of what is measured besides loss and accuracy: distributions, and figures by the size of a batch.</summary>
internal sealed class MeasurementCharts(StudyResult result, string prefix)
{
    // As the markers of the first lines look.
    private static readonly string[] s_marks = ["●", "■", "▲", "◆", "▼"];

    /// <summary>Batches by how many samples of the rarest class they hold, as bars, and the hypergeometric distribution as a line.</summary>
    public ReportChart RareSamples(string id, string description, VariantResult variant)
    {
        BatchComposition[] seeds = [.. variant.Runs.Select(run => run.Batches).OfType<BatchComposition>()];
        int batches = seeds.Sum(seed => seed.Batches.Sum()), index = result.Variants.Index().First(v => v.Item.Name == variant.Name).Index;
        // All variants on one axis; as far as the line or a bar can be seen.
        int last = Math.Max(3, result.Variants.SelectMany(v => v.Runs).Select(run => run.Batches).OfType<BatchComposition>()
            .Max(b => Math.Max(b.Batches.Count - 1, Enumerable.Range(0, b.BatchSize + 1).Last(k => b.Expected(k) >= 0.001))));
        double Counted(int k) => 100.0 * seeds.Sum(seed => k < seed.Batches.Count ? seed.Batches[k] : 0) / batches;
        double Expected(int k) => 100 * seeds.Average(seed => seed.Expected(k));
        int[] all = [.. Enumerable.Range(0, last + 1)];
        Scale scale = Scale.Linear([0, .. all.Select(Counted), .. all.Select(Expected)]);
        return ReportChart.Of(prefix + id, description, ["samples", "batches %", "hypergeometric %"], all.Select(k => (IReadOnlyList<object?>)[k, Counted(k), Expected(k)]), forPage =>
        {
            var chart = new SvgChart(420, 210, new PixelPadding(46, 10, 30, 10), new AxisLimits(-0.7, last + 0.7, scale.Low, scale.High), forPage);
            Grid(chart, scale, -0.7, last + 0.7);
            foreach (int k in all)
            {
                var bar = chart.Plot.Add.Rectangle(k - 0.36, k + 0.36, 0, Counted(k));
                (bar.FillColor, bar.LineWidth) = (chart.Colour(Ink.Variant(index), opacity: 0.75), 0);
                if (k % Ticks.Step(last, most: 10) == 0) chart.Text(k, scale.Low, 0, 18, $"{k}", "tick middle");
            }
            var line = chart.Plot.Add.ScatterLine((double[])[.. all.Select(k => (double)k)], (double[])[.. all.Select(Expected)]);
            (line.Color, line.LineWidth) = (chart.Colour(Ink.Words), 1.5f);
            chart.Line(-0.7, scale.Low, last + 0.7, scale.Low, Ink.Axis);
            return chart;
        });
    }

    /// <summary>How many weights are of which size, on a logarithmic scale that all variants share.</summary>
    public ReportChart Weights(string id, string description, VariantResult variant)
    {
        WeightHistogram histogram = variant.Runs[0].Weights!;
        int index = result.Variants.Index().First(v => v.Item.Name == variant.Name).Index;
        double top = Math.Log10(result.Variants.SelectMany(v => v.Runs.Take(1)).Max(run => run.Weights!.Counts.Max())) + 0.1;
        double half = histogram.BinWidth * (histogram.Counts.Count / 2 + 0.5);
        double At(int bin) => (bin - histogram.Counts.Count / 2) * histogram.BinWidth;
        return ReportChart.Of(prefix + id, description, ["weight", "count"], histogram.Counts.Select((count, bin) => (IReadOnlyList<object?>)[Math.Round(At(bin), 6), count]), forPage =>
        {
            var chart = new SvgChart(420, 180, new PixelPadding(46, 10, 30, 10), new AxisLimits(-half, half, -0.1, top), forPage);
            for (int power = 0; power <= top; power++)
            {
                chart.Line(-half, power, half, power, Ink.Grid);
                chart.Text(-half, power, -7, 4, Math.Pow(10, power).ToString("N0", CultureInfo.InvariantCulture), "tick end");
            }
            foreach (var (bin, count) in histogram.Counts.Index().Where(bin => bin.Item > 0))
            {
                var bar = chart.Plot.Add.Rectangle(At(bin) - histogram.BinWidth / 2, At(bin) + histogram.BinWidth / 2, -0.1, Math.Log10(count));
                (bar.FillColor, bar.LineWidth) = (chart.Colour(Ink.Variant(index)), 0);
            }
            foreach (double tick in (double[])[-0.2, -0.1, 0, 0.1, 0.2]) chart.Text(tick, -0.1, 0, 18, $"{tick:0.0}".Replace('-', '−'), "tick middle");
            chart.Line(-half, -0.1, half, -0.1, Ink.Axis);
            return chart;
        });
    }

    /// <summary>Means over the seeds by the size of a batch, one line for each kind of figure, with its name at the end of the line.</summary>
    public ReportChart ByBatchSize(string id, string description, string column, IReadOnlyList<(string Name, Func<VariantResult, bool> Has, Func<RunResult, double> Figure)> lines, bool logarithmic)
    {
        var series = lines.Index().Select(line => (line.Index, line.Item.Name, Points: result.Variants.Where(v => v.Runs.Count > 0 && line.Item.Has(v)).OrderBy(v => v.BatchSize)
            .Select(v => (Size: (double)v.BatchSize, Value: v.Runs.Average(line.Item.Figure))).ToArray())).Where(line => line.Points.Length > 0).ToArray();
        double[] values = [.. series.SelectMany(line => line.Points).Select(point => point.Value).Where(value => !logarithmic || value > 0)];
        Scale scale = logarithmic ? Scale.Logarithmic(values) : Scale.Linear(values);
        double[] sizes = [.. series.SelectMany(line => line.Points).Select(point => point.Size).Distinct().Order()];
        double low = Math.Log2(sizes[0]) - 0.3, high = Math.Log2(sizes[^1]) + 0.3;
        var rows = series.SelectMany(line => line.Points.Select(point => (IReadOnlyList<object?>)[line.Name, point.Size, point.Value]));
        return ReportChart.Of(prefix + id, description, ["of", "batch size", column], rows, forPage =>
        {
            var chart = new SvgChart(420, 250, new PixelPadding(46, 10, 52, 10), new AxisLimits(low, high, scale.Low, scale.High), forPage);
            Grid(chart, scale, low, high);
            double free = low, legend = 0;
            foreach (double size in sizes)
            {
                // Ticks that would run into each other are left out.
                if (Math.Log2(size) < free) continue;
                chart.Text(Math.Log2(size), scale.Low, 0, 18, size.ToString("N0", CultureInfo.InvariantCulture), "tick middle");
                free = Math.Log2(size) + (high - low) / 14;
            }
            foreach (var (index, name, points) in series)
            {
                double[] x = [.. points.Select(point => Math.Log2(point.Size))], y = [.. points.Select(point => scale.Place(point.Value))];
                var line = chart.Plot.Add.ScatterLine(x, y);
                (line.Color, line.LineWidth) = (chart.Colour(Ink.Variant(index)), 2);
                StudyCharts.AddMarkers(chart, index, x, y);
                // The legend, below the axis; its marks are those of the lines.
                double at = low + (high - low) * legend;
                legend += (name.Length + 5.0) / series.Sum(other => other.Name.Length + 5);
                chart.Text(at, scale.Low, 0, 42, $"{s_marks[index % s_marks.Length]} {name}", "name");
            }
            chart.Line(low, scale.Low, high, scale.Low, Ink.Axis);
            return chart;
        });
    }

    private static void Grid(SvgChart chart, Scale scale, double left, double right)
    {
        foreach (var (position, label) in scale.Ticks)
        {
            chart.Line(left, position, right, position, Ink.Grid);
            chart.Text(left, position, -7, 4, label, "tick end");
        }
    }
}
