namespace Fovea;

/// <summary>
/// Normalizes each sample by the mean and variance of each group of its channels (Wu and He 2018); the same in training and evaluation.
/// Parameters: weight and bias [channels].
/// </summary>
/// <param name="Groups">Into how many groups the channels are divided.</param>
public sealed record GroupNorm(int Groups) : Layer
{
    /// <summary>Added to the variance under the root.</summary>
    public float Epsilon { get; init => field = GroupNormPlan.CheckedEpsilon(value, "groupnorm"); } = 1e-5f;

    /// <summary>Whether each channel is scaled and shifted by learned numbers.</summary>
    public bool Affine { get; init; } = true;

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => Groups >= 1 && input.Channels % Groups == 0
        ? input
        : throw new ShapeException($"groups {Groups} must divide the {input.Channels} channels", "Choose groups that divide them");

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(Shape input) => Affine ? GroupNormPlan.Parameters([input.Channels]) : [];

    /// <inheritdoc/>
    public override long MultiplyAdds(Shape input) => input.Count;

    internal override string TorchName => "GroupNorm";

    internal override void Plan<V>(LayerPlan<V> plan) => GroupNormPlan.Add(plan, Groups, Epsilon, perNumber: false);

    internal override void ReferenceForward<T>(ReferencePass<T> pass) => GroupNormPlan.ReferenceForward(pass, Groups, Epsilon, perNumber: false);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass) => GroupNormPlan.ReferenceBackward(pass, Groups, Epsilon, perNumber: false);
}
