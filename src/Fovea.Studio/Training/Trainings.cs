using System.Collections.Concurrent;
using Fovea.Lab;

namespace Fovea.Studio.Training;

/// <summary>All trainings of this studio, and those of its workspace that can be taken up again.</summary>
public sealed class Trainings(StudioOptions options)
{
    private readonly ConcurrentDictionary<string, TrainingSession> _sessions = [];
    private readonly Lock _lock = new();

    /// <summary>The folder of the store.</summary>
    public string Workspace { get; } = Path.GetDirectoryName(Path.GetFullPath(options.Store))!;

    /// <summary>The training of a name; null where there is none.</summary>
    public TrainingSession? Find(string name) => _sessions.GetValueOrDefault(name);

    /// <summary>Begins a training.</summary>
    /// <exception cref="FoveaException">Model, data and settings do not fit each other.</exception>
    public TrainingSession Begin(TrainingRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ModelSpec model = request.Spec;
        Dataset data = Datasets.Load(request.Known, DatasetPart.Training, model.Input);
        request.Settings.Loss.CheckEnd(model);
        var trainer = new Trainer(model, data.Take(Math.Min(request.Samples, data.Count)), request.Settings);
        Dataset test = Datasets.Load(request.Known, DatasetPart.Test, model.Input);
        lock (_lock)
        {
            string name = Enumerable.Range(1, int.MaxValue).Select(number => $"{model.Name ?? "model"}-{number}").First(free => !Path.Exists(FolderOf(free)));
            Directory.CreateDirectory(FolderOf(name));
            return Enter(name, trainer, test, FolderOf(name));
        }
    }

    /// <summary>Runs of the store that have not come to their end and that nobody in this studio goes on with.</summary>
    public IReadOnlyList<RunRecord> Unfinished(RunStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return [.. store.Runs().Where(run => run is { IsFinished: false, Study: null } && !_sessions.ContainsKey(run.Name) && TrainedNetwork.Exists(run.Folder))];
    }

    /// <summary>Takes a training up again where its last checkpoint is.</summary>
    /// <param name="id">Its number in the store: where it lies, the store says.</param>
    /// <exception cref="FoveaException">There is none, or its data are not here.</exception>
    public TrainingSession Resume(long id)
    {
        using RunStore store = RunStore.Open(options.Store);
        RunRecord run = store.Runs([id])[0];
        TrainedNetwork trained = TrainedNetwork.Load(run.Folder);
        Dataset data = Datasets.Load(trained.Data.Name, DatasetPart.Training, trained.Data.Shape).Take(trained.Data.Samples);
        Dataset test = Datasets.Load(trained.Data.Name, DatasetPart.Test, trained.Data.Shape);
        lock (_lock) return Find(run.Name) ?? Enter(run.Name, Trainer.Resume(run.Folder, data), test, run.Folder);
    }

    private string FolderOf(string name) => Path.Combine(Workspace, "runs", name);

    private TrainingSession Enter(string name, Trainer trainer, Dataset test, string folder) =>
        _sessions[name] = new TrainingSession(name, trainer, test, folder, options.Store);
}
