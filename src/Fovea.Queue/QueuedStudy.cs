using System.Text.Json;

namespace Fovea.Lab;

/// <summary>A study whose trials are trained by the workers of a queue: the same figures, weights and report as of one that is run here.</summary>
public static class QueuedStudy
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// Hands the trials that are not finished to the workers of a queue, waits for them, and brings weights and figures into the study's folder.
    /// Interrupted, the workers go on; called again with the same folder, it collects what they have done.
    /// </summary>
    /// <param name="study">The study, made of a plan.</param>
    /// <param name="queue">Where workers take their trials from.</param>
    /// <param name="folder">The study's folder.</param>
    /// <param name="threads">Threads that each trial may use; 0 for all of its machine.</param>
    /// <param name="checkpointSeconds">How often a checkpoint is written.</param>
    /// <param name="progress">Called about twice a second: how many trials are finished, how many are being trained, and the share of the whole that is done.</param>
    /// <param name="runDone">Called when a trial's figures have come or it has failed, with all results so far.</param>
    /// <param name="store">Where finished runs are entered.</param>
    /// <param name="recordSteps">Whether the workers keep every update and the store gets them.</param>
    /// <param name="calibrations">Measurements of this machine: where one was made of a variant, the result sets what it predicts beside the runs, which
    /// other machines may have made.</param>
    /// <param name="warn">Is told, in a sentence each, of trials that fail, of a database that is away, and where no worker is there.</param>
    /// <param name="cancellation">Stops the waiting.</param>
    /// <returns>What the trials came to. One that a worker cannot train is told of with its variant (<see cref="VariantResult.Failed"/>), and stays in the
    /// queue: called again with the same folder, it gets another try.</returns>
    /// <exception cref="FoveaException">Study and data do not fit each other, or the folder cannot be written.</exception>
    public static StudyResult Run(Study study, StudyQueue queue, string folder, int threads = 0, double checkpointSeconds = TrialFolder.UsualCheckpointSeconds,
        Action<int, int, double>? progress = null, Action<StudyResult>? runDone = null, RunStore? store = null, bool recordSteps = false,
        CalibrationCache? calibrations = null, Action<string>? warn = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(queue);
        StudyPlan plan = study.Plan ?? throw new ArgumentException("a study that goes through a queue must have a plan", nameof(study));
        study.Check();
        StudyFolder.Write(folder, StudyFolder.PlanFile, plan.ToJson() + "\n");
        var (training, test) = StudyRunner.LoadData(study);
        int own = threads > 0 ? threads : Environment.ProcessorCount;
        StudyResult empty = StudyRunner.Begin(study, training, test, plan.Command, folder);
        if (calibrations is not null) empty = StudyRunner.Predicted(empty, study, training, test, own, calibrations);
        var entered = new HashSet<string>();
        var failures = new Dictionary<(int Variant, ulong Seed), string>();
        StudyResult result = Collect();

        Guid id = Known() ?? Enter();
        queue.HandOut(id);
        int settled = result.Ended, all = study.Variants.Count * study.Seeds.Count;
        bool away = false, alone = false;
        while (result.Ended + failures.Count < all)
        {
            try
            {
                Ask();
                away = false;
            }
            catch (Exception exception) when (StudyQueue.IsAway(exception))
            {
                if (!away) warn?.Invoke($"the queue is away, and is waited for: {exception.Message.Split('\n')[0]}");
                away = true;
            }
            if (result.Ended + failures.Count < all && cancellation.WaitHandle.WaitOne(s_interval)) return result;
        }
        // What failed stays there with its checkpoints, for another try.
        if (failures.Count > 0) return result;
        // All of it is in the folder.
        queue.Remove(id);
        File.Delete(Path.Combine(folder, StudyFolder.QueueFile));
        return result;

        void Ask()
        {
            IReadOnlyList<QueuedTrial> trials = queue.Trials(id);
            foreach (QueuedTrial trial in trials)
            {
                TrialFolder kept = TrialFolder.Of(folder, trial.Variant, trial.Seed);
                if (trial.Failure is not null && failures.TryAdd((trial.Variant, trial.Seed), trial.Failure))
                    warn?.Invoke($"{study.Variants[trial.Variant].Name}, seed {trial.Seed} failed: {trial.Failure}");
                if (trial.Result is null || kept.IsEnded) continue;
                queue.Download(id, trial.Variant, trial.Seed, kept.Path);
                kept.End(JsonSerializer.Deserialize(trial.Result, LabJson.Readable.TrialOutcome)!);
            }
            result = Collect();
            if (result.Ended + failures.Count > settled)
            {
                settled = result.Ended + failures.Count;
                runDone?.Invoke(result);
            }
            QueuedTrial[] left = [.. trials.Where(trial => trial is { Result: null, Failure: null })];
            if (!alone && left.Length > 0 && left.All(trial => trial.Worker is null) && !queue.HasWorker())
            {
                alone = true;
                warn?.Invoke($"no worker is there yet that can take the trials, which are for {Engine.Description}. Start some: fovea worker --queue ...");
            }
            progress?.Invoke(result.Ended, left.Count(trial => trial.Worker is not null), (settled + left.Sum(trial => trial.Share)) / all);
        }

        // In the order of a study that is run here, whoever was first.
        StudyResult Collect()
        {
            StudyResult collected = empty;
            foreach (ulong seed in study.Seeds)
            {
                for (int variant = 0; variant < study.Variants.Count; variant++)
                {
                    TrialFolder kept = TrialFolder.Of(folder, variant, seed);
                    if (failures.TryGetValue((variant, seed), out string? why)) collected = StudyRunner.With(collected, variant, new FailedRun(seed, why));
                    if (kept.Outcome() is not { } ended) continue;
                    collected = StudyRunner.With(collected, variant, ended);
                    if (store is null || !entered.Add(kept.Path)) continue;
                    IReadOnlyList<StepResult> steps = StepFile.Read(kept.Path);
                    store.Add(ended.Record(study, variant, training.Count, kept.Path), steps.Count > 0 ? steps : null);
                }
            }
            return collected;
        }

        // A number of another database, or of a study with another plan, is none of this study.
        Guid? Known() => ReadNumber(Path.Combine(folder, StudyFolder.QueueFile)) is { } known && queue.Study(known) is var (entered, _, _, _, _) && entered.IsSameAs(plan) ? known : null;

        Guid Enter()
        {
            var missing = from variant in Enumerable.Range(0, study.Variants.Count)
                          from seed in study.Seeds
                          where !TrialFolder.Of(folder, variant, seed).IsEnded
                          select (variant, seed);
            Guid added = queue.Add(plan, missing, SampleFingerprint.Of(training, test), threads, checkpointSeconds, recordSteps);
            StudyFolder.Write(folder, StudyFolder.QueueFile, $$"""{"study":"{{added}}"}""" + "\n");
            return added;
        }
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
