using System.Globalization;

namespace Fovea.Lab;

/// <summary>The studies that have a name.</summary>
public static class Studies
{
    private static readonly ulong[] s_seeds = [1, 2, 3];

    /// <summary>Stride 1 against stride 2, in the convolution and in the pooling.</summary>
    public static Study Stride { get; } = new("stride", "Stride 1 against stride 2",
        "What does stride 2 in the convolution and in the pooling cost in accuracy, and what does it save in parameters, memory and time?",
        "mnist",
        [
            new("stride 1", Zoo.Get("stride1"), new TrainingSettings { Epochs = 3 }),
            new("stride 2", Zoo.Get("stride2"), new TrainingSettings { Epochs = 3 }),
        ],
        s_seeds);

    /// <summary>Small batches against large ones, all else equal.</summary>
    public static Study BatchSize { get; } = new("batch-size", "The effect of the batch size",
        "What do batches of 32, 1,000 and 10,000 samples do to time, memory, loss and accuracy, with the same network, optimizer, "
        + "learning rate and number of epochs?",
        "mnist", [.. new[] { 32, 1_000, 10_000 }.Select(Batch)], s_seeds);

    private static StudyVariant Batch(int size)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"batch {size:N0}");
        return new StudyVariant(name, Zoo.Get("stride2"), new TrainingSettings { Epochs = 5, BatchSize = size });
    }
}
