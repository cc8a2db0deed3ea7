namespace Fovea;

/// <summary>Something that a training suffers from.</summary>
/// <param name="Kind">What: one of <see cref="Kinds"/>.</param>
/// <param name="Where">"layer 2 relu", or "training".</param>
/// <param name="Figure">The figure that it rests on; what it measures is told by the kind.</param>
/// <param name="Sentence">What was found, with the figures.</param>
/// <param name="Remedy">What to do.</param>
public sealed record Finding(string Kind, string Where, double Figure, string Sentence, string Remedy)
{
    /// <summary>Numbers that are NaN or infinite. Figure: samples (of a parameter: numbers) that are so.</summary>
    public const string NotFinite = "not-finite";

    /// <summary>Rectified units that are 0 for all samples of the probe. Figure: their share of the layer.</summary>
    public const string DeadUnits = "dead-units";

    /// <summary>A layer whose gradient is next to nothing beside another's. Figure: the ratio of their root mean squares.</summary>
    public const string VanishingGradient = "vanishing-gradient";

    /// <summary>A layer whose gradient is far larger than its weights. Figure: the ratio of their norms.</summary>
    public const string ExplodingGradient = "exploding-gradient";

    /// <summary>A training loss above that of the untrained network, or one that has risen again. Figure: the ratio to the start, or to the best epoch.</summary>
    public const string LearningRate = "learning-rate";

    /// <summary>A validation loss that rises while the training loss falls. Figure: its ratio to the best epoch's.</summary>
    public const string Overfitting = "overfitting";

    /// <summary>Running statistics that are not those of the samples. Figure: the root mean square, over the channels, of the means' differences
    /// in standard deviations, or of the logarithms of the ratios of variances, whichever is larger.</summary>
    public const string BatchStatistics = "batch-statistics";

    /// <summary>A batch that is much larger than the gradient noise scale. Figure: the ratio.</summary>
    public const string BatchSize = "batch-size";

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        [NotFinite, DeadUnits, VanishingGradient, ExplodingGradient, LearningRate, Overfitting, BatchStatistics, BatchSize];

    /// <summary>The sentence and the remedy.</summary>
    public sealed override string ToString() => $"{Sentence}. {Remedy}.";
}
