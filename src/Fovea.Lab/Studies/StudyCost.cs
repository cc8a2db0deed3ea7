using System.Text.Json;

namespace Fovea.Lab;

/// <summary>What a study will cost, before it is run.</summary>
/// <param name="Study">The study's name.</param>
/// <param name="Runs">How many runs there are.</param>
/// <param name="Seconds">How long all of them take, validation and test included.</param>
/// <param name="IsMost">Whether a run may end before its budget is spent, so that it may become less.</param>
/// <param name="Variants">The variants.</param>
/// <param name="CalibrationFile">The file in which the measurements of this machine are kept.</param>
public sealed record StudyCost(string Study, int Runs, double Seconds, bool IsMost, IReadOnlyList<VariantCost> Variants, string CalibrationFile)
{
    /// <summary>As JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, LabJson.Readable.StudyCost);

    /// <summary>Predicts the cost by the measurements of this machine; what was not measured yet is measured for a moment.</summary>
    /// <param name="study">The study.</param>
    /// <param name="cache">The measurements.</param>
    /// <param name="threads">Threads to train with; 0 takes all processors.</param>
    /// <param name="recalibrate">Whether everything is measured anew.</param>
    /// <param name="progress">Called before a variant is measured.</param>
    /// <param name="cancellation">Ends the measuring.</param>
    /// <exception cref="FoveaException">Study and data do not fit each other.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static StudyCost Predict(Study study, CalibrationCache cache, int threads = 0, bool recalibrate = false, Action<StudyVariant>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(cache);
        study.Check();
        var (training, test) = StudyRunner.LoadData(study);
        threads = threads > 0 ? threads : Environment.ProcessorCount;
        var variants = new List<VariantCost>();
        var measured = new HashSet<string>();
        foreach (StudyVariant variant in study.Variants)
        {
            string key = CalibrationCache.Key(variant, training, threads);
            Calibration? calibration = recalibrate && measured.Add(key) ? null : cache.Find(key);
            if (calibration is null)
            {
                progress?.Invoke(variant);
                cancellation.ThrowIfCancellationRequested();
                calibration = Calibration.Measure(variant, training, test, threads, cancellation);
                cache.Add(key, calibration);
            }
            variants.Add(VariantCost.Of(variant, calibration, training, test));
        }
        return new StudyCost(study.Name, study.Variants.Count * study.Seeds.Count, study.Seeds.Count * variants.Sum(variant => variant.Seconds),
            study.Until is not null || study.Variants.Any(variant => variant.Settings.Patience is not null), variants, cache.Path);
    }
}

/// <summary>What a run of a variant costs.</summary>
/// <param name="Variant">Its name.</param>
/// <param name="Updates">How many updates it makes.</param>
/// <param name="TrainSeconds">How long these take.</param>
/// <param name="Seconds">How long the run takes, validation and test included.</param>
/// <param name="EngineMegabytes">What the engine holds: parameters, optimizer state, activations and gradients, in MB of 2^20 bytes.</param>
/// <param name="PeakMemoryMegabytes">What the whole process holds, the data included.</param>
/// <param name="Measured">When this machine was measured with it.</param>
public sealed record VariantCost(string Variant, long Updates, double TrainSeconds, double Seconds, double EngineMegabytes, double PeakMemoryMegabytes, DateTimeOffset Measured)
{
    private const double Mebibyte = 1 << 20;

    /// <summary>The cost of a variant, by a measurement.</summary>
    internal static VariantCost Of(StudyVariant variant, Calibration calibration, Dataset training, Dataset test)
    {
        TrainingSettings settings = variant.Settings;
        EpochSize epoch = EpochSize.Of(training.Count, settings.ValidationFraction, settings.BatchSize);
        long perEpoch = epoch.Updates;
        double secondsPerUpdate = calibration.SecondsPerSample * epoch.Samples / perEpoch;
        long updates = settings.Updates ?? (settings.Seconds is { } budget ? Math.Max(1, (long)Math.Round(budget / secondsPerUpdate)) : perEpoch * settings.Epochs);
        double train = settings.Seconds ?? updates * secondsPerUpdate;
        // After each epoch on what is set aside; at the end on the test samples, for the loss and for the confusions.
        double evaluated = Math.Ceiling((double)updates / perEpoch) * (training.Count - epoch.Samples) + 2 * test.Count;
        return new VariantCost(RunRecord.NameOf(variant), updates, train, train + evaluated * calibration.SecondsPerEvaluation,
            calibration.EngineBytes / Mebibyte, calibration.ProcessBytes / Mebibyte, calibration.Measured);
    }
}
