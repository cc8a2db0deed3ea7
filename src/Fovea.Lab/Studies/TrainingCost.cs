using System.Globalization;

namespace Fovea.Lab;

/// <summary>What it takes to train a network on this machine, by a moment's training with samples that mean nothing.</summary>
/// <param name="BatchSize">Samples of an update.</param>
/// <param name="SecondsPerUpdate">The time of an update.</param>
/// <param name="Samples">Samples of an epoch.</param>
/// <param name="SecondsPerEpoch">The time of the updates of an epoch.</param>
/// <param name="EngineBytes">What the engine holds: parameters, optimizer state, activations and gradients.</param>
/// <param name="Measured">When this machine was measured with it.</param>
public sealed record TrainingCost(int BatchSize, double SecondsPerUpdate, int Samples, double SecondsPerEpoch, long EngineBytes, DateTimeOffset Measured)
{
    private const int LeastSamples = 1024;

    // Beyond these a moment is not enough.
    private const double MostMultiplyAdds = 4e9;
    private const long MostParameters = 20_000_000;

    // What is learned does not matter, and must not fail.
    private const float HarmlessRate = 1e-6f;

    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(0.4), s_time = TimeSpan.FromSeconds(0.6);

    /// <summary>Whether it can be measured in a second or two: the network is not too large for three updates in that time.</summary>
    public static bool IsQuick(ModelSpec model, TrainingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(settings);
        ModelSummary summary = ModelSummary.Of(model);
        return summary.TotalParameters <= MostParameters && (double)summary.TotalMultiplyAdds * settings.BatchSize <= MostMultiplyAdds;
    }

    /// <summary>The cost by an earlier measurement; null where there is none.</summary>
    /// <param name="model">The network.</param>
    /// <param name="settings">How it is trained: the batch size, the optimizer and the loss count.</param>
    /// <param name="samples">Samples of an epoch.</param>
    /// <param name="cache">The measurements.</param>
    public static TrainingCost? Known(ModelSpec model, TrainingSettings settings, int samples, CalibrationCache cache)
    {
        ArgumentNullException.ThrowIfNull(cache);
        return cache.Find(Key(model, settings)) is { } calibration ? Of(calibration, settings, samples) : null;
    }

    /// <summary>Predicts the cost by a measurement of this machine, which is made where there is none yet.</summary>
    /// <inheritdoc cref="Known" path="/param"/>
    /// <param name="model">The network.</param>
    /// <param name="settings">How it is trained: the batch size, the optimizer and the loss count.</param>
    /// <param name="samples">Samples of an epoch.</param>
    /// <param name="cache">The measurements.</param>
    /// <param name="cancellation">Ends the measuring, after the update under way.</param>
    /// <exception cref="FoveaException">The network cannot be trained.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static TrainingCost Predict(ModelSpec model, TrainingSettings settings, int samples, CalibrationCache cache, CancellationToken cancellation = default)
    {
        if (Known(model, settings, samples, cache) is { } known) return known;
        TrainingSettings measured = settings with { Optimizer = settings.Optimizer with { LearningRate = HarmlessRate } };
        var calibration = Calibration.Measure(new StudyVariant("", model, measured), Samples(), Samples(), Environment.ProcessorCount, s_warmUp, s_time, cancellation);
        cache.Add(Key(model, settings), calibration);
        return Of(calibration, settings, samples);

        Dataset Samples()
        {
            int classes = Math.Max(2, model.Output.Count), count = Math.Max(LeastSamples, 2 * settings.BatchSize);
            byte[] pixels = new byte[(long)count * model.Input.Count];
            new Random(1).NextBytes(pixels);
            return Dataset.FromBytes("noise", model.Input, pixels, [.. Enumerable.Range(0, count).Select(i => i % classes)],
                [.. Enumerable.Range(0, classes).Select(i => i.ToString(CultureInfo.InvariantCulture))], Normalization.None);
        }
    }

    private static TrainingCost Of(Calibration calibration, TrainingSettings settings, int samples)
    {
        // The last update of an epoch has what is left.
        int batch = Math.Min(settings.BatchSize, Math.Max(1, samples));
        return new TrainingCost(batch, calibration.SecondsPerSample * batch, samples, calibration.SecondsPerSample * samples, calibration.EngineBytes, calibration.Measured);
    }

    private static string Key(ModelSpec model, TrainingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(settings);
        return $"a moment with noise: {CalibrationCache.Key(new StudyVariant("", model, settings), "noise", Environment.ProcessorCount)}";
    }
}
