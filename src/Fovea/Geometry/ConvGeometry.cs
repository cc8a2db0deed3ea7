namespace Fovea;

/// <summary>A convolution resolved against its input: sizes, checked once, that layers, kernels and explanations share.</summary>
public readonly record struct ConvGeometry
{
    /// <summary>Resolves a convolution.</summary>
    /// <exception cref="ShapeException">The input is flat, the channels do not divide into the groups, or no window fits.</exception>
    public ConvGeometry(Shape input, int filters, Size2D kernel, Size2D stride, Size2D padding, Size2D dilation, int groups)
    {
        if (input.IsFlat)
            throw new ShapeException($"a convolution needs an image, but its input is a flat vector of {input}",
                "Place convolutions before the flatten layer");
        Require(filters >= 1, $"filters must be at least 1, got {filters}", "Ask for at least one filter");
        Require(groups >= 1 && input.Channels % groups == 0 && filters % groups == 0,
            $"groups {groups} must divide the {input.Channels} input channels and the {filters} filters",
            "Choose groups that divide both numbers");
        (Input, Filters, Groups) = (input, filters, groups);
        (Vertical, Horizontal) = Axes(input, kernel, stride, padding, dilation, ceilMode: false);
    }

    /// <summary>The shape of the input image.</summary>
    public Shape Input { get; }

    /// <summary>The number of filters: the channels of the output.</summary>
    public int Filters { get; }

    /// <summary>Into how many independent groups channels and filters are divided.</summary>
    public int Groups { get; }

    /// <summary>The rows.</summary>
    public WindowAxis Vertical { get; }

    /// <summary>The columns.</summary>
    public WindowAxis Horizontal { get; }

    /// <summary>The shape of the output image.</summary>
    public Shape Output => new(Filters, Vertical.Output, Horizontal.Output);

    /// <summary>Channels that one filter sees.</summary>
    public int GroupChannels => Input.Channels / Groups;

    /// <summary>Filters of one group.</summary>
    public int GroupFilters => Filters / Groups;

    /// <summary>Weights of one filter: channels of a group x kernel height x kernel width. Also the fan-in.</summary>
    public int PatchSize => checked(GroupChannels * Vertical.Kernel * Horizontal.Kernel);

    /// <summary>Multiply-adds of one sample, the bias not counted.</summary>
    public long MultiplyAdds => (long)PatchSize * Output.Count;

    /// <summary>True when the one window covers the whole unpadded input: the convolution is then a linear layer.</summary>
    internal bool IsLinear => Groups == 1 && Vertical.Output == 1 && Horizontal.Output == 1 && Vertical.Padding == 0
        && Horizontal.Padding == 0 && Vertical.Kernel == Input.Height && Horizontal.Kernel == Input.Width;

    /// <summary>Checks and resolves both axes of a window; shared with pooling.</summary>
    internal static (WindowAxis Vertical, WindowAxis Horizontal) Axes(
        Shape input, Size2D kernel, Size2D stride, Size2D padding, Size2D dilation, bool ceilMode)
    {
        Require(kernel is { Height: >= 1, Width: >= 1 }, $"kernel must be at least 1, got {kernel}", "Use a kernel of 1 or more");
        Require(stride is { Height: >= 1, Width: >= 1 }, $"stride must be at least 1, got {stride}", "Use a stride of 1 or more");
        Require(padding is { Height: >= 0, Width: >= 0 }, $"padding must not be negative, got {padding}", "Use a padding of 0 or more");
        Require(dilation is { Height: >= 1, Width: >= 1 }, $"dilation must be at least 1, got {dilation}", "Use a dilation of 1 or more");
        long reach = Math.Max(Reach(input.Height, kernel.Height, padding.Height, dilation.Height), Reach(input.Width, kernel.Width, padding.Width, dilation.Width));
        Require(reach <= int.MaxValue, $"kernel {kernel}, dilation {dilation} and padding {padding} reach over {reach:N0} pixels, more than {int.MaxValue:N0}", "Use smaller ones");
        var vertical = new WindowAxis(input.Height, kernel.Height, stride.Height, padding.Height, dilation.Height, ceilMode);
        var horizontal = new WindowAxis(input.Width, kernel.Width, stride.Width, padding.Width, dilation.Width, ceilMode);
        if (!vertical.Fits || !horizontal.Fits)
        {
            int missing = Math.Max(vertical.Extent - input.Height, horizontal.Extent - input.Width);
            string dilated = dilation == (Size2D)1 ? "" : $" with dilation {dilation} (covering {vertical.Extent}x{horizontal.Extent})";
            throw new ShapeException(
                $"kernel {kernel.Height}x{kernel.Width}{dilated} does not fit input {input} with padding {padding}",
                $"Use padding {(missing + 1) / 2} or a smaller kernel");
        }
        return (vertical, horizontal);
    }

    // The longer one of the padded input and the window: what the numbers of an axis must be able to count.
    private static long Reach(int input, int kernel, int padding, int dilation) => Math.Max(input + 2L * padding, dilation * (kernel - 1L) + 1);

    private static void Require(bool condition, string problem, string remedy)
    {
        if (!condition) throw new ShapeException(problem, remedy);
    }
}
