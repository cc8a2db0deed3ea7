using System.Text.Json.Serialization;
using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>The largest number of each window. Padding counts as minus infinity; NaN among numbers may be passed over, where PyTorch passes it on.</summary>
/// <param name="Kernel">Height and width of the window.</param>
public sealed record MaxPool2D(Size2D Kernel) : Layer
{
    /// <summary>Pixels from one window to the next; the kernel's size when not given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Size2D? Stride { get; init; }

    /// <summary>Pixels added around the input, at most half of the kernel.</summary>
    public Size2D Padding { get; init; } = 0;

    /// <summary>Rounds the size of the output up: a last window may hang over the border.</summary>
    public bool CeilMode { get; init; }

    /// <summary>The pooling resolved against an input.</summary>
    /// <exception cref="ShapeException">It does not fit, or its kernel is larger than 256 along an axis.</exception>
    public PoolGeometry Geometry(Shape input)
    {
        var geometry = new PoolGeometry(input, Kernel, Stride ?? Kernel, Padding, CeilMode);
        // The winner of a window is kept as a byte.
        if (Kernel.Height > 256 || Kernel.Width > 256)
            throw new ShapeException($"kernel {Kernel} is larger than max-pooling can be, 256", "Pool in two steps");
        return geometry;
    }

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => Geometry(input).Output;

    /// <inheritdoc/>
    public override (WindowAxis Vertical, WindowAxis Horizontal) Window(Shape input) => (Geometry(input).Vertical, Geometry(input).Horizontal);

    internal override string TorchName => "MaxPool2d";

    internal override unsafe void Plan<V>(LayerPlan<V> plan)
    {
        PoolGeometry geometry = Geometry(plan.Input.Shape);
        var walk = new PoolWalk(geometry);
        LaneTensor x = plan.Input, y = plan.Output;
        int channels = x.Shape.Channels;
        nint winnersPlane = PoolingKernels<V>.WinnersSize(geometry);
        byte* winners = plan.Memory.ByteBlock(plan.InputGradient is null ? 0 : winnersPlane * channels * plan.Groups);
        WorkerScratch scratch = plan.Scratch(PoolingKernels<V>.ScratchSize(geometry));
        StepState step = plan.Step;
        plan.ForwardEachGroup((group, worker) =>
        {
            for (int channel = 0; channel < channels; channel++)
            {
                byte* won = step.Training && winners != null ? winners + ((nint)group * channels + channel) * winnersPlane : null;
                PoolingKernels<V>.MaxForward(walk, x.At(group, channel), x.Row, y.At(group, channel), y.Row, won, scratch.At(worker));
            }
        });
        if (plan.InputGradient is not { } dx || plan.OutputGradient is not { } dy) return;
        plan.BackwardEachGroup((group, worker) =>
        {
            for (int channel = 0; channel < channels; channel++)
            {
                byte* won = winners + ((nint)group * channels + channel) * winnersPlane;
                PoolingKernels<V>.MaxBackward(walk, dy.At(group, channel), dy.Row, won, dx.At(group, channel), dx.Row, scratch.At(worker));
            }
        });
    }

    internal override void ReferenceForward<T>(ReferencePass<T> pass) => ReferencePooling.MaxForward<T>(Geometry(pass.Input), pass.X, pass.Y);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass) =>
        ReferencePooling.MaxBackward<T>(Geometry(pass.Input), pass.X, pass.DY, pass.DX);
}
