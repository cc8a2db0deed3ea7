using System.Buffers.Binary;
using System.IO.Compression;
using Fovea.Lab;
using SkiaSharp;

namespace Fovea.Tests;

/// <summary>Image files made for tests.</summary>
internal static class TestImages
{
    /// <summary>Writes a grey PNG (or JPEG, by its name) and returns its path.</summary>
    public static string Write(string path, int height, int width, Func<int, int, double> grey) =>
        Write(path, height, width, SKColorType.Gray8, (row, column) => SKColors.White.WithRed(ImageFile.ToByte((float)grey(row, column))));

    /// <summary>Writes an image of colours and returns its path. Of grey ones, red is the shade.</summary>
    public static string Write(string path, int height, int width, SKColorType type, Func<int, int, SKColor> color)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, type, type == SKColorType.Gray8 ? SKAlphaType.Opaque : SKAlphaType.Unpremul));
        Span<byte> pixels = bitmap.GetPixelSpan();
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                SKColor c = color(row, column);
                int first = row * bitmap.RowBytes + column * bitmap.BytesPerPixel;
                if (type == SKColorType.Gray8) pixels[first] = c.Red;
                else (pixels[first], pixels[first + 1], pixels[first + 2], pixels[first + 3]) = (c.Red, c.Green, c.Blue, c.Alpha);
            }
        }
        using SKData data = bitmap.Encode(path.EndsWith(".png", StringComparison.Ordinal) ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg, 100);
        File.WriteAllBytes(path, data.ToArray());
        return path;
    }

    /// <summary>The bytes of one of MNIST's test images.</summary>
    public static byte[] Digit(int sample)
    {
        Dataset test = Datasets.Load("mnist", DatasetPart.Test).With(Normalization.None);
        float[] values = new float[test.Shape.Count];
        test.CopySample(sample, values);
        return [.. values.Select(value => ImageFile.ToByte(value * 255))];
    }

    /// <summary>Writes one of MNIST's test images as it is.</summary>
    public static string WriteDigit(string path, int sample)
    {
        byte[] digit = Digit(sample);
        return Write(path, 28, 28, (row, column) => digit[row * 28 + column]);
    }

    /// <summary>Writes one of MNIST's test images as a photo: large, dark on paper that is unevenly lit and grainy, off the middle, with a
    /// speck of dust.</summary>
    public static string WritePhoto(string path, int sample)
    {
        const int height = 400, width = 500, size = 224, top = 30, left = 200;
        float[] large = Resampling.Resize([.. Digit(sample).Select(value => (float)value)], 28, 28, size, size);
        var random = new Random(sample);
        return Write(path, height, width, (row, column) =>
        {
            double paper = 235 - 60.0 * column / width - 20.0 * row / height + 6 * (random.NextDouble() - 0.5);
            bool isInside = row >= top && row < top + size && column >= left && column < left + size;
            double ink = isInside ? large[(row - top) * size + column - left] / 255 : 0;
            if (row is >= 370 and < 373 && column is >= 20 and < 23) ink = 1;
            return paper * (1 - 0.85 * ink);
        });
    }

    /// <summary>Writes a folder of two classes, dark and light, of images of 5x7 pixels.</summary>
    public static void WriteFolder(string folder, int images)
    {
        foreach (string name in (string[])["dark", "light"])
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            for (int i = 0; i < images; i++)
            {
                int shade = (name == "dark" ? 10 : 200) + i;
                Write(Path.Combine(folder, name, $"{i:D2}.png"), 5, 7, (_, _) => shade);
            }
        }
    }

    /// <summary>A PNG whose header promises a size, as a file of few bytes.</summary>
    public static byte[] PngOfSize(int width, int height)
    {
        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 0);
        Chunk("IHDR", header);
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) zlib.Write(new byte[64]);
        Chunk("IDAT", compressed.ToArray());
        Chunk("IEND", []);
        return png.ToArray();

        void Chunk(string type, byte[] data)
        {
            byte[] chunk = [.. type.Select(letter => (byte)letter), .. data];
            Span<byte> number = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
            png.Write(number);
            png.Write(chunk);
            BinaryPrimitives.WriteUInt32BigEndian(number, Crc(chunk));
            png.Write(number);
        }
    }

    /// <summary>A JPEG with the remark of a camera on how it was held (Exif 2.32, tag 0x0112).</summary>
    public static byte[] WithOrientation(byte[] jpeg, byte orientation)
    {
        byte[] exif =
        [
            (byte)'E', (byte)'x', (byte)'i', (byte)'f', 0, 0, (byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8,
            0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0,
        ];
        byte[] segment = [0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif];
        return [.. jpeg[..2], .. segment, .. jpeg[2..]];
    }

    // The check sum of PNG's chunks (ISO 3309).
    private static uint Crc(byte[] data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
