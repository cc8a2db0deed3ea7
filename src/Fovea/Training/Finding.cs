using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>Something that a training suffers from.</summary>
/// <param name="Kind">What: one of <see cref="Kinds"/>.</param>
/// <param name="Where">"layer 2 relu", or "training".</param>
/// <param name="Figure">The figure that it rests on; what it measures is told by the kind.</param>
/// <param name="Sentence">What was found, with the figures.</param>
/// <param name="Remedy">What to do.</param>
public sealed record Finding(string Kind, string Where, double Figure, string Sentence, string Remedy)
{
    /// <summary>The figure that it rests on: a ratio to 0, or of what is no number, is the largest number, as JSON has neither.</summary>
    public double Figure { get; init; } = double.IsNaN(Figure) ? double.MaxValue : Math.Clamp(Figure, double.MinValue, double.MaxValue);

    /// <summary>The epoch after which it was first found, where the training was watched; null where it was found at the end alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Epoch { get; init; }

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

    /// <summary>What was found while a training was watched, in the order in which it was.</summary>
    /// <param name="history">Its epochs.</param>
    /// <param name="failure">What it failed of, which is told first, and once; null where it did not.</param>
    public static IReadOnlyList<Finding> Of(IReadOnlyList<EpochResult> history, Finding? failure = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        IEnumerable<Finding> found = history.SelectMany(epoch => epoch.Findings ?? []);
        return failure is null ? [.. found] : [failure, .. found.Where(finding => !finding.IsOfTheSame(failure))];
    }

    /// <summary>Whether another one is of the same thing, whatever the figures.</summary>
    internal bool IsOfTheSame(Finding other) => (Kind, Where) == (other.Kind, other.Where);

    /// <summary>The sentence and the remedy.</summary>
    public sealed override string ToString() => $"{Sentence}. {Remedy}.";
}
