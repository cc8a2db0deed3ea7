namespace Fovea;

/// <summary>The largest numbers of so many windows, whatever the size of the input: they cover it evenly, and overlap where it does not
/// divide. Of equal numbers the first gets the gradient.</summary>
/// <param name="Output">Height and width of the output.</param>
public sealed record AdaptiveMaxPool2D(Size2D Output) : Layer
{
    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => AdaptivePoolPlan.OutputShape(input, Output);

    /// <inheritdoc/>
    public override (WindowAxis Vertical, WindowAxis Horizontal) Window(Shape input) => AdaptivePoolPlan.Window(input, Output);

    internal override string TorchName => "AdaptiveMaxPool2d";

    internal override void Plan<V>(LayerPlan<V> plan) => AdaptivePoolPlan.AddMax(plan, Output);

    internal override void ReferenceForward<T>(ReferencePass<T> pass) => AdaptivePoolPlan.ReferenceMaxForward(pass, Output);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass) => AdaptivePoolPlan.ReferenceMaxBackward(pass, Output);
}
