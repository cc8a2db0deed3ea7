namespace Fovea.Lab;

/// <summary>
/// An image of one channel at another size, from rows as they come. Each new pixel is a mean of the old ones under a triangle as wide as the
/// reduction asks for (two pixels of the smaller image): nothing is skipped when an image shrinks, and it is interpolated linearly when it grows.
/// </summary>
internal sealed class Resampling(int height, int width, int newHeight, int newWidth)
{
    private readonly (int First, float[] Weights)[] _columns = Weights(width, newWidth), _rows = Weights(height, newHeight);
    private readonly float[] _narrow = new float[newWidth];

    /// <summary>The new image, rows first to last; whole when all rows have been added.</summary>
    public float[] Result { get; } = new float[newHeight * newWidth];

    /// <summary>Resizes an image, rows first to last.</summary>
    public static float[] Resize(ReadOnlySpan<float> image, int height, int width, int newHeight, int newWidth)
    {
        var resampling = new Resampling(height, width, newHeight, newWidth);
        for (int row = 0; row < height; row++) resampling.Add(row, image.Slice(row * width, width));
        return resampling.Result;
    }

    /// <summary>Takes the next row.</summary>
    public void Add(int row, ReadOnlySpan<float> pixels)
    {
        for (int column = 0; column < newWidth; column++)
        {
            var (first, weights) = _columns[column];
            float sum = 0;
            for (int i = 0; i < weights.Length; i++) sum += weights[i] * pixels[first + i];
            _narrow[column] = sum;
        }
        // The new rows that the old one is a part of.
        for (int target = 0; target < newHeight; target++)
        {
            var (first, weights) = _rows[target];
            if (row < first || row >= first + weights.Length) continue;
            float weight = weights[row - first];
            for (int column = 0; column < newWidth; column++) Result[target * newWidth + column] += weight * _narrow[column];
        }
    }

    // Which old pixels a new one is the mean of, and with what weights. Pixels are squares: their centres lie at halves.
    private static (int First, float[] Weights)[] Weights(int size, int newSize)
    {
        double scale = (double)size / newSize, reach = Math.Max(scale, 1);
        var result = new (int, float[])[newSize];
        for (int i = 0; i < newSize; i++)
        {
            double centre = (i + 0.5) * scale;
            int first = Math.Max((int)Math.Floor(centre - reach), 0), last = Math.Min((int)Math.Ceiling(centre + reach), size);
            double[] heights = [.. Enumerable.Range(first, last - first).Select(pixel => Math.Max(0, 1 - Math.Abs(pixel + 0.5 - centre) / reach))];
            double sum = heights.Sum();
            result[i] = (first, [.. heights.Select(height => (float)(height / sum))]);
        }
        return result;
    }
}
