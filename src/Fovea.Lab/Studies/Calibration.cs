using System.Diagnostics;

namespace Fovea.Lab;

/// <summary>How fast this machine trains a variant, and how much memory that takes: measured for a moment.</summary>
/// <param name="SecondsPerSample">Seconds of training for each sample.</param>
/// <param name="SecondsPerEvaluation">Seconds for each sample that is evaluated.</param>
/// <param name="EngineBytes">What the engine holds: the same for every run.</param>
/// <param name="ProcessBytes">The most that the process held meanwhile.</param>
/// <param name="Measured">When.</param>
public sealed record Calibration(double SecondsPerSample, double SecondsPerEvaluation, long EngineBytes, long ProcessBytes, DateTimeOffset Measured)
{
    private const int LeastSamples = 4096, EvaluatedSamples = 1024, LeastUpdates = 3;

    // The first updates wait for their code to be compiled.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(0.7), s_time = TimeSpan.FromSeconds(1.5);

    /// <summary>Settings that do the same work without an end and with steps next to nothing: a variant that will diverge does not do so while it is measured.</summary>
    internal static TrainingSettings Standing(TrainingSettings settings) => settings with
    {
        Updates = null,
        Seconds = null,
        Patience = null,
        Optimizer = settings.Optimizer with { LearningRate = 1e-12f },
        // Another may ask for the number of updates.
        Schedule = new ConstantSchedule(),
    };

    /// <summary>Trains a variant for a moment and notes what it takes.</summary>
    internal static Calibration Measure(StudyVariant variant, Dataset training, Dataset test, int threads, CancellationToken cancellation) =>
        Measure(variant, training, test, threads, s_warmUp, s_time, cancellation);

    /// <summary>The same in less or more time.</summary>
    internal static Calibration Measure(StudyVariant variant, Dataset training, Dataset test, int threads, TimeSpan warmUp, TimeSpan time, CancellationToken cancellation)
    {
        var (calibration, bytes) = PeakMemory.Measure(_ =>
        {
            // As large as the batches of a run, and not so large that anything would have to be copied.
            Dataset samples = training.Split(variant.Settings.ValidationFraction, variant.Settings.Seed).Kept.Take(Math.Max(LeastSamples, 2 * variant.Settings.BatchSize));
            var trainer = new Trainer(variant.Model, samples, Standing(variant.Settings) with { Epochs = TrainingSettings.Unlimited - 1, ValidationFraction = 0 }, threads);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            long begin = Stopwatch.GetTimestamp(), seen = 0, updates = 0;
            double start = 0, seconds = 0;
            trainer.Run(cancellation: stop.Token, progress: _ =>
            {
                if (seen == 0)
                {
                    if (Stopwatch.GetElapsedTime(begin) < warmUp) return;
                    (seen, updates, start) = (trainer.SamplesSeen, trainer.Updates, trainer.Seconds);
                    return;
                }
                seconds = trainer.Seconds - start;
                if (trainer.Updates - updates >= LeastUpdates && seconds >= time.TotalSeconds) stop.Cancel();
            });
            cancellation.ThrowIfCancellationRequested();
            double perSample = seconds / (trainer.SamplesSeen - seen);
            Dataset evaluated = test.Take(EvaluatedSamples);
            trainer.Evaluate(evaluated);
            long evaluation = Stopwatch.GetTimestamp();
            trainer.Evaluate(evaluated);
            double perEvaluation = Stopwatch.GetElapsedTime(evaluation).TotalSeconds / evaluated.Count;
            // As much memory as the end of a run takes: its checkpoint and its figures.
            StudyRunner.Figures(trainer, evaluated, threads);
            string folder = Directory.CreateTempSubdirectory("fovea-calibration-").FullName;
            trainer.Save(folder);
            Directory.Delete(folder, recursive: true);
            return new Calibration(perSample, perEvaluation, trainer.EngineBytes, 0, DateTimeOffset.Now);
        });
        return calibration with { ProcessBytes = bytes };
    }
}
