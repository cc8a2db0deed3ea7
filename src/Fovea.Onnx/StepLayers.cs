namespace Fovea.Onnx;

/// <summary>Turns the steps of a graph into layers with their weights, one after another.</summary>
internal sealed class StepLayers(Shape input, int? samples, HashSet<OnnxStep> used, int depth = 0)
{
    private const int DeepestBranches = 16;

    private readonly List<Layer> _layers = [];
    private readonly Dictionary<string, float[]> _weights = [];

    /// <summary>The layers so far.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>Their weights by name: "0.weight".</summary>
    public IReadOnlyDictionary<string, float[]> Weights => _weights;

    /// <summary>The shape of a sample after them.</summary>
    public Shape Shape { get; private set; } = input;

    /// <summary>Adds the layers from one step to another.</summary>
    /// <exception cref="OnnxException">A step is no layer.</exception>
    public void Add(OnnxStep start, OnnxStep end)
    {
        List<OnnxStep> path = end.PathFrom(start);
        for (int i = 0; i < path.Count;)
        {
            OnnxStep before = i == 0 ? start : path[i - 1];
            // The longest run of steps that is one activation.
            int run = Math.Min(path.Count - i, 8);
            Activation? activation = null;
            while (run > 0 && (activation = ActivationByValues.Find(before, path[i + run - 1])) is null) run--;
            if (activation is not null)
            {
                Append(activation);
                i += run;
                continue;
            }
            OnnxNode node = path[i].Node!;
            // Its weights would be there twice.
            if (!used.Add(path[i])) throw node.Error("its output goes into several branches that do not lie in each other, so that the network is no tree of layers");
            try
            {
                if (AddByValues(path, i, before) is var steps and > 0)
                {
                    i += steps;
                    continue;
                }
                i += GroupNormalization(path, i) is var length and > 0 ? length : AddOne(path, i, before);
                node.CheckAttributes();
            }
            catch (Exception exception) when (exception is FoveaException and not OnnxException or ArithmeticException or ArgumentException or InvalidOperationException or IndexOutOfRangeException)
            {
                throw node.Error(exception is OverflowException ? "its output is too large" : exception.Message.Split(" (Parameter")[0].TrimEnd('.'), inner: exception);
            }
        }
    }

    // The longest run of steps that is one layer by its values.
    private int AddByValues(List<OnnxStep> path, int i, OnnxStep before)
    {
        for (int run = Math.Min(path.Count - i, 8); run > 0; run--)
        {
            if (LayerByValues.Find(before, path[i], path[i + run - 1], Shape) is not var (layer, weight, bias)) continue;
            Append(layer, ("weight", weight), ("bias", bias));
            return run;
        }
        return 0;
    }

    private int AddOne(List<OnnxStep> path, int i, OnnxStep before)
    {
        OnnxStep step = path[i];
        OnnxNode node = step.Node!;
        if (step.Data.Count() > 1 && AddJoin(step, before)) return 1;
        if (step.Data.Count() != 1 || step.Sources[0] is null && node.Operation is not ("Add" or "Mul"))
            throw node.Error("its inputs come from branches that no supported layer brings together", "Sums of two branches, channels side by side, and activations of several nodes are supported");
        if (WithoutWeights(step, node) is { } layer)
        {
            Append(layer);
            return 1;
        }
        if (AddSqueezes(path, i)) return 2;
        if (AddOther(step, node)) return 1;
        throw node.Error($"it is no layer that can be imported after {(before.Node is null ? "the input" : before.Node.Place.Split(": ")[^1])}",
            before.Node is null && node.Operation is "Sub" or "Div" or "Mul" or "Add" ? "If it normalizes pixels, leave it out of the file and tell mean and deviation at the import" : "");
    }

    // As the nodes see a sample: with the batch before it.
    private int[] Extents => Shape.IsFlat ? [1, Shape.Count] : [1, Shape.Channels, Shape.Height, Shape.Width];

    private Layer? WithoutWeights(OnnxStep step, OnnxNode node) => node.Operation switch
    {
        "MaxPool" => NodeLayers.Pooling(node, Extents, Shape, average: false),
        "AveragePool" => NodeLayers.Pooling(node, Extents, Shape, average: true),
        "GlobalMaxPool" => new GlobalMaxPool2D(),
        "GlobalAveragePool" => new GlobalAvgPool2D(),
        "Resize" or "Upsample" => NodeLayers.Enlargement(node, step.Constant(step.Constants.Length > 2 ? 2 : 1), step.Constant(3), Shape),
        "Pad" => NodeLayers.Padding(node, step.Constants),
        "Softmax" or "LogSoftmax" => Softmax(node, rank: Extents.Length),
        "Dropout" => Dropout(node, step.Constant(1)),
        "Flatten" => node.Integer("axis", 1) == 1 ? new Flatten() : throw node.Error("its axis is not 1"),
        "Squeeze" when Axes(step) is null or [2, 3] && IsPixel => new Flatten(),
        _ => null,
    };

    // A pixel whose height and width are taken away one after the other.
    private bool AddSqueezes(List<OnnxStep> path, int i)
    {
        if (path[i..] is not [{ Node.Operation: "Squeeze" } step, { Node: { Operation: "Squeeze" } next } after, ..]) return false;
        if (!IsPixel || AxesOf(step, 4) is not [2 or 3] || AxesOf(after, 3) is not [2]) return false;
        Append(new Flatten());
        next.CheckAttributes();
        return true;
    }

    private bool IsPixel => Shape is { Height: 1, Width: 1, IsFlat: false };

    // Layers with weights, and nodes that are two layers or none. False where a node is none of them.
    private bool AddOther(OnnxStep step, OnnxNode node)
    {
        switch (node.Operation)
        {
            case "Conv":
                AddConvolution(step, node, Extents);
                break;
            case "ConvTranspose":
                Append(NodeLayers.TransposedConvolution(node, Extents, step.Needed(1).Shape, step.Constant(2) is not null), ("weight", step.Needed(1)), ("bias", step.Constant(2)));
                break;
            case "ReduceMean" when Axes(step) is [2, 3] && !Shape.IsFlat:
                Append(new GlobalAvgPool2D());
                if (node.Integer("keepdims", 1) == 0) Append(new Flatten());
                node.Ignore("noop_with_empty_axes");
                break;
            case "Gemm":
                if (node.Flag("transA")) throw node.Error("transA must be 0 for a linear layer");
                AddLinear(node, step.Needed(1), node.Flag("transB"), node.Float("alpha", 1), step.Constant(2), node.Float("beta", 1));
                break;
            case "MatMul":
                AddLinear(node, step.Needed(1), transposed: false, 1, null);
                break;
            case "Add":
                AddBias(node, step.Constants.OfType<OnnxTensor>().Single());
                break;
            case "BatchNormalization":
                AddBatchNormalization(step, node);
                break;
            case "InstanceNormalization":
                AddInstanceNormalization(step, node);
                break;
            case "LayerNormalization":
                AddLayerNormalization(step, node, rank: Extents.Length);
                break;
            case "GroupNormalization":
                AddGroupNormalization(step, node);
                break;
            case "PRelu":
                AddPRelu(node, slopes: step.Needed(1));
                break;
            case "Reshape":
                AddReshape(node, step.Needed(1));
                break;
            default:
                return false;
        }
        return true;
    }

    private void AddConvolution(OnnxStep step, OnnxNode node, int[] extents)
    {
        OnnxTensor weight = step.Needed(1);
        OnnxTensor? bias = step.Constant(2);
        NodeWindow window = NodeWindow.Read(node, extents, weight.Shape);
        if (window.Before != window.After)
        {
            Append(new ZeroPad2D(window.Before)
            {
                Bottom = window.After.Height == window.Before.Height ? null : window.After.Height,
                Right = window.After.Width == window.Before.Width ? null : window.After.Width,
            });
            window = window with { Before = 0, After = 0 };
        }
        Append(NodeLayers.Convolution(node, window, weight.Shape, bias is not null), ("weight", weight), ("bias", bias));
    }

    private void AddBatchNormalization(OnnxStep step, OnnxNode node)
    {
        OnnxTensor weight = step.Needed(1), bias = step.Needed(2), mean = step.Needed(3), variance = step.Needed(4);
        if (Shape.IsFlat)
        {
            TakeInNormalization(node, weight, bias, mean, variance);
            return;
        }
        if (node.Flag("training_mode") || node.Integer("spatial", 1) != 1) throw node.Error("it is in training mode, or one of each pixel, which is not supported");
        Append(new BatchNorm2D { Epsilon = node.Float("epsilon", 1e-5f), Momentum = (float)Math.Round(1 - (double)node.Float("momentum", 0.9f), 6) },
            ("weight", weight), ("bias", bias), ("running_mean", mean), ("running_var", variance));
    }

    // Of a flat vector no layer normalizes batches: the linear layer before it takes in what was learned.
    private void TakeInNormalization(OnnxNode node, params OnnxTensor[] learned)
    {
        int last = _layers.Count - 1;
        node.Ignore("momentum");
        if (last < 0 || _layers[last] is not Linear linear || learned.Any(values => values.AllFloats?.Length != Shape.Count) || node.Flag("training_mode"))
            throw node.Error("the normalization of a flat vector is supported only after a linear layer, whose weights take it in");
        float[] weight = [.. _weights[$"{last}.weight"]], bias = linear.Bias ? [.. _weights[$"{last}.bias"]] : new float[Shape.Count];
        double epsilon = node.Float("epsilon", 1e-5f);
        int inputs = weight.Length / Shape.Count;
        for (int o = 0; o < Shape.Count; o++)
        {
            double factor = learned[0][o] / Math.Sqrt(learned[3][o] + epsilon);
            for (int k = 0; k < inputs; k++) weight[o * inputs + k] = (float)(factor * weight[o * inputs + k]);
            bias[o] = (float)((bias[o] - learned[2][o]) * factor + learned[1][o]);
        }
        _layers[last] = linear with { Bias = true };
        (_weights[$"{last}.weight"], _weights[$"{last}.bias"]) = (weight, bias);
    }

    private void AddInstanceNormalization(OnnxStep step, OnnxNode node)
    {
        bool plain = IsAll(step.Needed(1), 1) && IsAll(step.Needed(2), 0);
        Append(new InstanceNorm2D { Epsilon = node.Float("epsilon", 1e-5f), Affine = !plain }, ("weight", plain ? null : step.Needed(1)), ("bias", plain ? null : step.Needed(2)));
    }

    private void AddLayerNormalization(OnnxStep step, OnnxNode node, int rank)
    {
        if (node.Axis(node.Integer("axis", -1), rank) != 1) throw node.Error("its axis is not 1, the whole sample");
        node.Ignore("stash_type");
        OnnxTensor weight = step.Needed(1);
        Append(new LayerNorm { Epsilon = node.Float("epsilon", 1e-5f) }, ("weight", weight), ("bias", step.Constant(2) ?? new OnnxTensor(weight.Shape, new float[weight.Count])));
    }

    private void AddGroupNormalization(OnnxStep step, OnnxNode node)
    {
        node.Ignore("stash_type");
        int groups = (int)Math.Clamp(node.Integer("num_groups", 0), 0, int.MaxValue);
        Append(new GroupNorm(groups) { Epsilon = node.Float("epsilon", 1e-5f) }, ("weight", OfChannels(node, step.Needed(1), groups)), ("bias", OfChannels(node, step.Needed(2), groups)));
    }

    // Before version 21 the scales of a group normalization are those of the groups.
    private OnnxTensor OfChannels(OnnxNode node, OnnxTensor values, int groups) => node.Opset < 21 && values.Count == groups
        ? values.Pick([Shape.Channels], [.. Enumerable.Range(0, Shape.Channels).Select(channel => (int)((long)channel * groups / Shape.Channels))])
        : values;

    // Seen under groups, normalized, seen as before; then perhaps scaled and moved, channel by channel.
    private int GroupNormalization(List<OnnxStep> path, int i)
    {
        if (i + 2 >= path.Count || path[i].Node!.Operation != "Reshape" || path[i + 1].Node!.Operation != "InstanceNormalization" || path[i + 2].Node!.Operation != "Reshape") return 0;
        long[]? to = path[i].Constants[1]?.AllIntegers, back = path[i + 2].Constants[1]?.AllIntegers;
        OnnxTensor? ones = path[i + 1].Constants[1], zeros = path[i + 1].Constants[2];
        if (to is not [_, > 0 and < int.MaxValue, -1] || back is null || back.Skip(1).Any(extent => extent < 0) || ones is null || zeros is null || !IsAll(ones, 1) || !IsAll(zeros, 0)) return 0;
        if (!back.Skip(1).SequenceEqual(Shape.IsFlat ? [(long)Shape.Count] : [Shape.Channels, Shape.Height, Shape.Width])) return 0;
        if (path[i].Node!.Flag("allowzero") && to.Contains(0) || path[i + 2].Node!.Flag("allowzero") && back.Contains(0)) return 0;
        OnnxTensor? scale = Next(i + 3, "Mul"), shift = scale is null ? null : Next(i + 4, "Add");
        bool affine = scale is not null && shift is not null && IsPerChannel(scale) && IsPerChannel(shift);
        Append(new GroupNorm((int)to[1]) { Epsilon = path[i + 1].Node!.Float("epsilon", 1e-5f), Affine = affine },
            ("weight", affine ? scale : null), ("bias", affine ? shift : null));
        return affine ? 5 : 3;

        OnnxTensor? Next(int at, string operation) => at < path.Count && path[at].Node!.Operation == operation ? path[at].Constants.OfType<OnnxTensor>().SingleOrDefault() : null;
    }

    private void AddPRelu(OnnxNode node, OnnxTensor slopes)
    {
        // Before version 7 slopes were those of the channels, under whatever shape.
        if (node.Opset >= 7 && slopes.Count > 1 && !IsPerChannel(slopes)) throw node.Error($"its slopes are {slopes}; one for each of {Shape.Channels} channels, or one for all, are supported");
        Append(new PReLU { PerChannel = slopes.Count > 1 }, ("weight", slopes));
    }

    private static Dropout Dropout(OnnxNode node, OnnxTensor? ratio)
    {
        node.Ignore("seed", "is_test");
        return new Dropout((float?)ratio?[0] ?? node.Float("ratio", 0.5f));
    }

    private Layer Softmax(OnnxNode node, int rank)
    {
        int axis = node.Axis(node.Integer("axis", node.Opset < 13 ? 1 : -1), rank);
        if (axis != 1 || node.Opset < 13 && !Shape.IsFlat) throw node.Error("it is not along the channels, as the layer is");
        return node.Operation == "Softmax" ? new Softmax() : new LogSoftmax();
    }

    // Branches that a sum or channels side by side bring together.
    private bool AddJoin(OnnxStep step, OnnxStep before)
    {
        OnnxNode node = step.Node!;
        int axis = node.Operation == "Concat" ? node.Axis(node.Integer("axis", 1), Shape.IsFlat ? 2 : 4) : 1;
        bool sum = node.Operation == "Add" && step.Sources.Length == 2 && step.Sources[0] != step.Sources[1];
        if (step.Sources.Any(source => source is null) || !(sum || node.Operation == "Concat" && axis == 1)) return false;
        if (depth >= DeepestBranches) throw node.Error($"its branches lie in more than {DeepestBranches} others");
        StepLayers[] rows = [.. step.Sources.Select(source =>
        {
            var row = new StepLayers(Shape, samples, used, depth + 1);
            row.Add(before, source!);
            return row;
        })];
        if (sum)
        {
            // The branch with more in it is the body.
            StepLayers body = rows[0].Layers.Count >= rows[1].Layers.Count ? rows[0] : rows[1], shortcut = body == rows[0] ? rows[1] : rows[0];
            AppendComposite(new Residual(body.Layers) { Shortcut = shortcut.Layers }, ("body.", body), ("shortcut.", shortcut));
        }
        else AppendComposite(new Concat([.. rows.Select(row => row.Layers)]), [.. rows.Select((row, i) => ($"{i}.", row))]);
        return true;
    }

    private void AppendComposite(Layer layer, params ReadOnlySpan<(string Prefix, StepLayers Row)> rows)
    {
        Shape = layer.OutputShape(Shape);
        foreach (var (prefix, row) in rows)
            foreach (var (name, values) in row.Weights) _weights[$"{_layers.Count}.{prefix}{name}"] = values;
        _layers.Add(layer);
    }

    private void AddLinear(OnnxNode node, OnnxTensor weight, bool transposed, float alpha, OnnxTensor? bias, float beta = 1)
    {
        if (weight.Rank != 2 || weight.AllFloats is null) throw node.Error($"its weights are {weight}; expected a matrix of floats");
        int features = weight.Shape[transposed ? 0 : 1], inputs = weight.Shape[transposed ? 1 : 0];
        float[] values = new float[weight.Count];
        for (int o = 0; o < features; o++)
            for (int k = 0; k < inputs; k++) values[o * inputs + k] = alpha * weight.AllFloats[transposed ? o * inputs + k : k * features + o];
        if (bias is { Count: > 1 } && bias.Shape[^1] != features) throw node.Error($"its bias is {bias}; expected a number for each of {features} features");
        if (bias is { Count: 1 } && features > 1) bias = bias.Pick([features], new int[features]);
        if (bias?.AllFloats is { } given && beta != 1) bias = new OnnxTensor(bias.Shape, [.. given.Select(value => beta * value)]);
        Append(new Linear(features) { Bias = bias is not null }, ("weight", new OnnxTensor([features, inputs], values)), ("bias", bias));
    }

    // Whether the numbers lie along the channels of what they are repeated over: as many along the columns would be another function.
    private bool IsPerChannel(OnnxTensor values) =>
        values.Count == Shape.Channels && (Shape.IsFlat ? values.Rank == 0 || values.Shape[^1] == Shape.Count : values.Rank >= 3 && values.Shape[^3] == Shape.Channels);

    // A sum with a constant is the bias of the layer before.
    private void AddBias(OnnxNode node, OnnxTensor bias)
    {
        int last = _layers.Count - 1;
        Layer? with = last < 0 || !IsPerChannel(bias) || bias.AllFloats is null ? null : _layers[last] switch
        {
            Linear { Bias: false } linear => linear with { Bias = true },
            Conv2D { Bias: false } conv => conv with { Bias = true },
            _ => null,
        };
        _layers[Math.Max(0, last)] = with ?? throw node.Error($"a sum with the constant {bias} is supported only as the bias of a convolution or linear layer before it");
        _weights[$"{last}.bias"] = bias.AllFloats!;
    }

    private void AddReshape(OnnxNode node, OnnxTensor shape)
    {
        long[] to = shape.AllIntegers ?? throw node.Error("its shape is no list of whole numbers");
        if (node.Flag("allowzero") && to.Contains(0)) throw node.Error($"its shape {OnnxNode.List(to)} has an extent of 0");
        long[] own = Shape.IsFlat ? [Shape.Count] : [Shape.Channels, Shape.Height, Shape.Width];
        bool keepsSamples = to.Length > 1 && (to[0] is -1 or 0 || to[0] == (samples ?? 1));
        if (keepsSamples && to.Length == own.Length + 1 && to.Skip(1).Zip(own).All(pair => pair.First == pair.Second || pair.First == -1)) return;
        if (!keepsSamples || to.Length != 2 || to[1] != Shape.Count && to[1] != -1 || to[0] == -1 && to[1] == -1) throw node.Error($"samples of {Shape} seen as {OnnxNode.List(to)}: only flattening is supported");
        Append(new Flatten());
    }

    private int[]? Axes(OnnxStep step) => AxesOf(step, Shape.IsFlat ? 2 : 4);

    private static int[]? AxesOf(OnnxStep step, int rank)
    {
        long[]? axes = step.Node!.Integers("axes") ?? (step.Constants.Length > 1 ? step.Constants[1]?.AllIntegers : null);
        return axes is null ? null : [.. axes.Select(axis => step.Node.Axis(axis, rank, "axes")).Order()];
    }

    private void Append(Layer layer, params ReadOnlySpan<(string Name, OnnxTensor? Values)> weights)
    {
        Shape before = Shape;
        Shape = layer.OutputShape(before);
        foreach (ParameterSpec wanted in layer.Parameters(before).Concat(layer.Buffers(before)))
        {
            OnnxTensor? values = null;
            foreach (var (name, given) in weights) if (name == wanted.Name) values = given;
            if (values?.AllFloats is null || !values.Shape.Where(extent => extent != 1).SequenceEqual(wanted.Shape.Where(extent => extent != 1)))
                throw new FoveaException($"its {wanted.Name} is {values?.ToString() ?? "missing"}, expected float {OnnxNode.List(wanted.Shape)}");
            _weights[$"{_layers.Count}.{wanted.Name}"] = values.AllFloats;
        }
        _layers.Add(layer);
    }

    private static bool IsAll(OnnxTensor values, float number) => values.AllFloats?.All(value => value == number) == true;
}
