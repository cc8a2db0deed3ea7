using SkiaSharp;

namespace Fovea.Lab;

/// <summary>Images in PNG or JPEG files. They are turned as their camera says, and laid on white where they are transparent.</summary>
public static class ImageFile
{
    /// <summary>Whether a file's name is that of an image.</summary>
    internal static bool IsImage(string path) => Path.GetExtension(path).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg";

    /// <summary>The shape of an image: 1 channel when it is grey, 3 otherwise.</summary>
    /// <exception cref="DataFormatException">There is no such file, or it is no image that can be read.</exception>
    public static Shape ReadShape(string path)
    {
        using EncodedImage image = EncodedImage.Open(path);
        return image.IsTurned ? new Shape(image.IsGrey ? 1 : 3, image.Width, image.Height) : new Shape(image.IsGrey ? 1 : 3, image.Height, image.Width);
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
        using EncodedImage image = EncodedImage.Open(path);
        float[][] planes = Decode(image, shape.Channels, shape.Height, shape.Width);
        byte[] result = new byte[shape.Count];
        int pixels = shape.Height * shape.Width;
        for (int channel = 0; channel < shape.Channels; channel++)
            for (int i = 0; i < pixels; i++) result[channel * pixels + i] = ToByte(planes[channel][i]);
        return result;
    }

    /// <summary>Reads an image as grey values from 0 to 255, at its own size.</summary>
    /// <exception cref="DataFormatException">There is no such file, or it is no image that can be read.</exception>
    internal static (float[] Grey, int Height, int Width) ReadGrey(string path)
    {
        using EncodedImage image = EncodedImage.Open(path);
        var (height, width) = image.IsTurned ? (image.Width, image.Height) : (image.Height, image.Width);
        return (Decode(image, channels: 1, height, width)[0], height, width);
    }

    /// <summary>Reads an image that came as bytes as grey values from 0 to 255; a larger one is scaled down, its proportions kept.</summary>
    /// <param name="bytes">The content of a PNG or JPEG file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="side">Pixels that its longer side may have.</param>
    /// <exception cref="DataFormatException">It is no image that can be read, or has too many pixels.</exception>
    public static Planes ReadGrey(ReadOnlyMemory<byte> bytes, string name, int side)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        using EncodedImage image = EncodedImage.Open(bytes, name);
        var (height, width) = image.IsTurned ? (image.Width, image.Height) : (image.Height, image.Width);
        double scale = Math.Min(1, (double)side / Math.Max(height, width));
        int rows = Math.Max(1, (int)Math.Round(height * scale)), columns = Math.Max(1, (int)Math.Round(width * scale));
        float[] plane = Decode(image, channels: 1, rows, columns)[0];
        return new Planes(new Shape(1, rows, columns), [.. plane.Select(value => (double)ToByte(value))]);
    }

    internal static byte ToByte(float value) => (byte)Math.Clamp(MathF.Round(value), 0, 255);

    /// <summary>The channels of an image at a size, from 0 to 255.</summary>
    private static float[][] Decode(EncodedImage image, int channels, int height, int width)
    {
        // As it is stored, then turned.
        var (storedHeight, storedWidth) = image.IsTurned ? (width, height) : (height, width);
        bool isResized = (storedHeight, storedWidth) != (image.Height, image.Width);
        Resampling[] resized = isResized ? [.. Enumerable.Range(0, channels).Select(_ => new Resampling(image.Height, image.Width, storedHeight, storedWidth))] : [];
        float[][] planes = isResized ? [.. resized.Select(plane => plane.Result)] : [.. Enumerable.Range(0, channels).Select(_ => new float[height * width])];
        float[] line = new float[image.Width];
        bool isTurned = image.Origin != SKEncodedOrigin.TopLeft;
        image.Decode((long)channels * height * width * sizeof(float) * (isTurned ? 2 : 1), (row, pixels) =>
        {
            for (int channel = 0; channel < channels; channel++)
            {
                Span<float> target = isResized ? line : planes[channel].AsSpan(row * image.Width, image.Width);
                for (int column = 0; column < target.Length; column++)
                {
                    ReadOnlySpan<byte> pixel = pixels.Slice(column * 4, 4);
                    float opacity = pixel[3] / 255f, white = 255 * (1 - opacity);
                    target[column] = channels > 1 ? pixel[channel] * opacity + white
                        : 0.299f * (pixel[0] * opacity + white) + 0.587f * (pixel[1] * opacity + white) + 0.114f * (pixel[2] * opacity + white);
                }
                if (isResized) resized[channel].Add(row, line);
            }
        });
        return isTurned ? [.. planes.Select(plane => Turn(plane, image.Origin, storedHeight, storedWidth))] : planes;
    }

    private static float[] Turn(float[] plane, SKEncodedOrigin origin, int height, int width)
    {
        float[] result = new float[plane.Length];
        for (int row = 0; row < height; row++)
            for (int column = 0; column < width; column++) result[Turn(origin, row, column, height, width)] = plane[row * width + column];
        return result;
    }

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
