using System.Numerics;
using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>What the adaptive poolings share.</summary>
internal static class AdaptivePoolPlan
{
    public static Shape OutputShape(Shape input, Size2D output)
    {
        if (input.IsFlat) throw new ShapeException($"pooling needs an image, but its input is a flat vector of {input}", "Place pooling before the flatten layer");
        if (output.Height < 1 || output.Width < 1) throw new ShapeException($"the output must be at least 1x1, got {output}", "Ask for at least one row and column");
        return new Shape(input.Channels, output.Height, output.Width);
    }

    public static (AdaptiveAxis Vertical, AdaptiveAxis Horizontal) Axes(Shape input, Size2D output) => (new(input.Height, output.Height), new(input.Width, output.Width));

    public static (WindowAxis Vertical, WindowAxis Horizontal) Window(Shape input, Size2D output)
    {
        _ = OutputShape(input, output);
        var (vertical, horizontal) = Axes(input, output);
        return (vertical.Window(), horizontal.Window());
    }

    public static unsafe void AddMax<V>(LayerPlan<V> plan, Size2D output) where V : struct, ILanes<V>
    {
        LaneTensor x = plan.Input, y = plan.Output;
        var (vertical, horizontal) = Axes(x.Shape, output);
        plan.ForwardEachGroup((group, _) =>
        {
            for (int channel = 0; channel < x.Shape.Channels; channel++)
                AdaptivePoolingKernels<V>.MaxForward(vertical, horizontal, x.At(group, channel), x.Row, y.At(group, channel), y.Row);
        });
        if (plan.InputGradient is not { } dx || plan.OutputGradient is not { } dy) return;
        plan.BackwardEachGroup((group, _) =>
        {
            for (int channel = 0; channel < x.Shape.Channels; channel++)
            {
                AdaptivePoolingKernels<V>.MaxBackward(vertical, horizontal, x.At(group, channel), x.Row, y.At(group, channel), y.Row,
                    dy.At(group, channel), dy.Row, dx.At(group, channel), dx.Row);
            }
        });
    }

    public static void ReferenceMaxForward<T>(ReferencePass<T> pass, Size2D output) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (vertical, horizontal) = Axes(pass.Input, output);
        ReferenceAdaptivePooling.MaxForward<T>(vertical, horizontal, pass.X, pass.Y);
    }

    public static void ReferenceMaxBackward<T>(ReferencePass<T> pass, Size2D output) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (vertical, horizontal) = Axes(pass.Input, output);
        ReferenceAdaptivePooling.MaxBackward<T>(vertical, horizontal, pass.X, pass.DY, pass.DX);
    }
}
