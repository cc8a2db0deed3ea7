using Fovea.Kernels;

namespace Fovea;

/// <summary>Sees an image as a flat vector: channel by channel, row by row.</summary>
public sealed record Flatten : Layer
{
    /// <summary>Whether PyTorch's model does it inside of its forward function, as torchvision's do: then summaries have no row for it.</summary>
    public bool Inline { get; init; }

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => Shape.Flat(input.Count);

    internal override string TorchName => "Flatten";

    internal override bool IsView => true;

    internal override bool IsModule => !Inline;

    internal override unsafe void Plan<V>(LayerPlan<V> plan)
    {
        LaneTensor x = plan.Input, y = plan.Output;
        // Where the input has a margin, or the output its own place, it is a copy.
        if (x.Data != y.Data) plan.ForwardEachGroup((group, _) => SumKernels<V>.Copy(x, y.As(x.Shape), group));
        if (plan.InputGradient is { } dx && plan.OutputGradient is { } dy && dx.Data != dy.Data)
            plan.BackwardEachGroup((group, _) => SumKernels<V>.Copy(dy.As(x.Shape), dx, group));
    }

    internal override void ReferenceForward<T>(ReferencePass<T> pass) => pass.X.CopyTo(pass.Y, 0);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass) => pass.DY.AsSpan(0, pass.DX.Length).CopyTo(pass.DX);
}
