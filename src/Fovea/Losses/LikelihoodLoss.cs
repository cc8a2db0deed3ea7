using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>A loss of the probability that a network gives to a sample's class, which may leave the samples of one class out.</summary>
public abstract record LikelihoodLoss : ClassWeightedLoss
{
    private protected LikelihoodLoss()
    {
    }

    /// <summary>The number of a class whose samples are left out of loss and gradient, and of the number that the mean is over, as PyTorch's ignore_index; null leaves none
    /// out. They are still classified, and count in the accuracy; a batch normalization still sees them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? IgnoreIndex { get; init; }

    /// <inheritdoc/>
    public sealed override bool TargetsAreClasses => true;

    internal sealed override bool DividesByWeights => true;

    internal sealed override bool IsWeighted => IgnoreIndex is not null || base.IsWeighted;

    internal sealed override double WeightOf(int label) => label == IgnoreIndex ? 0 : base.WeightOf(label);

    /// <inheritdoc/>
    public sealed override string Described => IgnoreIndex is { } ignored ? $"{base.Described} without class {ignored}" : base.Described;

    internal sealed override string? Problem(string data, int classes) => IgnoreIndex is { } ignored && (ignored < 0 || ignored >= classes) && classes > 0
        ? $"{data} has {classes} classes: the one to ignore must be from 0 to {classes - 1}, got {ignored}."
        : base.Problem(data, classes);
}
