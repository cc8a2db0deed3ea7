using System.Runtime.InteropServices;
using Google.Protobuf;
using Proto = Fovea.OnnxProto;

namespace Fovea.Onnx;

/// <summary>Writes a graph node by node; each value's shape is written down beside it.</summary>
internal sealed class GraphBuilder
{
    /// <summary>The name of the extent that is not fixed: the samples of a batch.</summary>
    private const string Batch = "N";

    private readonly Proto.Graph _graph = new();
    private readonly HashSet<string> _names = [];

    public GraphBuilder(string name, string input, Shape shape)
    {
        _graph.Name = name;
        _graph.Input.Add(Describe(input, Extents(shape), Proto.Tensor.Types.Kind.Float));
    }

    /// <summary>Ends the graph: what the last node gave is its output.</summary>
    public Proto.Graph Finish(string value, string output, Shape shape)
    {
        // The last node gives the output under its own name; where there is none, a node that does nothing.
        Proto.Node? last = _graph.Node.LastOrDefault(node => node.Output[0] == value);
        if (last is null) Add("output", "Identity", [value], shape);
        Rename(last is null ? _graph.Node[^1].Output[0] : value, output);
        Proto.Value described = _graph.ValueInfo.Single(info => info.Name == output);
        _graph.ValueInfo.Remove(described);
        _graph.Output.Add(described);
        return _graph;
    }

    /// <summary>Adds a node.</summary>
    /// <returns>The name of its output.</returns>
    public string Add(string place, string operation, IEnumerable<string> inputs, Shape output, params ReadOnlySpan<Proto.Attribute> attributes) =>
        Add(place, operation, inputs, Extents(output), attributes);

    /// <summary>Adds a node whose output has another rank than samples have; an extent of 0 stands for the samples of the batch.</summary>
    /// <returns>The name of its output.</returns>
    public string Add(string place, string operation, IEnumerable<string> inputs, IReadOnlyList<int> output, params ReadOnlySpan<Proto.Attribute> attributes)
    {
        string name = Unique($"{place}.{operation}");
        var node = new Proto.Node { Name = name, OpType = operation };
        node.Input.Add(inputs);
        node.Output.Add(name);
        foreach (Proto.Attribute attribute in attributes) node.Attribute.Add(attribute);
        _graph.Node.Add(node);
        _graph.ValueInfo.Add(Describe(name, output, operation == "Greater" ? Proto.Tensor.Types.Kind.Bool : Proto.Tensor.Types.Kind.Float));
        return name;
    }

    /// <summary>Adds a constant of floats.</summary>
    /// <returns>Its name.</returns>
    public string Constant(string name, IReadOnlyList<int> shape, ReadOnlySpan<float> values) =>
        Constant(name, Proto.Tensor.Types.Kind.Float, shape, MemoryMarshal.AsBytes(values));

    /// <summary>Adds a single number.</summary>
    /// <returns>Its name.</returns>
    public string Constant(string name, double value) => Constant(name, [], [(float)value]);

    /// <summary>Adds a constant list of whole numbers.</summary>
    /// <returns>Its name.</returns>
    public string Constant(string name, params ReadOnlySpan<long> values) =>
        Constant(name, Proto.Tensor.Types.Kind.Int64, [values.Length], MemoryMarshal.AsBytes(values));

    public static Proto.Attribute Attribute(string name, long value) => new() { Name = name, Type = Proto.Attribute.Types.Kind.Int, I = value };

    public static Proto.Attribute Attribute(string name, float value) => new() { Name = name, Type = Proto.Attribute.Types.Kind.Float, F = value };

    public static Proto.Attribute Attribute(string name, string value) => new() { Name = name, Type = Proto.Attribute.Types.Kind.String, S = ByteString.CopyFromUtf8(value) };

    public static Proto.Attribute Attribute(string name, params ReadOnlySpan<long> values)
    {
        var attribute = new Proto.Attribute { Name = name, Type = Proto.Attribute.Types.Kind.Ints };
        foreach (long value in values) attribute.Ints.Add(value);
        return attribute;
    }

    private string Constant(string name, Proto.Tensor.Types.Kind kind, IReadOnlyList<int> shape, ReadOnlySpan<byte> bytes)
    {
        var tensor = new Proto.Tensor { Name = Unique(name), DataType = (int)kind, RawData = ByteString.CopyFrom(bytes) };
        foreach (int extent in shape) tensor.Dims.Add(extent);
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private void Rename(string from, string to)
    {
        foreach (Proto.Node node in _graph.Node)
        {
            Replace(node.Input, from, to);
            Replace(node.Output, from, to);
        }
        foreach (Proto.Value value in _graph.ValueInfo.Where(value => value.Name == from)) value.Name = to;
    }

    private static void Replace(IList<string> names, string from, string to)
    {
        for (int i = 0; i < names.Count; i++) if (names[i] == from) names[i] = to;
    }

    private string Unique(string name)
    {
        string unique = name;
        for (int number = 2; !_names.Add(unique); number++) unique = $"{name}.{number}";
        return unique;
    }

    private static int[] Extents(Shape shape) => shape.IsFlat ? [0, shape.Count] : [0, shape.Channels, shape.Height, shape.Width];

    private static Proto.Value Describe(string name, IReadOnlyList<int> extents, Proto.Tensor.Types.Kind kind)
    {
        var shape = new Proto.TensorShape();
        foreach (int extent in extents)
            shape.Dim.Add(extent == 0 ? new Proto.TensorShape.Types.Extent { DimParam = Batch } : new Proto.TensorShape.Types.Extent { DimValue = extent });
        return new Proto.Value
        {
            Name = name,
            Type = new Proto.Type { TensorType = new Proto.Type.Types.TensorType { ElemType = (int)kind, Shape = shape } },
        };
    }
}
