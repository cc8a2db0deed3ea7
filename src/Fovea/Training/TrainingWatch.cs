namespace Fovea;

/// <summary>Examines a training while it goes on: after epochs 1, 2, 4, 8, ..., so that it costs little however long the training is.</summary>
/// <param name="trainer">The training.</param>
public sealed class TrainingWatch(Trainer trainer)
{
    private readonly HashSet<(string Kind, string Where)> _known = [];

    /// <summary>To be called after each epoch.</summary>
    /// <returns>What was not found before.</returns>
    public IReadOnlyList<Finding> Examine(EpochResult epoch)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        return int.IsPow2(epoch.Epoch) ? [.. Diagnosis.Of(trainer).Findings.Where(finding => _known.Add((finding.Kind, finding.Where)))] : [];
    }
}
