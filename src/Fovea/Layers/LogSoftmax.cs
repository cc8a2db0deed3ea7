using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>The logarithm of the softmax over the channels, for a flat vector or for each pixel of an image.</summary>
public sealed record LogSoftmax : Layer
{
    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input;

    internal override string TorchName => "LogSoftmax";

    internal override void Plan<V>(LayerPlan<V> plan)
    {
        LaneTensor x = plan.Input, y = plan.Output;
        plan.ForwardEachGroup((group, _) => SoftmaxKernels<V>.Forward(x, y, group, logarithm: true));
        if (plan.InputGradient is not { } dx || plan.OutputGradient is not { } dy) return;
        plan.BackwardEachGroup((group, _) => SoftmaxKernels<V>.Backward(y, dy, dx, group, logarithm: true));
    }

    internal override void ReferenceForward<T>(ReferencePass<T> pass) =>
        ReferenceSoftmax.Forward<T>(pass.Samples, pass.Input.Channels, pass.Input.Height * pass.Input.Width, pass.X, pass.Y, logarithm: true);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass)
    {
        if (pass.DX.Length == 0) return;
        ReferenceSoftmax.Backward<T>(pass.Samples, pass.Input.Channels, pass.Input.Height * pass.Input.Width, pass.Y, pass.DY, pass.DX, logarithm: true);
    }
}
