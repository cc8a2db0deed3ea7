using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>The softmax over the channels: exp(x) / sum(exp(x)), for a flat vector or for each pixel of an image.</summary>
public sealed record Softmax : Layer
{
    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input;

    internal override string TorchName => "Softmax";

    internal override void Plan<V>(LayerPlan<V> plan)
    {
        LaneTensor x = plan.Input, y = plan.Output;
        plan.ForwardEachGroup((group, _) => SoftmaxKernels<V>.Forward(x, y, group, logarithm: false));
        if (plan.InputGradient is not { } dx || plan.OutputGradient is not { } dy) return;
        plan.BackwardEachGroup((group, _) => SoftmaxKernels<V>.Backward(y, dy, dx, group, logarithm: false));
    }

    internal override void ReferenceForward<T>(ReferencePass<T> pass) =>
        ReferenceSoftmax.Forward<T>(pass.Samples, pass.Input.Channels, pass.Input.Height * pass.Input.Width, pass.X, pass.Y, logarithm: false);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass)
    {
        if (pass.DX.Length == 0) return;
        ReferenceSoftmax.Backward<T>(pass.Samples, pass.Input.Channels, pass.Input.Height * pass.Input.Width, pass.Y, pass.DY, pass.DX, logarithm: false);
    }
}
