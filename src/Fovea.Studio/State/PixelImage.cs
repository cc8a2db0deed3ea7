using System.Buffers.Binary;

namespace Fovea.Studio.State;

/// <summary>Small pictures as addresses that hold them: bitmaps of 24 bits, which every browser knows.</summary>
internal static class PixelImage
{
    private const int Head = 54;

    /// <summary>A picture.</summary>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="shade">The colour of each pixel, counted row by row.</param>
    public static string Address(int rows, int columns, Func<int, Shade> shade)
    {
        int stride = (columns * 3 + 3) / 4 * 4;
        byte[] bytes = new byte[Head + rows * stride];
        "BM"u8.CopyTo(bytes);
        Write(2, bytes.Length);
        Write(10, Head);
        Write(14, 40);
        Write(18, columns);
        // From the bottom to the top.
        Write(22, rows);
        Write(26, 24 << 16 | 1);
        for (int i = 0; i < rows * columns; i++)
        {
            Shade pixel = shade(i);
            int at = Head + (rows - 1 - i / columns) * stride + i % columns * 3;
            (bytes[at], bytes[at + 1], bytes[at + 2]) = (pixel.Blue, pixel.Green, pixel.Red);
        }
        return $"data:image/bmp;base64,{Convert.ToBase64String(bytes)}";

        void Write(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
    }

    /// <summary>Numbers from the smallest, black, to the largest, white.</summary>
    public static string Grey(int rows, int columns, IReadOnlyList<double> values)
    {
        double low = values.Min(), high = values.Max();
        return Address(rows, columns, i => Shade.Grey(values[i], low, high));
    }

    /// <summary>Numbers on both sides of zero.</summary>
    public static string Signed(int rows, int columns, IReadOnlyList<double> values)
    {
        double largest = values.Max(Math.Abs);
        return Address(rows, columns, i => Shade.Signed(values[i], largest));
    }
}
