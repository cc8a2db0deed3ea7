using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Fovea.Lab;

/// <summary>Runs studies.</summary>
public static class StudyRunner
{
    private const double Mebibyte = 1 << 20;

    // Each variant is trained for a moment before anything is measured: the first updates of a network wait for its code to be compiled.
    private const int WarmUpSamples = 2048, ManyEpochs = 1_000_000;
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// Trains every variant with every seed, seed by seed, so that an interrupted study has pairs to compare and no variant has the quiet
    /// hours of the machine for itself. Each trained network is then tested on the whole test set. A run whose numbers are no longer finite ends
    /// there, with its last good checkpoint, and is told of in the result; the others go on.
    /// </summary>
    /// <param name="study">What to run.</param>
    /// <param name="options">How it is run; null takes all processors, keeps nothing and tells nobody.</param>
    /// <param name="progress">Called after each update.</param>
    /// <param name="cancellation">Stops the study after an update; the finished runs are returned.</param>
    /// <exception cref="FoveaException">Study and data do not fit each other.</exception>
    public static StudyResult Run(Study study, StudyOptions? options = null, Action<StudyProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(study);
        options ??= new StudyOptions();
        study.Check();
        if (options.Folder is not null && study.Plan is not null) StudyFolder.Write(options.Folder, StudyFolder.PlanFile, study.Plan.ToJson() + "\n");
        var (training, test) = LoadData(study);
        StudyResult result = Begin(study, training, test, options);
        double[] secondsPerRun = [.. study.Variants.Select(variant => WarmUp(variant, training, options.ThreadsHere, cancellation))];
        int run = 0, runs = study.Seeds.Count * study.Variants.Count;
        double spent = 0;
        var known = new HashSet<(StudyVariant, string, string)>();
        foreach (ulong seed in study.Seeds)
        {
            for (int i = 0; i < study.Variants.Count; i++)
            {
                var trial = new Trial(study, i, seed, training, test, options.ThreadsHere);
                TrialFolder? kept = options.Folder is null ? null : TrialFolder.Of(options.Folder, i, seed, options.CheckpointSeconds);
                double later = SecondsAfter(secondsPerRun, run++);
                TrialOutcome? ended = kept?.Outcome();
                if (ended is null)
                {
                    ended = RunOne(trial, kept, Report, Record, Found, cancellation);
                    if (ended is null) return result;
                    kept?.End(ended);
                }

                secondsPerRun[i] = ended.TrainSeconds;
                spent += ended.TrainSeconds;
                result = With(result, i, ended);
                if (kept is not null) options.Store?.Add(ended.Record(study, i, training.Count, kept.Path), options.RecordSteps ? [] : null);
                options.RunDone?.Invoke(result);

                void Report(TrainingProgress training) => progress?.Invoke(StudyProgress.Of(trial.Variant.Name, seed, run, runs, training, spent, later));

                RunRecorder? Record(Trainer trainer)
                {
                    foreach (string warning in trainer.Warnings) options.Warn?.Invoke($"{trial.Name}: {warning}");
                    return kept is null || options.Store is null ? null
                        : new RunRecorder(options.Store, trainer, kept.Path, options.RecordSteps, (study.Name, RunRecord.NameOf(trial.Variant)));
                }

                void Found(Finding finding, string words)
                {
                    if (known.Add((trial.Variant, finding.Kind, finding.Where))) options.Found?.Invoke($"{trial.Name}, {words}");
                }
            }
        }
        return result;

        double SecondsAfter(double[] seconds, int current) =>
            Enumerable.Range(current + 1, runs - current - 1).Sum(later => seconds[later % seconds.Length]);
    }

    /// <summary>What the runs of a study train and test on.</summary>
    internal static (Dataset Training, Dataset Test) LoadData(Study study)
    {
        Shape shape = study.Variants[0].Model.Input;
        Dataset training = Datasets.Load(study.Data, DatasetPart.Training, shape, study.DataFolder);
        Dataset test = Datasets.Load(study.Data, DatasetPart.Test, shape, study.DataFolder);
        return (study.Limit is { } limit ? training.Take(limit) : training, test);
    }

    /// <summary>A result without runs, with what measurements of this machine predict of them. It is written into the folder, where none is yet: a study that
    /// is taken up again knows from it when it was begun.</summary>
    internal static StudyResult Begin(Study study, Dataset training, Dataset test, StudyOptions options)
    {
        string? folder = options.Folder;
        DateTimeOffset? started = folder is null ? null : StudyFolder.Started(folder);
        var result = new StudyResult(study.Name, study.Data, [.. study.Variants.Select(Begin)])
        {
            Title = study.Title,
            Question = study.Question,
            Seeds = study.Seeds,
            TestSamples = test.Count,
            PeakMemoryIsExact = PeakMemory.IsExact,
            Command = study.Plan?.Command,
            Started = started ?? DateTimeOffset.Now,
            LearningRateRule = study.Plan?.LearningRateRule ?? "fixed",
            Until = study.Until?.ToString(),
        };
        if (folder is not null && started is null) result.Save(folder);
        return options.Calibrations is null ? result : Predicted(result, study, training, test, options.ThreadsHere, options.Calibrations);

        VariantResult Begin(StudyVariant variant)
        {
            ModelSpec model = variant.Model;
            ModelSummary summary = StudyResult.Summary(model);
            // Every seed sets the same number of samples aside.
            EpochSize epoch = EpochSize.Of(training.Count, variant.Settings.ValidationFraction, variant.Settings.BatchSize);
            return new VariantResult(variant.Name, RunRecord.TextOf(model), summary.TotalParameters, summary.ToTorchSummary(), [])
            {
                Layers = model.ToText(),
                Input = model.Input,
                EstimatedMegabytes = summary.TotalMegabytes,
                Budget = Budget(variant.Settings),
                Against = variant.Against,
                BatchSize = variant.Settings.BatchSize,
                UpdatesPerEpoch = epoch.Updates,
                TrainingSamples = epoch.Samples,
                ValidationSamples = training.Count - epoch.Samples,
                Optimizer = variant.Settings.Optimizer,
                Loss = variant.Settings.Loss,
                Settings = variant.Settings.Describe(),
            };
        }
    }

    /// <summary>A result with what measurements of this machine predict, as far as there are some.</summary>
    private static StudyResult Predicted(StudyResult result, Study study, Dataset training, Dataset test, int threads, CalibrationCache calibrations)
    {
        return result with { Variants = [.. result.Variants.Zip(study.Variants, (found, variant) => found with { Predicted = Prediction(variant) })] };

        VariantCost? Prediction(StudyVariant variant) =>
            calibrations.Find(CalibrationCache.Key(variant, training, threads)) is { } calibration ? VariantCost.Of(variant, calibration, training, test) : null;
    }

    /// <summary>What a run may spend, in words.</summary>
    internal static string Budget(TrainingSettings settings) => (settings switch
    {
        { Updates: { } updates } => new StudyBudget("updates", updates),
        { Seconds: { } seconds } => new StudyBudget("seconds", seconds),
        _ => new StudyBudget("epochs", settings.Epochs),
    }).Words;

    /// <summary>The result with a run more.</summary>
    internal static StudyResult With(StudyResult result, int variant, TrialOutcome ended) => result with
    {
        Variants = [.. result.Variants.Select((v, i) => i != variant ? v
            : ended.Run is { } run ? v with { Runs = [.. v.Runs, run] } : v with { Diverged = [.. v.Diverged, ended.Diverged!] })],
    };

    /// <summary>The result with a run more that failed.</summary>
    internal static StudyResult With(StudyResult result, int variant, FailedRun failed) =>
        result with { Variants = [.. result.Variants.Select((v, i) => i == variant ? v with { Failed = [.. v.Failed, failed] } : v)] };

    /// <summary>Trains for a moment, and returns a first guess of how many seconds a run takes.</summary>
    internal static double WarmUp(StudyVariant variant, Dataset training, int threads, CancellationToken cancellation)
    {
        var trainer = new Trainer(variant.Model, training.Take(WarmUpSamples), Calibration.Standing(variant.Settings) with { Epochs = ManyEpochs }, threads);
        using var moment = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        double samplesPerSecond = 0;
        long start = Stopwatch.GetTimestamp();
        TrainingSettings settings = variant.Settings;
        try
        {
            // After an update at least, which tells the speed.
            trainer.Run(cancellation: moment.Token, progress: progress =>
            {
                samplesPerSecond = progress.SamplesPerSecond;
                if (Stopwatch.GetElapsedTime(start) > s_warmUp) moment.Cancel();
            });
        }
        catch (TrainingFailedException) when (samplesPerSecond == 0)
        {
            // Its very first loss is no number: the run will say so, and takes no time.
            return 0;
        }
        return settings.Seconds ?? (settings.Updates is { } updates ? (double)updates * settings.BatchSize : (double)training.Count * settings.Epochs) / samplesPerSecond;
    }

    /// <summary>Trains a variant with a seed, from its last checkpoint if there is one; null when it was interrupted.</summary>
    // Not inlined, so that the trainer is garbage before the next run is measured.
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static TrialOutcome? RunOne(Trial trial, TrialFolder? folder, Action<TrainingProgress> progress, Func<Trainer, RunRecorder?> record,
        Action<Finding, string> found, CancellationToken cancellation)
    {
        Trainer trainer = folder?.Resume(trial.Training, trial.Threads)
            ?? new Trainer(trial.Variant.Model, trial.Training, trial.Variant.Settings with { Seed = trial.Seed }, trial.Threads);
        var monitor = new TrainingMonitor(trainer);
        try
        {
            var (trained, bytes) = PeakMemory.Measure(peak => Train(trial, trainer, folder, progress, record, epoch =>
            {
                // What a diagnosis takes is no part of what is measured.
                if (!monitor.IsDue(epoch)) return;
                foreach (Finding finding in peak.Apart(() => monitor.Examine(epoch))) found(finding, $"after epoch {epoch.Epoch}: {finding}");
            }, cancellation));
            if (trained is null) return null;
            var diagnosis = Diagnosis.Of(trainer);
            foreach (Finding finding in diagnosis.Findings.Where(finding => finding.Epoch is null)) found(finding, $"at the end: {finding}");
            return new TrialOutcome(trained with { PeakMemoryMegabytes = bytes / Mebibyte, Diagnosis = diagnosis }, null);
        }
        catch (TrainingFailedException exception) when (exception.Finding is { } finding)
        {
            // The updates since the last checkpoint, where they are kept: those before it diverged are worth most.
            folder?.Saving?.Invoke();
            var diverged = new DivergedRun(trial.Seed, trainer.Updates, exception.Message, finding, [.. trainer.History])
            {
                CheckpointUpdate = folder?.LastUpdate,
                Places = [.. trainer.Places],
            };
            found(finding, $"diverged: {diverged.Message} {char.ToUpperInvariant(diverged.Kept[0])}{diverged.Kept[1..]}.");
            return new TrialOutcome(null, diverged);
        }
        finally
        {
            // It holds the trainer, which would be measured with the next run.
            if (folder is not null) folder.Saving = null;
        }
    }

    private static RunResult? Train(Trial trial, Trainer trainer, TrialFolder? folder, Action<TrainingProgress> progress, Func<Trainer, RunRecorder?> record,
        Action<EpochResult> examine, CancellationToken cancellation)
    {
        RunRecorder? recorder = record(trainer);
        if (folder is not null) folder.Saving = () => recorder?.Save();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // It may have been killed between the end of the run and the writing of its figures.
        bool reached = trainer is { EpochPosition: 0, History: [.., var last] } && IsReached(last);
        if (reached) stop.Cancel();
        bool finished = trainer.Run(
            now =>
            {
                progress(now);
                recorder?.Add(now.Step);
                folder?.SaveNowAndThen(trainer);
            },
            epoch =>
            {
                examine(epoch);
                reached = IsReached(epoch);
                if (reached) stop.Cancel();
                folder?.Save(trainer);
            },
            stop.Token);
        if (!finished && !reached)
        {
            folder?.Save(trainer);
            return null;
        }
        return Figures(trainer, trial.Test, trial.Threads) with { TargetReached = trial.Study.Until is null ? null : reached };

        bool IsReached(EpochResult epoch) => trial.Study.Until?.IsReached(epoch, () => trainer.Evaluate(trial.Test)) == true;
    }

    /// <summary>What a trained network comes to on test samples.</summary>
    internal static RunResult Figures(Trainer trainer, Dataset test, int threads)
    {
        Evaluation evaluation = trainer.Evaluate(test);
        return new RunResult(trainer.Settings.Seed, trainer.Seconds, trainer.SamplesSeen / trainer.Seconds, PeakMemoryMegabytes: 0,
            evaluation.Loss, evaluation.Accuracy, [.. trainer.History])
        {
            Updates = trainer.Updates,
            Places = [.. trainer.Places],
            Confusion = test.ClassNames.Count > 0 ? ConfusionMatrix.Of(trainer.Averaged, test, trainer.Settings.Loss, threads) : null,
            Batches = BatchComposition.Of(trainer.Training, trainer.Settings, trainer.Updates),
            Weights = WeightHistogram.Of(trainer.Averaged),
            BatchStatistics = BatchStatistics.Of(trainer.Network, trainer.Training, test, trainer.Settings, threads),
            EngineMegabytes = trainer.EngineBytes / Mebibyte,
        };
    }
}

/// <summary>How far a study is, after an update.</summary>
/// <param name="Variant">The name of the variant that is trained.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Run">The run's number, from 1.</param>
/// <param name="Runs">How many there will be.</param>
/// <param name="Training">How far the run is.</param>
/// <param name="Share">The share of the study's time that is over, from 0 to 1, as far as can be told.</param>
/// <param name="SecondsLeft">About how long the study will go on.</param>
public readonly record struct StudyProgress(
    string Variant, ulong Seed, int Run, int Runs, TrainingProgress Training, double Share, double SecondsLeft)
{
    internal static StudyProgress Of(string variant, ulong seed, int run, int runs, TrainingProgress training, double before, double later)
    {
        double over = before + training.SamplesDone / training.SamplesPerSecond;
        double left = training.SecondsLeft + later;
        return new StudyProgress(variant, seed, run, runs, training, over / (over + left), left);
    }
}
