using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>The mean of each channel: an image of C x 1 x 1.</summary>
public sealed record GlobalAvgPool2D : Layer
{
    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => Geometry(input).Output;

    /// <inheritdoc/>
    public override (WindowAxis Vertical, WindowAxis Horizontal) Window(Shape input) => (Geometry(input).Vertical, Geometry(input).Horizontal);

    internal override string TorchName => "AdaptiveAvgPool2d";

    internal override void Plan<V>(LayerPlan<V> plan) => AvgPool2D.AddPasses(plan, Geometry(plan.Input.Shape), countPadding: false);

    internal override void ReferenceForward<T>(ReferencePass<T> pass) =>
        ReferencePooling.AverageForward<T>(Geometry(pass.Input), countPadding: false, pass.X, pass.Y);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass) =>
        ReferencePooling.AverageBackward<T>(Geometry(pass.Input), countPadding: false, pass.DY, pass.DX);

    private static PoolGeometry Geometry(Shape input)
    {
        Size2D all = new(input.Height, input.Width);
        return new PoolGeometry(input, all, all, padding: 0, ceilMode: false);
    }
}
