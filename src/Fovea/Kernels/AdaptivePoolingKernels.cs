namespace Fovea.Kernels;

/// <summary>
/// Pooling into a given number of windows, whose sizes may differ by one and which may overlap: one plane of one group, as in
/// <see cref="PoolingKernels{V}"/>. Such a pooling stands near the end of a network, on small images: it is written plainly.
/// </summary>
internal static unsafe class AdaptivePoolingKernels<V> where V : struct, ILanes<V>
{
    /// <summary>y = the mean of each window.</summary>
    public static void AverageForward(AdaptiveAxis vertical, AdaptiveAxis horizontal, float* x, nint xRow, float* y, nint yRow)
    {
        for (int oy = 0; oy < vertical.Output; oy++)
        {
            for (int ox = 0; ox < horizontal.Output; ox++)
            {
                V sum = V.Zero;
                for (int row = vertical.Start(oy); row < vertical.End(oy); row++)
                {
                    for (int column = horizontal.Start(ox); column < horizontal.End(ox); column++) sum += V.Load(x + row * xRow + column * V.Count);
                }
                (sum * Share(vertical, horizontal, oy, ox)).Store(y + oy * yRow + ox * V.Count);
            }
        }
    }

    /// <summary>dx = the shares of the windows that cover a pixel.</summary>
    public static void AverageBackward(AdaptiveAxis vertical, AdaptiveAxis horizontal, float* dy, nint dyRow, float* dx, nint dxRow)
    {
        Clear(vertical, horizontal, dx, dxRow);
        for (int oy = 0; oy < vertical.Output; oy++)
        {
            for (int ox = 0; ox < horizontal.Output; ox++)
            {
                V share = V.Load(dy + oy * dyRow + ox * V.Count) * Share(vertical, horizontal, oy, ox);
                for (int row = vertical.Start(oy); row < vertical.End(oy); row++)
                {
                    for (int column = horizontal.Start(ox); column < horizontal.End(ox); column++)
                    {
                        float* pixel = dx + row * dxRow + column * V.Count;
                        (V.Load(pixel) + share).Store(pixel);
                    }
                }
            }
        }
    }

    /// <summary>y = the largest of each window.</summary>
    public static void MaxForward(AdaptiveAxis vertical, AdaptiveAxis horizontal, float* x, nint xRow, float* y, nint yRow)
    {
        for (int oy = 0; oy < vertical.Output; oy++)
        {
            for (int ox = 0; ox < horizontal.Output; ox++)
            {
                V largest = V.Broadcast(float.NegativeInfinity);
                for (int row = vertical.Start(oy); row < vertical.End(oy); row++)
                {
                    for (int column = horizontal.Start(ox); column < horizontal.End(ox); column++)
                        largest = V.Max(largest, V.Load(x + row * xRow + column * V.Count));
                }
                largest.Store(y + oy * yRow + ox * V.Count);
            }
        }
    }

    /// <summary>dx = dy where a pixel is the first of its window that is as large as y.</summary>
    public static void MaxBackward(AdaptiveAxis vertical, AdaptiveAxis horizontal, float* x, nint xRow, float* y, nint yRow, float* dy, nint dyRow, float* dx, nint dxRow)
    {
        Clear(vertical, horizontal, dx, dxRow);
        for (int oy = 0; oy < vertical.Output; oy++)
        {
            for (int ox = 0; ox < horizontal.Output; ox++)
            {
                V largest = V.Load(y + oy * yRow + ox * V.Count), left = V.Load(dy + oy * dyRow + ox * V.Count);
                for (int row = vertical.Start(oy); row < vertical.End(oy); row++)
                {
                    for (int column = horizontal.Start(ox); column < horizontal.End(ox); column++)
                    {
                        float* pixel = dx + row * dxRow + column * V.Count;
                        V value = V.Load(x + row * xRow + column * V.Count);
                        (V.Load(pixel) + V.SelectGreater(largest, value, V.Zero, left)).Store(pixel);
                        // What has been given away is not given twice.
                        left = V.SelectGreater(largest, value, left, V.Zero);
                    }
                }
            }
        }
    }

    private static V Share(AdaptiveAxis vertical, AdaptiveAxis horizontal, int oy, int ox) =>
        V.Broadcast(1f / ((vertical.End(oy) - vertical.Start(oy)) * (horizontal.End(ox) - horizontal.Start(ox))));

    private static void Clear(AdaptiveAxis vertical, AdaptiveAxis horizontal, float* dx, nint dxRow)
    {
        for (int row = 0; row < vertical.Input; row++) new Span<float>(dx + row * dxRow, horizontal.Input * V.Count).Clear();
    }
}
