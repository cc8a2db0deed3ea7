using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>The means of so many windows, whatever the size of the input: they cover it evenly, and overlap where it does not divide.</summary>
/// <param name="Output">Height and width of the output.</param>
public sealed record AdaptiveAvgPool2D(Size2D Output) : Layer
{
    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => AdaptivePoolPlan.OutputShape(input, Output);

    /// <inheritdoc/>
    public override (WindowAxis Vertical, WindowAxis Horizontal) Window(Shape input) => AdaptivePoolPlan.Window(input, Output);

    internal override string TorchName => "AdaptiveAvgPool2d";

    internal override unsafe void Plan<V>(LayerPlan<V> plan)
    {
        LaneTensor x = plan.Input, y = plan.Output;
        var (vertical, horizontal) = AdaptivePoolPlan.Axes(x.Shape, Output);
        plan.ForwardEachGroup((group, _) =>
        {
            for (int channel = 0; channel < x.Shape.Channels; channel++)
                AdaptivePoolingKernels<V>.AverageForward(vertical, horizontal, x.At(group, channel), x.Row, y.At(group, channel), y.Row);
        });
        if (plan.InputGradient is not { } dx || plan.OutputGradient is not { } dy) return;
        plan.BackwardEachGroup((group, _) =>
        {
            for (int channel = 0; channel < x.Shape.Channels; channel++)
                AdaptivePoolingKernels<V>.AverageBackward(vertical, horizontal, dy.At(group, channel), dy.Row, dx.At(group, channel), dx.Row);
        });
    }

    internal override void ReferenceForward<T>(ReferencePass<T> pass)
    {
        var (vertical, horizontal) = AdaptivePoolPlan.Axes(pass.Input, Output);
        ReferenceAdaptivePooling.AverageForward<T>(vertical, horizontal, pass.X, pass.Y);
    }

    internal override void ReferenceBackward<T>(ReferencePass<T> pass)
    {
        var (vertical, horizontal) = AdaptivePoolPlan.Axes(pass.Input, Output);
        ReferenceAdaptivePooling.AverageBackward<T>(vertical, horizontal, pass.DY, pass.DX);
    }
}
