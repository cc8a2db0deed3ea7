namespace Fovea.Lab;

/// <summary>How a trial of a study ended: with figures, or where it diverged.</summary>
/// <param name="Run">Its figures; null where it diverged.</param>
/// <param name="Diverged">Where it diverged; null where it has figures.</param>
internal sealed record TrialOutcome(RunResult? Run, DivergedRun? Diverged)
{
    public ulong Seed => Run?.Seed ?? Diverged!.Seed;

    /// <summary>Seconds of its updates.</summary>
    public double TrainSeconds => Run?.TrainSeconds ?? Diverged!.History.Sum(epoch => epoch.Seconds);

    /// <summary>The outcome as the store keeps it.</summary>
    public RunRecord Record(Study study, int variant, int samples, string folder) => Run is not null
        ? RunRecord.Of(study, variant, samples, Run, folder) : RunRecord.Of(study, variant, samples, Diverged!, folder);
}
