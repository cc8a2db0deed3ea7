namespace Fovea.Onnx;

/// <summary>Which layer a node is: what import and evaluation have in common.</summary>
internal static class NodeLayers
{
    // Of float32 attributes.
    private const float Close = 1e-6f;

    /// <summary>The operators that may be activations.</summary>
    public static IReadOnlyList<string> Activations { get; } =
        ["Relu", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "HardSigmoid", "HardSwish", "Mish", "Gelu", "Swish"];

    /// <summary>The activation that a node is, or null.</summary>
    public static Activation? Activation(OnnxNode node)
    {
        try
        {
            return node.Operation switch
            {
                "Relu" => new ReLU(),
                "LeakyRelu" => new LeakyReLU(node.Float("alpha", 0.01f)),
                "Elu" => new ELU(node.Float("alpha", 1)),
                "Selu" when Is(node.Float("alpha", 1.6732632f), 1.6732632f) && Is(node.Float("gamma", 1.050701f), 1.050701f) => new SELU(),
                "Sigmoid" => new Sigmoid(),
                "Tanh" => new Tanh(),
                "Softplus" => new Softplus(),
                "HardSigmoid" when Is(node.Float("alpha", 0.2f), 1f / 6) && Is(node.Float("beta", 0.5f), 0.5f) => new Hardsigmoid(),
                "HardSwish" => new Hardswish(),
                "Mish" => new Mish(),
                "Gelu" => node.Text("approximate", "none") switch
                {
                    "none" => new GELU(),
                    "tanh" => new GELU { Approximate = true },
                    var other => throw node.Error($"approximate is {other}; none and tanh are supported"),
                },
                "Swish" when Is(node.Float("alpha", 1), 1) => new SiLU(),
                _ => null,
            };
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw node.Error(exception.Message.Split(" (Parameter")[0], inner: exception);
        }
    }

    /// <summary>The convolution that a node is, with the same padding at both ends.</summary>
    public static Conv2D Convolution(OnnxNode node, NodeWindow window, IReadOnlyList<int> weight, bool bias) => new(weight[0], window.Kernel)
    {
        Stride = window.Stride,
        Padding = window.Before,
        Dilation = window.Dilation,
        Groups = (int)Math.Clamp(node.Integer("group", 1), 0, int.MaxValue),
        Bias = bias,
    };

    /// <summary>The transposed convolution that a node is.</summary>
    public static ConvTranspose2D TransposedConvolution(OnnxNode node, int[] extents, IReadOnlyList<int> weight, bool bias)
    {
        NodeWindow window = NodeWindow.Read(node, extents, weight, automatic: false);
        Size2D more = NodeWindow.Pair(node.Sizes("output_padding", 2, 0) ?? [0, 0], 0);
        int groups = (int)Math.Clamp(node.Integer("group", 1), 1, int.MaxValue);
        if (node.Has("output_shape") || node.Text("auto_pad", "NOTSET") is not ("NOTSET" or "VALID")) throw node.Error("output_shape and auto_pad are supported by fovea run alone");
        // What is padded more at the end is taken from the padding of the output.
        more = new Size2D(more.Height + window.Before.Height - window.After.Height, more.Width + window.Before.Width - window.After.Width);
        return new ConvTranspose2D(checked(weight[1] * groups), window.Kernel)
        {
            Stride = window.Stride,
            Padding = window.Before,
            OutputPadding = more,
            Dilation = window.Dilation,
            Groups = groups,
            Bias = bias,
        };
    }

    /// <summary>The pooling that a node is, of images of this shape.</summary>
    public static Layer Pooling(OnnxNode node, int[] extents, Shape image, bool average)
    {
        if (!average) node.Ignore("storage_order");
        NodeWindow window = NodeWindow.Read(node, extents, weight: null);
        bool counts = average && node.Flag("count_include_pad");
        var (vertical, horizontal) = window.Resolve(image);
        if (window.Dilation != (Size2D)1) throw node.Error("its dilation is not 1, which no pooling layer has");
        Size2D? stride = window.Stride == window.Kernel ? null : window.Stride;
        foreach (bool ceil in (bool[])[false, true])
        {
            Layer layer = average ? new AvgPool2D(window.Kernel) { Stride = stride, Padding = window.Before, CeilMode = ceil, CountIncludePad = counts }
                : new MaxPool2D(window.Kernel) { Stride = stride, Padding = window.Before, CeilMode = ceil };
            var (rows, columns) = layer.Window(image);
            // Where nothing is counted, padding at the far end is the same as a window that hangs over.
            if (Same(rows, vertical, counts) && Same(columns, horizontal, counts)) return layer;
        }
        throw node.Error("its padding differs at both ends in a way that no pooling layer has", "Run it with fovea run, or export it with the same padding at both ends");
    }

    private static bool Same(WindowAxis layer, WindowAxis node, bool counts) =>
        layer.Output == node.Output && (!counts || Enumerable.Range(0, node.Output).All(output => layer.PaddedTaps(output) == node.PaddedTaps(output)));

    /// <summary>The padding that a node is; what it pads with is an attribute before version 11, an input since.</summary>
    public static Pad2D Padding(OnnxNode node, OnnxTensor?[] constants)
    {
        long[] pads = (node.Opset < 11 ? node.Integers("pads") : constants.ElementAtOrDefault(1)?.AllIntegers) ?? throw node.Error("its pads are missing");
        double value = node.Opset < 11 ? node.Float("value", 0) : constants.ElementAtOrDefault(2)?[0] ?? 0;
        if (pads is not [0, 0, >= 0 and var top, >= 0 and var left, 0, 0, >= 0 and var bottom, >= 0 and var right] || constants.Length > 3 || pads.Max() > int.MaxValue / 4)
            throw node.Error($"its pads are {OnnxNode.List(pads)}; rows and columns around images are supported");
        Size2D near = new((int)top, (int)left);
        // Left out where it is as at the near end, as the layers do.
        int? below = bottom == top ? null : (int)bottom, beside = right == left ? null : (int)right;
        return node.Text("mode", "constant") switch
        {
            "constant" when value == 0 => new ZeroPad2D(near) { Bottom = below, Right = beside },
            "reflect" => new ReflectionPad2D(near) { Bottom = below, Right = beside },
            "edge" => new ReplicationPad2D(near) { Bottom = below, Right = beside },
            "wrap" => new CircularPad2D(near) { Bottom = below, Right = beside },
            var mode => throw node.Error($"the mode {mode} with {value} is no layer's"),
        };
    }

    /// <summary>The enlargement that a node is: by whole numbers, of rows and columns. Its scales are an attribute before version 9, an input since; or it has sizes.</summary>
    public static Upsample Enlargement(OnnxNode node, OnnxTensor? input, OnnxTensor? sizes, Shape image)
    {
        float[]? scales = node.Operation == "Upsample" && node.Opset < 9 ? node.Floats("scales") : input?.AllFloats;
        if (sizes?.AllIntegers is [_, var channels, var height, var width] && scales is null or [] && channels == image.Channels)
        {
            if (height % image.Height != 0 || width % image.Width != 0) throw node.Error($"images of {image} become {height}x{width}; enlargements by whole numbers are supported");
            scales = [1, 1, height / image.Height, width / image.Width];
        }
        if (scales is not [1, 1, >= 1 and var rows, >= 1 and var columns] || rows != (int)rows || columns != (int)columns)
            throw node.Error($"its scales are {(scales is null ? "missing" : OnnxNode.List(scales))}; 1, 1 and two whole numbers are supported");
        // Before version 11 there was one way to place pixels, and no attribute to say another.
        string mode = node.Text("mode", "nearest"), place = "asymmetric", nearest = "floor";
        if (node.Opset >= 11)
        {
            (place, nearest) = (node.Text("coordinate_transformation_mode", "half_pixel"), node.Text("nearest_mode", "round_prefer_floor"));
            node.Ignore("cubic_coeff_a", "extrapolation_value", "exclude_outside");
            if (node.Flag("antialias") || node.Has("axes") || node.Has("keep_aspect_ratio_policy")) throw node.Error("antialias, axes and keep_aspect_ratio_policy are not supported");
        }
        // PyTorch's half pixel is another for an output of one pixel alone, which an enlargement has of one pixel alone: both take that.
        bool halves = place is "half_pixel" or "half_pixel_symmetric" or "pytorch_half_pixel";
        bool sample = mode == "linear" ? place is "half_pixel" or "pytorch_half_pixel" or "align_corners"
            : mode == "nearest" && (place == "asymmetric" && nearest == "floor" || halves && nearest is "round_prefer_floor" or "round_prefer_ceil");
        if (!sample) throw node.Error($"the mode {mode} with {place} and {nearest} is not supported; linear with half_pixel or align_corners is, and nearest with asymmetric and floor");
        return new Upsample(new Size2D((int)rows, (int)columns)) { Bilinear = mode == "linear", AlignCorners = place == "align_corners" };
    }

    private static bool Is(float value, float expected) => Math.Abs(value - expected) <= Close * Math.Abs(expected);
}
