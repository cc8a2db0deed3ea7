using Proto = Fovea.OnnxProto;

namespace Fovea.Onnx;

/// <summary>How a network is written.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>How the bytes of an image became the floats that the network was trained on; null where it is not known.</summary>
    public Normalization? Normalization { get; init; }

    /// <summary>
    /// Whether the graph begins with the normalization, so that it takes pixels from 0 to 255. Otherwise it takes normalized floats, and the
    /// normalization is only told in the file's metadata.
    /// </summary>
    public bool NormalizeInGraph { get; init; } = true;

    /// <summary>What the data of the training are called; written into the metadata.</summary>
    public string? Data { get; init; }

    /// <summary>The names of the classes; written into the metadata.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];
}

/// <summary>
/// Writes networks as ONNX: operators of version 17, any number of samples, the shape of every value. Constants are named as the network's
/// parameters ("0.weight").
/// </summary>
public static class OnnxExport
{
    /// <summary>The version of the operators that graphs are written in.</summary>
    public const int Opset = 17;

    /// <summary>The names of the graph's input and output.</summary>
    public const string Input = "input", Output = "output";

    /// <summary>The note on what the graph takes, where that is known, and what it says of bytes.</summary>
    internal const string InputKey = "fovea.input", TakesBytes = "pixels from 0 to 255";

    // The first version of the format with these operators.
    private const int IrVersion = 8;

    /// <summary>The graph of a network.</summary>
    /// <exception cref="ShapeException">A layer does not fit its input.</exception>
    public static OnnxModel Of(Network network, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        options ??= new OnnxExportOptions();
        ModelSpec model = network.Model;
        var graph = new GraphBuilder(model.Name ?? "network", Input, model.Input);
        string value = Input;
        if (options is { NormalizeInGraph: true, Normalization: { } normalization }) value = Normalize(graph, normalization, value, model.Input);
        value = LayerNodes.Add(graph, network, value);
        var proto = new Proto.Model
        {
            IrVersion = IrVersion,
            ProducerName = "fovea",
            ProducerVersion = typeof(OnnxExport).Assembly.GetName().Version!.ToString(3),
            Graph = graph.Finish(value, Output, model.Output),
        };
        proto.OpsetImport.Add(new Proto.OperatorSet { Version = Opset });
        AddMetadata(proto, options);
        return new OnnxModel(proto, proto.Graph.Name);
    }

    private static string Normalize(GraphBuilder graph, Normalization normalization, string value, Shape shape)
    {
        int channels = Math.Max(normalization.Mean.Count, normalization.Deviation.Count);
        int[] extents = channels == 1 ? [] : shape.IsFlat ? [channels] : [channels, 1, 1];
        float[] scale = [.. Enumerable.Range(0, channels).Select(normalization.Scale)], shift = [.. Enumerable.Range(0, channels).Select(normalization.Shift)];
        value = graph.Add("normalization", "Mul", [value, graph.Constant("normalization.scale", extents, scale)], shape);
        return graph.Add("normalization", "Add", [value, graph.Constant("normalization.shift", extents, shift)], shape);
    }

    private static void AddMetadata(Proto.Model model, OnnxExportOptions options)
    {
        void Add(string key, string value) => model.MetadataProps.Add(new Proto.TextEntry { Key = key, Value = value });

        if (options.Normalization is not null) Add(InputKey, options.NormalizeInGraph ? TakesBytes : "pixels from 0 to 1, less the mean, divided by the deviation");
        foreach (var (key, value) in ModelMetadata.Of(options.Normalization, options.Data, options.ClassNames)) Add(key, value);
    }
}
