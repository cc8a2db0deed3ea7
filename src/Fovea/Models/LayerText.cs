using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Fovea;

/// <summary>
/// Layers as one line of text, <c>conv 32 k5 p2</c>: the type, its first property, and the others by a letter (<c>k5</c>, <c>s2</c>,
/// <c>p1</c>, <c>d2</c>, <c>g4</c>; heights and widths as <c>k5x3</c>), as <c>key=value</c>, or, for a property that is true or false, as a
/// word (<c>ceil</c>, <c>nobias</c>). The layers that a layer consists of stand in parentheses after its type, their rows divided by
/// semicolons: <c>residual(conv 8 k3 p1 | relu ; conv 8 k1)</c>. All is read and written through the JSON metadata of the records, so that a
/// new layer needs no line here.
/// </summary>
internal static class LayerText
{
    private sealed record Abbreviation(char Letter, string Property);

    private static readonly Abbreviation[] s_letters = [new('k', "kernel"), new('s', "stride"), new('p', "padding"), new('d', "dilation"), new('g', "groups")];

    /// <summary>The types, by the name in text: "conv" for "conv2d".</summary>
    private static readonly Dictionary<string, FoveaJson.Kind> s_types = FoveaJson.Kinds<Layer>().ToDictionary(kind => Short(kind.Name));

    /// <summary>The names that a layer may have in text.</summary>
    public static IReadOnlyCollection<string> Names => s_types.Keys;

    /// <summary>Those of activations.</summary>
    public static IReadOnlyCollection<string> Activations => [.. FoveaJson.Kinds<Layer>().Where(kind => kind.Type.IsSubclassOf(typeof(Activation))).Select(kind => Short(kind.Name))];

    // Blocks inside of blocks inside of ...: more than anyone writes, less than a stack holds.
    private const int MaximumDepth = 16;

    /// <summary>Reads layers with bars between them.</summary>
    /// <exception cref="ModelFormatException">The text is not layers'.</exception>
    public static IReadOnlyList<Layer> ParseAll(string text) => [.. Split(text, '|').Select((layer, i) => Parse(layer, i))];

    /// <summary>Writes layers, so that <see cref="ParseAll"/> reads the same.</summary>
    public static string FormatAll(IEnumerable<Layer> layers) => string.Join(" | ", layers.Select(Format));

    /// <summary>The parts of a text between separators that do not stand in parentheses.</summary>
    /// <exception cref="ModelFormatException">A parenthesis has no partner, or there are too many inside each other.</exception>
    public static IReadOnlyList<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        int depth = 0, start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '(' && ++depth > MaximumDepth)
                throw new ModelFormatException($"the layers stand in more than {MaximumDepth} parentheses inside each other. Use fewer.");
            if (text[i] == ')' && --depth < 0)
                throw new ModelFormatException($"the closing parenthesis after \"{Tail(text[..i])}\" has no opening one. Remove it, or open it before.");
            if (text[i] != separator || depth > 0) continue;
            parts.Add(text[start..i]);
            start = i + 1;
        }
        if (depth > 0) throw new ModelFormatException($"{(depth == 1 ? "a parenthesis is" : $"{depth} parentheses are")} not closed in \"{text.Trim()}\". Close {(depth == 1 ? "it" : "them")}.");
        parts.Add(text[start..]);
        return parts;
    }

    private static string Tail(string text) => text.Length > 20 ? "..." + text[^20..] : text;

    /// <summary>Reads one layer.</summary>
    /// <param name="text">The layer.</param>
    /// <param name="index">Its place in its row.</param>
    /// <param name="row">Which row inside of a layer that is, if any: "layer 3 residual, body ".</param>
    /// <exception cref="ModelFormatException">The text is not a layer's.</exception>
    public static Layer Parse(string text, int index, string row = "")
    {
        int open = text.IndexOf('('), close = text.LastIndexOf(')');
        bool hasInner = open >= 0 && close > open;
        string[] words = (hasInner ? text[..open] : text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string place = $"{row}layer {index + 1} \"{text.Trim()}\": ";
        if (words.Length == 0)
            throw new ModelFormatException($"{row}layer {index + 1} is empty. Write the layers between bars: conv 32 k5 p2 | relu | flatten | linear 10.");
        if (!s_types.TryGetValue(Short(words[0].ToLowerInvariant()), out var kind))
            throw new ModelFormatException($"{place}there is no layer \"{words[0]}\". {Nearest.Hint(words[0], Names)}Known layers: {string.Join(", ", Names)}.");

        JsonTypeInfo type = FoveaJson.Default.GetTypeInfo(kind.Type)!;
        var json = new JsonObject();
        if (hasInner) AddRows(json, type, text[(open + 1)..close], $"{row}layer {index + 1} {words[0]}", place);
        string[] rest = hasInner ? text[(close + 1)..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) : [];
        foreach (string word in words.Skip(1).Concat(rest)) AddProperty(json, type, word, place);
        return Read(json, kind.Name, type, place);
    }

    // What stands in a layer's parentheses: a property each, in order; a property that is several rows takes all that are left.
    private static void AddRows(JsonObject json, JsonTypeInfo type, string text, string layer, string place)
    {
        JsonPropertyInfo[] properties = [.. Settable(type).Where(HoldsLayers)];
        if (properties.Length == 0) throw new ModelFormatException($"{place}it consists of no layers, so that none can stand in parentheses after it.");
        IReadOnlyList<string> rows = Split(text, ';');
        // By its constructor: an expression of a collection would call an Add that needs reflection.
        JsonArray Row(int i, string name) => rows[i].AsSpan().Trim().IsEmpty ? []
            : new JsonArray([.. Split(rows[i], '|').Select((inner, k) => Node(Parse(inner, k, $"{layer}, {name} "), FoveaJson.Of<Layer>()))]);
        if (properties[0].PropertyType == typeof(IReadOnlyList<IReadOnlyList<Layer>>))
        {
            json[properties[0].Name] = new JsonArray([.. Enumerable.Range(0, rows.Count).Select(i => Row(i, $"branch {i + 1}"))]);
            return;
        }
        if (rows.Count > properties.Length)
            throw new ModelFormatException($"{place}it has {string.Join(", ", properties.Select(p => p.Name))}, but {rows.Count} rows of layers are given. Leave out semicolons.");
        for (int i = 0; i < rows.Count; i++)
        {
            JsonArray row = Row(i, properties[i].Name);
            if (properties[i].PropertyType == typeof(IReadOnlyList<Layer>)) json[properties[i].Name] = row;
            else if (row.Count > 1) throw new ModelFormatException($"{place}{properties[i].Name} is one layer, but {row.Count} are given.");
            else if (row.Count == 1) json[properties[i].Name] = row[0]!.DeepClone();
        }
    }

    private static bool HoldsLayers(JsonPropertyInfo property) =>
        property.PropertyType == typeof(IReadOnlyList<Layer>) || property.PropertyType == typeof(IReadOnlyList<IReadOnlyList<Layer>>) || property.PropertyType == typeof(Layer);

    /// <summary>Reads one layer of a model's JSON.</summary>
    /// <exception cref="ModelFormatException">The JSON is not a layer's.</exception>
    public static Layer Read(JsonNode? node, int index, string row = "")
    {
        string place = $"{row}layer {index + 1}: ";
        if (node is not JsonObject json || json["type"] is not JsonValue value || !value.TryGetValue(out string? name))
            throw new ModelFormatException($"{place}expected a layer such as {{\"type\":\"conv2d\",\"filters\":8,\"kernel\":3}}, got {node?.ToJsonString() ?? "null"}.");
        if (FoveaJson.Kinds<Layer>().FirstOrDefault(kind => kind.Name == name) is not { } kind)
        {
            IReadOnlyList<string> known = FoveaJson.Names<Layer>();
            throw new ModelFormatException($"{place}there is no layer \"{name}\". {Nearest.Hint(name, known)}Known layers: {string.Join(", ", known)}.");
        }
        JsonTypeInfo info = FoveaJson.Default.GetTypeInfo(kind.Type)!;
        place = $"{row}layer {index + 1} {name}: ";
        if (json.FirstOrDefault(property => property.Key != "type" && !Settable(info).Any(p => p.Name == property.Key)).Key is { } unknown)
            throw NoSuchProperty(info, unknown, place);
        // For its messages: each names the layer.
        foreach (JsonPropertyInfo property in Settable(info).Where(HoldsLayers)) ReadRows(json[property.Name], $"{row}layer {index + 1} {name}, {property.Name} ");
        JsonObject properties = json.DeepClone().AsObject();
        properties.Remove("type");
        return Read(properties, name, info, place);
    }

    private static void ReadRows(JsonNode? node, string row)
    {
        if (node is JsonObject) Read(node, 0, row);
        if (node is not JsonArray layers) return;
        for (int i = 0; i < layers.Count; i++)
        {
            if (layers[i] is JsonArray) ReadRows(layers[i], $"{row}{i + 1} ");
            else Read(layers[i], i, row);
        }
    }

    private static Layer Read(JsonObject json, string kind, JsonTypeInfo type, string place)
    {
        string[] missing = [.. Settable(type)
            .Where(p => p.AssociatedParameter is { HasDefaultValue: false, IsMemberInitializer: false } && !json.ContainsKey(p.Name)).Select(p => p.Name)];
        if (missing.Length > 0)
            throw new ModelFormatException($"{place}it needs {string.Join(" and ", missing)}, as in \"{Example(kind)}\".");
        try
        {
            return (Layer)JsonDefaults.Read(json, type);
        }
        catch (JsonException exception)
        {
            string property = exception.Path?.Split('.', '[')[1] ?? "";
            string size = Settable(type).Any(p => p.Name == property && (p.PropertyType == typeof(Size2D) || p.PropertyType == typeof(Size2D?)))
                ? ": a size is a number, or height x width" : "";
            throw new ModelFormatException($"{place}{property} cannot be {json[property]?.ToJsonString() ?? "null"}{size}.", exception);
        }
        catch (ArgumentException exception)
        {
            // What a record says of a number out of its range, without the name of its parameter.
            throw new ModelFormatException($"{place}{exception.Message.Split(" (Parameter")[0]}.", exception);
        }
    }

    private static void AddProperty(JsonObject json, JsonTypeInfo type, string word, string place)
    {
        string[] pair = word.Split('=', 2);
        JsonPropertyInfo? property;
        JsonNode? value;
        if (pair.Length == 2)
        {
            property = Find(type, pair[0]);
            value = Value(pair[1]) ?? JsonValue.Create(pair[1]);
        }
        else if (Value(word) is { } number && number.GetValueKind() is JsonValueKind.Number or JsonValueKind.Array)
        {
            property = Settable(type).FirstOrDefault(p => p.AssociatedParameter is { Position: 0, IsMemberInitializer: false });
            value = number;
        }
        else if (word.Length > 1 && s_letters.FirstOrDefault(l => l.Letter == char.ToLowerInvariant(word[0]))?.Property is { } name && Value(word[1..]) is { } size)
        {
            property = Find(type, name);
            value = size;
        }
        else
        {
            bool no = word.StartsWith("no", StringComparison.OrdinalIgnoreCase) && Flag(type, word[2..]) is not null;
            property = Flag(type, no ? word[2..] : word);
            value = JsonValue.Create(!no);
        }
        if (property is null || value is null) throw NoSuchProperty(type, word, place);
        if (!json.TryAdd(property.Name, value))
            throw new ModelFormatException($"{place}{property.Name} is given twice.");
    }

    private static ModelFormatException NoSuchProperty(JsonTypeInfo type, string given, string place)
    {
        string properties = string.Join(", ", Settable(type).Select(p => p.Name));
        return new($"{place}\"{given}\" is none of its properties. It has {(properties.Length == 0 ? "none" : properties)}.");
    }

    // The properties that can be given: what a layer computes is none.
    private static IEnumerable<JsonPropertyInfo> Settable(JsonTypeInfo type) => type.Properties.Where(p => p.AssociatedParameter is not null);

    private static JsonPropertyInfo? Find(JsonTypeInfo type, string name) =>
        Settable(type).FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    // "ceil" finds ceilMode.
    private static JsonPropertyInfo? Flag(JsonTypeInfo type, string name) => Settable(type).FirstOrDefault(p => p.PropertyType == typeof(bool)
        && (p.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || p.Name.Equals(name + "Mode", StringComparison.OrdinalIgnoreCase)));

    private static JsonNode? Value(string text)
    {
        if (bool.TryParse(text, out bool flag)) return JsonValue.Create(flag);
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int integer)) return JsonValue.Create(integer);
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real)) return JsonValue.Create(real);
        string[] sides = text.Split('x');
        if (sides.Length == 2 && int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out int height)
            && int.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out int width))
            return new JsonArray(height, width);
        return null;
    }

    /// <summary>Writes one layer, so that <see cref="Parse"/> reads the same.</summary>
    public static string Format(Layer layer)
    {
        var words = new List<string>();
        foreach (var (property, value) in Properties(layer).Where(p => !HoldsLayers(p.Property)))
        {
            bool flag = value.GetValueKind() is JsonValueKind.True or JsonValueKind.False;
            string text = Text(value);
            if (property.AssociatedParameter is { Position: 0, IsMemberInitializer: false }) words.Add(text);
            else if (flag) words.Add((value.GetValue<bool>() ? "" : "no") + (property.Name.EndsWith("Mode", StringComparison.Ordinal) ? property.Name[..^4] : property.Name.ToLowerInvariant()));
            else if (s_letters.FirstOrDefault(l => l.Property == property.Name) is { } abbreviation) words.Add(abbreviation.Letter + text);
            else words.Add($"{property.Name}={(value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : text)}");
        }
        string rows = layer switch
        {
            Residual { Shortcut: [], Activation: null } r => FormatAll(r.Body),
            Residual { Activation: { } activation } r => $"{FormatAll(r.Body)} ; {FormatAll(r.Shortcut)} ; {Format(activation)}",
            Residual r => $"{FormatAll(r.Body)} ; {FormatAll(r.Shortcut)}",
            Composite c => string.Join(" ; ", c.Sequences.Select(row => FormatAll(row.Layers))),
            _ => "",
        };
        // A row without layers leaves no more than its semicolon.
        return string.Join(' ', words.Prepend(Short(TypeOf(layer)) + (layer is Composite ? $"({rows.Replace("  ", " ")})" : "")));
    }

    /// <summary>The layer in text, of one that consists of layers only its type.</summary>
    public static string FormatBriefly(Layer layer) => layer is Composite ? Short(TypeOf(layer)) : Format(layer);

    /// <summary>"conv2d(filters 4, kernel 5)": how messages name a layer.</summary>
    public static string Describe(Layer layer)
    {
        if (layer is Composite composite)
            return $"{TypeOf(layer)}({composite.Inner.Count()} {(composite.Inner.Count() == 1 ? "layer" : "layers")})";
        string properties = string.Join(", ", Properties(layer).Select(p => $"{p.Property.Name} {Text(p.Value)}"));
        return properties.Length == 0 ? TypeOf(layer) : $"{TypeOf(layer)}({properties})";
    }

    /// <summary>The type's name in JSON: "conv2d".</summary>
    public static string TypeOf(Layer layer) => FoveaJson.NameOf(layer);

    // The properties of the constructor, and those that are not at their defaults.
    private static IEnumerable<(JsonPropertyInfo Property, JsonNode Value)> Properties(Layer layer)
    {
        JsonTypeInfo type = FoveaJson.Default.GetTypeInfo(layer.GetType())!;
        JsonObject node = Node(layer, type), plain = [];
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (property.AssociatedParameter is { IsMemberInitializer: false }) plain[property.Name] = node[property.Name]!.DeepClone();
        }
        JsonObject defaults = Node((Layer)JsonDefaults.Read(plain, type), type);
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (node[property.Name] is not { } value) continue;
            if (property.AssociatedParameter is { IsMemberInitializer: false } || !JsonNode.DeepEquals(value, defaults[property.Name])) yield return (property, value);
        }
    }

    private static JsonObject Node(Layer layer, JsonTypeInfo type) => JsonSerializer.SerializeToNode(layer, type)!.AsObject();

    private static string Text(JsonNode value) => value is JsonArray sides ? $"{sides[0]}x{sides[1]}" : value.ToJsonString();

    /// <summary>The type's name in text: "conv" for "conv2d", but "dropout2d", as there is a "dropout" too.</summary>
    public static string Short(string type) => type.EndsWith("2d", StringComparison.Ordinal) && !FoveaJson.Names<Layer>().Contains(type[..^2]) ? type[..^2] : type;

    private static string Example(string type) => type switch
    {
        "conv2d" => "conv 32 k5 p2",
        "convtranspose2d" => "convtranspose 16 k2 s2",
        "linear" => "linear 128",
        "residual" => "residual(conv 16 k3 p1 | relu | conv 16 k3 p1)",
        "concat" => "concat(conv 8 k1 ; conv 8 k3 p1)",
        "branch" => "branch(conv 8 k3 | relu)",
        _ => $"{Short(type)} 2",
    };
}
