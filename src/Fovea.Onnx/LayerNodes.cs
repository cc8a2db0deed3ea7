using static Fovea.Onnx.GraphBuilder;
using Proto = Fovea.OnnxProto;

namespace Fovea.Onnx;

/// <summary>The nodes of each kind of layer. What the operators of this version do not have, or have with other rules, is put together of others.</summary>
internal static class LayerNodes
{
    /// <summary>Adds the nodes of all layers.</summary>
    /// <returns>The name of the last output.</returns>
    public static string Add(GraphBuilder graph, Network network, string value) => Add(graph, network, network.Model.Layers, network.Model.Shapes, "", value);

    private static string Add(GraphBuilder graph, Network network, IReadOnlyList<Layer> layers, IReadOnlyList<Shape> shapes, string prefix, string value)
    {
        for (int i = 0; i < layers.Count; i++)
            value = Add(new Place(graph, network, $"{prefix}{i}", shapes[i], shapes[i + 1]), layers[i], value);
        return value;
    }

    /// <summary>What each row of a composite gives.</summary>
    private static string[] Rows(Place at, Composite composite, string x) =>
        [.. composite.Sequences.Select(row => Add(at.Graph, at.Network, row.Layers, row.Shapes(at.Input), row.Prefix.Length == 0 ? $"{at.Name}." : $"{at.Name}.{row.Prefix}.", x))];

    private static string AddResidual(Place at, Residual residual, string x)
    {
        string[] rows = Rows(at, residual, x);
        string sum = at.Add("Add", [rows[0], rows.Length > 1 ? rows[1] : x]);
        return residual.Activation is { } activation ? Add(at with { Input = at.Output }, activation, sum) : sum;
    }

    private static string Add(Place at, Layer layer, string x) => layer switch
    {
        Conv2D conv => at.Add("Conv", [x, .. at.Parameters("weight", conv.Bias ? "bias" : null)], Attribute("kernel_shape", conv.Kernel.Height, conv.Kernel.Width),
            Attribute("strides", conv.Stride.Height, conv.Stride.Width), Attribute("dilations", conv.Dilation.Height, conv.Dilation.Width),
            Attribute("pads", conv.Padding.Height, conv.Padding.Width, conv.Padding.Height, conv.Padding.Width), Attribute("group", conv.Groups)),
        MaxPool2D pool => MaxPool(at, pool.Geometry(at.Input), x),
        AvgPool2D pool => AveragePool(at, pool.Geometry(at.Input), pool.CountIncludePad, x),
        GlobalAvgPool2D => at.Add("GlobalAveragePool", [x]),
        GlobalMaxPool2D => at.Add("GlobalMaxPool", [x]),
        AdaptiveAvgPool2D pool => AdaptiveAverage(at, new AdaptiveAxis(at.Input.Height, pool.Output.Height), new AdaptiveAxis(at.Input.Width, pool.Output.Width), x),
        AdaptiveMaxPool2D pool => AdaptiveMax(at, new AdaptiveAxis(at.Input.Height, pool.Output.Height), new AdaptiveAxis(at.Input.Width, pool.Output.Width), x),
        ConvTranspose2D conv => at.Add("ConvTranspose", [x, .. at.Parameters("weight", conv.Bias ? "bias" : null)], Attribute("kernel_shape", conv.Kernel.Height, conv.Kernel.Width),
            Attribute("strides", conv.Stride.Height, conv.Stride.Width), Attribute("dilations", conv.Dilation.Height, conv.Dilation.Width),
            Attribute("pads", conv.Padding.Height, conv.Padding.Width, conv.Padding.Height, conv.Padding.Width),
            Attribute("output_padding", conv.OutputPadding.Height, conv.OutputPadding.Width), Attribute("group", conv.Groups)),
        ZeroPad2D pad => Pad(at, pad, "constant", x),
        ReflectionPad2D pad => Pad(at, pad, "reflect", x),
        ReplicationPad2D pad => Pad(at, pad, "edge", x),
        CircularPad2D pad => Around(at, pad, x),
        Upsample upsample => Resize(at, upsample, x),
        Residual residual => AddResidual(at, residual, x),
        Concat concat => at.Add("Concat", Rows(at, concat, x), Attribute("axis", 1)),
        Branch branch => Rows(at, branch, x)[0],
        Linear linear => at.Add("Gemm", [x, .. at.Parameters("weight", linear.Bias ? "bias" : null)], Attribute("transB", 1)),
        Flatten => at.Add("Flatten", [x], Attribute("axis", 1)),
        Dropout dropout => at.Add("Dropout", [x, at.Number("ratio", dropout.Probability)]),
        Dropout2D dropout => at.Add("Dropout", [x, at.Number("ratio", dropout.Probability)]),
        BatchNorm2D norm => at.Add("BatchNormalization", [x, .. at.Parameters("weight", "bias", "running_mean", "running_var")],
            Attribute("epsilon", norm.Epsilon), Attribute("momentum", 1 - norm.Momentum)),
        GroupNorm norm => GroupNormalization(at, norm, x),
        LayerNorm norm => at.Add("LayerNormalization", [x, .. at.Affine(norm.Affine, at.Input.IsFlat ? [at.Input.Count] : [at.Input.Channels, at.Input.Height, at.Input.Width])],
            Attribute("axis", 1), Attribute("epsilon", norm.Epsilon)),
        InstanceNorm2D norm => at.Add("InstanceNormalization", [x, .. at.Affine(norm.Affine, [at.Input.Channels])], Attribute("epsilon", norm.Epsilon)),
        ReLU => at.Add("Relu", [x]),
        LeakyReLU relu => at.Add("LeakyRelu", [x], Attribute("alpha", relu.Slope)),
        PReLU prelu => at.Add("PRelu", [x, at.Parameter("weight", prelu.PerChannel && !at.Input.IsFlat ? [at.Input.Channels, 1, 1] : null)]),
        ReLU6 => at.Add("Clip", [x, at.Number("min", 0), at.Number("max", 6)]),
        ELU elu => at.Add("Elu", [x], Attribute("alpha", elu.Alpha)),
        SELU => at.Add("Selu", [x]),
        GELU { Approximate: false } => Gelu(at, x),
        GELU => GeluByTanh(at, x),
        SiLU => at.Add("Mul", [x, at.Add("Sigmoid", [x])]),
        Mish => at.Add("Mul", [x, at.Add("Tanh", [at.Add("Softplus", [x])])]),
        Softplus softplus => AddSoftplus(at, softplus, x),
        Hardswish => at.Add("HardSwish", [x]),
        Hardsigmoid => at.Add("HardSigmoid", [x], Attribute("alpha", 1f / 6), Attribute("beta", 0.5f)),
        Sigmoid => at.Add("Sigmoid", [x]),
        Tanh => at.Add("Tanh", [x]),
        Softmax => at.Add("Softmax", [x], Attribute("axis", 1)),
        LogSoftmax => at.Add("LogSoftmax", [x], Attribute("axis", 1)),
        _ => throw new OnnxException($"layer {at.Name} {layer}: it cannot be written as ONNX yet. Leave it out, or replace it."),
    };

    // Padding at the far end says how far the last window hangs over: rules of rounding up differ between versions and programs.
    private static string MaxPool(Place at, PoolGeometry geometry, string x) =>
        at.Add("MaxPool", [x], Window(geometry, geometry.Vertical.Padding, geometry.Horizontal.Padding, geometry.Vertical.FarPadding, geometry.Horizontal.FarPadding));

    private static string AveragePool(Place at, PoolGeometry geometry, bool countPadding, string x)
    {
        var (vertical, horizontal) = (geometry.Vertical, geometry.Horizontal);
        if (!countPadding || vertical.FarPadding <= vertical.Padding && horizontal.FarPadding <= horizontal.Padding)
        {
            return at.Add("AveragePool", [x], [.. Window(geometry, vertical.Padding, horizontal.Padding, vertical.FarPadding, horizontal.FarPadding),
                Attribute("count_include_pad", countPadding ? 1 : 0)]);
        }
        // The padding counts, what hangs over beyond it does not: zeros of the input's own, and a padding that is not counted.
        string pads = at.Graph.Constant($"{at.Name}.pads", 0, 0, vertical.Padding, horizontal.Padding, 0, 0, vertical.Padding, horizontal.Padding);
        x = at.Graph.Add(at.Name, "Pad", [x, pads], new Shape(at.Input.Channels, checked((int)vertical.Padded), checked((int)horizontal.Padded)));
        return at.Add("AveragePool", [x], Window(geometry, 0, 0, vertical.FarPadding - vertical.Padding, horizontal.FarPadding - horizontal.Padding));
    }

    private static string Pad(Place at, Pad2D pad, string mode, string x)
    {
        string pads = at.Graph.Constant($"{at.Name}.pads", 0, 0, pad.Padding.Height, pad.Padding.Width, 0, 0, pad.Bottom ?? pad.Padding.Height, pad.Right ?? pad.Padding.Width);
        return at.Add("Pad", [x, pads], Attribute("mode", mode));
    }

    // Later versions have a mode for it.
    private static string Around(Place at, Pad2D pad, string x)
    {
        static long[] Pixels(int count, int before, int extent) => [.. Enumerable.Range(0, count).Select(i => (long)((i - before) % extent + extent) % extent)];
        string rows = at.Graph.Constant($"{at.Name}.rows", Pixels(at.Output.Height, pad.Padding.Height, at.Input.Height));
        string columns = at.Graph.Constant($"{at.Name}.columns", Pixels(at.Output.Width, pad.Padding.Width, at.Input.Width));
        string taller = at.Graph.Add(at.Name, "Gather", [x, rows], new Shape(at.Input.Channels, at.Output.Height, at.Input.Width), Attribute("axis", 2));
        return at.Add("Gather", [taller, columns], Attribute("axis", 3));
    }

    private static string Resize(Place at, Upsample upsample, string x)
    {
        string scales = at.Graph.Constant($"{at.Name}.scales", [4], [1, 1, upsample.Scale.Height, upsample.Scale.Width]);
        return upsample.Bilinear
            ? at.Add("Resize", [x, "", scales], Attribute("mode", "linear"), Attribute("coordinate_transformation_mode", upsample.AlignCorners ? "align_corners" : "half_pixel"))
            : at.Add("Resize", [x, "", scales], Attribute("mode", "nearest"), Attribute("coordinate_transformation_mode", "asymmetric"), Attribute("nearest_mode", "floor"));
    }

    // A mean over rows and then over columns is a product with a matrix of shares on each side.
    private static string AdaptiveAverage(Place at, AdaptiveAxis vertical, AdaptiveAxis horizontal, string x)
    {
        static float Share(AdaptiveAxis axis, int output, int pixel) => pixel >= axis.Start(output) && pixel < axis.End(output) ? 1f / (axis.End(output) - axis.Start(output)) : 0;
        float[] rows = [.. Enumerable.Range(0, vertical.Output * vertical.Input).Select(i => Share(vertical, i / vertical.Input, i % vertical.Input))];
        float[] columns = [.. Enumerable.Range(0, horizontal.Output * horizontal.Input).Select(i => Share(horizontal, i % horizontal.Output, i / horizontal.Output))];
        string lower = at.Graph.Add(at.Name, "MatMul", [at.Graph.Constant($"{at.Name}.rows", [vertical.Output, vertical.Input], rows), x], new Shape(at.Input.Channels, vertical.Output, at.Input.Width));
        return at.Add("MatMul", [lower, at.Graph.Constant($"{at.Name}.columns", [horizontal.Input, horizontal.Output], columns)]);
    }

    // The pixels of each window side by side, the last repeated up to the widest, then windows as wide that lie apart.
    private static string AdaptiveMax(Place at, AdaptiveAxis vertical, AdaptiveAxis horizontal, string x)
    {
        int tall = vertical.Window().Kernel, wide = horizontal.Window().Kernel, channels = at.Input.Channels;
        static long[] Pixels(AdaptiveAxis axis, int widest) =>
            [.. Enumerable.Range(0, axis.Output * widest).Select(i => (long)Math.Min(axis.Start(i / widest) + i % widest, axis.End(i / widest) - 1))];
        string rows = at.Graph.Add(at.Name, "Gather", [x, at.Graph.Constant($"{at.Name}.rows", Pixels(vertical, tall))], new Shape(channels, vertical.Output * tall, at.Input.Width), Attribute("axis", 2));
        string all = at.Graph.Add(at.Name, "Gather", [rows, at.Graph.Constant($"{at.Name}.columns", Pixels(horizontal, wide))], new Shape(channels, vertical.Output * tall, horizontal.Output * wide), Attribute("axis", 3));
        return at.Add("MaxPool", [all], Attribute("kernel_shape", tall, wide), Attribute("strides", tall, wide));
    }

    private static Proto.Attribute[] Window(PoolGeometry geometry, int top, int left, int bottom, int right) =>
    [
        Attribute("kernel_shape", geometry.Vertical.Kernel, geometry.Horizontal.Kernel),
        Attribute("strides", geometry.Vertical.Stride, geometry.Horizontal.Stride),
        Attribute("pads", top, left, bottom, right),
    ];

    // Each group as one channel of a normalization of channels.
    private static string GroupNormalization(Place at, GroupNorm norm, string x)
    {
        string grouped = at.Graph.Add(at.Name, "Reshape", [x, at.Graph.Constant($"{at.Name}.groups", 0, norm.Groups, -1)], [0, norm.Groups, at.Input.Count / norm.Groups]);
        float[] ones = new float[norm.Groups];
        Array.Fill(ones, 1);
        string normalized = at.Graph.Add(at.Name, "InstanceNormalization",
            [grouped, at.Graph.Constant($"{at.Name}.ones", [norm.Groups], ones), at.Graph.Constant($"{at.Name}.zeros", [norm.Groups], new float[norm.Groups])],
            [0, norm.Groups, at.Input.Count / norm.Groups], Attribute("epsilon", norm.Epsilon));
        long[] extents = at.Input.IsFlat ? [0, at.Input.Count] : [0, at.Input.Channels, at.Input.Height, at.Input.Width];
        string y = at.Add("Reshape", [normalized, at.Graph.Constant($"{at.Name}.shape", extents)]);
        if (!norm.Affine) return y;
        int[]? perChannel = at.Input.IsFlat ? null : [at.Input.Channels, 1, 1];
        return at.Add("Add", [at.Add("Mul", [y, at.Parameter("weight", perChannel)]), at.Parameter("bias", perChannel)]);
    }

    // x (1 + erf(x / sqrt(2))) / 2.
    private static string Gelu(Place at, string x)
    {
        string erf = at.Add("Erf", [at.Add("Mul", [x, at.Number("root", Math.Sqrt(0.5))])]);
        return at.Add("Mul", [at.Add("Mul", [x, at.Add("Add", [erf, at.Number("one", 1)])]), at.Number("half", 0.5)]);
    }

    // x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.
    private static string GeluByTanh(Place at, string x)
    {
        string cubic = at.Add("Mul", [at.Add("Mul", [at.Add("Mul", [x, x]), x]), at.Number("cubic", 0.044715)]);
        string tanh = at.Add("Tanh", [at.Add("Mul", [at.Add("Add", [x, cubic]), at.Number("root", Math.Sqrt(2 / Math.PI))])]);
        return at.Add("Mul", [at.Add("Mul", [x, at.Add("Add", [tanh, at.Number("one", 1)])]), at.Number("half", 0.5)]);
    }

    private static string AddSoftplus(Place at, Softplus softplus, string x)
    {
        bool scaled = softplus.Beta != 1;
        string steep = scaled ? at.Add("Mul", [x, at.Number("beta", softplus.Beta)]) : x, y = at.Add("Softplus", [steep]);
        if (scaled) y = at.Add("Div", [y, at.Number("beta", softplus.Beta)]);
        // From 17 on, x itself and its softplus are the same float.
        return softplus.Threshold >= 17 ? y : at.Add("Where", [at.Add("Greater", [steep, at.Number("threshold", softplus.Threshold)]), x, y]);
    }

    /// <summary>Where a layer's nodes go: its number, its shapes and its parameters.</summary>
    private sealed record Place(GraphBuilder Graph, Network Network, string Name, Shape Input, Shape Output)
    {
        public string Add(string operation, IEnumerable<string> inputs, params ReadOnlySpan<Proto.Attribute> attributes) =>
            Graph.Add(Name, operation, inputs, Output, attributes);

        public string Number(string name, double value) => Graph.Constant($"{Name}.{name}", value);

        /// <summary>Parameters as they are; those without a name are left out.</summary>
        public IEnumerable<string> Parameters(params IEnumerable<string?> names) => names.OfType<string>().Select(name => Parameter(name));

        /// <summary>A parameter, under another shape where one is given.</summary>
        public string Parameter(string name, IReadOnlyList<int>? shape = null)
        {
            string full = $"{Name}.{name}";
            shape ??= Network.Parameters.Concat(Network.Buffers).First(parameter => parameter.Name == full).Shape;
            return Graph.Constant(full, shape, Network.GetParameter(full));
        }

        /// <summary>Weight and bias of a normalization, ones and zeros where it has none.</summary>
        public IEnumerable<string> Affine(bool affine, IReadOnlyList<int> shape)
        {
            if (affine) return Parameters("weight", "bias");
            float[] ones = new float[shape.Aggregate(1, (product, extent) => product * extent)];
            Array.Fill(ones, 1);
            return [Graph.Constant($"{Name}.ones", shape, ones), Graph.Constant($"{Name}.zeros", shape, new float[ones.Length])];
        }
    }
}
