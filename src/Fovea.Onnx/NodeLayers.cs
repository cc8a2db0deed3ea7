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
