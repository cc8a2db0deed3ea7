using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>A function of one number on lanes, and its derivative: from the output, or from the input where that is needed.</summary>
internal interface IActivationFunction
{
    V Value<V>(V x) where V : struct, ILanes<V>;
    V Derivative<V>(V from) where V : struct, ILanes<V>;
}

/// <summary>
/// Activations, element by element over contiguous floats; counts are multiples of the lanes. Most derivatives are functions of the
/// output y, so that the input need not be kept. x and y may be the same memory, and so may dy and dx.
/// </summary>
internal static unsafe class ActivationKernels<V> where V : struct, ILanes<V>
{
    /// <summary>y = f(x).</summary>
    public static void Apply<TFunction>(in TFunction function, float* x, float* y, int count) where TFunction : struct, IActivationFunction
    {
        for (int i = 0; i < count; i += V.Count) function.Value(V.Load(x + i)).Store(y + i);
    }

    /// <summary>dx = dy f', which follows from the output or the input.</summary>
    public static void Backward<TFunction>(in TFunction function, float* from, float* dy, float* dx, int count) where TFunction : struct, IActivationFunction
    {
        for (int i = 0; i < count; i += V.Count) (V.Load(dy + i) * function.Derivative(V.Load(from + i))).Store(dx + i);
    }

    /// <summary>y = x where x is positive, slope x elsewhere. NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rectify(float* x, float* y, int count, float slope)
    {
        V leak = V.Broadcast(slope);
        for (int i = 0; i < count; i += V.Count)
        {
            V value = V.Load(x + i);
            V.SelectGreater(value, V.Zero, value, slope == 0 ? V.Max(V.Zero, value) : value * leak).Store(y + i);
        }
    }

    /// <summary>dx = dy where y is positive, slope dy elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RectifyBackward(float* y, float* dy, float* dx, int count, float slope)
    {
        V leak = V.Broadcast(slope);
        for (int i = 0; i < count; i += V.Count)
        {
            V gradient = V.Load(dy + i);
            V.SelectGreater(V.Load(y + i), V.Zero, gradient, gradient * leak).Store(dx + i);
        }
    }

    /// <summary>y = x where x is positive, slope x elsewhere, for a slope of any sign.</summary>
    public static void Parametric(float* x, float* y, int count, float slope)
    {
        V share = V.Broadcast(slope);
        for (int i = 0; i < count; i += V.Count)
        {
            V value = V.Load(x + i);
            V.SelectGreater(value, V.Zero, value, value * share).Store(y + i);
        }
    }

    /// <summary>dx = dy where x is positive, slope dy elsewhere (unless dx is null), and the gradient of the slope: the sum of x dy where x is
    /// not positive.</summary>
    public static float ParametricBackward(float* x, float* dy, float* dx, int count, float slope)
    {
        V share = V.Broadcast(slope), sum = V.Zero;
        for (int i = 0; i < count; i += V.Count)
        {
            V value = V.Load(x + i), gradient = V.Load(dy + i);
            sum += V.SelectGreater(value, V.Zero, V.Zero, value * gradient);
            if (dx != null) V.SelectGreater(value, V.Zero, gradient, gradient * share).Store(dx + i);
        }
        return V.Sum(sum);
    }

    /// <summary>y = 1 / (1 + exp(-x)).</summary>
    public static void Sigmoid(float* x, float* y, int count) =>
        TensorPrimitives.Sigmoid(new ReadOnlySpan<float>(x, count), new Span<float>(y, count));

    /// <summary>dx = dy y (1 - y).</summary>
    public static void SigmoidBackward(float* y, float* dy, float* dx, int count)
    {
        V one = V.Broadcast(1);
        for (int i = 0; i < count; i += V.Count)
        {
            V value = V.Load(y + i);
            (V.Load(dy + i) * value * (one - value)).Store(dx + i);
        }
    }

    /// <summary>y = tanh(x).</summary>
    public static void Tanh(float* x, float* y, int count) =>
        TensorPrimitives.Tanh(new ReadOnlySpan<float>(x, count), new Span<float>(y, count));

    /// <summary>dx = dy (1 - y^2).</summary>
    public static void TanhBackward(float* y, float* dy, float* dx, int count)
    {
        V one = V.Broadcast(1);
        for (int i = 0; i < count; i += V.Count)
        {
            V value = V.Load(y + i);
            (V.Load(dy + i) * (one - value * value)).Store(dx + i);
        }
    }
}
