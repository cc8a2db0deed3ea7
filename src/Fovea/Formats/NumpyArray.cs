using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Fovea;

/// <summary>An array of a NumPy file as it lies there: the type of its numbers, its shape, and their bytes.</summary>
/// <param name="Type">What its numbers are, as NumPy writes it without the byte order: f4, f8, u1, i8, b1, ...</param>
/// <param name="Shape">Its extents; none for a single number.</param>
/// <param name="Data">The numbers, little-endian, the last axis running fastest (C order).</param>
public sealed record NumpyArray(string Type, IReadOnlyList<int> Shape, byte[] Data)
{
    // The largest whole number up to which float32 has all of them.
    private const long LargestExact = 1 << 24;

    /// <summary>The types that are read.</summary>
    public static IReadOnlyList<string> Types { get; } = ["b1", "f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"];

    /// <summary>An array of float32.</summary>
    public static NumpyArray Of(IReadOnlyList<int> shape, ReadOnlySpan<float> values)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (CountOf(shape) != values.Length) throw new ArgumentException($"an array of shape {Text(shape)} does not have {values.Length} numbers.", nameof(values));
        return new NumpyArray("f4", [.. shape], [.. MemoryMarshal.AsBytes(values)]);
    }

    /// <summary>How many numbers it has.</summary>
    public int Count => (int)CountOf(Shape);

    internal int BytesPerNumber => Type[1] - '0';

    /// <summary>Its numbers as float32: those of wider types are rounded to the nearest.</summary>
    /// <exception cref="DataFormatException">A number is so large that float32 does not have it.</exception>
    public float[] ToSingles()
    {
        if (Type == "f4") return MemoryMarshal.Cast<byte, float>(Data).ToArray();
        float[] values = new float[Count];
        int width = BytesPerNumber;
        for (int i = 0; i < values.Length; i++) values[i] = Number(Type, Data.AsSpan(i * width, width));
        return values;
    }

    /// <summary>A number of one of the types, little-endian, as float32.</summary>
    /// <param name="type">What it is: one of <see cref="Types"/>.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="place">Where it is, for the message; ends with a colon and a space.</param>
    /// <exception cref="DataFormatException">It is so large that float32 does not have it.</exception>
    internal static float Number(string type, ReadOnlySpan<byte> bytes, string place = "") => type switch
    {
        "f2" => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        "f4" => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        "f8" => Rounded(BinaryPrimitives.ReadDoubleLittleEndian(bytes), place),
        "b1" => bytes[0] == 0 ? 0 : 1,
        "u1" => bytes[0],
        "i1" => (sbyte)bytes[0],
        "i2" => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        "u2" => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        "i4" => Exact(BinaryPrimitives.ReadInt32LittleEndian(bytes), place),
        "u4" => Exact(BinaryPrimitives.ReadUInt32LittleEndian(bytes), place),
        "i8" => Exact(BinaryPrimitives.ReadInt64LittleEndian(bytes), place),
        "u8" => Exact(BinaryPrimitives.ReadUInt64LittleEndian(bytes), place),
        _ => throw new InvalidOperationException(type),
    };

    // Infinity stays itself; a number that would become it does not.
    private static float Rounded(double number, string place) => double.IsFinite(number) && float.IsInfinity((float)number)
        ? throw new DataFormatException($"{place}The number {number} is too large for float32, whose largest is {float.MaxValue}. Store smaller numbers.")
        : (float)number;

    private static float Exact(Int128 number, string place) => number >= -LargestExact && number <= LargestExact
        ? (float)number
        : throw new DataFormatException($"{place}The number {number} is too large for float32, which has all whole numbers up to {LargestExact:N0} only. Store the array as float32 or float64.");

    internal static long CountOf(IReadOnlyList<int> shape) => shape.Aggregate(1L, (product, extent) => product * extent);

    internal static string Text(IReadOnlyList<int> shape) => $"({string.Join(", ", shape)}{(shape.Count == 1 ? "," : "")})";
}
