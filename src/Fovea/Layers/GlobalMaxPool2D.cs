namespace Fovea;

/// <summary>The largest number of each channel: an image of C x 1 x 1.</summary>
public sealed record GlobalMaxPool2D : Layer
{
    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => AdaptivePoolPlan.OutputShape(input, 1);

    /// <inheritdoc/>
    public override (WindowAxis Vertical, WindowAxis Horizontal) Window(Shape input) => AdaptivePoolPlan.Window(input, 1);

    internal override string TorchName => "AdaptiveMaxPool2d";

    internal override void Plan<V>(LayerPlan<V> plan) => AdaptivePoolPlan.AddMax(plan, 1);

    internal override void ReferenceForward<T>(ReferencePass<T> pass) => AdaptivePoolPlan.ReferenceMaxForward(pass, 1);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass) => AdaptivePoolPlan.ReferenceMaxBackward(pass, 1);
}
