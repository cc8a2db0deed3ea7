using System.Text.Json;

namespace Fovea;

/// <summary>
/// The JSON at the beginning of a safetensors file, read word by word: a header of 100 MB takes no more memory than itself and the little
/// that it may tell.
/// </summary>
internal sealed class SafetensorsHeader
{
    // More than anybody writes: what a header tells stays far smaller than the header may be.
    private const int MostEntries = 100_000, MostExtents = 32, MostText = 1 << 24;

    private readonly Dictionary<string, TensorInfo> _tensors = [];
    private Dictionary<string, string>? _metadata;
    private int _text;

    /// <summary>A tensor as the header describes it.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Type">What its numbers are: F32, ...</param>
    /// <param name="Shape">Its extents.</param>
    /// <param name="Start">Where its bytes begin, counted from the end of the header.</param>
    /// <param name="End">Where they end.</param>
    public sealed record TensorInfo(string Name, string Type, int[] Shape, long Start, long End);

    /// <summary>All tensors, as they lie in the file; those without a number before those that begin at the same place.</summary>
    public IEnumerable<TensorInfo> Tensors => _tensors.Values.OrderBy(tensor => tensor.Start).ThenBy(tensor => tensor.End);

    /// <summary>What the file tells beside the tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata ?? [];

    /// <summary>Reads a header.</summary>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json)
    {
        var header = new SafetensorsHeader();
        if (!json.StartsWith("{"u8)) throw new FormatException("it does not begin with {");
        var reader = new Utf8JsonReader(json);
        try
        {
            reader.Read();
            while (Next(ref reader, JsonTokenType.PropertyName))
            {
                string name = header.Text(ref reader, "a name");
                reader.Read();
                if (name == "__metadata__") header.ReadMetadata(ref reader);
                else if (!header._tensors.TryAdd(name, header.ReadTensor(ref reader, name))) throw new FormatException($"tensor {name} is there twice");
                if (header._tensors.Count > MostEntries) throw new FormatException($"it has more than {MostEntries:N0} tensors");
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new FormatException(exception.Message.Split('\n')[0].TrimEnd('.'), exception);
        }
        if (json[(int)reader.BytesConsumed..].ContainsAnyExcept((byte)' ')) throw new FormatException("something other than spaces follows its last brace");
        return header;
    }

    private TensorInfo ReadTensor(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartObject, name);
        string? type = null;
        List<long>? shape = null, offsets = null;
        while (Next(ref reader, JsonTokenType.PropertyName))
        {
            string key = Text(ref reader, "a name");
            reader.Read();
            bool isNew = key switch
            {
                "dtype" => type is null && (type = Text(ref reader, $"dtype of {name}")) is not null,
                "shape" => shape is null && (shape = Numbers(ref reader, $"shape of {name}")) is not null,
                "data_offsets" => offsets is null && (offsets = Numbers(ref reader, $"data_offsets of {name}")) is not null,
                _ => throw new FormatException($"tensor {name} has a property {key}, which the format does not know"),
            };
            if (!isNew) throw new FormatException($"tensor {name} has two {key}");
        }
        if (type is null || shape is null || offsets is not [var start, var end])
            throw new FormatException($"tensor {name} does not have a dtype, a shape and two data_offsets");
        if (shape.Any(extent => extent is < 0 or > int.MaxValue)) throw new FormatException($"tensor {name} has the impossible shape [{string.Join(", ", shape.Select(extent => $"{extent}"))}]");
        return new TensorInfo(name, type, [.. shape.Select(extent => (int)extent)], start, end);
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        const string name = "__metadata__";
        if (_metadata is not null) throw new FormatException($"{name} is there twice");
        _metadata = [];
        Expect(ref reader, JsonTokenType.StartObject, name);
        while (Next(ref reader, JsonTokenType.PropertyName))
        {
            string key = Text(ref reader, name);
            reader.Read();
            if (!_metadata.TryAdd(key, Text(ref reader, $"{name} {key}"))) throw new FormatException($"{name} has two {key}");
            if (_metadata.Count > MostEntries) throw new FormatException($"{name} has more than {MostEntries:N0} entries");
        }
    }

    // The next word, which is of a type; false where it is the end of an object or list.
    private static bool Next(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (!reader.Read()) throw new FormatException("it ends too soon");
        if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray) return false;
        Expect(ref reader, type, "it");
        return true;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        if (reader.TokenType != type) throw new FormatException($"{what}: expected {Name(type)}, got {Name(reader.TokenType)}");
    }

    private static string Name(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.PropertyName => "a name",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => $"{type}",
    };

    private string Text(ref Utf8JsonReader reader, string what)
    {
        if (reader.TokenType is not JsonTokenType.PropertyName) Expect(ref reader, JsonTokenType.String, what);
        if (reader.ValueSpan.Length > MostText - _text) throw new FormatException($"its names and texts are longer than {MostText:N0} bytes");
        _text += reader.ValueSpan.Length;
        return reader.GetString()!;
    }

    private static List<long> Numbers(ref Utf8JsonReader reader, string what)
    {
        Expect(ref reader, JsonTokenType.StartArray, what);
        var numbers = new List<long>();
        while (Next(ref reader, JsonTokenType.Number))
        {
            if (!reader.TryGetInt64(out long number)) throw new FormatException($"{what}: a number is not whole, or too large");
            if (numbers.Count == MostExtents) throw new FormatException($"{what} has more than {MostExtents} numbers");
            numbers.Add(number);
        }
        return numbers;
    }
}
