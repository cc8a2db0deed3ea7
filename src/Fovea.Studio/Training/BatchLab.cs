using Fovea.Lab;

namespace Fovea.Studio.Training;

/// <summary>What batches of one size hold.</summary>
/// <param name="Size">Samples of a batch.</param>
/// <param name="Composition">How many samples of the rarest class they hold; null where no batch is full.</param>
/// <param name="Statistics">What batch normalization sees of them; null where the network has none.</param>
public sealed record BatchRow(int Size, BatchComposition? Composition, BatchStatistics? Statistics)
{
    /// <summary>Updates of an epoch, that of a smaller last batch included.</summary>
    public required int UpdatesPerEpoch { get; init; }
}

/// <summary>Batches of several sizes of the same data, looked at by one trained network.</summary>
/// <param name="Rows">By size.</param>
/// <param name="Noise">How much the network's gradient differs from batch to batch; null where there are too few samples to tell.</param>
/// <param name="Samples">Samples to train on.</param>
public sealed record BatchLab(IReadOnlyList<BatchRow> Rows, GradientNoise? Noise, int Samples)
{
    /// <summary>The sizes that are compared.</summary>
    public static IReadOnlyList<int> Sizes { get; } = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048];

    /// <summary>Trains a network for a moment and measures.</summary>
    /// <exception cref="FoveaException">Model and data do not fit each other.</exception>
    public static BatchLab Of(TrainingRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ModelSpec model = request.Spec;
        Dataset data = Datasets.Load(request.Known, DatasetPart.Training, model.Input);
        request.Settings.Loss.CheckEnd(model);
        var trainer = new Trainer(model, data.Take(Math.Min(request.Samples, data.Count)), request.Settings);
        trainer.Run();
        Dataset test = Datasets.Load(request.Known, DatasetPart.Test, model.Input).Take(1000), training = trainer.Training;
        return new BatchLab([.. Sizes.Where(size => size <= training.Count).Select(size =>
        {
            TrainingSettings settings = request.Settings with { BatchSize = size };
            return new BatchRow(size, BatchComposition.Of(training, settings, epochs: 1), BatchStatistics.Of(trainer.Network, training, test, settings))
            {
                UpdatesPerEpoch = (training.Count + size - 1) / size,
            };
        })], Diagnosis.Of(trainer).Noise, training.Count);
    }
}
