using System.Diagnostics;
using Fovea.Lab;

namespace Fovea.Studio.Training;

/// <summary>One moment of a training's curves.</summary>
/// <param name="Update">After which update.</param>
/// <param name="Loss">The mean loss of the epoch so far.</param>
/// <param name="Accuracy">The share classified rightly in the epoch so far.</param>
public readonly record struct CurvePoint(double Update, double Loss, double Accuracy);

/// <summary>
/// A training on a thread of its own. Pages look at it when they like: all that the training does for them is to note some hundred points and
/// the last update. A checkpoint is written after each epoch, after each half minute and at every pause, so that a killed studio loses little.
/// Several pages may start, pause and watch one at once.
/// </summary>
public sealed class TrainingSession
{
    private const int MostPoints = 250;
    private const double Mebibyte = 1 << 20;
    private static readonly TimeSpan s_checkpoint = TimeSpan.FromSeconds(30);

    // Of all that follows and changes. It is never held while a thread is waited for: the training takes it after each update.
    private readonly Lock _lock = new();
    private readonly List<CurvePoint> _points = [];
    private readonly Trainer _trainer;
    private readonly Dataset _test;
    private readonly string _store;
    private readonly long _every;
    private readonly TrainingMonitor _monitor;
    private IReadOnlyList<Finding> _findings;
    private IReadOnlyList<EpochResult> _history;
    private CancellationTokenSource _stop = new();
    private TrainingProgress _progress;
    private readonly RunLock _held;
    private Thread? _thread;
    private TrainingPhase _phase = TrainingPhase.Paused;
    private bool _isStopped, _isLeft;

    internal TrainingSession(string name, Trainer trainer, Dataset test, string folder, string store, RunLock held)
    {
        (Name, _trainer, _test, Folder, _store, _held) = (name, trainer, test, folder, store, held);
        _monitor = new TrainingMonitor(trainer);
        _every = Math.Max(1, (long)trainer.Epoch.Updates * Math.Min(trainer.Settings.Epochs, 1000) / MostPoints);
        // The trainer's own grows while it is read.
        _history = [.. trainer.History];
        _findings = Finding.Of(_history);
        foreach (EpochResult epoch in _history) _points.Add(new CurvePoint(epoch.Updates, epoch.TrainLoss, epoch.TrainAccuracy));
    }

    /// <summary>What it is called in addresses: its folder, as seen from the workspace.</summary>
    public string Name { get; }

    /// <summary>Where its weights lie.</summary>
    public string Folder { get; }

    /// <summary>Where it stands.</summary>
    public TrainingPhase Phase
    {
        get { lock (_lock) return _phase; }
    }

    /// <summary>Whether it was stopped before its end: it is then finished, or will be in a moment.</summary>
    public bool IsStopped
    {
        get { lock (_lock) return _isStopped; }
    }

    /// <summary>Why it cannot go on.</summary>
    public FoveaException? Failure { get; private set; }

    /// <summary>The network, whose weights may be changing.</summary>
    public Network Network => _trainer.Network;

    /// <summary>How it is trained.</summary>
    public TrainingSettings Settings => _trainer.Settings;

    /// <summary>What it is trained on.</summary>
    public Dataset Data => _trainer.Data;

    /// <summary>The samples that it is tested on at its end.</summary>
    public Dataset Test => _test;

    /// <summary>What the engine holds, in MB of 2^20 bytes.</summary>
    public double EngineMegabytes => _trainer.EngineBytes / Mebibyte;

    /// <summary>What the whole program holds now, the data and the pages included, in MB of 2^20 bytes.</summary>
    public double ProcessMegabytes => Environment.WorkingSet / Mebibyte;

    /// <summary>The figures of its end.</summary>
    public Evaluation? Result { get; private set; }

    /// <summary>The finished epochs.</summary>
    public IReadOnlyList<EpochResult> History
    {
        get { lock (_lock) return _history; }
    }

    /// <summary>The curves so far.</summary>
    public IReadOnlyList<CurvePoint> Points
    {
        get { lock (_lock) return [.. _points]; }
    }

    /// <summary>What it suffers from, as far as it was examined.</summary>
    public IReadOnlyList<Finding> Findings
    {
        get { lock (_lock) return _findings; }
    }

    /// <summary>The last update.</summary>
    public TrainingProgress Progress
    {
        get { lock (_lock) return _progress; }
    }

    /// <summary>Updates so far.</summary>
    public long Updates => _trainer.Updates;

    /// <summary>Goes on.</summary>
    public void Start() => Start(single: false);

    /// <summary>Makes one update.</summary>
    public void Step() => Start(single: true);

    /// <summary>Stops after the update under way; it can go on. It returns when its checkpoint is written.</summary>
    public void Pause()
    {
        Thread? thread;
        lock (_lock)
        {
            _stop.Cancel();
            thread = _thread;
        }
        thread?.Join();
    }

    /// <summary>Ends it as it is, after the update under way: it is tested, and its checkpoint kept.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopped = true;
            _stop.Cancel();
        }
        Start();
    }

    /// <summary>Pauses it and lets go of its folder, so that another program, or this one later, can go on from its checkpoint.</summary>
    public void Leave()
    {
        lock (_lock) _isLeft = true;
        Pause();
        lock (_lock)
        {
            if (_phase == TrainingPhase.Paused) End(TrainingPhase.Left);
        }
    }

    private void Start(bool single)
    {
        lock (_lock)
        {
            if (_phase != TrainingPhase.Paused || _isLeft) return;
            _phase = TrainingPhase.Running;
            CancellationTokenSource stop = _stop = new CancellationTokenSource();
            if (_isStopped) stop.Cancel();
            _thread = new Thread(() => Run(single, stop)) { IsBackground = true, Name = $"training {Name}" };
            _thread.Start();
        }
    }

    private void End(TrainingPhase phase)
    {
        // Whoever sees that it has ended finds its folder free.
        if (phase != TrainingPhase.Paused) _held.Dispose();
        _phase = phase;
    }

    private void Run(bool single, CancellationTokenSource stop)
    {
        TrainingPhase end;
        try
        {
            using RunStore store = RunStore.Open(_store);
            end = Run(single, stop, new RunRecorder(store, _trainer, Folder));
        }
        catch (Exception exception)
        {
            // A defect too: it would end the studio, and with it all its pages and whatever else it trains.
            Failure = exception as FoveaException ?? new FoveaException($"the training cannot go on: {exception.Message}", exception);
            end = TrainingPhase.Failed;
        }
        lock (_lock) End(end);
        // It may have been stopped while the checkpoint of a pause was written.
        if (IsStopped) Start();
    }

    private TrainingPhase Run(bool single, CancellationTokenSource stop, RunRecorder recorder)
    {
        try
        {
            long saved = Stopwatch.GetTimestamp();
            void Save()
            {
                recorder.Save();
                _trainer.Save(Folder);
                saved = Stopwatch.GetTimestamp();
            }

            bool isFinished = _trainer.Run(progress =>
            {
                Note(progress);
                if (single) stop.Cancel();
                else if (Stopwatch.GetElapsedTime(saved) > s_checkpoint) Save();
            }, epoch =>
            {
                _monitor.Examine(epoch);
                lock (_lock)
                {
                    _history = [.. _trainer.History];
                    _findings = Finding.Of(_history);
                }
                Save();
            }, stop.Token);
            // Before it is tested: who sees in the store that it has ended finds its last weights.
            if (!isFinished) Save();
            if (!isFinished && !IsStopped) return TrainingPhase.Paused;
            Result = _trainer.Evaluate(_test);
            var diagnosis = Diagnosis.Of(_trainer);
            lock (_lock) _findings = diagnosis.Findings;
            recorder.Finish(Result, diagnosis);
            _trainer.Save(Folder);
            return TrainingPhase.Finished;
        }
        catch (TrainingFailedException failure)
        {
            recorder.Fail(failure);
            throw;
        }
    }

    private void Note(in TrainingProgress progress)
    {
        lock (_lock)
        {
            _progress = progress;
            long update = _trainer.Updates;
            if (update % _every == 0 || update <= 3) _points.Add(new CurvePoint(update, progress.Loss, progress.Accuracy));
        }
    }
}
