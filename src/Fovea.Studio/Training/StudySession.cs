using Fovea.Lab;

namespace Fovea.Studio.Training;

/// <summary>A study on a thread of its own.</summary>
public sealed class StudySession : IDisposable
{
    private readonly Study _study;
    private readonly string _store;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Thread _thread;
    private StudyProgress? _progress;
    private volatile TrainingPhase _phase = TrainingPhase.Running;

    internal StudySession(Study study, string folder, string store)
    {
        (_study, Folder, _store) = (study, folder, store);
        _thread = new Thread(Run) { IsBackground = true, Name = $"study {study.Name}" };
        _thread.Start();
    }

    /// <summary>The study's name.</summary>
    public string Name => _study.Name;

    /// <summary>Where it is kept.</summary>
    public string Folder { get; }

    /// <summary>Where it stands.</summary>
    public TrainingPhase Phase => _phase;

    /// <summary>Why it cannot go on.</summary>
    public FoveaException? Failure { get; private set; }

    /// <summary>The run under way.</summary>
    public StudyProgress? Progress
    {
        get { lock (_lock) return _progress; }
    }

    /// <summary>Stops it after the update under way.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Stops it, and waits until its checkpoint is written.</summary>
    public void Dispose()
    {
        Stop();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        try
        {
            using RunLock held = RunLock.Take(Folder, Trainings.Program);
            using RunStore store = RunStore.Open(_store);
            StudyResult result = StudyRunner.Run(_study, new StudyOptions { Folder = Folder, Store = store, RunDone = Keep }, Note, _stop.Token);
            if (result.Ended > 0) StudyReport.Save(result, Folder);
            _phase = result.IsComplete ? TrainingPhase.Finished : TrainingPhase.Paused;
        }
        catch (Exception exception)
        {
            // A defect too: it would end the studio, and with it all its pages and whatever else it trains.
            Failure = exception as FoveaException ?? new FoveaException($"the study cannot go on: {exception.Message}", exception);
            _phase = TrainingPhase.Failed;
        }
    }

    private void Note(StudyProgress progress)
    {
        lock (_lock) _progress = progress;
    }

    private void Keep(StudyResult result)
    {
        result.Save(Folder);
        StudyReport.Save(result, Folder);
    }
}
