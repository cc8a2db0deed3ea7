using Fovea.Kernels.Reference;

namespace Fovea.Onnx;

/// <summary>Convolutions and poolings, of images and of rows of pixels.</summary>
internal static class WindowOperators
{
    public static OnnxTensor Conv(OnnxNode node, Operands x)
    {
        OnnxTensor input = x.Floats(0), weight = x.Floats(1);
        NodeWindow window = NodeWindow.Read(node, input.Shape, weight.Shape);
        if (window.Before != window.After)
        {
            // A layer pads both ends alike.
            (int[] before, int[] after) = Pads(window, input.Rank);
            input = ShapeOperators.Pad(node, input, before, after, "constant");
            window = window with { Before = 0, After = 0 };
        }
        Conv2D layer = NodeLayers.Convolution(node, window, weight.Shape, x.Optional(2) is not null);
        Shape image = NodeWindow.Image(node, input.Shape);
        var (shape, values) = LayerRun.Apply(layer, image, input, ("weight", weight), ("bias", x.Optional(2)));
        return new OnnxTensor(NodeWindow.Shape(input.Shape, shape), values);
    }

    /// <summary>What a convolution gives back to its input: the gradient of the convolution that has this one's output as its input.</summary>
    public static OnnxTensor ConvTranspose(OnnxNode node, Operands x)
    {
        OnnxTensor input = x.Floats(0), weight = x.Floats(1);
        Shape image = NodeWindow.Image(node, input.Shape);
        int axes = input.Rank - 2, groups = (int)Math.Clamp(node.Integer("group", 1), 0, int.MaxValue);
        string automatic = node.Text("auto_pad", "NOTSET");
        NodeWindow window = NodeWindow.Read(node, input.Shape, weight.Shape, automatic: false);
        Size2D more = NodeWindow.Pair(node.Sizes("output_padding", axes, 0) ?? NodeWindow.Fill(axes, 0), 0);
        if (groups < 1 || image.Channels % groups != 0 || weight.Shape[0] != image.Channels)
            throw node.Error($"its input {input}, its weights {weight} and its {groups} groups do not fit each other");
        var vertical = new TransposedAxis(image.Height, window.Kernel.Height, window.Stride.Height, 0, window.Dilation.Height);
        var horizontal = new TransposedAxis(image.Width, window.Kernel.Width, window.Stride.Width, 0, window.Dilation.Width);
        var whole = new Shape(checked(weight.Shape[1] * groups), vertical.Output, horizontal.Output);
        int[] wholeShape = NodeWindow.Shape(input.Shape, whole);
        float[] values = new float[Indexing.Count(node, wholeShape)];
        var geometry = new ConvGeometry(whole, image.Channels, window.Kernel, window.Stride, 0, window.Dilation, groups);
        ReferenceConvolution.Backward<float>(geometry, input.Shape[0], [], weight.AllFloats, input.AllFloats, values, [], []);

        Size2D? asked = node.Sizes("output_shape", axes, 1) is { } given ? NodeWindow.Pair(given, 1)
            : automatic is "SAME_UPPER" or "SAME_LOWER" ? new Size2D(checked(image.Height * window.Stride.Height), checked(image.Width * window.Stride.Width)) : null;
        if (automatic is not ("NOTSET" or "VALID" or "SAME_UPPER" or "SAME_LOWER")) throw node.Error($"auto_pad {automatic} is not supported");
        if (automatic == "VALID") window = window with { Before = 0, After = 0 };
        if (asked is { } size)
        {
            var (top, bottom) = Split(whole.Height + more.Height - size.Height, automatic == "SAME_UPPER");
            var (left, right) = Split(whole.Width + more.Width - size.Width, automatic == "SAME_UPPER");
            window = window with { Before = new Size2D(top, left), After = new Size2D(bottom, right) };
        }
        int[] before = Last(input.Rank, -window.Before.Height, -window.Before.Width), after = Last(input.Rank, more.Height - window.After.Height, more.Width - window.After.Width);
        OnnxTensor y = ShapeOperators.Pad(node, new OnnxTensor(wholeShape, values), before, after, "constant");
        if (x.Optional(2) is not { } bias) return y;
        if (bias.Count != whole.Channels) throw node.Error($"its bias is {bias}; expected {whole.Channels} numbers");
        int pixels = y.Count / Math.Max(1, y.Shape[0] * whole.Channels);
        for (int i = 0; i < y.Count; i++) y.AllFloats![i] += x.Floats(2).AllFloats![i / pixels % whole.Channels];
        return y;

        static (int Before, int After) Split(int total, bool upper) => upper ? (total >> 1, total - (total >> 1)) : (total - (total >> 1), total >> 1);
    }

    public static OnnxTensor MaxPool(OnnxNode node, Operands x)
    {
        node.Ignore("storage_order");
        var (geometry, shape) = Pooling(node, x.Floats(0));
        float[] values = new float[Indexing.Count(node, shape)];
        ReferencePooling.MaxForward<float>(geometry, x[0].AllFloats, values);
        return new OnnxTensor(shape, values);
    }

    public static OnnxTensor AveragePool(OnnxNode node, Operands x)
    {
        var (geometry, shape) = Pooling(node, x.Floats(0));
        float[] values = new float[Indexing.Count(node, shape)];
        ReferencePooling.AverageForward<float>(geometry, node.Flag("count_include_pad"), x[0].AllFloats, values);
        return new OnnxTensor(shape, values);
    }

    /// <summary>The largest or the mean of all pixels of each channel, whatever the number of axes.</summary>
    public static OnnxTensor Global(OnnxNode node, Operands x)
    {
        OnnxTensor input = x.Floats(0);
        if (input.Rank < 2 || input.Count == 0) throw node.Error($"its input is {input}; expected samples, channels and pixels");
        int pixels = input.Count / (input.Shape[0] * input.Shape[1]);
        var row = new Shape(1, 1, pixels);
        var geometry = new PoolGeometry(row, new Size2D(1, pixels), 1, 0, ceilMode: false);
        float[] values = new float[input.Count / pixels];
        if (node.Operation == "GlobalMaxPool") ReferencePooling.MaxForward<float>(geometry, input.AllFloats, values);
        else ReferencePooling.AverageForward<float>(geometry, countPadding: false, input.AllFloats, values);
        return new OnnxTensor([input.Shape[0], input.Shape[1], .. input.Shape.Skip(2).Select(_ => 1)], values);
    }

    private static (PoolGeometry Geometry, int[] Shape) Pooling(OnnxNode node, OnnxTensor input)
    {
        NodeWindow window = NodeWindow.Read(node, input.Shape, weight: null);
        Shape image = NodeWindow.Image(node, input.Shape);
        var (vertical, horizontal) = window.Resolve(image);
        if (!vertical.Fits || !horizontal.Fits) throw node.Error($"its kernel {window.Kernel} does not fit its input {input}");
        if (IsEmpty(vertical) || IsEmpty(horizontal)) throw node.Error("a window lies on padding alone", "Use a smaller padding");
        var geometry = new PoolGeometry(image, vertical, horizontal);
        return (geometry, NodeWindow.Shape(input.Shape, geometry.Output));
    }

    private static bool IsEmpty(WindowAxis axis) => Enumerable.Range(0, axis.Output).Any(output => axis.TapsInside(output) is var (first, end) && first == end);

    private static (int[] Before, int[] After) Pads(NodeWindow window, int rank) =>
        (Last(rank, window.Before.Height, window.Before.Width), Last(rank, window.After.Height, window.After.Width));

    // Numbers for the axes of the image, none for samples and channels.
    private static int[] Last(int rank, int height, int width) => rank == 4 ? [0, 0, height, width] : [0, 0, width];
}
