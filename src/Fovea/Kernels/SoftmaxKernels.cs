namespace Fovea.Kernels;

/// <summary>
/// Softmax over the channels of one group: x and y are [C][H][W][L]; each of the pixels is a distribution of its own.
/// The largest is subtracted before the exponential, so that large numbers do not overflow.
/// </summary>
internal static unsafe class SoftmaxKernels<V> where V : struct, ILanes<V>
{
    /// <summary>The largest of x and the logarithm of the sum of exp(x), of one pixel of all channels.</summary>
    public static (V Largest, V LogSum) LogSumExp(float* x, nint plane, int channels)
    {
        V largest = V.Load(x), sum = V.Zero;
        for (int c = 1; c < channels; c++) largest = V.Max(largest, V.Load(x + c * plane));
        for (int c = 0; c < channels; c++) sum += V.Exp(V.Load(x + c * plane) - largest);
        return (largest, V.Log(sum));
    }

    /// <summary>y = x - log(sum of exp(x)), or its exponential.</summary>
    public static void Forward(LaneTensor x, LaneTensor y, int group, bool logarithm)
    {
        for (int row = 0; row < x.Shape.Height; row++)
        {
            for (int column = 0; column < x.Shape.Width; column++)
            {
                float* source = x.At(group) + row * x.Row + column * V.Count;
                float* target = y.At(group) + row * y.Row + column * V.Count;
                var (largest, logSum) = LogSumExp(source, x.Plane, x.Shape.Channels);
                for (int c = 0; c < x.Shape.Channels; c++)
                {
                    V value = V.Load(source + c * x.Plane) - largest - logSum;
                    (logarithm ? value : V.Exp(value)).Store(target + c * y.Plane);
                }
            }
        }
    }

    /// <summary>Of the logarithm: dx = dy - exp(y) sum(dy); of the softmax itself: dx = y (dy - sum(dy y)).</summary>
    public static void Backward(LaneTensor y, LaneTensor dy, LaneTensor dx, int group, bool logarithm)
    {
        for (int row = 0; row < y.Shape.Height; row++)
        {
            for (int column = 0; column < y.Shape.Width; column++)
            {
                float* output = y.At(group) + row * y.Row + column * V.Count;
                float* gradient = dy.At(group) + row * dy.Row + column * V.Count;
                float* target = dx.At(group) + row * dx.Row + column * V.Count;
                V sum = V.Zero;
                for (int c = 0; c < y.Shape.Channels; c++)
                {
                    V value = V.Load(gradient + c * dy.Plane);
                    sum += logarithm ? value : value * V.Load(output + c * y.Plane);
                }
                for (int c = 0; c < y.Shape.Channels; c++)
                {
                    V value = V.Load(gradient + c * dy.Plane), result = V.Load(output + c * y.Plane);
                    (logarithm ? value - V.Exp(result) * sum : result * (value - sum)).Store(target + c * dx.Plane);
                }
            }
        }
    }
}
