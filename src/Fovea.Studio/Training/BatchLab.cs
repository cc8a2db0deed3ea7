using Fovea.Lab;

namespace Fovea.Studio.Training;

/// <summary>What batches of one size hold.</summary>
/// <param name="Size">Samples of a batch.</param>
/// <param name="Composition">How many samples of the rarest class they hold; null where there are no classes.</param>
/// <param name="Spread">What batch normalization sees of them; null where the network has none, or before it is measured.</param>
public sealed record BatchRow(int Size, BatchComposition? Composition, BatchSpread? Spread)
{
    /// <summary>Updates of an epoch, that of a smaller last batch included.</summary>
    public required int UpdatesPerEpoch { get; init; }
}

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

    /// <summary>Trains a network for a moment and measures. What needs no training comes first.</summary>
    /// <param name="request">What is trained.</param>
    /// <param name="progress">Called with what there is, again and again.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="FoveaException">Model and data do not fit each other.</exception>
    public static void Run(TrainingRequest request, Action<BatchLab> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(progress);
        ModelSpec model = request.Spec;
        request.Settings.Loss.CheckEnd(model);
        Dataset data = Datasets.Load(request.Known, DatasetPart.Training, model.Input);
        var trainer = new Trainer(model, data.Take(Math.Min(request.Samples, data.Count)), request.Settings);
        Dataset training = trainer.Training;
        BatchRow[] rows = [.. Sizes.Where(size => size <= training.Count).Select(size => new BatchRow(size, BatchComposition.Of(training, request.Settings with { BatchSize = size }, epochs: 1), null)
        {
            UpdatesPerEpoch = (training.Count + size - 1) / size,
        })];
        var lab = new BatchLab(rows, training.Count, "A network is trained for an epoch", false, null);
        progress(lab);
        if (!trainer.Run(cancellation: cancellation)) return;
        lab = lab with { IsTrained = true, Noise = Diagnosis.Of(trainer).Noise, Doing = "Its batch normalization is measured" };
        progress(lab);
        Dataset test = Datasets.Load(request.Known, DatasetPart.Test, model.Input).Take(TestSamples);
        // Large batches are few, and done soon.
        int row = rows.Length;
        foreach (BatchSpread spread in BatchStatistics.Spread(trainer.Network, training, test, request.Settings, [.. rows.Select(row => row.Size).Reverse()]))
        {
            if (cancellation.IsCancellationRequested) return;
            row--;
            rows = [.. rows];
            rows[row] = rows[row] with { Spread = spread };
            lab = lab with { Rows = rows };
            progress(lab);
        }
        progress(lab with { Doing = null });
    }
}
