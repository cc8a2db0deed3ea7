using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Enlarges an image by whole factors: each pixel becomes a block of equal ones, or the new pixels lie evenly between the old.</summary>
/// <param name="Scale">By how much rows and columns are multiplied.</param>
public sealed record Upsample(Size2D Scale) : Layer
{
    /// <summary>Whether pixels are means of the four around them; otherwise copies of the nearest.</summary>
    public bool Bilinear { get; init; }

    /// <summary>Whether the corner pixels of both images lie on each other, so that pixels are spread over the length between them. Bilinear only.</summary>
    public bool AlignCorners { get; init; }

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input)
    {
        if (input.IsFlat) throw new ShapeException($"upsample needs an image, but its input is a flat vector of {input}", "Place it before the flatten layer");
        if (Scale.Height < 1 || Scale.Width < 1) throw new ShapeException($"the scale must be at least 1, got {Scale}", "Use 2 to double rows and columns");
        if (AlignCorners && !Bilinear) throw new ShapeException("corners can be aligned only where pixels lie between others", "Add bilinear, or leave out alignCorners");
        return new Shape(input.Channels, checked(input.Height * Scale.Height), checked(input.Width * Scale.Width));
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(Shape input) => Bilinear ? 4L * OutputShape(input).Count : 0;

    /// <summary>The pixels that one output sees; the images after it are drawn smaller than they are, so that what follows sees no more than is said.</summary>
    public override (WindowAxis Vertical, WindowAxis Horizontal) Window(Shape input) =>
        (new(input.Height, Bilinear && Scale.Height > 1 ? 2 : 1), new(input.Width, Bilinear && Scale.Width > 1 ? 2 : 1));

    internal override string TorchName => "Upsample";

    internal override void Plan<V>(LayerPlan<V> plan)
    {
        LaneTensor x = plan.Input, y = plan.Output;
        var rows = Between(Vertical(x.Shape));
        var columns = Between(Horizontal(x.Shape));
        int[] nearestRows = Nearest(Vertical(x.Shape)), nearestColumns = Nearest(Horizontal(x.Shape));
        plan.ForwardEachGroup((group, _) =>
        {
            if (Bilinear) GatherKernels<V>.Interpolate(x, y, group, rows, columns);
            else GatherKernels<V>.Copy(x, y, group, nearestRows, nearestColumns);
        });
        if (plan.InputGradient is not { } dx || plan.OutputGradient is not { } dy) return;
        plan.BackwardEachGroup((group, _) =>
        {
            if (Bilinear) GatherKernels<V>.InterpolateBackward(dy, dx, group, rows, columns);
            else GatherKernels<V>.CopyBackward(dy, dx, group, nearestRows, nearestColumns);
        });
    }

    internal override void ReferenceForward<T>(ReferencePass<T> pass)
    {
        Shape x = pass.Input;
        if (Bilinear) ReferenceGather.Interpolate<T>(x, Between(Vertical(x)), Between(Horizontal(x)), pass.X, pass.Y);
        else ReferenceGather.Copy<T>(x, Nearest(Vertical(x)), Nearest(Horizontal(x)), pass.X, pass.Y);
    }

    internal override void ReferenceBackward<T>(ReferencePass<T> pass)
    {
        Shape x = pass.Input;
        if (Bilinear) ReferenceGather.InterpolateBackward<T>(x, Between(Vertical(x)), Between(Horizontal(x)), pass.DY, pass.DX);
        else ReferenceGather.CopyBackward<T>(x, Nearest(Vertical(x)), Nearest(Horizontal(x)), pass.DY, pass.DX);
    }

    private InterpolatedAxis Vertical(Shape input) => new(input.Height, Scale.Height, AlignCorners);

    private InterpolatedAxis Horizontal(Shape input) => new(input.Width, Scale.Width, AlignCorners);

    private static (int First, int Second, float Share)[] Between(InterpolatedAxis axis) => [.. Enumerable.Range(0, axis.Output).Select(axis.Between)];

    private static int[] Nearest(InterpolatedAxis axis) => [.. Enumerable.Range(0, axis.Output).Select(axis.Nearest)];
}
