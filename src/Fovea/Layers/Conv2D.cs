using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>
/// A two-dimensional convolution (strictly: a cross-correlation, as everywhere in this field). Input C x H x W, output
/// <paramref name="Filters"/> x H' x W', see <see cref="WindowAxis"/>. Parameters: weight [filters, C/groups, kernel height, kernel
/// width] and bias [filters].
/// </summary>
/// <param name="Filters">Channels of the output.</param>
/// <param name="Kernel">Height and width of the kernel.</param>
public sealed record Conv2D(int Filters, Size2D Kernel) : Layer
{
    /// <summary>Pixels from one window to the next.</summary>
    public Size2D Stride { get; init; } = 1;

    /// <summary>Zeros around the input.</summary>
    public Size2D Padding { get; init; } = 0;

    /// <summary>Pixels from one tap of the kernel to the next.</summary>
    public Size2D Dilation { get; init; } = 1;

    /// <summary>Into how many independent groups channels and filters are divided.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether each filter adds a learned constant.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>The convolution resolved against an input.</summary>
    /// <exception cref="ShapeException">It does not fit.</exception>
    public ConvGeometry Geometry(Shape input) => new(input, Filters, Kernel, Stride, Padding, Dilation, Groups);

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => Geometry(input).Output;

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(Shape input)
    {
        ConvGeometry geometry = Geometry(input);
        ParameterSpec weight = new("weight", [Filters, geometry.GroupChannels, Kernel.Height, Kernel.Width], geometry.PatchSize);
        return Bias ? [weight, new("bias", [Filters], geometry.PatchSize)] : [weight];
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(Shape input) => Geometry(input).MultiplyAdds;

    /// <inheritdoc/>
    public override (WindowAxis Vertical, WindowAxis Horizontal) Window(Shape input) => (Geometry(input).Vertical, Geometry(input).Horizontal);

    internal override string TorchName => "Conv2d";

    internal override bool? HasBias => Bias;

    internal override Layer WithBias(bool bias) => this with { Bias = bias };

    internal override bool BackwardReadsOutput => false;

    internal override bool IsOneStage(Shape input) => !Geometry(input).IsLinear;

    internal override Margin InputMargin(Shape input) => new(Padding.Height, Padding.Height, Padding.Width, Padding.Width);

    internal override void Plan<V>(LayerPlan<V> plan)
    {
        ConvGeometry geometry = Geometry(plan.Input.Shape);
        if (geometry.IsLinear && plan.Input.IsContiguous && plan.Output.IsContiguous && plan.Fused<MaxPool2D>() is null) LinearPlan.Add(plan);
        else ConvolutionPlan.Add(plan, geometry);
    }

    internal override void ReferenceForward<T>(ReferencePass<T> pass) =>
        ReferenceConvolution.Forward<T>(Geometry(pass.Input), pass.Samples, pass.X, pass.Parameters[0], Bias ? pass.Parameters[1] : [], pass.Y);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass) =>
        ReferenceConvolution.Backward<T>(Geometry(pass.Input), pass.Samples, pass.X, pass.Parameters[0], pass.DY, pass.DX, pass.Gradients[0],
            Bias ? pass.Gradients[1] : []);
}
