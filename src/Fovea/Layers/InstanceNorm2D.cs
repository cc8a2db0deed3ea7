namespace Fovea;

/// <summary>
/// Normalizes each channel of each sample by its own mean and variance (Ulyanov, Vedaldi and Lempitsky 2016); the same in training and
/// evaluation. Parameters, where asked for: weight and bias [channels].
/// </summary>
public sealed record InstanceNorm2D : Layer
{
    /// <summary>Added to the variance under the root.</summary>
    public float Epsilon { get; init => field = GroupNormPlan.CheckedEpsilon(value, "instancenorm2d"); } = 1e-5f;

    /// <summary>Whether each channel is scaled and shifted by learned numbers.</summary>
    public bool Affine { get; init; }

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input switch
    {
        { IsFlat: true } => throw new ShapeException($"instancenorm2d needs an image, but its input is a flat vector of {input}", "Place it before the flatten layer"),
        { Height: 1, Width: 1 } => throw new ShapeException($"instancenorm2d needs more than one pixel, but its input is {input}", "Place it before the image has shrunk to a pixel"),
        _ => input,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(Shape input) => Affine ? GroupNormPlan.Parameters([input.Channels]) : [];

    /// <inheritdoc/>
    public override long MultiplyAdds(Shape input) => input.Count;

    internal override string TorchName => "InstanceNorm2d";

    internal override void Plan<V>(LayerPlan<V> plan) => GroupNormPlan.Add(plan, plan.Input.Shape.Channels, Epsilon, perNumber: false);

    internal override void ReferenceForward<T>(ReferencePass<T> pass) => GroupNormPlan.ReferenceForward(pass, pass.Input.Channels, Epsilon, perNumber: false);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass) => GroupNormPlan.ReferenceBackward(pass, pass.Input.Channels, Epsilon, perNumber: false);
}
