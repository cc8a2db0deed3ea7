using Proto = Fovea.OnnxProto;

namespace Fovea.Onnx;

/// <summary>A node on the way from the input to the output, with the steps it takes its values from; what else it takes is constant.</summary>
internal sealed class OnnxStep
{
    private const int MostSteps = 16;

    private OnnxStep(int index, OnnxNode? node, OnnxStep?[] sources, OnnxTensor?[] constants)
    {
        (Index, Node, Sources, Constants) = (index, node, sources, constants);
        OnnxStep? common = null;
        foreach (OnnxStep source in Data) common = common is null ? source : Common(common, source);
        (Dominator, Depth) = (common, common is null ? 0 : common.Depth + 1);
    }

    /// <summary>Null for the input of the graph.</summary>
    public OnnxNode? Node { get; }

    /// <summary>For each input of the node the step that gives it, or null where it is constant or left out.</summary>
    public OnnxStep?[] Sources { get; }

    /// <summary>For each input of the node its value, or null where a step gives it.</summary>
    public OnnxTensor?[] Constants { get; }

    /// <summary>The last step through which every way from the input to this one leads.</summary>
    public OnnxStep? Dominator { get; }

    private int Depth { get; }

    // Its place in the graph, after all that it takes values from.
    private int Index { get; }

    /// <summary>The value of an input of the node; null where a step gives it, or it is left out.</summary>
    public OnnxTensor? Constant(int input) => Constants.ElementAtOrDefault(input);

    /// <summary>The same of an input that must be constant.</summary>
    /// <exception cref="OnnxException">It is not.</exception>
    public OnnxTensor Needed(int input) => Constant(input) ?? throw Node!.Error($"its input {input + 1} is missing");

    /// <summary>The steps whose values the node takes.</summary>
    public IEnumerable<OnnxStep> Data => Sources.OfType<OnnxStep>();

    /// <summary>Reads a graph: its input, its output, the shape of a sample, and how many samples it takes; null where any number.</summary>
    /// <exception cref="OnnxException">It has another number of inputs or outputs than one, or an input whose shape is not known.</exception>
    public static (OnnxStep Input, OnnxStep Output, Shape Shape, int? Samples) Read(OnnxModel model, Shape? shape)
    {
        Proto.Graph graph = model.Proto.Graph;
        if (OnnxEvaluator.InputNames(model) is not [var inputName])
            throw new OnnxException($"{model.Name}: it has the inputs {string.Join(", ", OnnxEvaluator.InputNames(model))}; a network has one.");
        if (graph.Output.Count != 1) throw new OnnxException($"{model.Name}: it has the outputs {string.Join(", ", graph.Output.Select(output => output.Name))}; a network has one.");
        Shape sample = shape ?? InputShape(model, graph.Input.Single(input => input.Name == inputName));
        var input = new OnnxStep(0, null, [], []);
        var steps = new Dictionary<string, OnnxStep> { [inputName] = input };
        Dictionary<string, OnnxTensor> constants = OnnxEvaluator.Constants(model);
        int? samples = Samples(graph.Input.Single(value => value.Name == inputName));
        var shapes = new ComputedShapes(model, inputName, sample, samples, constants);
        // Constants are turned and reshaped, hardly more.
        long largest = Math.Max(1 << 20, 2 * constants.Values.Sum(value => (long)value.Count));
        for (int i = 0; i < graph.Node.Count; i++)
        {
            var node = new OnnxNode(model, graph.Node[i], i) { Largest = largest };
            if (node.Outputs.Count == 0) throw node.Error("it has no output");
            OnnxStep?[] sources = [.. node.Inputs.Select(steps.GetValueOrDefault)];
            OnnxTensor?[] values = [.. node.Inputs.Select(constants.GetValueOrDefault)];
            for (int j = 0; j < sources.Length; j++)
                if (sources[j] is null && values[j] is null && node.Inputs[j].Length > 0) throw node.Error($"nothing before it gives its input {node.Inputs[j]}");
            if (shapes.TryCompute(node, ofData: sources.Any(source => source is not null))) continue;
            shapes.Check(node);
            if (!node.IsStandard) throw node.Error("the operator is not one of the standard");
            foreach (string further in node.Outputs.Skip(1).Where(name => name.Length > 0)) throw node.Error($"its output {further} is not supported; the first is");
            steps[node.Outputs[0]] = node.Operation is "Identity" ? sources[0]! : new OnnxStep(i + 1, node, sources, values);
        }
        return (input, steps.GetValueOrDefault(graph.Output[0].Name) ?? throw new OnnxException($"{model.Name}: its output does not depend on its input."), sample, samples);
    }

    /// <summary>The steps that every way to this one leads through, from the one after another step on, in order.</summary>
    public List<OnnxStep> PathFrom(OnnxStep start)
    {
        var path = new List<OnnxStep>();
        for (OnnxStep step = this; step != start; step = step.Dominator!) path.Add(step);
        path.Reverse();
        return path;
    }

    /// <summary>All steps between another and this one, in order; null where there are more than a layer is put together of.</summary>
    public List<OnnxStep>? Between(OnnxStep start)
    {
        var found = new HashSet<OnnxStep>();
        var open = new Stack<OnnxStep>([this]);
        while (open.TryPop(out OnnxStep? step))
        {
            if (step == start || !found.Add(step)) continue;
            if (found.Count > MostSteps) return null;
            foreach (OnnxStep source in step.Data) open.Push(source);
        }
        return [.. found.OrderBy(step => step.Index)];
    }

    private static OnnxStep Common(OnnxStep a, OnnxStep b)
    {
        while (a != b)
        {
            if (a.Depth >= b.Depth) a = a.Dominator!;
            else b = b.Dominator!;
        }
        return a;
    }

    private static int? Samples(Proto.Value input) => input.Type?.TensorType?.Shape?.Dim.FirstOrDefault()?.DimValue is > 0 and < 1 << 20 and var count ? (int)count : null;

    private static Shape InputShape(OnnxModel model, Proto.Value input)
    {
        var extents = input.Type?.TensorType?.Shape?.Dim;
        if (input.Type?.TensorType is not { } type || type.ElemType != (int)OnnxElement.Float) throw new OnnxException($"{model.Name}: its input {input.Name} is no tensor of float32.");
        long[]? known = extents?.Skip(1).Select(extent => extent.DimValue).ToArray();
        if (known is null or not { Length: 1 or 3 } || known.Any(extent => extent is < 1 or > int.MaxValue))
        {
            string given = extents is null ? "none" : OnnxNode.List(extents.Select(extent => extent.DimParam.Length > 0 ? extent.DimParam : $"{extent.DimValue}"));
            throw new OnnxException($"{model.Name}: the shape of its input {input.Name} is {given}; expected samples and features, or samples, channels, rows and columns. Say what a sample is, as in --input 3x224x224.");
        }
        return known.Length == 1 ? Shape.Flat((int)known[0]) : new Shape((int)known[0], (int)known[1], (int)known[2]);
    }
}
