using Google.Protobuf.Reflection;

namespace Fovea.Onnx;

/// <summary>
/// Says beforehand what a file would take in memory when it is read, without reading it: a few bytes can ask for a large object, and a file
/// may hold millions of them.
/// </summary>
internal static class WireBudget
{
    private const long Allowance = 64 << 20;

    // What an object takes at most beside its numbers, and what a number of a growing list takes.
    private const int Object = 240, Number = 16;

    private const int Deepest = 64;

    /// <summary>Whether the objects of a file stay within its own length and 64 MB; a damaged file is left to the reader.</summary>
    public static bool IsKept(ReadOnlySpan<byte> file, MessageDescriptor message)
    {
        long left = file.Length + Allowance;
        return Walk(file, message, ref left, 0);
    }

    private static bool Walk(ReadOnlySpan<byte> bytes, MessageDescriptor message, ref long left, int depth)
    {
        if (depth > Deepest) return false;
        // Of a tensor: what its numbers are, and the bytes of those that are given raw.
        OnnxElement type = default;
        long raw = 0;
        while (!bytes.IsEmpty)
        {
            if (!Varint(ref bytes, out ulong tag)) return true;
            FieldDescriptor? field = message.FindFieldByNumber((int)Math.Min(tag >> 3, int.MaxValue));
            switch (tag & 7)
            {
                case 0:
                    if (!Varint(ref bytes, out ulong number)) return true;
                    left -= field is null ? 0 : Number;
                    if (message == OnnxProto.Tensor.Descriptor && tag >> 3 == OnnxProto.Tensor.DataTypeFieldNumber) type = (OnnxElement)number;
                    break;
                case 1 or 5:
                    int width = (tag & 7) == 1 ? 8 : 4;
                    if (bytes.Length < width) return true;
                    bytes = bytes[width..];
                    left -= field is null ? 0 : Number;
                    break;
                case 2:
                    if (!Varint(ref bytes, out ulong length) || length > (ulong)bytes.Length) return true;
                    ReadOnlySpan<byte> content = bytes[..(int)length];
                    bytes = bytes[(int)length..];
                    if (field is null) break;
                    if (message == OnnxProto.Tensor.Descriptor && tag >> 3 == OnnxProto.Tensor.RawDataFieldNumber) raw = content.Length;
                    left -= Object + field.FieldType switch
                    {
                        FieldType.Message or FieldType.Bytes => field.FieldType == FieldType.Bytes ? content.Length : 0,
                        FieldType.String => 2L * content.Length,
                        FieldType.Float or FieldType.Double => content.Length,
                        _ => (long)Number * content.Length,
                    };
                    if (field.FieldType == FieldType.Message && !Walk(content, field.MessageType, ref left, depth + 1)) return false;
                    break;
                default:
                    return true;
            }
            if (left < 0) return false;
        }
        // Whole numbers become such of 64 bits.
        left -= raw * type switch { OnnxElement.UInt8 or OnnxElement.Int8 or OnnxElement.Bool => 7, OnnxElement.Int32 => 1, _ => 0 };
        return left >= 0;
    }

    private static bool Varint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (int i = 0; i < Math.Min(10, bytes.Length); i++)
        {
            value |= (ulong)(bytes[i] & 127) << (7 * i);
            if (bytes[i] >= 128) continue;
            bytes = bytes[(i + 1)..];
            return true;
        }
        return false;
    }
}
