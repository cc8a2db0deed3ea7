using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>The Gaussian error linear unit: x P(X &lt;= x), where X is standard normal (Hendrycks and Gimpel 2016).</summary>
public sealed record GELU : Activation
{
    // The argument of tanh in the approximation is sqrt(2 / pi) (x + 0.044715 x^3).
    private const double Root = 0.79788456080286535588, Cubic = 0.044715;

    /// <summary>Whether to take the approximation x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, PyTorch's approximate="tanh".</summary>
    public bool Approximate { get; init; }

    internal override string TorchName => "GELU";

    internal override bool DerivativeNeedsInput => true;

    internal override double Value(double x) =>
        Approximate ? x / 2 * (1 + Math.Tanh(Root * (x + Cubic * x * x * x))) : x * ReferenceNormal.Integral(x);

    internal override double Derivative(double x)
    {
        if (!Approximate) return ReferenceNormal.Integral(x) + x * ReferenceNormal.Density(x);
        double t = Math.Tanh(Root * (x + Cubic * x * x * x));
        return (1 + t + x * (1 - t * t) * Root * (1 + 3 * Cubic * x * x)) / 2;
    }

    internal override unsafe void Apply<V>(float* x, float* y, int count)
    {
        if (Approximate) ActivationKernels<V>.Apply(new ByTanh(), x, y, count);
        else ActivationKernels<V>.Apply(new Exact(), x, y, count);
    }

    internal override unsafe void Backward<V>(float* x, float* dy, float* dx, int count)
    {
        if (Approximate) ActivationKernels<V>.Backward(new ByTanh(), x, dy, dx, count);
        else ActivationKernels<V>.Backward(new Exact(), x, dy, dx, count);
    }

    private readonly struct Exact : IActivationFunction
    {
        public V Value<V>(V x) where V : struct, ILanes<V> => x * LaneMath<V>.NormalIntegral(x);

        public V Derivative<V>(V x) where V : struct, ILanes<V> => V.MultiplyAdd(x, LaneMath<V>.NormalDensity(x), LaneMath<V>.NormalIntegral(x));
    }

    // (1 + tanh(u)) / 2 is the sigmoid of 2u.
    private readonly struct ByTanh : IActivationFunction
    {
        public V Value<V>(V x) where V : struct, ILanes<V> => x * Share(x);

        public V Derivative<V>(V x) where V : struct, ILanes<V>
        {
            V s = Share(x), slope = V.MultiplyAdd(x * x, V.Broadcast((float)(6 * Root * Cubic)), V.Broadcast((float)(2 * Root)));
            // Beyond 10 the share is 0 or 1, and the slope might overflow.
            return V.SelectGreater(V.Abs(x), V.Broadcast(10), s, V.MultiplyAdd(x * slope, s * (V.Broadcast(1) - s), s));
        }

        private static V Share<V>(V x) where V : struct, ILanes<V> =>
            LaneMath<V>.Sigmoid(x * V.MultiplyAdd(x * x, V.Broadcast((float)(2 * Root * Cubic)), V.Broadcast((float)(2 * Root))));
    }
}
