using System.Buffers.Binary;
using SkiaSharp;

namespace Fovea.Lab;

/// <summary>
/// A PNG or JPEG file whose rows are decoded one by one where that can be: reading it takes no more than twice the file and 64 MB, whatever size
/// its header promises.
/// </summary>
internal sealed class EncodedImage : IDisposable
{
    private const long LargestPixels = 64_000_000, Allowance = 64 << 20;

    private readonly string _path;
    private readonly SKCodec _codec;
    private readonly long _length;
    private readonly bool _isWhole;
    private readonly int _bytesPerPixel;

    private EncodedImage(string path, SKCodec codec, long length, bool isWhole, int bytesPerPixel) =>
        (_path, _codec, _length, _isWhole, _bytesPerPixel) = (path, codec, length, isWhole, bytesPerPixel);

    /// <summary>Opens a file.</summary>
    /// <exception cref="DataFormatException">There is no such file, or it is no image that can be read.</exception>
    public static EncodedImage Open(string path)
    {
        if (Directory.Exists(path)) throw new DataFormatException($"{path}: this is a folder. Give an image in it.");
        if (!File.Exists(path)) throw new DataFormatException($"{path}: there is no such file.");
        using FileStream stream = File.OpenRead(path);
        return Create(SKCodec.Create(path, out SKCodecResult result), path, result, stream);
    }

    /// <summary>Opens an image that came as bytes; the name is for messages.</summary>
    /// <exception cref="DataFormatException">It is no image that can be read.</exception>
    public static EncodedImage Open(ReadOnlyMemory<byte> bytes, string name)
    {
        // The codec keeps the copy.
        using SKData data = SKData.CreateCopy(bytes.Span);
        using var stream = new MemoryStream(bytes.ToArray(), writable: false);
        return Create(SKCodec.Create(data), name, SKCodecResult.Unimplemented, stream);
    }

    /// <summary>Columns, as they are stored.</summary>
    public int Width => _codec.Info.Width;

    /// <summary>Rows, as they are stored.</summary>
    public int Height => _codec.Info.Height;

    /// <summary>Whether it has one channel.</summary>
    public bool IsGrey => _codec.Info.ColorType == SKColorType.Gray8;

    /// <summary>The sides of the picture on which the first stored row and column lie (Exif 2.32, tag 0x0112).</summary>
    public SKEncodedOrigin Origin => _codec.EncodedOrigin;

    /// <summary>Whether rows of the picture are stored as columns.</summary>
    public bool IsTurned => Origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;

    public void Dispose() => _codec.Dispose();

    /// <summary>Decodes the image, row by row from the first: red, green, blue and opacity of each pixel.</summary>
    /// <param name="more">Bytes that the caller makes of it.</param>
    /// <param name="take">Takes a row, by its number.</param>
    /// <exception cref="DataFormatException">It is damaged, or would take far more memory than the file is long.</exception>
    public void Decode(long more, Action<int, ReadOnlySpan<byte>> take)
    {
        long needed = (long)Width * Height * _bytesPerPixel + more;
        if (needed > 2 * _length + Allowance)
        {
            throw new DataFormatException($"{_path}: {Width} x {Height} pixels would take {needed >> 20} MB, too much for a file of {_length:N0} bytes. "
                + "Scale the image down, or save it without interlacing or progressive coding.");
        }
        var info = new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, SKColorSpace.CreateSrgb());
        if (_isWhole)
        {
            using var bitmap = new SKBitmap(info);
            Require(_codec.GetPixels(info, bitmap.GetPixels()));
            for (int row = 0; row < Height; row++) take(row, bitmap.GetPixelSpan().Slice(row * bitmap.RowBytes, 4 * Width));
            return;
        }
        using var line = new SKBitmap(info.WithSize(Width, 1));
        Require(_codec.StartScanlineDecode(info));
        for (int row = 0; row < Height; row++)
        {
            if (_codec.GetScanlines(line.GetPixels(), 1, line.RowBytes) != 1) Require(SKCodecResult.IncompleteInput);
            take(row, line.GetPixelSpan()[..(4 * Width)]);
        }
    }

    private void Require(SKCodecResult result)
    {
        if (result != SKCodecResult.Success) throw new DataFormatException($"{_path}: the image is damaged or cut off ({result}). Copy the file anew, or leave it out.");
    }

    private static EncodedImage Create(SKCodec? codec, string path, SKCodecResult result, Stream stream)
    {
        if (codec?.EncodedFormat is not (SKEncodedImageFormat.Png or SKEncodedImageFormat.Jpeg))
        {
            bool isOther = codec is not null || result == SKCodecResult.Unimplemented;
            codec?.Dispose();
            throw new DataFormatException($"{path}: expected a PNG or JPEG image, but {(isOther ? "the file is of another kind" : $"the file is damaged or cut off ({result})")}. "
                + "Copy it anew, or save it as PNG with an image program.");
        }
        SKImageInfo info = codec.Info;
        if ((long)info.Width * info.Height > LargestPixels)
        {
            codec.Dispose();
            throw new DataFormatException($"{path}: {info.Width} x {info.Height} pixels are more than {LargestPixels / 1_000_000} million. Scale the image down.");
        }
        // What is decoded as a whole takes 4 bytes a pixel; an interlaced PNG is kept once more as it is stored, of up to 8 bytes; a JPEG of several
        // scans as coefficients, of up to 2 bytes for each of three or four channels.
        if (codec.EncodedFormat == SKEncodedImageFormat.Png) return new EncodedImage(path, codec, stream.Length, isWhole: true, IsInterlaced(stream) ? 12 : 4);
        return new EncodedImage(path, codec, stream.Length, isWhole: false, HasSeveralScans(stream) ? 8 : 0);
    }

    // The last byte of the header (PNG specification, 11.2.2).
    private static bool IsInterlaced(Stream stream)
    {
        stream.Position = Math.Min(28, stream.Length);
        return stream.ReadByte() != 0;
    }

    // Whether a JPEG is progressive, or has a scan for each channel (ITU-T T.81, B.2): from its start to its first scan.
    private static bool HasSeveralScans(Stream stream)
    {
        Span<byte> segment = stackalloc byte[9];
        stream.Position = Math.Min(2, stream.Length);
        int channels = 0;
        while (stream.ReadAtLeast(segment[..4], 4, throwOnEndOfStream: false) == 4)
        {
            int marker = segment[1], length = BinaryPrimitives.ReadUInt16BigEndian(segment[2..]);
            long next = stream.Position + length - 2;
            if (segment[0] != 0xFF || length < 2) return true;
            if (marker == 0xFF)
            {
                // Bytes that fill up to the marker.
                stream.Position -= 3;
                continue;
            }
            if (marker == 0xDA) return stream.ReadByte() < channels;
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                if (marker is not (0xC0 or 0xC1) || stream.ReadAtLeast(segment[..6], 6, throwOnEndOfStream: false) < 6) return true;
                channels = segment[5];
            }
            stream.Position = Math.Min(next, stream.Length);
        }
        return true;
    }
}
