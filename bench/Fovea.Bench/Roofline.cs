using System.Diagnostics;
using System.Globalization;
using Fovea.Kernels;

namespace Fovea.Bench;

/// <summary>
/// How far from the machine's limits a training step is, layer by layer: the fastest tenth of the steps (what else runs on a machine only ever adds time):
/// time, operations per second and the share of the measured peak of fused multiply-adds. Multiply-adds are those of the layers' definitions: where
/// Winograd's algorithm takes fewer, the share may exceed 100%. Backward counts the multiply-adds of both gradients, or of one where the input's is not
/// needed.
/// </summary>
internal sealed class Roofline(string model, int batch, int threads, Optimizer optimizer, double seconds)
{
    public void Run(TextWriter output)
    {
        double peak = Peak(threads), bandwidth = Machine.Bandwidth<Lanes8>(threads);
        ModelSpec spec = Zoo.Get(model);
        var network = new Network(spec, seed: 1);
        var times = new LayerTimes();
        ExecutionPlan plan = ExecutionPlan.Create(network, new PlanOptions
        {
            BatchSize = batch,
            Threads = threads,
            Loss = Loss.For(spec),
            Optimizer = new OptimizerState(network, optimizer, seed: 1),
            Times = times,
        });
        var (data, samples) = RandomData.Create(spec, batch);
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < seconds;) plan.Train(new Batch(data, samples));
        var samplesOf = new Dictionary<(int Layer, bool Backward), List<double>>();
        var steps = new List<double>();
        for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin).TotalSeconds < 2 * seconds;)
        {
            times.Clear();
            long start = Stopwatch.GetTimestamp();
            plan.Train(new Batch(data, samples));
            steps.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            for (int layer = -1; layer < spec.Layers.Sum(l => l.LayerCount); layer++)
            {
                foreach (bool backward in (bool[])[false, true])
                {
                    if (!samplesOf.TryGetValue((layer, backward), out List<double>? list)) samplesOf[(layer, backward)] = list = [];
                    list.Add(times.Seconds(layer, backward));
                }
            }
        }
        double step = Undisturbed(steps);
        double Spent(int layer, bool backward) => Undisturbed(samplesOf[(layer, backward)]);

        void Line(FormattableString line) => output.WriteLine(FormattableString.Invariant(line));
        Line($"{model}, batch {batch}, {threads} threads: {batch / step:F0} samples/s, {step * 1e6:F0} us a step; {batch / Turns.Median(steps):F0} samples/s at the median");
        Line($"peak {peak / 1e9:F0} GFLOP/s, memory {bandwidth / 1e9:F1} GB/s");
        Line($"{"layer",-44} {"pass",-8} {"us",9} {"share",6} {"GFLOP/s",9} {"of peak",8}");
        bool learns = false;
        double total = 0;
        void Row(string name, bool backward, double spent, double multiplyAdds)
        {
            double microseconds = spent / threads * 1e6, flops = 2 * multiplyAdds * batch / (microseconds / 1e6);
            total += microseconds;
            string work = multiplyAdds == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{flops / 1e9,9:F0} {flops / peak,8:P0}");
            Line($"{name,-44} {(backward ? "backward" : "forward"),-8} {microseconds,9:F1} {microseconds / (step * 1e6),6:P0} {work}");
        }
        Row("load, loss", false, Spent(-1, false), 0);
        foreach (var (number, name, multiplyAdds) in Runs(spec.Layers, spec.Input, first: 0))
        {
            if (Spent(number, false) > 0) Row(name, false, Spent(number, false), multiplyAdds);
            if (Spent(number, true) > 0) Row(name, true, Spent(number, true), multiplyAdds * (learns ? 2 : 1));
            learns |= multiplyAdds > 0;
        }
        Row("sums, updates", true, Spent(-1, true), 0);
        Line($"{"waiting, between the passes",-53} {step * 1e6 - total,9:F1} {1 - total / (step * 1e6),6:P0}");
        double all = spec.Layers.Select((layer, i) => layer.MultiplyAdds(spec.Shapes[i])).Sum(m => 3.0 * m) - FirstMultiplyAdds(spec);
        Line($"{"step",-53} {step * 1e6,9:F1} {"",6} {2 * all * batch / step / 1e9,9:F0} {2 * all * batch / step / peak,8:P0}");
    }

    /// <summary>What runs as one: the layers' number in the plan, their text and multiply-adds; of a block its own work after that of its layers.</summary>
    private static IEnumerable<(int Number, string Name, long MultiplyAdds)> Runs(IReadOnlyList<Layer> layers, Shape input, int first)
    {
        var shapes = new ModelSpec(input, layers).Shapes;
        for (int i = 0; i < layers.Count;)
        {
            int run = Fusion.Enabled ? Fusion.RunLength([.. layers.Skip(i)]) : 1, number = first + 1;
            foreach (LayerSequence row in (layers[i] as Composite)?.Sequences ?? [])
            {
                foreach (var inner in Runs(row.Layers, shapes[i], number)) yield return inner;
                number += row.Layers.Sum(layer => layer.LayerCount);
            }
            bool isBlock = layers[i] is Composite;
            string name = string.Join(" | ", layers.Skip(i).Take(run).Select(layer => LayerText.FormatBriefly(layer)));
            yield return (first, name, isBlock ? 0 : Enumerable.Range(i, run).Sum(k => layers[k].MultiplyAdds(shapes[k])));
            first += layers.Skip(i).Take(run).Sum(layer => layer.LayerCount);
            i += run;
        }
    }

    /// <summary>The peak of the widest vectors of this machine.</summary>
    public static double Peak(int threads) =>
        System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? Machine.PeakFlops<Lanes16>(threads)
        : System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated ? Machine.PeakFlops<Lanes8>(threads)
        : Machine.PeakFlops<Lanes4>(threads);

    private static double Undisturbed(List<double> values) => values.Order().ElementAt(values.Count / 10);

    private static long FirstMultiplyAdds(ModelSpec spec) => Runs(spec.Layers, spec.Input, first: 0).Select(run => run.MultiplyAdds).FirstOrDefault(m => m > 0);
}
