using System.Text;

namespace Fovea;

/// <summary>
/// Reads a tar archive (POSIX 1003.1, "ustar") from its beginning to its end, file by file. Nothing is unpacked: a file's name is only compared
/// with those that are looked for, and what else an archive may hold, links and long names among it, is passed over.
/// </summary>
internal sealed class TarFile(Stream stream, string path)
{
    private const int Block = 512;
    private readonly byte[] _header = new byte[Block];
    private long _left;

    /// <summary>Goes to the next regular file.</summary>
    /// <returns>The last part of its name, and its length; null at the end.</returns>
    /// <exception cref="DataFormatException">The archive is damaged.</exception>
    public (string Name, long Length)? Next()
    {
        while (true)
        {
            Skip();
            int read = stream.ReadAtLeast(_header, Block, throwOnEndOfStream: false);
            // An archive ends with blocks of zeros, or at once.
            if (read == 0 || (read == Block && !_header.AsSpan().ContainsAnyExcept((byte)0))) return null;
            if (read < Block) throw Damaged("it ends within a header");
            CheckSum();
            long length = Octal(124, 12);
            _left = (length + Block - 1) / Block * Block;
            _length = length;
            if (_header[156] is (byte)'0' or 0) return (Name(), length);
        }
    }

    private long _length;

    /// <summary>Reads from the current file.</summary>
    /// <exception cref="DataFormatException">The archive ends before the file.</exception>
    public void Read(Span<byte> destination)
    {
        if (destination.Length > _length) throw new ArgumentOutOfRangeException(nameof(destination), destination.Length, "the file is shorter");
        if (stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length) throw Damaged("it ends within a file");
        _length -= destination.Length;
        _left -= destination.Length;
    }

    private void Skip()
    {
        Span<byte> scratch = stackalloc byte[4096];
        while (_left > 0)
        {
            int read = stream.Read(scratch[..(int)Math.Min(_left, scratch.Length)]);
            if (read == 0) throw Damaged("it ends within a file");
            _left -= read;
        }
    }

    private string Name()
    {
        ReadOnlySpan<byte> name = _header.AsSpan(0, 100);
        int end = name.IndexOf((byte)0);
        if (end >= 0) name = name[..end];
        return Encoding.UTF8.GetString(name[(name.LastIndexOf((byte)'/') + 1)..]);
    }

    private void CheckSum()
    {
        // The sum of all bytes, those of the sum itself counted as spaces.
        long sum = 8 * ' ';
        for (int i = 0; i < Block; i++) if (i is < 148 or >= 156) sum += _header[i];
        if (sum != Octal(148, 8)) throw Damaged("the check sum of a header does not fit");
    }

    private long Octal(int start, int count)
    {
        long value = 0;
        foreach (byte digit in _header.AsSpan(start, count).Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7') throw Damaged("a number in a header is none");
            value = value * 8 + digit - '0';
        }
        return value;
    }

    private DataFormatException Damaged(string reason) => new($"{path}: not a whole tar archive: {reason}. Get it anew.");
}
