using Fovea.Lab;

namespace Fovea.Studio.Training;

/// <summary>The runs of the store and their networks, which are read once and kept as long as they are among those asked for last.</summary>
public sealed class TrainedRuns(StudioOptions options)
{
    // Networks that are kept in memory, and pages that look at different ones at once.
    private const int Most = 8;

    private readonly Lock _lock = new();

    // By the run's number, that which was asked for last at the end.
    private readonly OrderedDictionary<long, (DateTimeOffset Stored, TrainedNetwork Network)> _networks = [];

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
        TrainedNetwork? known = Known(run);
        // Others need not wait for a large file.
        TrainedNetwork network = known ?? TrainedNetwork.Load(run.Folder);
        lock (_lock)
        {
            _networks.Remove(run.Id);
            _networks.Add(run.Id, (run.Stored, network));
            if (_networks.Count > Most) _networks.RemoveAt(0);
        }
        return network;
    }

    private TrainedNetwork? Known(RunRecord run)
    {
        lock (_lock) return _networks.TryGetValue(run.Id, out var kept) && kept.Stored == run.Stored ? kept.Network : null;
    }
}
