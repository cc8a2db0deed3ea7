using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fovea.Lab;

/// <summary>
/// What a study varies: one setting or several that go together, and the values they take. A setting is one of the training ("lr",
/// "batch-size", "optimizer.beta1"), the model, its activation, or a property of a layer ("conv1.stride": of the first convolution).
/// </summary>
/// <param name="Settings">The settings that take the value.</param>
/// <param name="Values">The values, first the one that the others are compared with: words or numbers; or an object of settings and their
/// values, where they differ from each other or some are left alone: {"optimizer": "sgd", "momentum": 0.9}.</param>
public sealed record StudyAxis(IReadOnlyList<string> Settings, IReadOnlyList<JsonElement> Values)
{
    /// <summary>What stands before a number in the name of a variant; the last setting's name unless given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    /// <summary>Names for the values, where they do not speak for themselves.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Reads <c>batch-size=32,1000</c>, or <c>conv1.stride,maxpool1.stride=1,2</c> where settings go together.</summary>
    /// <exception cref="FoveaException">It is no axis.</exception>
    public static StudyAxis Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] pair = text.Split('=', 2);
        string[] settings = pair[0].Split(',', StringSplitOptions.TrimEntries);
        string[] values = pair.Length == 2 ? pair[1].Split(',', StringSplitOptions.TrimEntries) : [];
        if (values.Length == 0 || settings.Concat(values).Any(word => word.Length == 0))
            throw new FoveaException($"expected what varies as in batch-size=32,1000 or conv1.stride=1,2, got \"{text}\".");
        return new StudyAxis(settings, [.. values.Select(Element)]);
    }

    internal static JsonElement Element(string value) => JsonSerializer.SerializeToElement(value, LabJson.Default.String);

    /// <summary>What a value sets.</summary>
    internal IEnumerable<(string Setting, string Value)> SettingsOf(int index) => Values[index].ValueKind == JsonValueKind.Object
        ? Values[index].EnumerateObject().Select(property => (property.Name, Text(property.Value)))
        : Settings.Select(setting => (setting, Value(index)));

    private string Value(int index) => Text(Values[index]);

    /// <summary>A value as settings are given: true, not True; a list with colons between.</summary>
    internal static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => string.Join(':', value.EnumerateArray().Select(Text)),
        _ => value.GetRawText(),
    };

    internal string Label(int index)
    {
        if (Labels is { } labels) return labels[index];
        string value = Value(index), name = Name ?? Settings[^1];
        if (bool.TryParse(value, out _)) return $"{name} {value.ToLowerInvariant()}";
        return decimal.TryParse(value, NumberStyles.Number, CultureInfo.InvariantCulture, out decimal number)
            ? $"{name} {number:#,0.##########}"
            : double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? $"{name} {value}" : value;
    }

    internal void Check()
    {
        if (Settings.Count == 0 || Values.Count == 0) throw new FoveaException(Settings.Count == 0 ? "an axis has no setting: give at least one, as in batch-size." : $"the axis {string.Join(",", Settings)} has no value: give at least one.");
        if (Labels is { } labels && labels.Count != Values.Count)
            throw new FoveaException($"the axis {string.Join(",", Settings)} has {Values.Count} values, but {labels.Count} labels. Give one for each.");
        if (Labels is null && Values.Any(value => value.ValueKind == JsonValueKind.Object))
            throw new FoveaException($"the axis {string.Join(",", Settings)} has values of several settings: give labels, one for each value.");
        if (Values.Any(value => value.ValueKind is JsonValueKind.Array or JsonValueKind.Null))
            throw new FoveaException($"the axis {string.Join(",", Settings)}: a value is a word, a number, true or false, or an object of settings.");
    }
}
