namespace Fovea;

/// <summary>
/// A trained network as one safetensors file: its weights by PyTorch's names, as <see cref="StateDict"/> gives them, and in the file's metadata the
/// model, the normalization and the names of the classes.
/// </summary>
public static class SafetensorsModel
{
    private const string ModelKey = "fovea.model";

    // Far more than the largest model takes.
    private const int LongestModel = 1 << 20;

    /// <summary>The file of a network.</summary>
    public static byte[] Write(TrainedNetwork trained)
    {
        ArgumentNullException.ThrowIfNull(trained);
        var metadata = new OrderedDictionary<string, string>
        {
            // Who reads such files asks for it: the numbers are PyTorch's.
            ["format"] = "pt",
            [ModelKey] = trained.Network.Model.ToJson(),
        };
        foreach (var (key, value) in ModelMetadata.Of(trained.Data.Normalization, trained.Data.Name, trained.Data.ClassNames)) metadata.Add(key, value);
        using var stream = new MemoryStream();
        Safetensors.Write(stream, StateDict.Of(trained.Network), metadata);
        return stream.ToArray();
    }

    /// <summary>Reads the network of a file: one that was written here, or a state_dict that PyTorch saved.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The model whose weights they are; null takes what the file tells.</param>
    /// <returns>The network. Where the file tells nothing, its data are "unknown", pixels from 0 to 1, and its classes numbers.</returns>
    /// <exception cref="DataFormatException">It is no safetensors file, it tells no model and none is given, or its tensors are not those of the model.</exception>
    /// <exception cref="ModelFormatException">The model that the file tells cannot be read.</exception>
    /// <exception cref="ShapeException">A layer of the model does not fit its input.</exception>
    public static TrainedNetwork Read(string path, ModelSpec? model = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        using FileStream stream = File.OpenRead(path);
        Dictionary<string, SafetensorsEntry> tensors = Safetensors.Read(stream, path, out IReadOnlyDictionary<string, string> metadata);
        string? Note(string key) => metadata.GetValueOrDefault(key);
        if (model is null)
        {
            model = Note(ModelKey) is { Length: <= LongestModel } json ? ModelSpec.FromJson(json)
                : throw new DataFormatException($"{path}: the file holds weights alone, and does not tell of which model. Give the model that they are of (--model).");
        }
        Network network = StateDict.ToNetwork(model, tensors, path);
        try
        {
            Normalization normalization = ModelMetadata.Normalization(Note, model.Input) ?? Normalization.None;
            var data = new DataDescription(Note(ModelMetadata.DataKey) ?? "unknown", model.Input, 0, normalization, ModelMetadata.ClassNames(Note, model.Output.Count));
            return new TrainedNetwork(network, new TrainingSettings { Loss = Loss.For(model) }, data, []);
        }
        catch (FormatException exception)
        {
            throw new DataFormatException($"{path}: {exception.Message}.", exception);
        }
    }
}
