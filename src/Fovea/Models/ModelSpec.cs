using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>A model as data: the shape of its input and a list of layers. It has no weights; a <see cref="Network"/> has.</summary>
/// <param name="Input">The shape of one sample.</param>
/// <param name="Layers">The layers, first to last.</param>
public sealed record ModelSpec(Shape Input, IReadOnlyList<Layer> Layers)
{
    private IReadOnlyList<Shape>? _shapes;

    // A copy may be given other layers: it works its shapes out anew.
    private ModelSpec(ModelSpec other) => (Input, Layers, Name) = (other.Input, other.Layers, other.Name);

    /// <summary>What the model is called, if it has a name.</summary>
    [JsonPropertyOrder(-1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    /// <summary>The shapes between the layers: the input's, and each layer's output.</summary>
    /// <exception cref="ShapeException">A layer does not fit its input.</exception>
    [JsonIgnore]
    public IReadOnlyList<Shape> Shapes => _shapes ??= Resolve();

    /// <summary>The shape of the last layer's output.</summary>
    /// <exception cref="ShapeException">A layer does not fit its input.</exception>
    [JsonIgnore]
    public Shape Output => Shapes[^1];

    /// <summary>The names that layers have in a line of text: "conv", "relu", ...</summary>
    public static IReadOnlyCollection<string> LayerNames => LayerText.Names;

    /// <summary>Those of activations: "relu", "tanh", ...</summary>
    public static IReadOnlyCollection<string> ActivationNames => LayerText.Activations;

    /// <summary>Reads a line of text such as <c>conv 32 k5 p2 | relu | maxpool 5 s1 | flatten | linear 10 | logsoftmax</c>.</summary>
    /// <exception cref="ModelFormatException">The text is not a model's.</exception>
    public static ModelSpec Parse(string text, Shape input)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new ModelSpec(input, LayerText.ParseAll(text));
    }

    /// <summary>The parts of a line of text that are a layer each; the layers inside of a block are no parts of their own.</summary>
    /// <exception cref="ModelFormatException">A parenthesis has no partner.</exception>
    public static IReadOnlyList<string> Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return LayerText.Split(text, '|');
    }

    /// <summary>The layers as a line of text.</summary>
    public string ToText() => LayerText.FormatAll(Layers);

    /// <summary>Reads what <see cref="ToJson"/> writes.</summary>
    /// <exception cref="ModelFormatException">The JSON is not a model's.</exception>
    public static ModelSpec FromJson(string json)
    {
        try
        {
            JsonNode? node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (node is not JsonObject model || model["layers"] is not JsonArray layers)
                throw new JsonException("expected {\"input\":[1,28,28],\"layers\":[{\"type\":\"conv2d\",\"filters\":8,\"kernel\":3},...]}");
            // For its messages: each names the layer.
            for (int i = 0; i < layers.Count; i++) LayerText.Read(layers[i], i);
            return JsonDefaults.Read<ModelSpec>(node);
        }
        catch (JsonException exception)
        {
            throw new ModelFormatException($"the model's JSON cannot be read: {exception.Message.Split('\n')[0].TrimEnd('.')}.", exception);
        }
    }

    /// <summary>The model as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<ModelSpec>());

    /// <summary>Equal when input and layers are; the name does not count.</summary>
    public bool Equals(ModelSpec? other) => other is not null && Input == other.Input && Layers.SequenceEqual(other.Layers);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Input, Layers.Count);

    /// <inheritdoc/>
    public override string ToString() => Name ?? ToText();

    private Shape[] Resolve() => LayerSequence.Shapes(Layers, Input, (exception, i) => exception.At(i, Layers[i]));
}
