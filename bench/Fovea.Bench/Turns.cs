using System.Diagnostics;

namespace Fovea.Bench;

/// <summary>Measures what is compared in turn, each for a moment, several times over: the speed of a machine drifts.</summary>
/// <param name="rounds">How often each is measured.</param>
/// <param name="seconds">How long a measurement takes, at least.</param>
internal sealed class Turns(int rounds, double seconds)
{
    /// <summary>The median seconds of a call in each round, for each action: what else the machine does falls on some calls. Before, each warms up for a second at
    /// least: code is compiled anew when it has run for a while.</summary>
    public double[][] Measure(IReadOnlyList<Action> actions)
    {
        foreach (Action action in actions) Measure(action, Math.Max(seconds, 1));
        double[][] all = [.. actions.Select(_ => new double[rounds])];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < actions.Count; i++) all[i][round] = Measure(actions[i], seconds);
        }
        return all;
    }

    private static double Measure(Action action, double seconds)
    {
        var calls = new List<double>();
        long start = Stopwatch.GetTimestamp();
        do
        {
            long call = Stopwatch.GetTimestamp();
            action();
            calls.Add(Stopwatch.GetElapsedTime(call).TotalSeconds);
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
        return Median(calls);
    }

    public static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
