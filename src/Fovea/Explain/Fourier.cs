using System.Numerics;

namespace Fovea;

/// <summary>Correlation by way of the discrete Fourier transform: there it is a product, number by number.</summary>
internal static class Fourier
{
    /// <summary>The transform, in place, of every row and then of every column. Both sizes are powers of two.</summary>
    public static void Transform(Complex[] values, int height, int width, bool inverse)
    {
        for (int row = 0; row < height; row++) Transform(values.AsSpan(row * width, width), inverse);
        var column = new Complex[height];
        for (int c = 0; c < width; c++)
        {
            for (int row = 0; row < height; row++) column[row] = values[row * width + c];
            Transform(column, inverse);
            for (int row = 0; row < height; row++) values[row * width + c] = column[row];
        }
    }

    // Cooley and Tukey's algorithm for powers of two: sorted by reversed bits, then combined in pairs of growing length.
    private static void Transform(Span<Complex> values, bool inverse)
    {
        int count = values.Length;
        for (int i = 1, reversed = 0; i < count; i++)
        {
            int bit = count >> 1;
            for (; (reversed & bit) != 0; bit >>= 1) reversed ^= bit;
            reversed ^= bit;
            if (i < reversed) (values[i], values[reversed]) = (values[reversed], values[i]);
        }
        for (int length = 2; length <= count; length *= 2)
        {
            int half = length / 2;
            for (int k = 0; k < half; k++)
            {
                var root = Complex.FromPolarCoordinates(1, (inverse ? 2 : -2) * Math.PI * k / length);
                for (int start = k; start < count; start += length)
                {
                    Complex even = values[start], odd = values[start + half] * root;
                    (values[start], values[start + half]) = (even + odd, even - odd);
                }
            }
        }
        if (!inverse) return;
        for (int i = 0; i < count; i++) values[i] /= count;
    }
}
