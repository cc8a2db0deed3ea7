using Proto = Fovea.OnnxProto;

namespace Fovea.Onnx;

/// <summary>A network that was read from an ONNX file.</summary>
/// <param name="Network">The network, with the file's weights.</param>
/// <param name="Normalization">How bytes become its input; pixels from 0 to 1 where the file says nothing.</param>
/// <param name="Data">What it was trained on, where the file says so.</param>
/// <param name="ClassNames">The names of its classes; numbers where the file says nothing.</param>
public sealed record OnnxNetwork(Network Network, Normalization Normalization, string? Data, IReadOnlyList<string> ClassNames);

/// <summary>Reads networks from ONNX files: layers one after another, with their weights.</summary>
public static class OnnxImport
{
    /// <summary>The network of a graph.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="input">The shape of a sample, where the file does not say it.</param>
    /// <exception cref="OnnxException">Something in it is no layer; the message names the node.</exception>
    public static OnnxNetwork Of(OnnxModel model, Shape? input = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var (start, end, shape, samples) = OnnxStep.Read(model, input);
        var (normalization, classNames) = Told(model, shape);
        // A graph of our own that takes bytes begins with two nodes that the data are normalized by in a network.
        if (normalization is not null && end.PathFrom(start) is [{ Node.Operation: "Mul" } scale, { Node.Operation: "Add" } shift, ..]
            && model.Proto.MetadataProps.Any(entry => entry is { Key: OnnxExport.InputKey, Value: OnnxExport.TakesBytes }))
        {
            Check(model, normalization, scale.Constants.OfType<OnnxTensor>().FirstOrDefault(), shift.Constants.OfType<OnnxTensor>().FirstOrDefault());
            start = shift;
        }
        var layers = new StepLayers(shape, samples, []);
        layers.Add(start, end);
        if (layers.Layers.Count == 0) throw new OnnxException($"{model.Name}: there is no layer in it.");
        string name = model.Proto.Graph.Name.Length > 0 ? model.Proto.Graph.Name : Path.GetFileNameWithoutExtension(model.Name);
        var network = new Network(new ModelSpec(shape, layers.Layers) { Name = name });
        foreach (var (parameter, values) in layers.Weights) network.SetParameter(parameter, values);
        return new OnnxNetwork(network, normalization ?? Normalization.None, Metadata(model, ModelMetadata.DataKey), classNames(network.Output.Count));
    }

    private static (Normalization? Normalization, Func<int, IReadOnlyList<string>> ClassNames) Told(OnnxModel model, Shape shape)
    {
        string? Note(string key) => Metadata(model, key);
        return (Read(() => ModelMetadata.Normalization(Note, shape)), outputs => Read(() => ModelMetadata.ClassNames(Note, outputs)));

        T Read<T>(Func<T> read)
        {
            try
            {
                return read();
            }
            catch (FormatException exception)
            {
                throw new OnnxException($"{model.Name}: {exception.Message}.", exception);
            }
        }
    }

    private static void Check(OnnxModel model, Normalization told, OnnxTensor? scale, OnnxTensor? shift)
    {
        bool agrees = scale?.AllFloats is { } scales && shift?.AllFloats is { } shifts
            && scales.Select((value, i) => Math.Abs(value - told.Scale(i)) <= 1e-5f * Math.Abs(value)).All(same => same)
            && shifts.Select((value, i) => Math.Abs(value - told.Shift(i)) <= 1e-5f * (1 + Math.Abs(value))).All(same => same);
        if (!agrees) throw new OnnxException($"{model.Name}: the normalization at the beginning of the graph is not the one that the metadata tell.");
    }

    private static string? Metadata(OnnxModel model, string key) => model.Proto.MetadataProps.FirstOrDefault((Proto.TextEntry entry) => entry.Key == key)?.Value;
}
