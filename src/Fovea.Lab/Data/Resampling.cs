namespace Fovea.Lab;

/// <summary>
/// Images of one channel at another size. Each new pixel is a mean of the old ones under a triangle as wide as the reduction asks for (two
/// pixels of the smaller image): nothing is skipped when an image shrinks, and it is interpolated linearly when it grows.
/// </summary>
internal static class Resampling
{
    /// <summary>Resizes an image, rows first to last.</summary>
    public static float[] Resize(ReadOnlySpan<float> image, int height, int width, int newHeight, int newWidth)
    {
        var (columns, rows) = (Weights(width, newWidth), Weights(height, newHeight));
        float[] narrow = new float[height * newWidth];
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < newWidth; column++)
            {
                var (first, weights) = columns[column];
                float sum = 0;
                for (int i = 0; i < weights.Length; i++) sum += weights[i] * image[row * width + first + i];
                narrow[row * newWidth + column] = sum;
            }
        }
        float[] result = new float[newHeight * newWidth];
        for (int row = 0; row < newHeight; row++)
        {
            var (first, weights) = rows[row];
            for (int i = 0; i < weights.Length; i++)
            {
                for (int column = 0; column < newWidth; column++)
                    result[row * newWidth + column] += weights[i] * narrow[(first + i) * newWidth + column];
            }
        }
        return result;
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
