namespace Fovea.Onnx;

/// <summary>The sliding window of a node, along the rows and columns. A window along one axis only has one row.</summary>
/// <param name="Kernel">Taps.</param>
/// <param name="Stride">Pixels from one window to the next.</param>
/// <param name="Dilation">Pixels from one tap to the next.</param>
/// <param name="Before">Padding above and on the left.</param>
/// <param name="After">Padding below and on the right.</param>
/// <param name="CeilMode">Whether the number of windows is rounded up.</param>
internal sealed record NodeWindow(Size2D Kernel, Size2D Stride, Size2D Dilation, Size2D Before, Size2D After, bool CeilMode)
{
    /// <summary>Reads a window.</summary>
    /// <param name="node">The node.</param>
    /// <param name="input">The shape of its input: samples, channels, and one or two axes.</param>
    /// <param name="weight">The shape of the weights, whose last axes are the kernel; null where an attribute tells it.</param>
    /// <param name="automatic">Whether auto_pad is looked at.</param>
    public static NodeWindow Read(OnnxNode node, IReadOnlyList<int> input, IReadOnlyList<int>? weight, bool automatic = true)
    {
        int axes = Axes(node, input);
        int[]? kernel = node.Sizes("kernel_shape", axes, 1), fromWeight = weight is null ? null : [.. weight.Skip(2)];
        if (fromWeight is not null && (fromWeight.Length != axes || kernel is not null && !kernel.SequenceEqual(fromWeight)))
            throw node.Error($"its weights are {OnnxNode.List(weight!)}, its kernel is {OnnxNode.List(kernel ?? fromWeight)} and its input {OnnxNode.List(input)}: they do not fit each other");
        Size2D size = Pair(kernel ?? fromWeight ?? throw node.Error("kernel_shape is missing"), 1);
        Size2D stride = Pair(node.Sizes("strides", axes, 1) ?? Fill(axes, 1), 1), dilation = Pair(node.Sizes("dilations", axes, 1) ?? Fill(axes, 1), 1);
        int[]? pads = node.Sizes("pads", 2 * axes, 0);
        Size2D before = Pair(pads?[..axes] ?? Fill(axes, 0), 0), after = Pair(pads?[axes..] ?? Fill(axes, 0), 0);
        bool ceil = node.Flag("ceil_mode");
        string padding = automatic ? node.Text("auto_pad", "NOTSET") : "NOTSET";
        if (padding == "VALID") (before, after) = (0, 0);
        else if (padding is "SAME_UPPER" or "SAME_LOWER")
        {
            Shape image = Image(node, input);
            int rows = WindowAxis.SamePadding(image.Height, size.Height, stride.Height, dilation.Height), columns = WindowAxis.SamePadding(image.Width, size.Width, stride.Width, dilation.Width);
            Size2D smaller = new(rows / 2, columns / 2), larger = new(rows - rows / 2, columns - columns / 2);
            (before, after) = padding == "SAME_UPPER" ? (smaller, larger) : (larger, smaller);
            ceil = false;
        }
        else if (padding != "NOTSET") throw node.Error($"auto_pad is {padding}; NOTSET, VALID, SAME_UPPER and SAME_LOWER are supported");
        return new NodeWindow(size, stride, dilation, before, after, ceil);
    }

    /// <summary>The images that a node works on.</summary>
    public static Shape Image(OnnxNode node, IReadOnlyList<int> input)
    {
        Axes(node, input);
        if (input.Skip(1).Any(extent => extent < 1)) throw node.Error($"its input {OnnxNode.List(input)} is empty");
        return new Shape(input[1], input.Count == 4 ? input[2] : 1, input[^1]);
    }

    /// <summary>The shape of an output: that of images, with as many axes as the input.</summary>
    public static int[] Shape(IReadOnlyList<int> input, Shape image) =>
        input.Count == 4 ? [input[0], image.Channels, image.Height, image.Width] : [input[0], image.Channels, image.Width];

    /// <summary>The rows and columns.</summary>
    public (WindowAxis Vertical, WindowAxis Horizontal) Resolve(Shape image) =>
        (new WindowAxis(image.Height, Kernel.Height, Stride.Height, Before.Height, Dilation.Height, CeilMode, After.Height),
         new WindowAxis(image.Width, Kernel.Width, Stride.Width, Before.Width, Dilation.Width, CeilMode, After.Width));

    private static int Axes(OnnxNode node, IReadOnlyList<int> input) => input.Count is 3 or 4
        ? input.Count - 2
        : throw node.Error($"its input {OnnxNode.List(input)} has {input.Count} axes; samples, channels, and one or two axes of an image are supported");

    public static Size2D Pair(int[] values, int missing) => values.Length == 2 ? new Size2D(values[0], values[1]) : new Size2D(missing, values[0]);

    public static int[] Fill(int count, int value)
    {
        int[] values = new int[count];
        Array.Fill(values, value);
        return values;
    }
}
