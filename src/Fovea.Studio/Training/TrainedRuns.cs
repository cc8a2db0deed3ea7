using System.Collections.Concurrent;
using Fovea.Lab;

namespace Fovea.Studio.Training;

/// <summary>The runs of the store and their networks, which are read once.</summary>
public sealed class TrainedRuns(StudioOptions options)
{
    private readonly ConcurrentDictionary<(long, DateTimeOffset), TrainedNetwork> _networks = [];

    /// <summary>All runs, the newest first.</summary>
    /// <exception cref="FoveaException">The store cannot be read.</exception>
    public IReadOnlyList<RunRecord> All()
    {
        if (!File.Exists(options.Store)) return [];
        using RunStore store = RunStore.Open(options.Store);
        return [.. store.Runs().Reverse()];
    }

    /// <summary>Those with weights.</summary>
    public IReadOnlyList<RunRecord> WithWeights() => [.. All().Where(run => TrainedNetwork.Exists(run.Folder))];

    /// <summary>The network of a run.</summary>
    /// <exception cref="FoveaException">Its weights cannot be read.</exception>
    public TrainedNetwork Load(RunRecord run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return _networks.GetOrAdd((run.Id, run.Stored), _ => TrainedNetwork.Load(run.Folder));
    }
}
