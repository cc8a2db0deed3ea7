using System.Diagnostics;
using Fovea.Kernels;

namespace Fovea;

/// <summary>Where the time of a plan goes: of each layer, forward and backward, added up over the threads. Layers that are fused count as the
/// first of their run; what belongs to no layer (loading, loss, updates) has the index -1.</summary>
internal sealed class LayerTimes
{
    private readonly Dictionary<(int Layer, bool Backward), long[]> _ticks = [];

    /// <summary>Seconds of a layer's pass, of all threads together.</summary>
    public double Seconds(int layer, bool backward) =>
        _ticks.TryGetValue((layer, backward), out long[]? ticks) ? (double)ticks.Sum() / Stopwatch.Frequency : 0;

    /// <summary>Forgets all times.</summary>
    public void Clear()
    {
        foreach (long[] ticks in _ticks.Values) Array.Clear(ticks);
    }

    /// <summary>The same work, timed.</summary>
    public WorkItem Timed(int layer, bool backward, WorkItem run)
    {
        if (!_ticks.TryGetValue((layer, backward), out long[]? ticks))
            _ticks[(layer, backward)] = ticks = new long[Work.MaximumThreads * 8];
        return (item, worker) =>
        {
            long start = Stopwatch.GetTimestamp();
            run(item, worker);
            // Eight longs a worker: no two workers write to one cache line.
            ticks[worker * 8] += Stopwatch.GetTimestamp() - start;
        };
    }
}
