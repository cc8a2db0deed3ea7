using Fovea.Kernels;

namespace Fovea;

/// <summary>The sigmoid-weighted linear unit, or swish: x / (1 + exp(-x)) (Elfwing, Uchibe and Doya 2017).</summary>
public sealed record SiLU : Activation
{
    internal override string TorchName => "SiLU";

    internal override bool DerivativeNeedsInput => true;

    internal override double Value(double x) => x / (1 + Math.Exp(-x));

    internal override double Derivative(double x)
    {
        double s = 1 / (1 + Math.Exp(-x));
        return s * (1 + x * (1 - s));
    }

    internal override unsafe void Apply<V>(float* x, float* y, int count) => ActivationKernels<V>.Apply(new Function(), x, y, count);

    internal override unsafe void Backward<V>(float* x, float* dy, float* dx, int count) => ActivationKernels<V>.Backward(new Function(), x, dy, dx, count);

    private readonly struct Function : IActivationFunction
    {
        public V Value<V>(V x) where V : struct, ILanes<V> => x * LaneMath<V>.Sigmoid(x);

        public V Derivative<V>(V x) where V : struct, ILanes<V>
        {
            V s = LaneMath<V>.Sigmoid(x), one = V.Broadcast(1);
            return s * V.MultiplyAdd(x, one - s, one);
        }
    }
}
