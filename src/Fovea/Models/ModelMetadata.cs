using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fovea;

/// <summary>What a file of a network tells beside its weights, as texts by keys: a JSON list of numbers or of names, or a name.</summary>
internal static class ModelMetadata
{
    public const string MeanKey = "fovea.normalization.mean", DeviationKey = "fovea.normalization.deviation", ClassesKey = "fovea.classes", DataKey = "fovea.data";

    // Far more than the names of all classes take.
    private const int LongestNote = 1 << 20;

    /// <summary>The notes on what a network was trained on, as far as it is known.</summary>
    public static IEnumerable<(string Key, string Value)> Of(Normalization? normalization, string? data, IReadOnlyList<string> classNames)
    {
        if (normalization is not null)
        {
            yield return (MeanKey, Numbers(normalization.Mean));
            yield return (DeviationKey, Numbers(normalization.Deviation));
        }
        if (data is not null) yield return (DataKey, data);
        if (classNames.Count > 0) yield return (ClassesKey, new JsonArray([.. classNames.Select(name => (JsonNode)name)]).ToJsonString());
    }

    /// <summary>The normalization that is told, or null.</summary>
    /// <exception cref="FormatException">A note is no list of numbers, or none that samples of this shape can be normalized with.</exception>
    public static Normalization? Normalization(Func<string, string?> note, Shape shape)
    {
        IReadOnlyList<float>? mean = Read(note, MeanKey, element => element.GetSingle()), deviation = Read(note, DeviationKey, element => element.GetSingle());
        if (mean is null || deviation is null) return null;
        try
        {
            var normalization = new Normalization(mean, deviation);
            normalization.Check("normalization", shape);
            return normalization;
        }
        catch (FoveaException exception)
        {
            throw new FormatException($"its metadata on the {exception.Message.TrimEnd('.')}", exception);
        }
    }

    // More outputs are those of an image, not classes: a file of few bytes may have a network of millions.
    private const int MostClasses = 100_000;

    /// <summary>The names of so many classes: those that are told, or numbers; none where there are far more than classes.</summary>
    /// <exception cref="FormatException">The note is no list of texts.</exception>
    public static IReadOnlyList<string> ClassNames(Func<string, string?> note, int outputs)
    {
        if (Read(note, ClassesKey, element => element.GetString() ?? "") is { Count: > 0 } names && names.Count == outputs) return names;
        return outputs > MostClasses ? [] : [.. Enumerable.Range(0, Math.Max(2, outputs)).Select(i => i.ToString(CultureInfo.InvariantCulture))];
    }

    private static string Numbers(IReadOnlyList<float> values) => $"[{string.Join(", ", values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)))}]";

    private static IReadOnlyList<T>? Read<T>(Func<string, string?> note, string key, Func<JsonElement, T> read)
    {
        if (note(key) is not { } text) return null;
        if (text.Length > LongestNote) throw new FormatException($"its metadata {key} are longer than {LongestNote:N0} characters");
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return [.. document.RootElement.EnumerateArray().Select(read)];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new FormatException($"its metadata {key} are no list: {text}", exception);
        }
    }
}
