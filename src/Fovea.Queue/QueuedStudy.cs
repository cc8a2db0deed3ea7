using System.Text.Json;

namespace Fovea.Lab;

/// <summary>A study whose trials are trained by the workers of a queue: the same figures, weights and report as of one that is run here.</summary>
public sealed class QueuedStudy
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(0.5);

    private readonly Study _study;
    private readonly StudyPlan _plan;
    private readonly StudyQueue _queue;
    private readonly StudyOptions _options;
    private readonly string _folder;
    private readonly Action<QueueProgress>? _progress;
    private readonly Dataset _training, _test;
    private readonly StudyResult _empty;
    private readonly HashSet<string> _entered = [];
    private readonly Dictionary<(int Variant, ulong Seed), string> _failures = [];
    private StudyResult _result;
    private int _told;
    private bool _saidThatNoWorkerIsThere;

    private QueuedStudy(Study study, StudyPlan plan, StudyQueue queue, StudyOptions options, string folder, Action<QueueProgress>? progress)
    {
        (_study, _plan, _queue, _options, _folder, _progress) = (study, plan, queue, options, folder, progress);
        study.Check();
        StudyFolder.Write(folder, StudyFolder.PlanFile, plan.ToJson() + "\n");
        (_training, _test) = StudyRunner.LoadData(study);
        _empty = StudyRunner.Begin(study, _training, _test, options);
        _result = Collect();
        _told = Settled;
    }

    /// <summary>
    /// Hands the trials that are not finished to the workers of a queue, waits for them, and brings weights and figures into the study's folder.
    /// Interrupted, the workers go on; called again with the same folder, it collects what they have done.
    /// </summary>
    /// <param name="study">The study, made of a plan.</param>
    /// <param name="queue">Where workers take their trials from.</param>
    /// <param name="options">How it is run; the folder must be given.</param>
    /// <param name="progress">Called about twice a second.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <returns>What the trials came to. One that a worker cannot train is told of with its variant (<see cref="VariantResult.Failed"/>), and stays in the
    /// queue: called again with the same folder, it gets another try.</returns>
    /// <exception cref="FoveaException">Study and data do not fit each other, or the folder cannot be written.</exception>
    public static StudyResult Run(Study study, StudyQueue queue, StudyOptions options, Action<QueueProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(options);
        StudyPlan plan = study.Plan ?? throw new ArgumentException("a study that goes through a queue must have a plan", nameof(study));
        string folder = options.Folder ?? throw new ArgumentException("a study that goes through a queue must have a folder", nameof(options));
        var queued = new QueuedStudy(study, plan, queue, options, folder, progress);
        Guid id = queued.Known() ?? queued.Enter();
        queue.HandOut(id);
        queued.Wait(id, cancellation);
        // What failed stays there with its checkpoints, for another try.
        if (queued.IsSettled && queued._failures.Count == 0)
        {
            // All of it is in the folder.
            queue.Remove(id);
            File.Delete(Path.Combine(folder, StudyFolder.QueueFile));
        }
        return queued._result;
    }

    private int Trials => _study.Variants.Count * _study.Seeds.Count;

    // Trials of which no more will come.
    private int Settled => _result.Ended + _failures.Count;

    private bool IsSettled => Settled == Trials;

    // A number of another database, or of a study with another plan, is none of this study.
    private Guid? Known() => ReadNumber(Path.Combine(_folder, StudyFolder.QueueFile)) is { } known && _queue.Study(known) is var (entered, _, _, _, _) && entered.IsSameAs(_plan) ? known : null;

    private Guid Enter()
    {
        var missing = from variant in Enumerable.Range(0, _study.Variants.Count)
                      from seed in _study.Seeds
                      where !TrialFolder.Of(_folder, variant, seed).IsEnded
                      select (variant, seed);
        Guid added = _queue.Add(_plan, missing, SampleFingerprint.Of(_training, _test), _options.Threads, _options.CheckpointSeconds, _options.RecordSteps);
        StudyFolder.Write(_folder, StudyFolder.QueueFile, $$"""{"study":"{{added}}"}""" + "\n");
        return added;
    }

    // Asks until all trials are settled or it was cancelled.
    private void Wait(Guid id, CancellationToken cancellation)
    {
        bool away = false;
        while (!IsSettled)
        {
            try
            {
                Ask(id);
                away = false;
            }
            catch (Exception exception) when (StudyQueue.IsAway(exception))
            {
                if (!away) _options.Warn?.Invoke($"the queue is away, and is waited for: {exception.Message.Split('\n')[0]}");
                away = true;
            }
            if (!IsSettled && cancellation.WaitHandle.WaitOne(s_interval)) return;
        }
    }

    private void Ask(Guid id)
    {
        IReadOnlyList<QueuedTrial> trials = _queue.Trials(id);
        foreach (QueuedTrial trial in trials) Take(id, trial);
        _result = Collect();
        if (Settled > _told)
        {
            _told = Settled;
            _options.RunDone?.Invoke(_result);
        }
        QueuedTrial[] left = [.. trials.Where(trial => trial is { Result: null, Failure: null })];
        WarnWhereNobodyWorks(left);
        _progress?.Invoke(new QueueProgress(_result.Ended, left.Count(trial => trial.Worker is not null), (Settled + left.Sum(trial => trial.Share)) / Trials));
    }

    // Brings what a trial came to into the folder.
    private void Take(Guid id, QueuedTrial trial)
    {
        if (trial.Failure is not null && _failures.TryAdd((trial.Variant, trial.Seed), trial.Failure))
            _options.Warn?.Invoke($"{_study.Variants[trial.Variant].Name}, seed {trial.Seed} failed: {trial.Failure}");
        if (trial.Result is null) return;
        // Another try may have been asked for elsewhere: a trial that failed before is not settled twice.
        _failures.Remove((trial.Variant, trial.Seed));
        TrialFolder kept = TrialFolder.Of(_folder, trial.Variant, trial.Seed);
        if (kept.IsEnded) return;
        _queue.Download(id, trial.Variant, trial.Seed, kept.Path);
        kept.End(JsonSerializer.Deserialize(trial.Result, LabJson.Readable.TrialOutcome)!);
    }

    private void WarnWhereNobodyWorks(QueuedTrial[] left)
    {
        if (_saidThatNoWorkerIsThere || left.Length == 0 || left.Any(trial => trial.Worker is not null) || _queue.HasWorker()) return;
        _saidThatNoWorkerIsThere = true;
        _options.Warn?.Invoke($"no worker is there yet that can take the trials, which are for {Engine.Description}. Start some: fovea worker --queue ...");
    }

    // In the order of a study that is run here, whoever was first.
    private StudyResult Collect()
    {
        StudyResult collected = _empty;
        foreach (ulong seed in _study.Seeds)
        {
            for (int variant = 0; variant < _study.Variants.Count; variant++)
            {
                TrialFolder kept = TrialFolder.Of(_folder, variant, seed);
                if (_failures.TryGetValue((variant, seed), out string? why)) collected = StudyRunner.With(collected, variant, new FailedRun(seed, why));
                if (kept.Outcome() is not { } ended) continue;
                collected = StudyRunner.With(collected, variant, ended);
                if (_options.Store is not { } store || !_entered.Add(kept.Path)) continue;
                IReadOnlyList<StepResult> steps = StepFile.Read(kept.Path);
                store.Add(ended.Record(_study, variant, _training.Count, kept.Path), steps.Count > 0 ? steps : null);
            }
        }
        return collected;
    }

    private static Guid? ReadNumber(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
            return document.RootElement.GetProperty("study").GetGuid();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new FoveaException($"{path}: it cannot be read which study of the queue this is: {exception.Message.Split('\n')[0].TrimEnd('.')}. Remove the file: the trials that have no figures yet are then handed out anew.", exception);
        }
    }
}
