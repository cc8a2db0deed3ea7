namespace Fovea;

/// <summary>
/// The weights of a network by PyTorch's names and in its layouts: what state_dict() of the same modules in an nn.Sequential is. "0.weight" is the
/// weight of the first layer, "2.body.0.bias" the bias of the first layer in the body of the third, a residual block. Models of the zoo that are
/// torchvision's take tensors by torchvision's names too: "layer1.0.conv2.weight".
/// </summary>
public static class StateDict
{
    // Kept by PyTorch's batch normalization, and used only where it has no momentum.
    private const string Counter = "num_batches_tracked";

    // What a checkpoint of a training keeps beside the weights.
    private const string OptimizerPrefix = "optimizer.";

    /// <summary>Copies of all parameters and buffers of a network.</summary>
    public static Dictionary<string, SafetensorsEntry> Of(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return Entries(network.Model).ToDictionary(entry => entry.Name, entry => new SafetensorsEntry(entry.Shape, network.GetParameter(entry.Name)));
    }

    /// <summary>How tensors differ from those of a model, by names and shapes. What else a state_dict or a checkpoint of a training holds does
    /// not count.</summary>
    /// <exception cref="ShapeException">A layer does not fit its input.</exception>
    public static StateDictDifference Compare(ModelSpec model, IReadOnlyDictionary<string, SafetensorsEntry> tensors)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tensors);
        return StateDictDifference.Of(Entries(model).ToDictionary(entry => entry.Name, entry => entry.Shape),
            TorchvisionNames.Translate(model, tensors).Where(tensor => !IsBeside(tensor.Key)).ToDictionary(tensor => tensor.Key, tensor => tensor.Value.Shape));
    }

    /// <summary>Gives a network the weights of a safetensors file.</summary>
    /// <exception cref="DataFormatException">The file is no safetensors file, or its tensors are not those of the network: the message lists the missing, the
    /// unexpected and the misshapen ones.</exception>
    public static void Load(Network network, string path) => Load(network, Safetensors.Read(path), path);

    /// <summary>Gives a network the weights of tensors; the source is for messages.</summary>
    /// <exception cref="DataFormatException">They are not those of the network: the message lists the missing, the unexpected and the misshapen ones, and the network
    /// is as it was.</exception>
    public static void Load(Network network, IReadOnlyDictionary<string, SafetensorsEntry> tensors, string source)
    {
        ArgumentNullException.ThrowIfNull(network);
        Check(network.Model, tensors, source);
        IReadOnlyDictionary<string, SafetensorsEntry> translated = TorchvisionNames.Translate(network.Model, tensors);
        foreach (NetworkParameter entry in Entries(network.Model)) network.SetParameter(entry.Name, translated[entry.Name].Values);
    }

    /// <summary>A network with the weights of tensors. No memory is taken for it before they are known to be its.</summary>
    /// <exception cref="DataFormatException">They are not those of the model.</exception>
    /// <exception cref="ShapeException">A layer does not fit its input.</exception>
    internal static Network ToNetwork(ModelSpec model, IReadOnlyDictionary<string, SafetensorsEntry> tensors, string source)
    {
        Check(model, tensors, source);
        var network = new Network(model);
        Load(network, tensors, source);
        return network;
    }

    private static void Check(ModelSpec model, IReadOnlyDictionary<string, SafetensorsEntry> tensors, string source)
    {
        StateDictDifference difference = Compare(model, tensors);
        if (!difference.IsEmpty) throw new DataFormatException($"{source}: the weights are not those of {model}: {difference}.");
    }

    /// <summary>The parameters of a model and its buffers.</summary>
    internal static IEnumerable<NetworkParameter> Entries(ModelSpec model)
    {
        // What does not fit is told as of any model.
        _ = model.Shapes;
        var layers = new LayerSequence("", "", model.Layers);
        return layers.Named(model.Input, (layer, shape) => layer.Parameters(shape)).Concat(layers.Named(model.Input, (layer, shape) => layer.Buffers(shape)))
            .Select(spec => new NetworkParameter(spec.Name, spec.Shape));
    }

    private static bool IsBeside(string name) =>
        name.StartsWith(OptimizerPrefix, StringComparison.Ordinal) || name[(name.LastIndexOf('.') + 1)..] == Counter;
}

/// <summary>How tensors differ from those that are wanted.</summary>
/// <param name="Missing">Those that are wanted and not there.</param>
/// <param name="Unexpected">Those that are there and not wanted.</param>
/// <param name="Misshapen">Those that have another shape: what it is, and what it should be.</param>
public sealed record StateDictDifference(
    IReadOnlyList<NetworkParameter> Missing, IReadOnlyList<NetworkParameter> Unexpected, IReadOnlyList<(NetworkParameter Actual, IReadOnlyList<int> Expected)> Misshapen)
{
    // More than these would bury the message.
    private const int MostListed = 40;

    /// <summary>Whether there is no difference.</summary>
    public bool IsEmpty => Missing.Count + Unexpected.Count + Misshapen.Count == 0;

    /// <summary>"missing: 0.bias [6]; unexpected: conv1.bias [6]; misshapen: 0.weight is [6, 1, 3, 3] instead of [6, 1, 5, 5]".</summary>
    public override string ToString() => string.Join("; ", new[]
    {
        List("missing", [.. Missing.Select(Text)]),
        List("unexpected", [.. Unexpected.Select(Text)]),
        List("misshapen", [.. Misshapen.Select(pair => $"{pair.Actual.Name} is {Text(pair.Actual.Shape)} instead of {Text(pair.Expected)}")]),
    }.OfType<string>());

    internal static StateDictDifference Of(IReadOnlyDictionary<string, IReadOnlyList<int>> wanted, IReadOnlyDictionary<string, IReadOnlyList<int>> actual) => new(
        [.. wanted.Where(entry => !actual.ContainsKey(entry.Key)).Select(entry => new NetworkParameter(entry.Key, entry.Value))],
        [.. actual.Where(entry => !wanted.ContainsKey(entry.Key)).Select(entry => new NetworkParameter(entry.Key, entry.Value))],
        [.. wanted.Where(entry => actual.TryGetValue(entry.Key, out IReadOnlyList<int>? shape) && !shape.SequenceEqual(entry.Value))
            .Select(entry => (new NetworkParameter(entry.Key, actual[entry.Key]), entry.Value))]);

    private static string? List(string what, string[] entries) => entries.Length == 0 ? null
        : $"{what}: {string.Join(", ", entries.Take(MostListed))}{(entries.Length > MostListed ? $", and {entries.Length - MostListed} more" : "")}";

    private static string Text(NetworkParameter parameter) => $"{parameter.Name} {Text(parameter.Shape)}";

    private static string Text(IReadOnlyList<int> shape) => $"[{string.Join(", ", shape)}]";
}
