using System.Buffers.Binary;

namespace Fovea;

/// <summary>The list of files at the end of a zip archive (APPNOTE 6.3, 4.3.16).</summary>
internal static class ZipDirectory
{
    // Of thousands of files: an archive of arrays or of EMNIST has tens.
    private const int Largest = 1 << 20;

    private const int EndSize = 22, LongestRemark = ushort.MaxValue;

    /// <summary>Checks that the list is not so long that reading it would take far more memory than the archive is long.</summary>
    /// <exception cref="DataFormatException">It is, or there is none.</exception>
    public static void Check(Stream stream, string path)
    {
        byte[] tail = new byte[Math.Min(stream.Length, EndSize + LongestRemark)];
        stream.Position = stream.Length - tail.Length;
        stream.ReadExactly(tail);
        stream.Position = 0;
        int end = tail.AsSpan().LastIndexOf("PK\x05\x06"u8);
        if (end < 0 || end + EndSize > tail.Length) throw new DataFormatException($"{path}: not a whole zip archive: it has no list of files at its end. Copy it anew.");
        uint start = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 16));
        if (stream.Length - start > Largest + tail.Length)
            throw new DataFormatException($"{path}: the list of the archive's files has {stream.Length - start:N0} bytes, far more than is expected. It is damaged, or made to do harm.");
    }
}
