using Proto = Fovea.OnnxProto;

namespace Fovea.Onnx;

/// <summary>
/// A node as its operator sees it: inputs by their place, attributes by their names. What an operator did not ask for it does not support:
/// <see cref="CheckAttributes"/> says so.
/// </summary>
internal sealed class OnnxNode
{
    private readonly Proto.Node _node;
    private readonly string _file;
    private readonly HashSet<string> _read = [];

    public OnnxNode(OnnxModel model, Proto.Node node, int index)
    {
        (_node, _file, Opset) = (node, model.Name, model.Opset);
        Place = $"{_file}: node {(node.Name.Length > 0 ? node.Name : $"{index + 1}")} ({(IsStandard ? "" : $"{node.Domain}.")}{node.OpType})";
    }

    /// <summary>"f.onnx: node conv1 (Conv)".</summary>
    public string Place { get; }

    /// <summary>How many numbers a value that it computes may have: a damaged file may ask for any size.</summary>
    public required long Largest { get; init; }

    public string Operation => _node.OpType;

    public long Opset { get; }

    public IReadOnlyList<string> Inputs => _node.Input;

    public IReadOnlyList<string> Outputs => _node.Output;

    /// <summary>Whether its operator is one of the standard, not of somebody's own.</summary>
    public bool IsStandard => _node.Domain is "" or "ai.onnx";

    public bool Has(string name)
    {
        _read.Add(name);
        return _node.Attribute.Any(attribute => attribute.Name == name);
    }

    public long Integer(string name, long usual) => Find(name, Proto.Attribute.Types.Kind.Int) is { } attribute ? attribute.I : usual;

    public float Float(string name, float usual) => Find(name, Proto.Attribute.Types.Kind.Float) is { } attribute ? attribute.F : usual;

    public bool Flag(string name) => Integer(name, 0) != 0;

    public string Text(string name, string usual) => Find(name, Proto.Attribute.Types.Kind.String) is { } attribute ? attribute.S.ToStringUtf8() : usual;

    public long[]? Integers(string name) => Find(name, Proto.Attribute.Types.Kind.Ints) is { } attribute ? [.. attribute.Ints] : null;

    public float[]? Floats(string name) => Find(name, Proto.Attribute.Types.Kind.Floats) is { } attribute ? [.. attribute.Floats] : null;

    public OnnxTensor? Tensor(string name) =>
        Find(name, Proto.Attribute.Types.Kind.Tensor) is { } attribute ? OnnxTensor.Read(attribute.T ?? new Proto.Tensor(), $"{Place}: {name}") : null;

    /// <summary>Sizes along axes: as many as asked for, each within bounds.</summary>
    public int[]? Sizes(string name, int count, int least)
    {
        if (Integers(name) is not { } values) return null;
        if (values.Length != count) throw Error($"{name} has {values.Length} numbers, expected {count}");
        if (values.Any(value => value < least || value > int.MaxValue / 4)) throw Error($"{name} is {List(values)}, expected numbers of at least {least}");
        return [.. values.Select(value => (int)value)];
    }

    /// <summary>Passes over an attribute that says nothing on the numbers.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (string name in names) _read.Add(name);
    }

    /// <summary>An axis, counted from the end where it is negative.</summary>
    public int Axis(long axis, int rank, string name = "axis") =>
        axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : throw Error($"{name} is {axis}, but its input has {rank} axes");

    /// <summary>Says what was left unread.</summary>
    /// <exception cref="OnnxException">There is an attribute that the operator does not support.</exception>
    public void CheckAttributes()
    {
        foreach (Proto.Attribute attribute in _node.Attribute)
        {
            if (!_read.Contains(attribute.Name))
                throw Error($"the attribute {attribute.Name} is not supported{(_read.Count == 0 ? "" : $"; {string.Join(", ", _read.Order())} are")}");
        }
    }

    public OnnxException Error(string problem, string remedy = "", Exception? inner = null) => new($"{Place}: {problem}.{(remedy.Length > 0 ? $" {remedy}." : "")}", inner);

    public static string List<T>(IEnumerable<T> numbers) => $"[{string.Join(", ", numbers.Select(number => $"{number}"))}]";

    private Proto.Attribute? Find(string name, Proto.Attribute.Types.Kind kind)
    {
        _read.Add(name);
        Proto.Attribute? attribute = _node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
        if (attribute is null) return null;
        if (attribute.RefAttrName.Length > 0) throw Error($"the attribute {name} is one of a function, which is not supported");
        // Files of the first versions do not say what kind of attribute it is.
        if (attribute.Type != kind && attribute.Type != Proto.Attribute.Types.Kind.Undefined) throw Error($"the attribute {name} is of kind {attribute.Type}, expected {kind}");
        return attribute;
    }
}
