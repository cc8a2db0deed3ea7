namespace Fovea;

/// <summary>How an epoch is cut into updates: into batches of one size, of which the last is smaller where the samples do not come out even.</summary>
/// <param name="Samples">Samples of an epoch, those for validation set aside.</param>
/// <param name="BatchSize">Samples of an update.</param>
public readonly record struct EpochSize(int Samples, int BatchSize)
{
    /// <summary>Updates of an epoch.</summary>
    public int Updates => (int)(((long)Samples + BatchSize - 1) / BatchSize);

    /// <summary>The epoch of a training on some samples, of which a share is set aside for validation.</summary>
    public static EpochSize Of(int samples, double validationFraction, int batchSize) => new(samples - Aside(samples, validationFraction), batchSize);

    /// <summary>Samples of the first updates of a training: of whole epochs, and of the batches of one that is under way.</summary>
    public long SamplesOf(long updates) => updates / Updates * Samples + updates % Updates * BatchSize;

    /// <summary>How many samples a share is.</summary>
    internal static int Aside(int samples, double fraction) => (int)Math.Round(samples * fraction);
}
