namespace Fovea;

/// <summary>Examines a training while it goes on: after epochs 1, 2, 4, 8, ..., so that it costs little however long the training is. Of these, epochs
/// of few samples are left out after the first one: a training is examined again when it has seen many more samples than an examination takes.</summary>
/// <param name="trainer">The training.</param>
public sealed class TrainingMonitor(Trainer trainer)
{
    // Samples trained on, for each that an examination takes forward and back.
    private const long Training = 32;

    /// <summary>Whether <see cref="Examine"/> examines the training after this epoch.</summary>
    public bool IsDue(EpochResult epoch)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        if (trainer.IsFinished) return false;
        // By the epoch's number alone: a training that was interrupted is examined where it would have been.
        long examined = 0;
        for (long due = 1; due <= epoch.Epoch; due *= 2)
            if (due == 1 || (due - examined) * trainer.Training.Count >= Training * DiagnosisProbe.SamplesOf(trainer.Training.Count)) examined = due;
        return examined == epoch.Epoch;
    }

    /// <summary>
    /// To be called after each epoch, before its checkpoint is written. What is found is entered into the epoch, so that a training that is
    /// resumed knows of it. A training that has come to its end is not examined here: <see cref="Diagnosis.Of"/> is for that.
    /// </summary>
    /// <returns>What was not found before.</returns>
    public IReadOnlyList<Finding> Examine(EpochResult epoch)
    {
        if (!IsDue(epoch)) return [];
        Finding[] found = [.. Diagnosis.Of(trainer).Findings.Where(finding => finding.Epoch is null).Select(finding => finding with { Epoch = epoch.Epoch })];
        if (found.Length > 0) trainer.Enter(found);
        return found;
    }
}
