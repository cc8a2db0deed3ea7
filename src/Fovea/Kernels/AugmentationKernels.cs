namespace Fovea.Kernels;

/// <summary>Where a pixel of a changed image comes from: column x XX + y XY + X0 and row x YX + y YY + Y0 of the image before.</summary>
internal readonly record struct PixelMap(float XX, float XY, float X0, float YX, float YY, float Y0);

/// <summary>Changes of an image, C x H x W. They are plain loops, and both kinds of plans run them.</summary>
internal static class AugmentationKernels
{
    /// <summary>Each pixel is taken from where the map says, interpolated linearly between its four neighbours; those outside of the image count as
    /// <paramref name="fill"/> of their channel.</summary>
    public static void Warp(ReadOnlySpan<float> source, Span<float> destination, Shape shape, PixelMap map, ReadOnlySpan<float> fill)
    {
        int height = shape.Height, width = shape.Width, plane = height * width;
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                float x = map.XX * column + map.XY * row + map.X0, y = map.YX * column + map.YY * row + map.Y0;
                float left = MathF.Floor(x), top = MathF.Floor(y), right = x - left, bottom = y - top;
                int c = (int)left, r = (int)top, pixel = row * width + column;
                if ((uint)c < (uint)(width - 1) && (uint)r < (uint)(height - 1))
                {
                    int corner = r * width + c;
                    for (int channel = 0; channel < shape.Channels; channel++, corner += plane, pixel += plane)
                    {
                        float above = Between(source[corner], source[corner + 1], right), below = Between(source[corner + width], source[corner + width + 1], right);
                        destination[pixel] = Between(above, below, bottom);
                    }
                    continue;
                }
                for (int channel = 0; channel < shape.Channels; channel++, pixel += plane)
                {
                    ReadOnlySpan<float> image = source.Slice(channel * plane, plane);
                    float outside = fill[channel];
                    float above = Between(At(image, r, c, outside), At(image, r, c + 1, outside), right);
                    float below = Between(At(image, r + 1, c, outside), At(image, r + 1, c + 1, outside), right);
                    destination[pixel] = Between(above, below, bottom);
                }
            }
        }

        float At(ReadOnlySpan<float> image, int r, int c, float outside) => (uint)r < (uint)height && (uint)c < (uint)width ? image[r * width + c] : outside;
    }

    // Exactly the one of the two where nothing is taken of the other.
    private static float Between(float a, float b, float share) => a + (b - a) * share;

    /// <summary>Fills a square that may reach beyond the image.</summary>
    public static void Erase(Span<float> image, Shape shape, int top, int left, int size, ReadOnlySpan<float> fill)
    {
        int first = Math.Max(left, 0), last = Math.Min(left + size, shape.Width);
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            for (int row = Math.Max(top, 0); row < Math.Min(top + size, shape.Height); row++)
                image.Slice((channel * shape.Height + row) * shape.Width + first, Math.Max(0, last - first)).Fill(fill[channel]);
        }
    }

    /// <summary>Adds numbers of a normal distribution, drawn by the counters from <paramref name="index"/> on.</summary>
    public static void AddNoise(Span<float> plane, float deviation, Philox random, uint index, uint sample, uint step)
    {
        for (int i = 0; i < plane.Length; i += 4)
        {
            var (a, b, c, d) = random.Block(index++, sample, step);
            AddPair(plane[i..], a, b);
            if (i + 2 < plane.Length) AddPair(plane[(i + 2)..], c, d);
        }

        // Box and Muller 1958; in (0, 1], as 0 has no logarithm.
        void AddPair(Span<float> two, uint radius, uint angle)
        {
            float length = deviation * MathF.Sqrt(-2 * MathF.Log(1 - Philox.Unit(radius)));
            var (sine, cosine) = MathF.SinCos(2 * MathF.PI * Philox.Unit(angle));
            two[0] += length * cosine;
            if (two.Length > 1) two[1] += length * sine;
        }
    }
}
