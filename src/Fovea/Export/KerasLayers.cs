using static Fovea.PythonText;

namespace Fovea;

/// <summary>
/// Layers as calls of Keras 3, which keeps channels last: lines of a function that lead from one value to the next, and the weights in Keras's
/// layouts.
/// </summary>
internal sealed class KerasLayers(Network network)
{
    private readonly List<string> _lines = [];
    private readonly Dictionary<string, NumpyArray> _weights = [];
    private int _rows;

    /// <summary>The lines.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>The weights by "LAYER.WEIGHT", as Keras names both.</summary>
    public IReadOnlyDictionary<string, NumpyArray> Weights => _weights;

    /// <summary>Adds the lines of a row of layers.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="shapes">The shapes between them.</param>
    /// <param name="prefix">What the names of their parameters begin with, a dot included.</param>
    /// <param name="x">The name of their input.</param>
    /// <param name="y">The name of their output.</param>
    /// <returns>The name of the output: that of the input where there is no line.</returns>
    public string Add(IReadOnlyList<Layer> layers, IReadOnlyList<Shape> shapes, string prefix, string x, string y)
    {
        // Where the numbers of a flat vector lie in Keras's order: of which image.
        Shape? flattened = null;
        for (int i = 0; i < layers.Count; i++)
        {
            var at = new Place($"{prefix}{Of(i)}", shapes[i], shapes[i + 1], x, y);
            if (layers[i] is Flatten && shapes[i] is { IsFlat: false, Channels: > 1 } image && image.Height * image.Width > 1)
            {
                // The linear layer that follows gets weights in Keras's order; another reader gets the numbers in PyTorch's.
                if (FeedsLinear(layers, i + 1)) flattened = image;
                else at = Line(at, "layers.Permute((3, 1, 2))");
            }
            if (layers[i] is Linear linear) (at, flattened) = (Dense(at, linear, flattened), null);
            else at = Add(at, layers[i]);
            x = at.X;
        }
        return x;
    }

    private static bool FeedsLinear(IReadOnlyList<Layer> layers, int from) =>
        layers.Skip(from).SkipWhile(layer => layer is Activation or Dropout or Flatten).FirstOrDefault() is Linear;

    private Place Add(Place at, Layer layer) => layer switch
    {
        Residual residual => Sum(at, residual),
        Concat concat => SideBySide(at, concat),
        Branch branch => at with { X = Row(at, branch.Sequences[0], at.Y) },
        Conv2D conv => Convolution(at, conv),
        ConvTranspose2D conv => TransposedConvolution(at, conv),
        MaxPool2D pool => Maxima(at, pool.Geometry(at.Input)),
        AvgPool2D pool => Means(at, pool.Geometry(at.Input), pool.CountIncludePad),
        GlobalAvgPool2D => Line(at, "layers.GlobalAveragePooling2D(keepdims=True)"),
        GlobalMaxPool2D => Line(at, "layers.GlobalMaxPooling2D(keepdims=True)"),
        AdaptiveAvgPool2D pool => Adaptive(Adaptive(at, "mean", 1, at.Input.Height, pool.Output.Height), "mean", 2, at.Input.Width, pool.Output.Width),
        AdaptiveMaxPool2D pool => Adaptive(Adaptive(at, "max", 1, at.Input.Height, pool.Output.Height), "max", 2, at.Input.Width, pool.Output.Width),
        ZeroPad2D pad => Zeros(at, pad.Padding.Height, pad.Bottom ?? pad.Padding.Height, pad.Padding.Width, pad.Right ?? pad.Padding.Width),
        Pad2D pad => Taken(at, pad),
        Upsample { AlignCorners: true } => throw Unsupported(at, layer, "Keras does not align corners"),
        Upsample upsample => Line(at, Call("layers.UpSampling2D", [Of(upsample.Scale)], ("interpolation", Of(upsample.Bilinear ? "bilinear" : "nearest"), Of("nearest")))),
        Flatten => Line(at, "layers.Flatten()"),
        Dropout dropout => Line(at, $"layers.Dropout({Of(dropout.Probability)})"),
        Dropout2D dropout => Line(at, $"layers.SpatialDropout2D({Of(dropout.Probability)})"),
        BatchNorm2D norm => Weighted(at, "layers.BatchNormalization", [], [("momentum", Of(1 - norm.Momentum)), Epsilon(norm.Epsilon)],
            ("gamma", "weight", null), ("beta", "bias", null), ("moving_mean", "running_mean", null), ("moving_variance", "running_var", null)),
        GroupNorm norm => Normalization(at, "layers.GroupNormalization", [Of(norm.Groups)], norm.Epsilon, norm.Affine, []),
        InstanceNorm2D norm => Normalization(at, "layers.GroupNormalization", ["-1"], norm.Epsilon, norm.Affine, []),
        LayerNorm norm => Normalization(at, "layers.LayerNormalization", [$"axis={(at.Input.IsFlat ? "-1" : "[1, 2, 3]")}"], norm.Epsilon, norm.Affine, at.Input.IsFlat ? [] : [1, 2, 0]),
        PReLU prelu => Slopes(at, prelu),
        ReLU => Activate(at, "relu"),
        LeakyReLU activation => Line(at, $"layers.LeakyReLU(negative_slope={Of(activation.Slope)})"),
        ReLU6 => Line(at, "layers.ReLU(max_value=6.0)"),
        ELU activation => Line(at, $"layers.ELU(alpha={Of(activation.Alpha)})"),
        SELU => Activate(at, "selu"),
        GELU activation => at.Call(this, x => $"ops.gelu({x}, approximate={Of(activation.Approximate)})"),
        SiLU => Activate(at, "silu"),
        Mish => Activate(at, "mish"),
        Softplus activation => at.Call(this, x => $"ops.where({x} * {Of(activation.Beta)} > {Of(activation.Threshold)}, {x}, ops.softplus({x} * {Of(activation.Beta)}) / {Of(activation.Beta)})"),
        Hardswish => Activate(at, "hard_silu"),
        Hardsigmoid => Activate(at, "hard_sigmoid"),
        Sigmoid => Activate(at, "sigmoid"),
        Tanh => Activate(at, "tanh"),
        Softmax => Activate(at, "softmax"),
        LogSoftmax => Activate(at, "log_softmax"),
        _ => throw Unsupported(at, layer, "there is no counterpart yet"),
    };

    private static FoveaException Unsupported(Place at, Layer layer, string why) =>
        new($"layer {at.Name} {layer}: it cannot be written for Keras: {why}. Replace it, or export another format.");

    // A call of a layer.
    private Place Line(Place at, string layer) => at.Call(this, x => $"{layer}({x})");

    private Place Activate(Place at, string name) => Line(at, $"layers.Activation({Of(name)})");

    private string Row(Place at, LayerSequence row, string y) =>
        Add(row.Layers, row.Shapes(at.Input), row.Prefix.Length == 0 ? $"{at.Name}." : $"{at.Name}.{row.Prefix}.", at.X, y);

    private Place Sum(Place at, Residual residual)
    {
        string[] rows = [.. residual.Sequences.Select(row => Row(at, row, $"row{++_rows}"))];
        at = at.Call(this, x => $"layers.Add()([{rows[0]}, {(rows.Length > 1 ? rows[1] : x)}])");
        return residual.Activation is { } activation ? Add(at, activation) : at;
    }

    private Place SideBySide(Place at, Concat concat)
    {
        string[] rows = [.. concat.Sequences.Select(row => Row(at, row, $"row{++_rows}"))];
        return rows.Length == 1 ? at with { X = rows[0] } : at.Call(this, _ => $"layers.Concatenate()([{string.Join(", ", rows)}])");
    }

    private Place Convolution(Place at, Conv2D conv)
    {
        if (conv.Stride != 1 && conv.Dilation != 1) throw Unsupported(at, conv, "Keras has no convolution with both a stride and a dilation");
        // Where the size stays, Keras pads as evenly as we do.
        bool keepsSize = conv.Stride == 1 && (at.Input.Height, at.Input.Width) == (at.Output.Height, at.Output.Width);
        if (!keepsSize) at = Zeros(at, conv.Padding.Height, conv.Padding.Height, conv.Padding.Width, conv.Padding.Width);
        (string, string)[] common = [("strides", Of(conv.Stride)), ("padding", Of(keepsSize ? "same" : "valid")), ("dilation_rate", Of(conv.Dilation)), ("use_bias", Of(conv.Bias))];
        (string, string, int[]?) bias = ("bias", conv.Bias ? "bias" : "", null);
        // Keras has groups of one channel as a layer of its own, which runs on every processor.
        if (conv.Groups > 1 && conv.Groups == at.Input.Channels && conv.Stride.Height == conv.Stride.Width)
        {
            int multiplier = conv.Filters / conv.Groups;
            at = Weighted(at, "layers.DepthwiseConv2D", [Of(conv.Kernel)], [("depth_multiplier", Of(multiplier)), .. common], bias);
            NumpyArray weight = AxisOrder.Reshape(Parameter(at, "weight"), conv.Groups, multiplier, conv.Kernel.Height, conv.Kernel.Width);
            _weights.Add($"{at.Layer}.kernel", AxisOrder.Permute(weight, 2, 3, 0, 1));
            return at;
        }
        return Weighted(at, "layers.Conv2D", [Of(conv.Filters), Of(conv.Kernel)], [.. common, ("groups", Of(conv.Groups))], ("kernel", "weight", [2, 3, 1, 0]), bias);
    }

    private Place TransposedConvolution(Place at, ConvTranspose2D conv)
    {
        if (conv.Groups > 1) throw Unsupported(at, conv, "Keras has no transposed convolution in groups");
        if (conv.Stride != 1 && conv.Dilation != 1) throw Unsupported(at, conv, "Keras has no transposed convolution with both a stride and a dilation");
        var (vertical, horizontal) = conv.Axes(at.Input);
        int bottom = vertical.Untrimmed - vertical.Padding - vertical.Output, right = horizontal.Untrimmed - horizontal.Padding - horizontal.Output;
        if (bottom < 0 || right < 0) throw Unsupported(at, conv, "Keras adds no output padding beyond what the kernel reaches");
        at = Weighted(at, "layers.Conv2DTranspose", [Of(conv.Filters), Of(conv.Kernel)], [("strides", Of(conv.Stride)), ("dilation_rate", Of(conv.Dilation)), ("use_bias", Of(conv.Bias))],
            ("kernel", "weight", [2, 3, 1, 0]), ("bias", conv.Bias ? "bias" : "", null));
        return vertical.Padding + bottom + horizontal.Padding + right == 0 ? at
            : Line(at, $"layers.Cropping2D((({Of(vertical.Padding)}, {Of(bottom)}), ({Of(horizontal.Padding)}, {Of(right)})))");
    }

    private Place Dense(Place at, Linear linear, Shape? flattened)
    {
        at = Weighted(at, "layers.Dense", [Of(linear.Features)], [("use_bias", Of(linear.Bias))], ("bias", linear.Bias ? "bias" : "", null));
        NumpyArray weight = Parameter(at, "weight");
        _weights.Add($"{at.Layer}.kernel", flattened is not { } image ? AxisOrder.Permute(weight, 1, 0)
            : AxisOrder.Reshape(AxisOrder.Permute(AxisOrder.Reshape(weight, linear.Features, image.Channels, image.Height, image.Width), 2, 3, 1, 0), image.Count, linear.Features));
        return at;
    }

    private Place Normalization(Place at, string layer, string[] arguments, float epsilon, bool affine, int[] axes) =>
        Weighted(at, layer, arguments, [Epsilon(epsilon), ("center", Of(affine)), ("scale", Of(affine))], ("gamma", affine ? "weight" : "", axes), ("beta", affine ? "bias" : "", axes));

    // One slope for each channel, or one for all.
    private Place Slopes(Place at, PReLU prelu)
    {
        int[] shared = (at.Input.IsFlat, prelu.PerChannel) switch { (true, true) => [], (true, false) => [1], (false, true) => [1, 2], _ => [1, 2, 3] };
        at = Weighted(at, "layers.PReLU", shared.Length > 0 ? [$"shared_axes={List(shared)}"] : [], []);
        NumpyArray slopes = Parameter(at, "weight");
        _weights.Add($"{at.Layer}.alpha", at.Input.IsFlat ? slopes : AxisOrder.Reshape(slopes, 1, 1, slopes.Count));
        return at;
    }

    private Place Zeros(Place at, int top, int bottom, int left, int right) =>
        top + bottom + left + right == 0 ? at : Line(at, $"layers.ZeroPadding2D((({Of(top)}, {Of(bottom)}), ({Of(left)}, {Of(right)})))");

    private Place Maxima(Place at, PoolGeometry geometry)
    {
        var (vertical, horizontal) = (geometry.Vertical, geometry.Horizontal);
        if (vertical.Padding + vertical.FarPadding + horizontal.Padding + horizontal.FarPadding > 0)
        {
            at = at.Call(this, x => $"ops.pad({x}, ((0, 0), ({Of(vertical.Padding)}, {Of(vertical.FarPadding)}), ({Of(horizontal.Padding)}, {Of(horizontal.FarPadding)}), (0, 0)), "
                + "constant_values=float(\"-inf\"))");
        }
        return Line(at, $"layers.MaxPooling2D({Windows(geometry)})");
    }

    private Place Means(Place at, PoolGeometry geometry, bool countPadding)
    {
        var (vertical, horizontal) = (geometry.Vertical, geometry.Horizontal);
        at = Line(Zeros(at, vertical.Padding, vertical.FarPadding, horizontal.Padding, horizontal.FarPadding), $"layers.AveragePooling2D({Windows(geometry)})");
        // Keras divides by all pixels of a window; where fewer count, the mean is larger.
        float Share(int row, int column) => (float)(vertical.Kernel * horizontal.Kernel) / geometry.AverageDivisor(row, column, countPadding);
        float[][] shares = [.. Enumerable.Range(0, vertical.Output).Select(row => Enumerable.Range(0, horizontal.Output).Select(column => Share(row, column)).ToArray())];
        return shares.All(row => row.All(share => share == 1)) ? at
            : at.Call(this, x => $"{x} * ops.reshape(ops.convert_to_tensor([{string.Join(", ", shares.Select(row => List(row)))}]), (1, {Of(vertical.Output)}, {Of(horizontal.Output)}, 1))");
    }

    private static string Windows(PoolGeometry geometry) =>
        $"({Of(geometry.Vertical.Kernel)}, {Of(geometry.Horizontal.Kernel)}), strides=({Of(geometry.Vertical.Stride)}, {Of(geometry.Horizontal.Stride)})";

    // Window by window: they are as wide as they come.
    private Place Adaptive(Place at, string function, int axis, int input, int output)
    {
        if (input == output) return at;
        var windows = new AdaptiveAxis(input, output);
        string before = axis == 1 ? "" : ":, ";
        return at.Call(this, x => $"ops.concatenate([ops.{function}({x}[:, {before}start:end], axis={Of(axis)}, keepdims=True) "
            + $"for start, end in [{string.Join(", ", Enumerable.Range(0, output).Select(i => $"({Of(windows.Start(i))}, {Of(windows.End(i))})"))}]], axis={Of(axis)})");
    }

    // Padding with pixels of the image: they are taken by their places.
    private Place Taken(Place at, Pad2D pad)
    {
        var (rows, columns) = pad.Tables(at.Input);
        at = at.Call(this, x => $"ops.take({x}, {List(rows)}, axis=1)");
        return at.Call(this, x => $"ops.take({x}, {List(columns)}, axis=2)");
    }

    private static (string, string) Epsilon(float value) => ("epsilon", Of(value));

    // A layer with weights: those that have no name here are left out.
    private Place Weighted(Place at, string layer, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> named, params IEnumerable<(string Keras, string Ours, int[]? Axes)> weights)
    {
        foreach (var (keras, ours, axes) in weights.Where(weight => weight.Ours.Length > 0))
        {
            NumpyArray values = Parameter(at, ours);
            _weights.Add($"{at.Layer}.{keras}", axes is { Length: > 0 } ? AxisOrder.Permute(values, axes) : values);
        }
        IEnumerable<(string Name, string Value, string Usual)> options = named.Select(argument => (argument.Name, argument.Value, s_usual.GetValueOrDefault(argument.Name, "")));
        return Line(at, Call(layer, arguments, [.. options, ("name", Of(at.Layer), "")]));
    }

    private static readonly Dictionary<string, string> s_usual = new()
    {
        ["strides"] = "1",
        ["padding"] = "\"valid\"",
        ["dilation_rate"] = "1",
        ["groups"] = "1",
        ["use_bias"] = "True",
        ["depth_multiplier"] = "1",
        ["center"] = "True",
        ["scale"] = "True",
    };

    private NumpyArray Parameter(Place at, string name)
    {
        string full = $"{at.Name}.{name}";
        return NumpyArray.Of(network.Parameters.Concat(network.Buffers).First(parameter => parameter.Name == full).Shape, network.GetParameter(full));
    }

    /// <summary>Where a layer stands: its number, its shapes, and the names of the value that it takes and of the one that it gives.</summary>
    private sealed record Place(string Name, Shape Input, Shape Output, string X, string Y)
    {
        /// <summary>What Keras calls the layer.</summary>
        public string Layer => $"layer_{Name.Replace('.', '_')}";

        /// <summary>Adds a line that makes a new value of the last one.</summary>
        public Place Call(KerasLayers keras, Func<string, string> expression)
        {
            keras._lines.Add($"{Y} = {expression(X)}");
            return this with { X = Y };
        }
    }
}
