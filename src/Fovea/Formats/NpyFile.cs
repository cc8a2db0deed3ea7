using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Fovea;

/// <summary>
/// NumPy's files of arrays: .npy (a magic string, a version, the length of a header, the header as the text of a Python dictionary, the
/// numbers; see NEP 1) and .npz (a zip archive of such). Arrays of numbers are read, never Python objects: nothing of a file is executed.
/// </summary>
public static partial class NpyFile
{
    // NumPy's own headers have at most some hundred bytes.
    private const int LargestHeader = 1 << 16;

    // What reading a file may take in all: twice its length, and this.
    private const long Allowance = 64 << 20;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Writes an array as .npy, version 1.0.</summary>
    /// <exception cref="ArgumentException">Type, shape and bytes do not fit each other.</exception>
    public static void Write(Stream stream, NumpyArray array)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(array);
        if (!NumpyArray.Types.Contains(array.Type)) throw new ArgumentException($"there is no type \"{array.Type}\". There are: {string.Join(", ", NumpyArray.Types)}.", nameof(array));
        if (array.Data.Length != NumpyArray.CountOf(array.Shape) * array.BytesPerNumber)
            throw new ArgumentException($"an array of shape {NumpyArray.Text(array.Shape)} and type {array.Type} does not have {array.Data.Length} bytes.", nameof(array));
        string order = array.BytesPerNumber == 1 ? "|" : "<";
        string header = $"{{'descr': '{order}{array.Type}', 'fortran_order': False, 'shape': {NumpyArray.Text(array.Shape)}, }}";
        // Spaces and a newline, so that the numbers start at a multiple of 64.
        header = header.PadRight((10 + header.Length + 64) / 64 * 64 - 11) + '\n';
        stream.Write(Magic);
        stream.Write([1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(header));
        stream.Write(array.Data);
    }

    /// <summary>Writes an array into a file.</summary>
    public static void Write(string path, NumpyArray array)
    {
        using FileStream stream = File.Create(path);
        Write(stream, array);
    }

    /// <summary>Reads a .npy file.</summary>
    /// <exception cref="DataFormatException">The file is not in the format, or its numbers are of a type that is not read.</exception>
    public static NumpyArray Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Read(stream, path);
    }

    /// <summary>Reads an array from a stream; the path is for messages.</summary>
    /// <exception cref="DataFormatException">The stream is not in the format, or its numbers are of a type that is not read.</exception>
    public static NumpyArray Read(Stream stream, string path)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Read(stream, path, stream.Length, 2 * stream.Length + Allowance);
    }

    /// <summary>Reads all arrays of a .npz file by their names. Nothing is unpacked to the disk.</summary>
    /// <exception cref="DataFormatException">The file is no zip archive of arrays, or its arrays are much larger than the file.</exception>
    public static Dictionary<string, NumpyArray> ReadArchive(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return ReadArchive(stream, path);
    }

    /// <summary>Reads all arrays of a .npz archive by their names; the path is for messages.</summary>
    /// <exception cref="DataFormatException">The stream is no zip archive of arrays, or its arrays are much larger than it.</exception>
    public static Dictionary<string, NumpyArray> ReadArchive(Stream stream, string path)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var arrays = new Dictionary<string, NumpyArray>();
        try
        {
            ZipDirectory.Check(stream, path);
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            long left = 2 * stream.Length + Allowance;
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                string name = entry.FullName.EndsWith(".npy", StringComparison.Ordinal) ? entry.FullName[..^4] : entry.FullName;
                if (entry.Length > left)
                {
                    throw new DataFormatException($"{path}: array {name} would have {entry.Length:N0} bytes, too many for an archive of {stream.Length:N0} bytes. "
                        + "If that is meant, store it without compression (numpy.savez) or by itself (numpy.save).");
                }
                using Stream content = entry.Open();
                if (!arrays.TryAdd(name, Read(content, $"{path}: {entry.FullName}", entry.Length, left)))
                    throw new DataFormatException($"{path}: not a whole .npz archive: two arrays are named {name}.");
                left -= entry.Length;
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or ArgumentException or NotSupportedException)
        {
            throw new DataFormatException($"{path}: not a whole .npz archive: {exception.Message.TrimEnd('.')}.", exception);
        }
        return arrays;
    }

    /// <summary>Writes arrays as a .npz archive without compression, in the order of their names.</summary>
    public static void WriteArchive(Stream stream, IReadOnlyDictionary<string, NumpyArray> arrays)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(arrays);
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (string name in arrays.Keys.Order(StringComparer.Ordinal))
        {
            using Stream content = archive.CreateEntry(name + ".npy", CompressionLevel.NoCompression).Open();
            Write(content, arrays[name]);
        }
    }

    // Of so many bytes, and with room for so many in memory.
    private static NumpyArray Read(Stream stream, string path, long length, long room)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length || !prefix.StartsWith(Magic))
            throw Damaged(path, "it does not begin with \\x93NUMPY");
        int version = prefix[6], size = version == 1 ? 2 : 4;
        if (version is < 1 or > 3) throw Damaged(path, $"its version is {version}.{prefix[7]}, expected 1.0, 2.0 or 3.0");
        Span<byte> lengthBytes = stackalloc byte[4];
        lengthBytes.Clear();
        if (stream.ReadAtLeast(lengthBytes[..size], size, throwOnEndOfStream: false) < size) throw Damaged(path, "it ends before its header");
        uint headerLength = BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        long dataLength = length - prefix.Length - size - headerLength;
        if (headerLength > LargestHeader || dataLength < 0) throw Damaged(path, $"its header is said to have {headerLength} bytes, the file has {length}");
        byte[] header = new byte[headerLength];
        stream.ReadExactly(header);
        var (type, bigEndian, fortranOrder, shape) = Header(Encoding.UTF8.GetString(header), path);

        long bytes = type[1] - '0';
        foreach (int extent in shape)
        {
            if ((bytes *= extent) > Array.MaxLength) throw Damaged(path, $"the shape {NumpyArray.Text(shape)} is impossible");
        }
        if (bytes != dataLength) throw Damaged(path, $"an array of {type} and shape {NumpyArray.Text(shape)} takes {bytes} bytes, but {dataLength} follow the header");
        // It is turned into another array of its size.
        if (fortranOrder && 2 * bytes > room)
            throw new DataFormatException($"{path}: an array of {bytes:N0} bytes in Fortran order takes twice as many to read, too many for the file. Save it in C order (numpy.ascontiguousarray), or by itself (numpy.save).");
        byte[] data = new byte[bytes];
        stream.ReadExactly(data);
        if (bigEndian) ReverseBytes(data, type[1] - '0');
        return new NumpyArray(type, shape, fortranOrder ? FromFortranOrder(data, shape, type[1] - '0') : data);
    }

    private static (string Type, bool BigEndian, bool FortranOrder, int[] Shape) Header(string header, string path)
    {
        Match descr = DescrPattern().Match(header), order = OrderPattern().Match(header), shapeText = ShapePattern().Match(header);
        if (!descr.Success || !order.Success || !shapeText.Success)
            throw Damaged(path, "its header does not say descr, fortran_order and shape as NumPy does for an array of numbers");
        string type = descr.Groups["type"].Value;
        if (!NumpyArray.Types.Contains(type))
        {
            throw new DataFormatException($"{path}: its numbers are of type {descr.Groups["order"].Value}{type}; {string.Join(", ", NumpyArray.Types)} are read. "
                + "Convert it (array.astype('float32')).");
        }
        var shape = new List<int>();
        foreach (string extent in shapeText.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(extent, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) throw Damaged(path, $"the shape ({shapeText.Groups["shape"].Value}) is impossible");
            shape.Add(number);
        }
        return (type, descr.Groups["order"].Value == ">", order.Groups["value"].Value == "True", [.. shape]);
    }

    private static void ReverseBytes(byte[] data, int width)
    {
        for (int i = 0; i < data.Length; i += width) data.AsSpan(i, width).Reverse();
    }

    // In Fortran order the first axis runs fastest.
    private static byte[] FromFortranOrder(byte[] data, int[] shape, int width)
    {
        byte[] result = new byte[data.Length];
        int[] index = new int[shape.Length], stride = new int[shape.Length];
        for (int axis = 0, step = width; axis < shape.Length; step *= shape[axis++]) stride[axis] = step;
        for (int target = 0; target < data.Length; target += width)
        {
            int source = 0;
            for (int axis = 0; axis < shape.Length; axis++) source += index[axis] * stride[axis];
            data.AsSpan(source, width).CopyTo(result.AsSpan(target));
            for (int axis = shape.Length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) index[axis] = 0;
        }
        return result;
    }

    private static DataFormatException Damaged(string path, string reason) => new($"{path}: not a whole .npy file: {reason}.");

    [GeneratedRegex(@"'descr'\s*:\s*'(?<order>[<>|=])(?<type>[a-zA-Z]\d*)'")]
    private static partial Regex DescrPattern();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(?<value>True|False)")]
    private static partial Regex OrderPattern();

    [GeneratedRegex(@"'shape'\s*:\s*\((?<shape>[\d\s,]*)\)")]
    private static partial Regex ShapePattern();
}
