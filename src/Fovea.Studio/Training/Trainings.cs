using Fovea.Lab;

namespace Fovea.Studio.Training;

/// <summary>A run of the store that has not come to its end.</summary>
/// <param name="Run">The run.</param>
/// <param name="Phase">Where it stands in this studio, <see cref="TrainingPhase.Running"/> or <see cref="TrainingPhase.Paused"/>; null where nobody goes on
/// with it here.</param>
public sealed record UnfinishedRun(RunRecord Run, TrainingPhase? Phase);

/// <summary>
/// All trainings of this studio, and those of its workspace that can be taken up again. A training has its name, by which a page finds it again,
/// before its data are read: its folder, as seen from the workspace.
/// </summary>
public sealed class Trainings(StudioOptions options) : IDisposable
{
    // Those that have ended, and are kept with all their memory for the pages that show them.
    private const int MostEnded = 4;

    private readonly Lock _lock = new();

    // In the order in which they were begun.
    private readonly OrderedDictionary<string, Task<TrainingSession>> _sessions = [];
    private bool _isClosed;

    /// <summary>The folder of the store.</summary>
    public string Workspace { get; } = Path.GetDirectoryName(Path.GetFullPath(options.Store))!;

    /// <summary>Whether one of them goes on, and takes the whole machine.</summary>
    public bool IsBusy
    {
        get { lock (_lock) return _sessions.Values.Any(task => PhaseOf(task) == TrainingPhase.Running); }
    }

    /// <summary>The training of a name: it is there once its data are read, and fails with a <see cref="FoveaException"/> where they cannot be. Null
    /// where there is none of this name.</summary>
    public Task<TrainingSession>? Find(string name)
    {
        lock (_lock) return _sessions.GetValueOrDefault(name);
    }

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
            string folder = Enumerable.Range(1, int.MaxValue).Select(number => Path.Combine(Workspace, "runs", $"{model.Name ?? "model"}-{number}")).First(free => !Path.Exists(free));
            try
            {
                Directory.CreateDirectory(folder);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new FoveaException($"{folder}: the training cannot be kept: {exception.Message.TrimEnd('.')}. Start the studio in a folder that can be written.", exception);
            }
            return Add(NameOf(folder), Task.Run(() =>
            {
                try
                {
                    return Load(folder, request, model);
                }
                catch
                {
                    // Nothing lies in it but what was held.
                    Directory.Delete(folder, recursive: true);
                    throw;
                }
            }));
        }
    }

    /// <summary>Runs of the store that have not come to their end, and have not diverged: each can go on.</summary>
    public IReadOnlyList<UnfinishedRun> Unfinished(RunStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        RunRecord[] runs = [.. store.Runs().Where(run => run is { IsFinished: false, Study: null, Divergence: null } && TrainedNetwork.Exists(run.Folder))];
        lock (_lock)
        {
            return [.. runs.Select(run => new UnfinishedRun(run, _sessions.TryGetValue(NameOf(run.Folder), out Task<TrainingSession>? task)
                && PhaseOf(task) is TrainingPhase.Running or TrainingPhase.Paused ? PhaseOf(task) : null))];
        }
    }

    /// <summary>Goes on with a training: where it is paused here, or else from its last checkpoint.</summary>
    /// <param name="id">Its number in the store: where it lies, the store says.</param>
    /// <returns>Its name.</returns>
    /// <exception cref="FoveaException">There is none.</exception>
    public string Resume(long id)
    {
        RunRecord run = Run(id);
        string name = NameOf(run.Folder);
        lock (_lock)
        {
            // A second click finds what the first began. What has failed is tried anew.
            if (!_sessions.TryGetValue(name, out Task<TrainingSession>? task) || PhaseOf(task) is not (TrainingPhase.Running or TrainingPhase.Paused))
                return Add(name, Task.Run(() => Load(run.Folder)));
            if (task.IsCompletedSuccessfully) task.Result.Start();
            return name;
        }
    }

    /// <summary>Lets go of a training that is paused: it can be taken up again, here or on the command line.</summary>
    /// <param name="name">Its name.</param>
    public void Leave(string name)
    {
        Task<TrainingSession>? task = Find(name);
        if (task is not { IsCompletedSuccessfully: true }) return;
        task.Result.Leave();
        lock (_lock) if (_sessions.GetValueOrDefault(name) == task) _sessions.Remove(name);
    }

    /// <summary>Takes a training that nobody goes on with out of the store; its files stay.</summary>
    /// <param name="id">Its number in the store.</param>
    /// <returns>The run that it was.</returns>
    /// <exception cref="FoveaException">There is none, or it goes on.</exception>
    public RunRecord Discard(long id)
    {
        RunRecord run = Run(id);
        string name = NameOf(run.Folder);
        if (Find(name) is { } task)
        {
            if (PhaseOf(task) == TrainingPhase.Running) throw new FoveaException($"the training {name} goes on. Pause it first.");
            Leave(name);
        }
        using (RunLock.Take(run.Folder, Program))
        using (RunStore store = RunStore.Open(options.Store)) store.Delete([id]);
        return run;
    }

    /// <summary>Stops the trainings that go on, each with a checkpoint, and those whose data are being read before they begin.</summary>
    public void Dispose()
    {
        Task<TrainingSession>[] tasks;
        lock (_lock) (_isClosed, tasks) = (true, [.. _sessions.Values]);
        foreach (Task<TrainingSession> task in tasks)
        {
            // Unlike Wait, it does not throw where the training could not begin.
            Task.WaitAny(task);
            if (task.IsCompletedSuccessfully) task.Result.Leave();
        }
    }

    internal const string Program = "fovea studio";

    // While its data are read it is as good as running.
    private static TrainingPhase PhaseOf(Task<TrainingSession> task) =>
        !task.IsCompleted ? TrainingPhase.Running : task.IsCompletedSuccessfully ? task.Result.Phase : TrainingPhase.Failed;

    private string NameOf(string folder) => Path.GetRelativePath(Workspace, folder);

    private RunRecord Run(long id)
    {
        using RunStore store = RunStore.Open(options.Store);
        return store.Runs([id])[0];
    }

    private string Add(string name, Task<TrainingSession> task)
    {
        _sessions.Remove(name);
        _sessions.Add(name, task);
        string[] ended = [.. _sessions.Where(session => PhaseOf(session.Value) is not (TrainingPhase.Running or TrainingPhase.Paused)).Select(session => session.Key)];
        foreach (string old in ended.SkipLast(MostEnded)) _sessions.Remove(old);
        return name;
    }

    private TrainingSession Load(string folder, TrainingRequest request, ModelSpec model) => Start(folder, () =>
    {
        Dataset data = Datasets.Load(request.Known, DatasetPart.Training, model.Input);
        request.Settings.Loss.CheckEnd(model);
        return (new Trainer(model, data.Take(Math.Min(request.Samples, data.Count)), request.Settings), Datasets.Load(request.Known, DatasetPart.Test, model.Input));
    });

    private TrainingSession Load(string folder) => Start(folder, () =>
    {
        DataDescription described = TrainedNetwork.Load(folder).Data;
        Dataset data = Datasets.Load(described.Name, DatasetPart.Training, described.Shape).Take(described.Samples);
        return (Trainer.Resume(folder, data), Datasets.Load(described.Name, DatasetPart.Test, described.Shape));
    });

    // Nobody else writes a checkpoint between that which is read and the first that this training writes.
    private TrainingSession Start(string folder, Func<(Trainer Trainer, Dataset Test)> load)
    {
        RunLock held = RunLock.Take(folder, Program);
        try
        {
            var (trainer, test) = load();
            var session = new TrainingSession(NameOf(folder), trainer, test, folder, options.Store, held);
            lock (_lock)
            {
                if (_isClosed) throw new FoveaException("the studio has ended.");
                session.Start();
            }
            return session;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }
}
