namespace Fovea.Onnx;

/// <summary>The inputs of a node; null where one is left out.</summary>
internal sealed class Operands(OnnxNode node, IReadOnlyList<OnnxTensor?> values)
{
    /// <summary>An input that must be there.</summary>
    public OnnxTensor this[int index] => Optional(index) ?? throw node.Error($"its input {index + 1} is missing");

    public int Count => values.Count;

    public OnnxTensor? Optional(int index) => index < values.Count ? values[index] : null;

    /// <summary>An input that must be floats.</summary>
    public OnnxTensor Floats(int index) => this[index] is { AllFloats: not null } tensor
        ? tensor
        : throw node.Error($"its input {index + 1} is of type {this[index].Type}; only float32 is supported there");

    /// <summary>An input that must be a list of whole numbers, each of which fits an int.</summary>
    public int[]? Integers(int index)
    {
        if (Optional(index) is not { } tensor) return null;
        if (tensor.AllIntegers is not { } values || tensor.Rank > 1) throw node.Error($"its input {index + 1} is {tensor}; expected a list of whole numbers");
        return [.. values.Select(value => (int)Math.Clamp(value, int.MinValue, int.MaxValue))];
    }

    /// <summary>An input that must be a single number.</summary>
    public double? Scalar(int index) => Optional(index) switch
    {
        null => null,
        { Count: 1 } tensor => tensor[0],
        var tensor => throw node.Error($"its input {index + 1} is {tensor}; expected a single number"),
    };
}
