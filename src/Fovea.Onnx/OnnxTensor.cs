using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Proto = Fovea.OnnxProto;

namespace Fovea.Onnx;

/// <summary>What the numbers of an <see cref="OnnxTensor"/> are. Those that are not named here are not supported.</summary>
public enum OnnxElement
{
    /// <summary>float32.</summary>
    Float = 1,

    /// <summary>Unsigned bytes.</summary>
    UInt8 = 2,

    /// <summary>Signed bytes.</summary>
    Int8 = 3,

    /// <summary>Whole numbers of 32 bits.</summary>
    Int32 = 6,

    /// <summary>Whole numbers of 64 bits.</summary>
    Int64 = 7,

    /// <summary>True and false: 1 and 0.</summary>
    Bool = 9,
}

/// <summary>A value of a graph: numbers under a shape of any rank. Floats are floats, all else is whole numbers.</summary>
public sealed class OnnxTensor
{
    /// <summary>Floats under a shape; they are not copied.</summary>
    /// <exception cref="ArgumentException">The shape is one of another number of values.</exception>
    public OnnxTensor(IReadOnlyList<int> shape, float[] values)
        : this(shape, OnnxElement.Float, values ?? throw new ArgumentNullException(nameof(values)), null)
    {
    }

    /// <summary>Whole numbers under a shape; they are not copied.</summary>
    /// <exception cref="ArgumentException">The shape is one of another number of values.</exception>
    public OnnxTensor(IReadOnlyList<int> shape, long[] values, OnnxElement type = OnnxElement.Int64)
        : this(shape, type, null, values ?? throw new ArgumentNullException(nameof(values)))
    {
    }

    private OnnxTensor(IReadOnlyList<int> shape, OnnxElement type, float[]? floats, long[]? integers)
    {
        ArgumentNullException.ThrowIfNull(shape);
        int given = floats?.Length ?? integers!.Length;
        if (CountOf(shape) != given) throw new ArgumentException($"a tensor of shape [{string.Join(", ", shape)}] does not have {given} numbers.", nameof(shape));
        (Shape, Type, AllFloats, AllIntegers) = (shape, type, floats, integers);
    }

    /// <summary>Its extents; none for a single number.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>What its numbers are.</summary>
    public OnnxElement Type { get; }

    /// <summary>How many numbers it has.</summary>
    public int Count => AllFloats?.Length ?? AllIntegers!.Length;

    /// <summary>The number of its extents.</summary>
    internal int Rank => Shape.Count;

    /// <summary>Its numbers, the last axis running fastest.</summary>
    /// <exception cref="InvalidOperationException">They are whole numbers.</exception>
    public ReadOnlySpan<float> Floats => AllFloats ?? throw new InvalidOperationException($"the numbers of this tensor are of type {Type}, not floats.");

    /// <summary>Its numbers, the last axis running fastest.</summary>
    /// <exception cref="InvalidOperationException">They are floats.</exception>
    public ReadOnlySpan<long> Integers => AllIntegers ?? throw new InvalidOperationException("the numbers of this tensor are floats.");

    internal float[]? AllFloats { get; }

    internal long[]? AllIntegers { get; }

    /// <summary>A number as a double, whatever its type.</summary>
    internal double this[int index] => AllFloats is null ? AllIntegers![index] : AllFloats[index];

    /// <summary>"float [2, 3]".</summary>
    public override string ToString() => $"{Type.ToString().ToLowerInvariant()} [{string.Join(", ", Shape)}]";

    internal static long CountOf(IEnumerable<int> shape) => shape.Aggregate(1L, (product, extent) => checked(product * extent));

    /// <summary>The same numbers under another shape.</summary>
    internal OnnxTensor Under(IReadOnlyList<int> shape) => new(shape, Type, AllFloats, AllIntegers);

    /// <summary>A number of this tensor for each number of another, by its place; where the place is negative, a fixed one.</summary>
    internal OnnxTensor Pick(IReadOnlyList<int> shape, int[] places, double otherwise = 0)
    {
        if (AllFloats is { } floats)
        {
            float[] values = new float[places.Length];
            for (int i = 0; i < values.Length; i++) values[i] = places[i] < 0 ? (float)otherwise : floats[places[i]];
            return new OnnxTensor(shape, values);
        }
        long[] integers = new long[places.Length];
        for (int i = 0; i < integers.Length; i++) integers[i] = places[i] < 0 ? (long)otherwise : AllIntegers![places[i]];
        return new OnnxTensor(shape, integers, Type);
    }

    /// <summary>Reads a tensor of a file.</summary>
    /// <exception cref="OnnxException">Its type is not supported, or it is damaged; the message starts with the place.</exception>
    internal static OnnxTensor Read(Proto.Tensor tensor, string place)
    {
        if (tensor.DataLocation == Proto.Tensor.Types.Location.External)
            throw new OnnxException($"{place}: its numbers lie in another file, which is not read. Save the model with its numbers inside.");
        var shape = new int[tensor.Dims.Count];
        long count = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            if (tensor.Dims[i] is < 0 or > int.MaxValue || (count *= tensor.Dims[i]) > Array.MaxLength)
                throw new OnnxException($"{place}: the shape [{string.Join(", ", tensor.Dims)}] is impossible.");
            shape[i] = (int)tensor.Dims[i];
        }
        var kind = (Proto.Tensor.Types.Kind)tensor.DataType;
        if (!Enum.IsDefined((OnnxElement)tensor.DataType))
            throw new OnnxException($"{place}: its numbers are of type {kind}; {string.Join(", ", Enum.GetNames<OnnxElement>())} are supported. Convert the model to float32.");
        var type = (OnnxElement)tensor.DataType;
        if (tensor.RawData.Length > 0 || count == 0) return OfBytes(shape, type, tensor.RawData.Span, (int)count, place);
        int given = type switch { OnnxElement.Float => tensor.FloatData.Count, OnnxElement.Int64 => tensor.Int64Data.Count, _ => tensor.Int32Data.Count };
        if (given != count) throw new OnnxException($"{place}: the shape [{string.Join(", ", shape)}] asks for {count} numbers, but there are {given}.");
        return type switch
        {
            OnnxElement.Float => new OnnxTensor(shape, [.. tensor.FloatData]),
            OnnxElement.Int64 => new OnnxTensor(shape, [.. tensor.Int64Data]),
            _ => new OnnxTensor(shape, [.. tensor.Int32Data], type),
        };
    }

    /// <summary>Reads a file of one tensor, as the folders of test data have them.</summary>
    /// <exception cref="OnnxException">It is not such a file.</exception>
    public static OnnxTensor ReadFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Parse(File.ReadAllBytes(path), path);
    }

    /// <summary>Reads the bytes of such a file; the name is for messages.</summary>
    /// <exception cref="OnnxException">They are not those of a tensor.</exception>
    public static OnnxTensor Parse(ReadOnlySpan<byte> bytes, string name)
    {
        if (!WireBudget.IsKept(bytes, OnnxProto.Tensor.Descriptor))
            throw new OnnxException($"{name}: its numbers would take far more memory than the file is long. It is damaged, or made to do harm.");
        try
        {
            return Read(Proto.Tensor.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes), name);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new OnnxException($"{name}: not a file of one tensor, or one that is cut off: {exception.Message}", exception);
        }
    }

    /// <summary>Writes a file of one tensor.</summary>
    public void WriteFile(string path, string name)
    {
        var tensor = new Proto.Tensor { Name = name, DataType = (int)Type, RawData = ByteString.CopyFrom(ToBytes()) };
        foreach (int extent in Shape) tensor.Dims.Add(extent);
        File.WriteAllBytes(path, tensor.ToByteArray());
    }

    private byte[] ToBytes()
    {
        if (AllFloats is not null) return MemoryMarshal.AsBytes(AllFloats.AsSpan()).ToArray();
        int width = Width(Type);
        byte[] bytes = new byte[Count * width], number = new byte[sizeof(long)];
        for (int i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, AllIntegers![i]);
            number.AsSpan(0, width).CopyTo(bytes.AsSpan(i * width));
        }
        return bytes;
    }

    private static OnnxTensor OfBytes(int[] shape, OnnxElement type, ReadOnlySpan<byte> bytes, int count, string place)
    {
        int width = Width(type);
        if (bytes.Length != (long)count * width)
            throw new OnnxException($"{place}: {type} [{string.Join(", ", shape)}] takes {(long)count * width} bytes, but there are {bytes.Length}.");
        if (type == OnnxElement.Float) return new OnnxTensor(shape, MemoryMarshal.Cast<byte, float>(bytes).ToArray());
        long[] values = new long[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> number = bytes.Slice(i * width, width);
            values[i] = type switch
            {
                OnnxElement.Int64 => BinaryPrimitives.ReadInt64LittleEndian(number),
                OnnxElement.Int32 => BinaryPrimitives.ReadInt32LittleEndian(number),
                OnnxElement.Int8 => (sbyte)number[0],
                _ => number[0],
            };
        }
        return new OnnxTensor(shape, values, type);
    }

    private static int Width(OnnxElement type) => type switch { OnnxElement.Int64 => 8, OnnxElement.Float or OnnxElement.Int32 => 4, _ => 1 };
}
