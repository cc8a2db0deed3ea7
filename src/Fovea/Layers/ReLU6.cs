using Fovea.Kernels;

namespace Fovea;

/// <summary>The rectified linear unit, capped: min(max(0, x), 6). Its derivative at 0 and 6 is taken as 0.</summary>
public sealed record ReLU6 : Activation
{
    internal override string TorchName => "ReLU6";

    internal override double Value(double x) => double.IsNaN(x) ? x : Math.Clamp(x, 0, 6);

    internal override double Derivative(double y) => y is > 0 and < 6 ? 1 : 0;

    internal override unsafe void Apply<V>(float* x, float* y, int count) => ActivationKernels<V>.Apply(new Function(), x, y, count);

    internal override unsafe void Backward<V>(float* y, float* dy, float* dx, int count) => ActivationKernels<V>.Backward(new Function(), y, dy, dx, count);

    private readonly struct Function : IActivationFunction
    {
        public V Value<V>(V x) where V : struct, ILanes<V> => V.SelectGreater(x, V.Broadcast(6), V.Broadcast(6), V.SelectGreater(V.Zero, x, V.Zero, x));

        public V Derivative<V>(V y) where V : struct, ILanes<V> => V.SelectGreater(y, V.Zero, V.SelectGreater(V.Broadcast(6), y, V.Broadcast(1), V.Zero), V.Zero);
    }
}
