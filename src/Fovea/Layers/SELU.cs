using Fovea.Kernels;

namespace Fovea;

/// <summary>The scaled exponential linear unit: s x where x is positive, s a (exp(x) - 1) elsewhere, with s and a such that layers keep mean 0
/// and variance 1 (Klambauer et al. 2017).</summary>
public sealed record SELU : Activation
{
    private const double Scale = 1.0507009873554804934193349852946, Alpha = 1.6732632423543772848170429916717;

    internal override string TorchName => "SELU";

    internal override double Value(double x) => Scale * (x > 0 ? x : Alpha * (Math.Exp(x) - 1));

    internal override double Derivative(double y) => y > 0 ? Scale : y + Scale * Alpha;

    internal override unsafe void Apply<V>(float* x, float* y, int count) => ActivationKernels<V>.Apply(new Function(), x, y, count);

    internal override unsafe void Backward<V>(float* y, float* dy, float* dx, int count) => ActivationKernels<V>.Backward(new Function(), y, dy, dx, count);

    private readonly struct Function : IActivationFunction
    {
        public V Value<V>(V x) where V : struct, ILanes<V> => V.SelectGreater(x, V.Zero, x * V.Broadcast((float)Scale), LaneMath<V>.ExpMinusOne(x) * V.Broadcast((float)(Scale * Alpha)));

        public V Derivative<V>(V y) where V : struct, ILanes<V> => V.SelectGreater(y, V.Zero, V.Broadcast((float)Scale), y + V.Broadcast((float)(Scale * Alpha)));
    }
}
