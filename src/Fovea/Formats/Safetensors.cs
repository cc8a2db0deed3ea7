using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Fovea;

/// <summary>A tensor of a safetensors file: float32 and its shape.</summary>
public sealed record SafetensorsEntry(IReadOnlyList<int> Shape, float[] Values);

/// <summary>A tensor that is copied when it is written.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="CopyTo">Copies its numbers.</param>
internal sealed record SafetensorsSource(IReadOnlyList<int> Shape, SafetensorsCopy CopyTo)
{
    public int Count => Shape.Aggregate(1, (count, extent) => count * extent);
}

/// <summary>Copies the numbers of a tensor.</summary>
internal delegate void SafetensorsCopy(Span<float> values);

/// <summary>
/// The safetensors format of Hugging Face: eight bytes with the length of a JSON header, the header (name, type, shape and place of each
/// tensor), then the numbers, little-endian. Float32 is written; float64, float32, float16, bfloat16, whole numbers and true and false
/// (1 and 0) are read. A file is taken only where it keeps all of the format's rules: a header of at most 100 MB, no name twice, and tensors that fill the rest of
/// the file without holes or overlaps.
/// </summary>
public static class Safetensors
{
    // The format's own limit.
    private const long LargestHeader = 100_000_000;

    // The types that are read, as NumPy calls them, which has no bfloat16.
    private static readonly Dictionary<string, string> s_types = new()
    {
        ["F64"] = "f8",
        ["F32"] = "f4",
        ["F16"] = "f2",
        ["BF16"] = "f2",
        ["I64"] = "i8",
        ["I32"] = "i4",
        ["I16"] = "i2",
        ["I8"] = "i1",
        ["U64"] = "u8",
        ["U32"] = "u4",
        ["U16"] = "u2",
        ["U8"] = "u1",
        ["BOOL"] = "b1",
    };

    /// <summary>Writes tensors, in the order of their names.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="tensors">The tensors by their names.</param>
    /// <param name="metadata">What the file tells beside them, if anything.</param>
    public static void Write(Stream stream, IReadOnlyDictionary<string, SafetensorsEntry> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        Write(stream, tensors.ToDictionary(tensor => tensor.Key, tensor => new SafetensorsSource(tensor.Value.Shape, tensor.Value.Values.CopyTo)), metadata);
    }

    /// <summary>Writes tensors that are copied one at a time, so that it takes the memory of the largest alone.</summary>
    internal static void Write(Stream stream, IReadOnlyDictionary<string, SafetensorsSource> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        string[] names = [.. tensors.Keys.Order(StringComparer.Ordinal)];
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            long offset = 0;
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata) json.WriteString(key, value);
                json.WriteEndObject();
            }
            foreach (string name in names)
            {
                SafetensorsSource tensor = tensors[name];
                json.WriteStartObject(name);
                json.WriteString("dtype", "F32");
                json.WriteStartArray("shape");
                foreach (int extent in tensor.Shape) json.WriteNumberValue(extent);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += (long)tensor.Count * sizeof(float));
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
        float[] buffer = new float[tensors.Values.Select(tensor => tensor.Count).DefaultIfEmpty(0).Max()];
        foreach (string name in names)
        {
            Span<float> values = buffer.AsSpan(0, tensors[name].Count);
            tensors[name].CopyTo(values);
            stream.Write(MemoryMarshal.AsBytes(values));
        }
    }

    /// <summary>Reads all tensors of a file.</summary>
    /// <exception cref="DataFormatException">The file is not in the format, or its numbers are of a type that is not read.</exception>
    public static Dictionary<string, SafetensorsEntry> Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Read(stream, path);
    }

    /// <summary>Reads all tensors of a stream; the path is for messages.</summary>
    /// <exception cref="DataFormatException">The stream is not in the format, or its numbers are of a type that is not read.</exception>
    public static Dictionary<string, SafetensorsEntry> Read(Stream stream, string path) => Read(stream, path, out _);

    /// <summary>Reads all tensors of a stream, and what it tells beside them.</summary>
    /// <exception cref="DataFormatException">The stream is not in the format, or its numbers are of a type that is not read.</exception>
    internal static Dictionary<string, SafetensorsEntry> Read(Stream stream, string path, out IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8) throw Damaged(path, "it is shorter than 8 bytes");
        long headerLength = BinaryPrimitives.ReadInt64LittleEndian(prefix), dataLength = stream.Length - 8 - headerLength;
        if (headerLength is < 2 or > LargestHeader || dataLength < 0)
        {
            throw PickledFile.Problem(prefix, path) is { } problem ? new DataFormatException(problem)
                : Damaged(path, $"its header is said to have {headerLength} bytes, the file has {stream.Length}");
        }
        SafetensorsHeader header = Header(stream, (int)headerLength, path);
        metadata = header.Metadata;

        var tensors = new Dictionary<string, SafetensorsEntry>();
        long position = 0;
        foreach (var (name, type, shape, start, end) in header.Tensors)
        {
            if (start != position || end < start || end > dataLength) throw Damaged(path, $"tensor {name} lies at {start} to {end}, expected it to start at {position} and to end by {dataLength}");
            if (!s_types.TryGetValue(type, out string? numpy))
                throw new DataFormatException($"{path}: tensor {name} has the type {type}; {string.Join(", ", s_types.Keys)} are read. Convert it to float32.");
            int width = numpy[1] - '0';
            long count = 1;
            foreach (int extent in shape)
            {
                if ((count *= extent) > Array.MaxLength) throw Damaged(path, $"tensor {name} has the impossible shape [{string.Join(", ", shape)}]");
            }
            if (count * width != end - start) throw Damaged(path, $"tensor {name} of shape [{string.Join(", ", shape)}] has {end - start} bytes instead of {count * width}");
            float[] values = new float[count];
            if (type == "F32") stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            else Convert(stream, type == "BF16" ? null : numpy, width, values, $"{path}: tensor {name}: ");
            tensors[name] = new SafetensorsEntry(shape, values);
            position = end;
        }
        return position == dataLength ? tensors : throw Damaged(path, $"{dataLength - position} bytes after the last tensor belong to none");
    }

    private static SafetensorsHeader Header(Stream stream, int length, string path)
    {
        byte[] bytes = new byte[length];
        stream.ReadExactly(bytes);
        try
        {
            return SafetensorsHeader.Parse(bytes);
        }
        catch (FormatException exception)
        {
            throw Damaged(path, $"its header is not valid: {exception.Message}", exception);
        }
    }

    // Of bfloat16 where no type is given: the upper half of a float32.
    private static void Convert(Stream stream, string? type, int width, Span<float> values, string place)
    {
        Span<byte> buffer = stackalloc byte[4096];
        while (values.Length > 0)
        {
            int count = Math.Min(values.Length, buffer.Length / width);
            stream.ReadExactly(buffer[..(count * width)]);
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> bytes = buffer.Slice(i * width, width);
                values[i] = type is null ? BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(bytes) << 16) : NumpyArray.Number(type, bytes, place);
            }
            values = values[count..];
        }
    }

    private static DataFormatException Damaged(string path, string reason, Exception? inner = null) =>
        new($"{path}: not a whole safetensors file: {reason}.", inner);
}
