namespace Fovea;

/// <summary>What becomes of the losses of the samples.</summary>
public enum LossReduction
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Nothing: one loss for each sample.</summary>
    None,
}

/// <summary>The constants of the losses that have some.</summary>
/// <param name="Delta">The error from which the Huber loss is linear.</param>
/// <param name="Beta">The error from which the smooth L1 loss is linear.</param>
/// <param name="Gamma">How much the focal loss spares what is right already.</param>
/// <param name="LogarithmBase">The base of logarithms.</param>
public sealed record LossParameters(double Delta = 1, double Beta = 1, double Gamma = 2, double LogarithmBase = Math.E);

/// <summary>What is added to a loss to keep weights small: l1 / m * sum |w| + l2 / (2 m) * sum w^2.</summary>
/// <param name="L1">The factor of the absolute values.</param>
/// <param name="L2">The factor of the squares.</param>
/// <param name="Weights">The weights w.</param>
/// <param name="Samples">m; the samples of the loss when not given.</param>
public sealed record LossPenalty(double L1, double L2, IReadOnlyList<double> Weights, int? Samples = null);

/// <summary>A loss is asked for.</summary>
public sealed record LossQuestion
{
    /// <summary>The loss.</summary>
    public required LossDefinition Loss { get; init; }

    /// <summary>The targets, sample by sample: one number for a loss of numbers; a class, or a probability for each class, for the others.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Targets { get; init; }

    /// <summary>The predictions, sample by sample: one number, or one for each class.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Predictions { get; init; }

    /// <summary>What becomes of the samples' losses.</summary>
    public LossReduction Reduction { get; init; }

    /// <summary>A weight for each class; those of the labels 0 and 1 for a loss of two classes.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>The share of each target that is spread evenly over all classes.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>The loss's constants.</summary>
    public LossParameters Parameters { get; init; } = new();

    /// <summary>What is added for the weights.</summary>
    public LossPenalty? Penalty { get; init; }
}
