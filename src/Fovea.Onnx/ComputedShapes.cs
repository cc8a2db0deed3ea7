using Proto = Fovea.OnnxProto;

namespace Fovea.Onnx;

/// <summary>
/// What a graph computes of the shapes of its values: programs write <c>x.view(x.size(0), -1)</c> as nodes that take a shape apart and put it
/// together again. As the shape of a sample is known, so is what comes of it, but for the number of samples: all is computed for two such numbers.
/// </summary>
internal sealed class ComputedShapes
{
    private readonly Dictionary<string, OnnxTensor> _constants, _others = [];
    private readonly Func<int, IReadOnlyDictionary<string, OnnxTensor>> _measure;
    private readonly int[] _batches;
    private IReadOnlyDictionary<string, OnnxTensor>[]? _measured;

    /// <param name="model">The graph.</param>
    /// <param name="input">The name of its input.</param>
    /// <param name="sample">The shape of a sample.</param>
    /// <param name="samples">How many samples it takes; null where any number.</param>
    /// <param name="constants">Its constants; what is computed becomes one.</param>
    public ComputedShapes(OnnxModel model, string input, Shape sample, int? samples, Dictionary<string, OnnxTensor> constants)
    {
        (_constants, _batches) = (constants, samples is { } fixedNumber ? [fixedNumber] : [1, 2]);
        string[] wanted = [.. model.Proto.Graph.Node.Where(AsksForShape).SelectMany(node => node.Output)];
        int[] extents = sample.IsFlat ? [sample.Count] : [sample.Channels, sample.Height, sample.Width];
        long largest = Indexing.Largest(constants.Values.Sum(value => (long)value.Count));
        _measure = batch =>
        {
            if ((long)batch * sample.Count is var count && count > largest) throw new OnnxException($"{model.Name}: {batch} samples of {sample} would be {count:N0} numbers, far more than the file is made for.");
            return OnnxEvaluator.Values(model, new Dictionary<string, OnnxTensor> { [input] = new([batch, .. extents], new float[count]) }, wanted);
        };
    }

    /// <summary>Computes a node if its outputs follow from constants and shapes alone.</summary>
    /// <param name="node">The node.</param>
    /// <param name="ofData">Whether it takes a value that depends on the input.</param>
    /// <returns>Whether it is computed.</returns>
    public bool TryCompute(OnnxNode node, bool ofData)
    {
        if (ofData && node.Operation is not ("Shape" or "Size")) return false;
        if (ofData) _measured ??= [.. _batches.Select(_measure)];
        OnnxTensor[] results = Compute(0);
        bool varies = _batches.Length > 1 && (ofData || node.Inputs.Any(_others.ContainsKey));
        OnnxTensor[] others = varies ? Compute(1) : results;
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i] is not { Length: > 0 } name) continue;
            _constants[name] = results[i];
            if (!Same(results[i], others[i])) _others[name] = others[i];
        }
        return true;

        OnnxTensor[] Compute(int batch) => ofData ? [_measured![batch][node.Outputs[0]]]
            : OnnxEvaluator.Evaluate(node, [.. node.Inputs.Select(name => (batch == 1 ? _others.GetValueOrDefault(name) : null) ?? _constants.GetValueOrDefault(name))]);
    }

    /// <summary>Checks that a node that takes data takes nothing else that depends on the number of samples, but for that number as the first extent of a shape.</summary>
    /// <exception cref="OnnxException">It does.</exception>
    public void Check(OnnxNode node)
    {
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            if (!_others.TryGetValue(node.Inputs[i], out OnnxTensor? other)) continue;
            OnnxTensor one = _constants[node.Inputs[i]];
            bool isShape = (node.Operation, i) is ("Reshape", 1) or ("Resize", 3) && one.AllIntegers is [var first, ..] && first == _batches[0] && other.AllIntegers is [var second, ..] && second == _batches[1]
                && one.AllIntegers.Skip(1).SequenceEqual(other.AllIntegers.Skip(1));
            if (!isShape) throw node.Error($"its input {node.Inputs[i]} depends on the number of samples, which no layer's numbers do");
        }
    }

    private static bool AsksForShape(Proto.Node node) => node.OpType is "Shape" or "Size" && node.Domain is "" or "ai.onnx";

    private static bool Same(OnnxTensor a, OnnxTensor b) =>
        a.Shape.SequenceEqual(b.Shape) && (a.AllFloats is { } floats ? b.AllFloats is not null && floats.SequenceEqual(b.AllFloats)
            : b.AllIntegers is not null && a.AllIntegers!.SequenceEqual(b.AllIntegers));
}
