using System.Collections.Concurrent;
using Fovea.Lab;

namespace Fovea.Studio.Training;

/// <summary>
/// All trainings of this studio, and those of its workspace that can be taken up again. A training has its name, by which a page finds it again,
/// before its data are read.
/// </summary>
public sealed class Trainings(StudioOptions options) : IDisposable
{
    private readonly ConcurrentDictionary<string, Task<TrainingSession>> _sessions = [];
    private readonly Lock _lock = new();

    /// <summary>The folder of the store.</summary>
    public string Workspace { get; } = Path.GetDirectoryName(Path.GetFullPath(options.Store))!;

    /// <summary>Whether one of them goes on, and takes the whole machine.</summary>
    public bool IsBusy => _sessions.Values.Any(task => !task.IsCompleted || task is { IsCompletedSuccessfully: true, Result.Phase: TrainingPhase.Running });

    /// <summary>The training of a name: it is there once its data are read, and fails with a <see cref="FoveaException"/> where they cannot be. Null
    /// where there is none of this name.</summary>
    public Task<TrainingSession>? Find(string name) => _sessions.GetValueOrDefault(name);

    /// <summary>Begins a training on a thread of its own.</summary>
    /// <returns>Its name.</returns>
    /// <exception cref="FoveaException">There are no such model or data, or the workspace cannot be written.</exception>
    public string Begin(TrainingRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ModelSpec model = request.Spec;
        _ = request.Known;
        lock (_lock)
        {
            string name = Enumerable.Range(1, int.MaxValue).Select(number => $"{model.Name ?? "model"}-{number}").First(free => !Path.Exists(FolderOf(free)));
            string folder = FolderOf(name);
            try
            {
                Directory.CreateDirectory(folder);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new FoveaException($"{folder}: the training cannot be kept: {exception.Message.TrimEnd('.')}. Start the studio in a folder that can be written.", exception);
            }
            _sessions[name] = Task.Run(() =>
            {
                try
                {
                    return Load(name, folder, request, model);
                }
                catch
                {
                    Directory.Delete(folder);
                    throw;
                }
            });
            return name;
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
    /// <returns>Its name.</returns>
    /// <exception cref="FoveaException">There is none.</exception>
    public string Resume(long id)
    {
        using RunStore store = RunStore.Open(options.Store);
        RunRecord run = store.Runs([id])[0];
        // A second click finds what the first began.
        lock (_lock) if (!_sessions.ContainsKey(run.Name)) _sessions[run.Name] = Task.Run(() => Load(run));
        return run.Name;
    }

    /// <summary>Stops the trainings that go on, each with a checkpoint.</summary>
    public void Dispose()
    {
        foreach (Task<TrainingSession> task in _sessions.Values)
        {
            if (task.IsCompletedSuccessfully) task.Result.Pause();
        }
    }

    private TrainingSession Load(string name, string folder, TrainingRequest request, ModelSpec model)
    {
        Dataset data = Datasets.Load(request.Known, DatasetPart.Training, model.Input);
        request.Settings.Loss.CheckEnd(model);
        var trainer = new Trainer(model, data.Take(Math.Min(request.Samples, data.Count)), request.Settings);
        return Start(name, trainer, Datasets.Load(request.Known, DatasetPart.Test, model.Input), folder);
    }

    private TrainingSession Load(RunRecord run)
    {
        TrainedNetwork trained = TrainedNetwork.Load(run.Folder);
        Dataset data = Datasets.Load(trained.Data.Name, DatasetPart.Training, trained.Data.Shape).Take(trained.Data.Samples);
        return Start(run.Name, Trainer.Resume(run.Folder, data), Datasets.Load(trained.Data.Name, DatasetPart.Test, trained.Data.Shape), run.Folder);
    }

    private TrainingSession Start(string name, Trainer trainer, Dataset test, string folder)
    {
        var session = new TrainingSession(name, trainer, test, folder, options.Store);
        session.Start();
        return session;
    }

    private string FolderOf(string name) => Path.Combine(Workspace, "runs", name);
}
