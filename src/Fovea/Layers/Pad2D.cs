using System.Text.Json.Serialization;
using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>
/// Pixels around an image. What they are is the kind of padding; how many, its numbers: rows above and below, columns left and right.
/// </summary>
/// <param name="Padding">Rows above and columns to the left; below and to the right as many, unless told otherwise.</param>
public abstract record Pad2D(Size2D Padding) : Layer
{
    private readonly int? _bottom, _right;

    /// <summary>Rows below, where they are not as many as above.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Bottom { get => _bottom; init => _bottom = value >= 0 || value is null ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{TorchName}: bottom must not be negative"); }

    /// <summary>Columns to the right, where they are not as many as to the left.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Right { get => _right; init => _right = value >= 0 || value is null ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{TorchName}: right must not be negative"); }

    /// <summary>The pixel that stands in the place of one outside of an axis; negative for none.</summary>
    private protected abstract int Outside(int pixel, int extent);

    /// <summary>The most pixels at one end that an axis can give; null for any number.</summary>
    private protected abstract int? Most(int extent);

    /// <inheritdoc/>
    public sealed override Shape OutputShape(Shape input)
    {
        if (input.IsFlat) throw new ShapeException($"padding needs an image, but its input is a flat vector of {input}", "Place it before the flatten layer");
        foreach (var (extent, near, far, name) in ((int, int, int, string)[])
            [(input.Height, Padding.Height, Bottom ?? Padding.Height, "rows"), (input.Width, Padding.Width, Right ?? Padding.Width, "columns")])
        {
            if (near < 0) throw new ShapeException($"padding must not be negative, got {near}", "Use 0 or more");
            if (Most(extent) is { } most && Math.Max(near, far) > most)
                throw new ShapeException($"{Math.Max(near, far)} {name} are more than the {most} that {extent} {name} of the input can give", "Use a smaller padding");
        }
        return new Shape(input.Channels, checked(input.Height + Padding.Height + (Bottom ?? Padding.Height)), checked(input.Width + Padding.Width + (Right ?? Padding.Width)));
    }

    /// <inheritdoc/>
    public sealed override (WindowAxis Vertical, WindowAxis Horizontal) Window(Shape input) =>
        (new(input.Height, 1, padding: Padding.Height), new(input.Width, 1, padding: Padding.Width));

    internal sealed override void Plan<V>(LayerPlan<V> plan)
    {
        LaneTensor x = plan.Input, y = plan.Output;
        var (rows, columns) = Tables(x.Shape);
        plan.ForwardEachGroup((group, _) => GatherKernels<V>.Copy(x, y, group, rows, columns));
        if (plan.InputGradient is not { } dx || plan.OutputGradient is not { } dy) return;
        plan.BackwardEachGroup((group, _) => GatherKernels<V>.CopyBackward(dy, dx, group, rows, columns));
    }

    internal sealed override void ReferenceForward<T>(ReferencePass<T> pass)
    {
        var (rows, columns) = Tables(pass.Input);
        ReferenceGather.Copy<T>(pass.Input, rows, columns, pass.X, pass.Y);
    }

    internal sealed override void ReferenceBackward<T>(ReferencePass<T> pass)
    {
        var (rows, columns) = Tables(pass.Input);
        ReferenceGather.CopyBackward<T>(pass.Input, rows, columns, pass.DY, pass.DX);
    }

    /// <summary>Which row and column of the input each of the output is; negative for zeros.</summary>
    internal (int[] Rows, int[] Columns) Tables(Shape input)
    {
        Shape output = OutputShape(input);
        int[] Table(int count, int before, int extent) =>
            [.. Enumerable.Range(-before, count).Select(pixel => pixel >= 0 && pixel < extent ? pixel : Outside(pixel, extent))];
        return (Table(output.Height, Padding.Height, input.Height), Table(output.Width, Padding.Width, input.Width));
    }
}
