using SkiaSharp;

namespace Fovea.Lab;

/// <summary>Images in PNG or JPEG files. They are turned as their camera says, and laid on white where they are transparent.</summary>
public static class ImageFile
{
    private const long LargestPixels = 64_000_000;

    /// <summary>Whether a file's name is that of an image.</summary>
    internal static bool IsImage(string path) => Path.GetExtension(path).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg";

    /// <summary>The shape of an image: 1 channel when it is grey, 3 otherwise.</summary>
    /// <exception cref="DataFormatException">There is no such file, or it is no image that can be read.</exception>
    public static Shape ReadShape(string path)
    {
        using SKCodec codec = Open(path);
        var (width, height) = IsTurned(codec.EncodedOrigin) ? (codec.Info.Height, codec.Info.Width) : (codec.Info.Width, codec.Info.Height);
        return new Shape(codec.Info.ColorType == SKColorType.Gray8 ? 1 : 3, height, width);
    }

    /// <summary>Reads an image.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shape">What it is made to be: of 1 channel (the luma 0.299 red + 0.587 green + 0.114 blue) or 3, resized to height and
    /// width without regard to its own proportions.</param>
    /// <returns>Bytes, channel by channel and row by row.</returns>
    /// <exception cref="DataFormatException">There is no such file, or it is no image that can be read.</exception>
    public static byte[] Read(string path, Shape shape)
    {
        if (shape.IsFlat || shape.Channels is not (1 or 3))
            throw new DataFormatException($"{path}: an image has 1 channel or 3, but {shape} is asked for. Use a model that takes 1xHxW or 3xHxW.");
        var (planes, height, width) = Decode(path, shape.Channels);
        byte[] result = new byte[shape.Count];
        int pixels = shape.Height * shape.Width;
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            float[] plane = planes[channel];
            if ((height, width) != (shape.Height, shape.Width)) plane = Resampling.Resize(plane, height, width, shape.Height, shape.Width);
            for (int i = 0; i < pixels; i++) result[channel * pixels + i] = ToByte(plane[i]);
        }
        return result;
    }

    /// <summary>Reads an image as grey values from 0 to 255, at its own size.</summary>
    /// <exception cref="DataFormatException">There is no such file, or it is no image that can be read.</exception>
    internal static (float[] Grey, int Height, int Width) ReadGrey(string path)
    {
        var (planes, height, width) = Decode(path, channels: 1);
        return (planes[0], height, width);
    }

    /// <summary>Reads an image that came as bytes as grey values from 0 to 255; a larger one is scaled down, its proportions kept.</summary>
    /// <param name="bytes">The content of a PNG or JPEG file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="side">Pixels that its longer side may have.</param>
    /// <exception cref="DataFormatException">It is no image that can be read, or has too many pixels.</exception>
    public static Planes ReadGrey(ReadOnlyMemory<byte> bytes, string name, int side)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        using SKData data = SKData.CreateCopy(bytes.Span);
        using SKCodec codec = Check(SKCodec.Create(data), name, SKCodecResult.Unimplemented);
        var (planes, height, width) = Decode(codec, name, channels: 1);
        double scale = Math.Min(1, (double)side / Math.Max(height, width));
        int rows = Math.Max(1, (int)Math.Round(height * scale)), columns = Math.Max(1, (int)Math.Round(width * scale));
        float[] plane = scale < 1 ? Resampling.Resize(planes[0], height, width, rows, columns) : planes[0];
        return new Planes(new Shape(1, rows, columns), [.. plane.Select(value => (double)ToByte(value))]);
    }

    internal static byte ToByte(float value) => (byte)Math.Clamp(MathF.Round(value), 0, 255);

    private static (float[][] Planes, int Height, int Width) Decode(string path, int channels)
    {
        using SKCodec codec = Open(path);
        return Decode(codec, path, channels);
    }

    private static (float[][] Planes, int Height, int Width) Decode(SKCodec codec, string path, int channels)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, SKColorSpace.CreateSrgb()));
        SKCodecResult result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (result != SKCodecResult.Success)
            throw new DataFormatException($"{path}: the image is damaged or cut off ({result}). Copy the file anew, or leave it out.");

        int width = bitmap.Width, height = bitmap.Height;
        SKEncodedOrigin origin = codec.EncodedOrigin;
        var (newHeight, newWidth) = IsTurned(origin) ? (width, height) : (height, width);
        float[][] planes = [.. Enumerable.Range(0, channels).Select(_ => new float[height * width])];
        ReadOnlySpan<byte> source = bitmap.GetPixelSpan();
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                ReadOnlySpan<byte> pixel = source.Slice(row * bitmap.RowBytes + column * 4, 4);
                float opacity = pixel[3] / 255f, white = 255 * (1 - opacity);
                float red = pixel[0] * opacity + white, green = pixel[1] * opacity + white, blue = pixel[2] * opacity + white;
                int target = Turn(origin, row, column, height, width);
                if (channels == 1) planes[0][target] = 0.299f * red + 0.587f * green + 0.114f * blue;
                else (planes[0][target], planes[1][target], planes[2][target]) = (red, green, blue);
            }
        }
        return (planes, newHeight, newWidth);
    }

    private static SKCodec Open(string path)
    {
        if (Directory.Exists(path)) throw new DataFormatException($"{path}: this is a folder. Give an image in it.");
        if (!File.Exists(path)) throw new DataFormatException($"{path}: there is no such file.");
        return Check(SKCodec.Create(path, out SKCodecResult result), path, result);
    }

    private static SKCodec Check(SKCodec? codec, string path, SKCodecResult result)
    {
        if (codec is null)
        {
            throw new DataFormatException($"{path}: expected a PNG or JPEG image, but {(result == SKCodecResult.Unimplemented ? "the file is of another kind" : $"the file is damaged or cut off ({result})")}. "
                + "Copy it anew, or save it as PNG with an image program.");
        }
        if ((long)codec.Info.Width * codec.Info.Height <= LargestPixels) return codec;
        SKImageInfo info = codec.Info;
        codec.Dispose();
        throw new DataFormatException($"{path}: {info.Width} x {info.Height} pixels are more than {LargestPixels / 1_000_000} million. Scale the image down.");
    }

    private static bool IsTurned(SKEncodedOrigin origin) => origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;

    // Where a stored pixel belongs. The origin names the sides of the picture on which the first stored row and column lie (Exif 2.32, tag 0x0112).
    private static int Turn(SKEncodedOrigin origin, int row, int column, int height, int width)
    {
        int lastRow = height - 1 - row, lastColumn = width - 1 - column;
        return origin switch
        {
            SKEncodedOrigin.TopRight => row * width + lastColumn,
            SKEncodedOrigin.BottomRight => lastRow * width + lastColumn,
            SKEncodedOrigin.BottomLeft => lastRow * width + column,
            SKEncodedOrigin.LeftTop => column * height + row,
            SKEncodedOrigin.RightTop => column * height + lastRow,
            SKEncodedOrigin.RightBottom => lastColumn * height + lastRow,
            SKEncodedOrigin.LeftBottom => lastColumn * height + row,
            _ => row * width + column,
        };
    }
}
