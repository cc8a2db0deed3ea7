namespace Fovea;

/// <summary>A pooling resolved against its input.</summary>
public readonly record struct PoolGeometry
{
    /// <summary>Resolves a pooling.</summary>
    /// <exception cref="ShapeException">The input is flat, the padding is more than half the kernel, or no window fits.</exception>
    public PoolGeometry(Shape input, Size2D kernel, Size2D stride, Size2D padding, bool ceilMode)
    {
        if (input.IsFlat)
            throw new ShapeException($"pooling needs an image, but its input is a flat vector of {input}",
                "Place pooling before the flatten layer");
        if (padding.Height > kernel.Height / 2 || padding.Width > kernel.Width / 2)
            throw new ShapeException($"padding {padding} is more than half of the kernel {kernel}",
                "Use a smaller padding, so that no window lies on padding alone");
        Input = input;
        (Vertical, Horizontal) = ConvGeometry.Axes(input, kernel, stride, padding, dilation: 1, ceilMode);
    }

    /// <summary>A pooling whose windows are resolved already, with paddings and dilations that no layer has.</summary>
    internal PoolGeometry(Shape input, WindowAxis vertical, WindowAxis horizontal) => (Input, Vertical, Horizontal) = (input, vertical, horizontal);

    /// <summary>The shape of the input image.</summary>
    public Shape Input { get; }

    /// <summary>The rows.</summary>
    public WindowAxis Vertical { get; }

    /// <summary>The columns.</summary>
    public WindowAxis Horizontal { get; }

    /// <summary>The shape of the output image.</summary>
    public Shape Output => new(Input.Channels, Vertical.Output, Horizontal.Output);

    /// <summary>Whether the windows are squares of 2x2 pixels side by side, all inside the input.</summary>
    internal bool Halves => IsHalved(Vertical) && IsHalved(Horizontal);

    private static bool IsHalved(WindowAxis axis) =>
        axis is { Kernel: 2, Stride: 2, Dilation: 1, Padding: 0 } && 2 * axis.Output <= axis.Input;

    /// <summary>By what the sum of a window is divided in average pooling: the pixels of the padded input it covers, or those of the
    /// input alone.</summary>
    public int AverageDivisor(int outputRow, int outputColumn, bool countPadding)
    {
        if (countPadding) return Vertical.PaddedTaps(outputRow) * Horizontal.PaddedTaps(outputColumn);
        var (top, bottom) = Vertical.TapsInside(outputRow);
        var (left, right) = Horizontal.TapsInside(outputColumn);
        return (bottom - top) * (right - left);
    }
}
