using System.Text.Json.Serialization;
using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>The mean of each window.</summary>
/// <param name="Kernel">Height and width of the window.</param>
public sealed record AvgPool2D(Size2D Kernel) : Layer
{
    /// <summary>Pixels from one window to the next; the kernel's size when not given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Size2D? Stride { get; init; }

    /// <summary>Zeros around the input, at most half of the kernel.</summary>
    public Size2D Padding { get; init; } = 0;

    /// <summary>Rounds the size of the output up: a last window may hang over the border.</summary>
    public bool CeilMode { get; init; }

    /// <summary>Whether the zeros of the padding count in the mean.</summary>
    public bool CountIncludePad { get; init; } = true;

    /// <summary>The pooling resolved against an input.</summary>
    /// <exception cref="ShapeException">It does not fit.</exception>
    public PoolGeometry Geometry(Shape input) => new(input, Kernel, Stride ?? Kernel, Padding, CeilMode);

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => Geometry(input).Output;

    /// <inheritdoc/>
    public override (WindowAxis Vertical, WindowAxis Horizontal) Window(Shape input) => (Geometry(input).Vertical, Geometry(input).Horizontal);

    internal override string TorchName => "AvgPool2d";

    internal override void Plan<V>(LayerPlan<V> plan) => AddPasses(plan, Geometry(plan.Input.Shape), CountIncludePad);

    /// <summary>The passes of average pooling, shared with its global form.</summary>
    internal static unsafe void AddPasses<V>(LayerPlan<V> plan, PoolGeometry geometry, bool countPadding) where V : struct, ILanes<V>
    {
        LaneTensor x = plan.Input, y = plan.Output;
        plan.ForwardEachGroup((group, _) =>
        {
            for (int channel = 0; channel < x.Shape.Channels; channel++)
                PoolingKernels<V>.AverageForward(geometry, countPadding, x.At(group, channel), x.Row, y.At(group, channel), y.Row);
        });
        if (plan.InputGradient is not { } dx || plan.OutputGradient is not { } dy) return;
        plan.BackwardEachGroup((group, _) =>
        {
            for (int channel = 0; channel < x.Shape.Channels; channel++)
                PoolingKernels<V>.AverageBackward(geometry, countPadding, dy.At(group, channel), dy.Row, dx.At(group, channel), dx.Row);
        });
    }

    internal override void ReferenceForward<T>(ReferencePass<T> pass) =>
        ReferencePooling.AverageForward<T>(Geometry(pass.Input), CountIncludePad, pass.X, pass.Y);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass) =>
        ReferencePooling.AverageBackward<T>(Geometry(pass.Input), CountIncludePad, pass.DY, pass.DX);
}
