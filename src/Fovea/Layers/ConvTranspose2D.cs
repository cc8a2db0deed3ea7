using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>
/// A transposed convolution: what a convolution with these properties does to gradients, done to values. It enlarges an image by its stride.
/// Parameters: weight [C, filters/groups, kernel height, kernel width] and bias [filters].
/// </summary>
/// <param name="Filters">Channels of the output.</param>
/// <param name="Kernel">Height and width of the kernel.</param>
public sealed record ConvTranspose2D(int Filters, Size2D Kernel) : Layer
{
    /// <summary>Pixels of the output from one window to the next.</summary>
    public Size2D Stride { get; init; } = 1;

    /// <summary>Pixels taken away at each end of the output.</summary>
    public Size2D Padding { get; init; } = 0;

    /// <summary>Pixels added at the lower and right end of the output, fewer than the stride.</summary>
    public Size2D OutputPadding { get; init; } = 0;

    /// <summary>Pixels from one tap of the kernel to the next.</summary>
    public Size2D Dilation { get; init; } = 1;

    /// <summary>Into how many independent groups channels and filters are divided.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether each filter adds a learned constant.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Rows and columns, resolved against an input.</summary>
    /// <exception cref="ShapeException">A property is out of its range.</exception>
    public (TransposedAxis Vertical, TransposedAxis Horizontal) Axes(Shape input)
    {
        if (input.IsFlat) throw new ShapeException($"a convolution needs an image, but its input is a flat vector of {input}", "Place convolutions before the flatten layer");
        return (Axis(input.Height, Kernel.Height, Stride.Height, Padding.Height, Dilation.Height, OutputPadding.Height),
            Axis(input.Width, Kernel.Width, Stride.Width, Padding.Width, Dilation.Width, OutputPadding.Width));
    }

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input)
    {
        var (vertical, horizontal) = Axes(input);
        if (Groups < 1 || input.Channels % Groups != 0 || Filters % Groups != 0 || Filters < 1)
            throw new ShapeException($"groups {Groups} must divide the {input.Channels} input channels and the {Filters} filters", "Choose groups that divide both numbers");
        if (vertical.Output < 1 || horizontal.Output < 1)
            throw new ShapeException($"padding {Padding} takes away all of the output for input {input}", "Use a smaller padding");
        return new Shape(Filters, vertical.Output, horizontal.Output);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(Shape input)
    {
        ConvGeometry geometry = Geometry(input);
        ParameterSpec weight = new("weight", [input.Channels, geometry.GroupChannels, Kernel.Height, Kernel.Width], geometry.PatchSize);
        return Bias ? [weight, new("bias", [Filters], geometry.PatchSize)] : [weight];
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(Shape input) => Geometry(input).MultiplyAdds;

    /// <summary>The inputs that one output sees at most. The images after it are drawn as if they were not enlarged, so that what follows sees no
    /// more than is said.</summary>
    public override (WindowAxis Vertical, WindowAxis Horizontal) Window(Shape input)
    {
        var (vertical, horizontal) = Axes(input);
        return (vertical.Window(), horizontal.Window());
    }

    internal override string TorchName => "ConvTranspose2d";

    internal override bool? HasBias => Bias;

    internal override Layer WithBias(bool bias) => this with { Bias = bias };

    // What the convolution backward wants around its gradient.
    internal override Margin InputMargin(Shape input) => ConvolutionKernels<Lanes4>.BackwardMargin(Geometry(input));

    /// <summary>The convolution whose way back this is: from this layer's output to its input.</summary>
    private ConvGeometry Geometry(Shape input) => new(OutputShape(input), input.Channels, Kernel, Stride, Padding, Dilation, Groups);

    private static TransposedAxis Axis(int input, int kernel, int stride, int padding, int dilation, int outputPadding)
    {
        if (kernel < 1 || stride < 1 || padding < 0 || dilation < 1)
            throw new ShapeException($"kernel {kernel}, stride {stride} and dilation {dilation} must be at least 1 and padding {padding} at least 0", "Use such numbers");
        if (outputPadding < 0 || outputPadding >= stride)
            throw new ShapeException($"the output padding {outputPadding} must be smaller than the stride {stride}", "Use a smaller output padding");
        return new TransposedAxis(input, kernel, stride, padding, dilation, outputPadding);
    }

    internal override unsafe void Plan<V>(LayerPlan<V> plan)
    {
        LaneTensor x = plan.Input, y = plan.Output;
        ConvGeometry geometry = Geometry(x.Shape);
        var walk = new ConvWalk(geometry);
        ParameterBlock weight = plan.Parameters[0];
        float* bias = Bias ? plan.Parameters[1].Values : null;
        plan.ForwardEachGroup((group, _) =>
        {
            ConvolutionKernels<V>.BackwardData(walk, x.At(group), x.Plane, x.Row, weight.Values, weight.RowSize, y, group);
            if (bias != null) SumKernels<V>.AddToChannels(y, group, bias);
        });
        if (plan.OutputGradient is not { } dy) return;

        LaneTensor? dx = plan.InputGradient;
        StepState step = plan.Step;
        PartialSums dw = plan.Partials(0), dBias = Bias ? plan.Partials(1) : default;
        // The gradient with the zeros around it that the convolution forward reads.
        var margin = new Margin(Padding.Height, Padding.Height, Padding.Width, Padding.Width);
        WorkerScratch padded = plan.Scratch(LaneTensor.Size(dy.Shape, V.Count, margin, groups: 1));
        ConvolutionPlan.FilterTiles tiles = new(geometry, DotTile<V>.Choose(geometry.GroupFilters, geometry.PatchSize).Rows);
        Split forward = Tile<V>.Choose(geometry.GroupFilters, geometry.Output.Width).Rows;
        ConvolutionPlan.FilterTiles forwardTiles = new(geometry, forward);
        plan.BackwardEachGroup((group, worker) =>
        {
            int chunk = step.Chunks.PartOf(group);
            bool accumulate = group > step.Chunks.Start(chunk);
            var gradient = new LaneTensor(padded.At(worker), dy.Shape, V.Count, margin);
            SumKernels<V>.Copy(dy.From(group), gradient, 0);
            for (int tile = 0; tile < tiles.Count; tile++)
            {
                var (first, count) = tiles[tile];
                ConvolutionKernels<V>.BackwardFilter(geometry, gradient, 0, x.At(group, first), x.Plane, x.Row, dw.At(chunk), weight.RowSize, accumulate, first, count);
            }
            if (Bias) SumKernels<V>.SumOfChannels(dy, group, dBias.At(chunk), accumulate);
            if (dx is not { } input) return;
            for (int tile = 0; tile < forwardTiles.Count; tile++)
            {
                var (first, count) = forwardTiles[tile];
                ConvolutionKernels<V>.Forward(walk, gradient, 0, weight.Values, weight.RowSize, null, input.At(group, first), input.Plane, input.Row, first, count,
                    float.NegativeInfinity);
            }
        });
    }

    internal override void ReferenceForward<T>(ReferencePass<T> pass)
    {
        ReferenceConvolution.Backward<T>(Geometry(pass.Input), pass.Samples, [], pass.Parameters[0], pass.X, pass.Y, [], []);
        int pixels = pass.Output.Height * pass.Output.Width;
        for (int i = 0; i < pass.Y.Length && Bias; i++) pass.Y[i] += pass.Parameters[1][i / pixels % Filters];
    }

    internal override void ReferenceBackward<T>(ReferencePass<T> pass)
    {
        ConvGeometry geometry = Geometry(pass.Input);
        ReferenceConvolution.Backward<T>(geometry, pass.Samples, pass.DY, pass.Parameters[0], pass.X, [], pass.Gradients[0], []);
        if (pass.DX.Length > 0) ReferenceConvolution.Forward<T>(geometry, pass.Samples, pass.DY, pass.Parameters[0], [], pass.DX);
        if (!Bias) return;
        int pixels = pass.Output.Height * pass.Output.Width;
        double[] sums = new double[Filters];
        for (int i = 0; i < pass.DY.Length; i++) sums[i / pixels % Filters] += double.CreateChecked(pass.DY[i]);
        ReferenceConvolution.Copy<T>(sums, pass.Gradients[1]);
    }
}
