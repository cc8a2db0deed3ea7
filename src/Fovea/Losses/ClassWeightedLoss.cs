using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>A loss that may count the samples of one class more than those of another, as PyTorch's losses with a weight do.</summary>
public abstract record ClassWeightedLoss : Loss
{
    private protected ClassWeightedLoss()
    {
    }

    /// <summary>How much a sample of each class counts; null counts all alike. The mean of <see cref="NllLoss"/> and <see cref="CrossEntropyLoss"/> is
    /// then divided by the sum of the samples' weights, that of the others by the number of terms as without weights: so it is in PyTorch.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ClassWeights? ClassWeights { get; init; }

    internal sealed override IReadOnlyList<double>? Weights => ClassWeights?.Values;

    /// <inheritdoc/>
    public override string Described => ClassWeights is null ? Name : $"{Name} with class weights {ClassWeights}";

    internal override Loss For(IReadOnlyList<int> counts) => ClassWeights is null ? this : this with { ClassWeights = ClassWeights.For(counts) };

    internal override string? Problem(string data, int classes)
    {
        if (ClassWeights is null) return null;
        if (classes == 0) return $"{data} has target values, not classes: there is nothing to weigh by. Leave the class weights out.";
        if (Weights is null) return $"{data}: balanced class weights follow from training samples, and these are others. Give the weights as numbers.";
        return Weights.Count == classes ? null : $"{data} has {classes} classes, but there are {Weights.Count} class weights ({ClassWeights}). Give one for each class.";
    }
}
