using Proto = Fovea.OnnxProto;

namespace Fovea.Onnx;

/// <summary>What a node's operator does with its inputs.</summary>
internal delegate OnnxTensor[] Operator(OnnxNode node, Operands inputs);

/// <summary>
/// Evaluates graphs, node by node, on the library's layers and reference kernels: inputs of any rank and weights that are inputs themselves,
/// where a <see cref="Network"/> takes images and owns its weights.
/// </summary>
public static class OnnxEvaluator
{
    private static readonly Dictionary<string, Operator> s_operators = Table();

    /// <summary>The operators that are evaluated.</summary>
    public static IReadOnlyCollection<string> Operators { get; } = [.. s_operators.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Evaluates a graph.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="inputs">A value for each input that is no constant, by its name.</param>
    /// <returns>The outputs, by their names.</returns>
    /// <exception cref="OnnxException">An operator, an attribute or a type is not supported, a value is missing or does not fit.</exception>
    public static IReadOnlyDictionary<string, OnnxTensor> Run(OnnxModel model, IReadOnlyDictionary<string, OnnxTensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputs);
        Proto.Graph graph = model.Proto.Graph;
        foreach (var names in (IEnumerable<Proto.Value>[])[graph.Input, graph.Output])
        {
            if (names.GroupBy(value => value.Name).FirstOrDefault(group => group.Count() > 1) is { Key: var twice })
                throw new OnnxException($"{model.Name}: two of its {(names == graph.Input ? "inputs" : "outputs")} are called {twice}.");
        }
        foreach (var (name, value) in inputs) model.CheckInput(name, value);
        IReadOnlyDictionary<string, OnnxTensor> values = Values(model, inputs, OutputNames(model));
        return graph.Output.ToDictionary(output => output.Name, output => values.GetValueOrDefault(output.Name)
            ?? throw new OnnxException($"{model.Name}: no node gives the output {output.Name}."));
    }

    /// <summary>Some values of a graph, by their names; those that no node gives are left out.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="inputs">A value for each input that is no constant, by its name.</param>
    /// <param name="wanted">The names of the values.</param>
    /// <exception cref="OnnxException">An operator, an attribute or a type is not supported, a value is missing or does not fit.</exception>
    internal static IReadOnlyDictionary<string, OnnxTensor> Values(OnnxModel model, IReadOnlyDictionary<string, OnnxTensor> inputs, IReadOnlyList<string> wanted)
    {
        Proto.Graph graph = model.Proto.Graph;
        Dictionary<string, OnnxTensor> values = Constants(model);
        foreach (var (name, value) in inputs) values[name] = value;
        foreach (Proto.Value input in graph.Input)
        {
            if (!values.ContainsKey(input.Name)) throw new OnnxException($"{model.Name}: the input {input.Name} is missing. Inputs: {string.Join(", ", InputNames(model))}.");
        }
        long largest = Indexing.Largest(values.Values.Sum(value => (long)value.Count));
        // A value is forgotten after the last node that takes it; what nobody takes is not computed.
        var uses = new Dictionary<string, int>();
        foreach (string name in wanted) Use(name);
        bool[] needed = new bool[graph.Node.Count];
        for (int i = needed.Length - 1; i >= 0; i--)
        {
            if (!(needed[i] = graph.Node[i].Output.Any(uses.ContainsKey))) continue;
            foreach (string name in graph.Node[i].Input) Use(name);
        }
        for (int i = 0; i < graph.Node.Count; i++)
        {
            if (!needed[i]) continue;
            var node = new OnnxNode(model, graph.Node[i], i) { Largest = largest };
            OnnxTensor[] results = Evaluate(node, [.. node.Inputs.Select(name => Value(node, values, name))]);
            for (int j = 0; j < node.Outputs.Count; j++) if (node.Outputs[j].Length > 0) values[node.Outputs[j]] = results[j];
            foreach (string name in node.Inputs) if (name.Length > 0 && --uses[name] == 0) values.Remove(name);
        }
        return values;

        void Use(string name) => uses[name] = uses.GetValueOrDefault(name) + 1;
    }

    /// <summary>The names of the inputs that are no constants.</summary>
    public static IReadOnlyList<string> InputNames(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        HashSet<string> constants = [.. model.Proto.Graph.Initializer.Select(tensor => tensor.Name)];
        return [.. model.Proto.Graph.Input.Select(input => input.Name).Where(name => !constants.Contains(name))];
    }

    /// <summary>The names of the outputs.</summary>
    public static IReadOnlyList<string> OutputNames(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return [.. model.Proto.Graph.Output.Select(output => output.Name)];
    }

    /// <summary>The constants of a graph.</summary>
    internal static Dictionary<string, OnnxTensor> Constants(OnnxModel model)
    {
        if (model.Proto.Graph.SparseInitializer.Count > 0) throw new OnnxException($"{model.Name}: it has sparse constants, which are not supported. Save it with dense ones.");
        var values = new Dictionary<string, OnnxTensor>();
        foreach (Proto.Tensor tensor in model.Proto.Graph.Initializer) values[tensor.Name] = OnnxTensor.Read(tensor, $"{model.Name}: constant {tensor.Name}");
        return values;
    }

    /// <summary>The outputs of one node.</summary>
    internal static OnnxTensor[] Evaluate(OnnxNode node, IReadOnlyList<OnnxTensor?> inputs)
    {
        if (!node.IsStandard || !s_operators.TryGetValue(node.Operation, out Operator? evaluate))
            throw node.Error($"the operator is not supported. Supported are: {string.Join(", ", Operators)}");
        OnnxTensor[] results;
        try
        {
            results = evaluate(node, new Operands(node, inputs));
            node.CheckAttributes();
        }
        catch (Exception exception) when (exception is FoveaException and not OnnxException or OverflowException)
        {
            throw node.Error(exception is OverflowException ? "its output is too large" : exception.Message.TrimEnd('.'), inner: exception);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or IndexOutOfRangeException or ArithmeticException or KeyNotFoundException)
        {
            // Of a damaged file: inputs that no operator takes, in ways that are not told one by one.
            throw node.Error($"its inputs {string.Join(", ", inputs.Select(input => input?.ToString() ?? "none"))} do not fit its attributes", inner: exception);
        }
        for (int i = results.Length; i < node.Outputs.Count; i++)
            if (node.Outputs[i].Length > 0) throw node.Error($"its output {i + 1}, {node.Outputs[i]}, is not supported; {(results.Length == 1 ? "the first is" : $"the first {results.Length} are")}");
        return results;
    }

    private static OnnxTensor? Value(OnnxNode node, Dictionary<string, OnnxTensor> values, string name) =>
        name.Length == 0 ? null : values.GetValueOrDefault(name) ?? throw node.Error($"nothing before it gives its input {name}");

    private static Dictionary<string, Operator> Table()
    {
        var table = new Dictionary<string, Operator>();
        void Add(Func<OnnxNode, Operands, OnnxTensor> evaluate, params IEnumerable<string> names)
        {
            foreach (string name in names) table[name] = (node, x) => [evaluate(node, x)];
        }

        Add(ElementOperators.Function, NodeLayers.Activations.Concat(ElementOperators.Functions));
        Add(ElementOperators.Combine, ElementOperators.Arithmetic);
        Add(ElementOperators.Compare, ElementOperators.Comparisons);
        Add(ElementOperators.Not, "Not");
        Add(ElementOperators.Where, "Where");
        Add(ElementOperators.Clip, "Clip");
        Add(ElementOperators.Mean, "Mean");
        Add(ElementOperators.Prelu, "PRelu");
        Add(WindowOperators.Conv, "Conv");
        Add(WindowOperators.ConvTranspose, "ConvTranspose");
        Add(WindowOperators.MaxPool, "MaxPool");
        Add(WindowOperators.AveragePool, "AveragePool");
        Add(ResizeOperator.Resize, "Resize", "Upsample");
        Add(WindowOperators.Global, "GlobalAveragePool", "GlobalMaxPool");
        Add(NormOperators.BatchNormalization, "BatchNormalization");
        Add(NormOperators.InstanceNormalization, "InstanceNormalization");
        Add(NormOperators.GroupNormalization, "GroupNormalization");
        table["LayerNormalization"] = NormOperators.LayerNormalization;
        Add(NormOperators.Softmax, "Softmax", "LogSoftmax");
        Add(LinearOperators.Gemm, "Gemm");
        Add(LinearOperators.MatMul, "MatMul");
        Add(LinearOperators.Reduce, LinearOperators.Reductions);
        Add(LinearOperators.Arg, "ArgMax", "ArgMin");
        Add((_, x) => x[0], "Identity");
        Add(ShapeOperators.Dropout, "Dropout");
        Add((node, _) => ShapeOperators.Constant(node), "Constant");
        Add(ShapeOperators.ConstantOfShape, "ConstantOfShape");
        Add(ShapeOperators.Shape, "Shape");
        Add((_, x) => new OnnxTensor([], [(long)x[0].Count]), "Size");
        Add(ShapeOperators.Cast, "Cast");
        Add(ShapeOperators.Flatten, "Flatten");
        Add(ShapeOperators.Reshape, "Reshape");
        Add(ShapeOperators.Squeeze, "Squeeze");
        Add(ShapeOperators.Unsqueeze, "Unsqueeze");
        Add(ShapeOperators.Transpose, "Transpose");
        Add(ShapeOperators.Concat, "Concat");
        table["Split"] = ShapeOperators.Split;
        Add(ShapeOperators.DepthToSpace, "DepthToSpace");
        Add(ShapeOperators.Expand, "Expand");
        Add(ShapeOperators.Gather, "Gather");
        Add(ShapeOperators.Slice, "Slice");
        Add(ShapeOperators.Pad, "Pad");
        return table;
    }
}
