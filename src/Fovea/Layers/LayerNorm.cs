namespace Fovea;

/// <summary>
/// Normalizes each sample by the mean and variance of all its numbers (Ba, Kiros and Hinton 2016); the same in training and evaluation.
/// Parameters: weight and bias of the sample's shape: [channels, height, width], or [features] of a flat vector.
/// </summary>
public sealed record LayerNorm : Layer
{
    /// <summary>Added to the variance under the root.</summary>
    public float Epsilon { get; init => field = GroupNormPlan.CheckedEpsilon(value, "layernorm"); } = 1e-5f;

    /// <summary>Whether each number is scaled and shifted by learned numbers.</summary>
    public bool Affine { get; init; } = true;

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input;

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(Shape input) => Affine ? GroupNormPlan.Parameters(input.IsFlat ? [input.Count] : [input.Channels, input.Height, input.Width]) : [];

    /// <inheritdoc/>
    public override long MultiplyAdds(Shape input) => input.Count;

    internal override string TorchName => "LayerNorm";

    internal override void Plan<V>(LayerPlan<V> plan) => GroupNormPlan.Add(plan, 1, Epsilon, perNumber: true);

    internal override void ReferenceForward<T>(ReferencePass<T> pass) => GroupNormPlan.ReferenceForward(pass, 1, Epsilon, perNumber: true);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass) => GroupNormPlan.ReferenceBackward(pass, 1, Epsilon, perNumber: true);
}
