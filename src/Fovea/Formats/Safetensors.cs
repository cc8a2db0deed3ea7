using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Fovea;

/// <summary>A tensor of a safetensors file: float32 and its shape.</summary>
public sealed record SafetensorsEntry(IReadOnlyList<int> Shape, float[] Values);

/// <summary>
/// The safetensors format of Hugging Face: eight bytes with the length of a JSON header, the header (name, type, shape and place of each
/// tensor), then the numbers, little-endian. Only float32 is written and read.
/// </summary>
public static class Safetensors
{
    // The format's own limit.
    private const long LargestHeader = 100_000_000;

    /// <summary>Writes tensors, in the order of their names.</summary>
    public static void Write(Stream stream, IReadOnlyDictionary<string, SafetensorsEntry> tensors)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        string[] names = [.. tensors.Keys.Order(StringComparer.Ordinal)];
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            long offset = 0;
            json.WriteStartObject();
            foreach (string name in names)
            {
                SafetensorsEntry tensor = tensors[name];
                json.WriteStartObject(name);
                json.WriteString("dtype", "F32");
                json.WriteStartArray("shape");
                foreach (int extent in tensor.Shape) json.WriteNumberValue(extent);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += (long)tensor.Values.Length * sizeof(float));
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // Spaces up to a multiple of eight, so that the numbers are aligned.
        while (header.Length % 8 != 0) header.WriteByte((byte)' ');
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        header.WriteTo(stream);
        foreach (string name in names) stream.Write(MemoryMarshal.AsBytes(tensors[name].Values.AsSpan()));
    }

    /// <summary>Reads all tensors of a file.</summary>
    /// <exception cref="DataFormatException">The file is not in the format, or has other types than float32.</exception>
    public static Dictionary<string, SafetensorsEntry> Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Read(stream, path);
    }

    /// <summary>Reads all tensors of a stream; the path is for messages.</summary>
    /// <exception cref="DataFormatException">The stream is not in the format, or has other types than float32.</exception>
    public static Dictionary<string, SafetensorsEntry> Read(Stream stream, string path)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8) throw Damaged(path, "it is shorter than 8 bytes");
        long headerLength = BinaryPrimitives.ReadInt64LittleEndian(prefix), dataLength = stream.Length - 8 - headerLength;
        if (headerLength is < 2 or > LargestHeader || dataLength < 0)
            throw Damaged(path, $"its header is said to have {headerLength} bytes, the file has {stream.Length}");
        byte[] header = new byte[headerLength];
        stream.ReadExactly(header);
        List<(string Name, int[] Shape, long Start, long End)> entries;
        try
        {
            using JsonDocument document = JsonDocument.Parse(header, new JsonDocumentOptions { AllowDuplicateProperties = false });
            entries = [.. document.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__").Select(p => Entry(p, path)).OrderBy(e => e.Start)];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw Damaged(path, $"its header is not valid: {exception.Message.Split('\n')[0].TrimEnd('.')}", exception);
        }

        var tensors = new Dictionary<string, SafetensorsEntry>();
        long position = 0;
        foreach (var (name, shape, start, end) in entries)
        {
            if (start != position || end < start || end > dataLength) throw Damaged(path, $"tensor {name} lies at {start} to {end}, expected it to start at {position} and to end by {dataLength}");
            long count = 1;
            foreach (int extent in shape)
            {
                if (extent < 0 || (count *= extent) > Array.MaxLength) throw Damaged(path, $"tensor {name} has the impossible shape [{string.Join(", ", shape)}]");
            }
            if (count * sizeof(float) != end - start) throw Damaged(path, $"tensor {name} of shape [{string.Join(", ", shape)}] has {end - start} bytes instead of {count * sizeof(float)}");
            float[] values = new float[count];
            stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            tensors[name] = new SafetensorsEntry(shape, values);
            position = end;
        }
        return position == dataLength ? tensors : throw Damaged(path, $"{dataLength - position} bytes after the last tensor belong to none");
    }

    private static (string Name, int[] Shape, long Start, long End) Entry(JsonProperty property, string path)
    {
        JsonElement offsets = property.Value.GetProperty("data_offsets");
        if (property.Value.GetProperty("dtype").GetString() is var type and not "F32")
            throw new DataFormatException($"{path}: tensor {property.Name} has the type {type}; only F32 is supported. Convert it to float32.");
        if (offsets.GetArrayLength() != 2) throw new FormatException($"{property.Name} has no two data_offsets");
        return (property.Name, [.. property.Value.GetProperty("shape").EnumerateArray().Select(e => e.GetInt32())], offsets[0].GetInt64(), offsets[1].GetInt64());
    }

    private static DataFormatException Damaged(string path, string reason, Exception? inner = null) =>
        new($"{path}: not a whole safetensors file: {reason}.", inner);
}
