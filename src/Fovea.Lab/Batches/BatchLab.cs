using System.Text.Json;

namespace Fovea.Lab;

/// <summary>What batches of one size hold.</summary>
/// <param name="Size">Samples of a batch.</param>
/// <param name="UpdatesPerEpoch">Updates of an epoch, that of a smaller last batch included.</param>
/// <param name="Composition">How many samples of the rarest class they hold; null where there are no classes.</param>
/// <param name="Spread">What batch normalization sees of them; null where the network has none, or before it is measured.</param>
public sealed record BatchRow(int Size, int UpdatesPerEpoch, BatchComposition? Composition, BatchSpread? Spread);

/// <summary>Batches of several sizes of the same data, looked at by one trained network: as far as that is done.</summary>
/// <param name="Rows">By size.</param>
/// <param name="Samples">Samples to train on.</param>
/// <param name="Doing">What is done now; null at the end.</param>
/// <param name="IsTrained">Whether the network is trained, and the noise measured.</param>
/// <param name="Noise">How much the network's gradient differs from batch to batch; null where there are too few samples to tell.</param>
public sealed record BatchLab(IReadOnlyList<BatchRow> Rows, int Samples, string? Doing, bool IsTrained, GradientNoise? Noise)
{
    // Enough for the accuracy in training mode to half a per cent or so, and quick.
    private const int TestSamples = 1000;

    /// <summary>The sizes that are compared.</summary>
    public static IReadOnlyList<int> Sizes { get; } = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048];

    /// <summary>Trains a network for an epoch and measures. What needs no training comes first.</summary>
    /// <param name="model">The network.</param>
    /// <param name="data">The samples, those for validation among them.</param>
    /// <param name="test">Samples for the accuracy of batches normalized by themselves, of which the first 1,000 are taken.</param>
    /// <param name="seed">What weights, order and validation samples are drawn by.</param>
    /// <param name="progress">Called with what there is, again and again.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What there is at the end.</returns>
    /// <exception cref="FoveaException">Model and data do not fit each other.</exception>
    public static BatchLab Run(ModelSpec model, Dataset data, Dataset test, ulong seed, Action<BatchLab>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(test);
        var settings = new TrainingSettings { Epochs = 1, Seed = seed, Loss = Loss.For(model) };
        settings.Loss.CheckEnd(model);
        var trainer = new Trainer(model, data, settings);
        Dataset training = trainer.Training;
        if (training.Count < Sizes[0])
            throw new FoveaException($"{data.Name}: {training.Count} sample is left to train on (others are set aside for validation), too few for batches of {Sizes[0]}. Give more samples.");
        BatchRow[] rows = [.. Sizes.Where(size => size <= training.Count).Select(size => Row(new EpochSize(training.Count, size)))];
        var lab = new BatchLab(rows, training.Count, "A network is trained for an epoch", false, null);
        progress?.Invoke(lab);
        if (!trainer.Run(cancellation: cancellation)) return lab;
        lab = lab with { IsTrained = true, Noise = Diagnosis.Of(trainer).Noise, Doing = "Its batch normalization is measured" };
        progress?.Invoke(lab);
        // Large batches are few, and done soon.
        int row = rows.Length;
        foreach (BatchSpread spread in BatchStatistics.Spread(trainer.Network, training, test.Take(TestSamples), settings, [.. rows.Select(row => row.Size).Reverse()]))
        {
            if (cancellation.IsCancellationRequested) return lab;
            row--;
            rows = [.. rows];
            rows[row] = rows[row] with { Spread = spread };
            lab = lab with { Rows = rows };
            progress?.Invoke(lab);
        }
        lab = lab with { Doing = null };
        progress?.Invoke(lab);
        return lab;

        BatchRow Row(EpochSize epoch) => new(epoch.BatchSize, epoch.Updates, BatchComposition.Of(training, settings with { BatchSize = epoch.BatchSize }, epoch.Updates), null);
    }

    /// <summary>All of it as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, LabJson.Readable.BatchLab);
}
