using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Fovea.Lab;

/// <summary>Makes a variant of a study from settings by name: first the model and its layers, then what the others build on.</summary>
internal static partial class VariantSettings
{
    // What brings defaults of its own comes before what changes them.
    private static readonly string[] s_first = ["loss", "optimizer", "schedule"];

    /// <summary>A variant.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">The model: a name of the zoo, a file or a line of text.</param>
    /// <param name="input">The shape of a sample, if it is given.</param>
    /// <param name="data">The dataset, which has the shape where the model has none.</param>
    /// <param name="dataFolder">Where its files are.</param>
    /// <param name="values">Settings and their values.</param>
    public static StudyVariant Build(string name, string text, Shape? input, string data, string? dataFolder, Dictionary<string, string> values)
    {
        ModelSpec model = ReadModel(values.GetValueOrDefault("model", text), input, data, dataFolder);
        if (values.TryGetValue("activation", out string? activation)) model = WithActivation(model, activation);
        foreach (var (setting, value) in values)
        {
            if (LayerProperty().Match(setting) is { Success: true } match && IsLayer(match.Groups[1].Value))
                model = WithProperty(model, match.Groups[1].Value, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture), match.Groups[3].Value, value);
        }
        var settings = new TrainingSettings();
        if (!values.ContainsKey("loss")) settings = settings with { Loss = Loss.For(model) };
        foreach (var (setting, value) in values.OrderBy(v => Array.IndexOf(s_first, v.Key) is >= 0 and var place ? place : s_first.Length))
        {
            bool isOfModel = setting is "model" or "activation"
                || (LayerProperty().Match(setting) is { Success: true } match && IsLayer(match.Groups[1].Value));
            if (!isOfModel) settings = settings.With(setting, value);
        }
        return new StudyVariant(name, model, settings);
    }

    private static ModelSpec ReadModel(string text, Shape? input, string data, string? dataFolder)
    {
        ModelSpec? known = Zoo.Find(text);
        if (known is null && text.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            if (!File.Exists(text)) throw new ModelFormatException($"{text}: there is no such file.");
            known = ModelSpec.FromJson(TextFile.Read(text));
        }
        if (known is not null) return input is { } given ? known with { Input = given } : known;
        bool isLine = text.Contains('|') || text.Any(char.IsWhiteSpace) || ModelSpec.LayerNames.Contains(text, StringComparer.OrdinalIgnoreCase);
        if (!isLine) return Zoo.Get(text);
        return ModelSpec.Parse(text, input ?? Datasets.ShapeOf(data, dataFolder));
    }

    private static ModelSpec WithActivation(ModelSpec model, string text)
    {
        string name = text.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault("");
        if (!ModelSpec.ActivationNames.Contains(name, StringComparer.OrdinalIgnoreCase))
            throw new FoveaException($"activation: there is no activation \"{name}\". {Nearest.Hint(name, ModelSpec.ActivationNames)}Activations: {string.Join(", ", ModelSpec.ActivationNames)}.");
        if (ModelSpec.Parse(text, model.Input).Layers is not [Activation activation])
            throw new FoveaException($"activation: expected one activation such as relu or tanh, got \"{text}\".");
        // What the model ends with is what the loss takes.
        int last = model.Layers.Count - 1;
        Layer[] Changed(IReadOnlyList<Layer> layers, int end) => [.. layers.Select((layer, i) => i < end ? Change(layer) : layer)];
        Layer Change(Layer layer) => layer switch
        {
            Activation => activation,
            Residual r => r with { Body = Changed(r.Body, r.Body.Count), Shortcut = Changed(r.Shortcut, r.Shortcut.Count), Activation = r.Activation is null ? null : activation },
            Concat c => c with { Branches = [.. c.Branches.Select(branch => Changed(branch, branch.Count))] },
            Branch b => b with { Layers = Changed(b.Layers, b.Layers.Count) },
            _ => layer,
        };
        return Named(model with { Layers = Changed(model.Layers, last) });
    }

    private static ModelSpec WithProperty(ModelSpec model, string kind, int number, string property, string value)
    {
        JsonObject json = JsonNode.Parse(model.ToJson())!.AsObject();
        JsonObject[] layers = [.. json["layers"]!.AsArray().Select(layer => layer!.AsObject()).Where(layer => IsOfKind(layer, kind))];
        if (number < 1 || number > layers.Length)
        {
            throw new FoveaException($"{kind}{number}.{property}: the model {model} has {(layers.Length == 0 ? $"no layer {kind}" : $"only {layers.Length} of the layers {kind}")}. "
                + "Layers of a kind are counted from 1, as in conv1.stride.");
        }
        string[] sides = value.Split('x');
        bool isSize = sides.Length == 2 && sides.All(side => int.TryParse(side, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        layers[number - 1][property] = isSize ? JsonNode.Parse($"[{sides[0]},{sides[1]}]") : Bare(value);
        return Named(ModelSpec.FromJson(json.ToJsonString()) with { Name = null });
    }

    private static JsonNode Bare(string value)
    {
        if (bool.TryParse(value, out bool flag)) return JsonValue.Create(flag);
        if (int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int integer)) return JsonValue.Create(integer);
        return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real)
            ? JsonValue.Create(real) : JsonValue.Create(value);
    }

    // A changed model has no name, unless it has become one of the zoo.
    private static ModelSpec Named(ModelSpec model) =>
        Zoo.Models.Select(known => Zoo.Get(known.Name)).FirstOrDefault(known => known.Equals(model)) ?? model with { Name = null };

    private static bool IsLayer(string kind) => ModelSpec.LayerNames.Contains(kind);

    // "conv" is "conv2d" in JSON.
    private static bool IsOfKind(JsonObject layer, string kind) => (string)layer["type"]! is var type && (type == kind || type == kind + "2d");

    [GeneratedRegex(@"^([a-z][a-z0-9-]*?)(\d+)\.([A-Za-z]\w*)$")]
    private static partial Regex LayerProperty();
}
