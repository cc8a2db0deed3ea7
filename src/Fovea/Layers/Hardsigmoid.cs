using Fovea.Kernels;

namespace Fovea;

/// <summary>The sigmoid in straight lines: min(max(0, x / 6 + 1/2), 1).</summary>
public sealed record Hardsigmoid : Activation
{
    internal override string TorchName => "Hardsigmoid";

    internal override double Value(double x) => double.IsNaN(x) ? x : Math.Clamp(x / 6 + 0.5, 0, 1);

    internal override double Derivative(double y) => y is > 0 and < 1 ? 1.0 / 6 : 0;

    internal override unsafe void Apply<V>(float* x, float* y, int count) => ActivationKernels<V>.Apply(new Function(), x, y, count);

    internal override unsafe void Backward<V>(float* y, float* dy, float* dx, int count) => ActivationKernels<V>.Backward(new Function(), y, dy, dx, count);

    private readonly struct Function : IActivationFunction
    {
        public V Value<V>(V x) where V : struct, ILanes<V>
        {
            V one = V.Broadcast(1), line = V.MultiplyAdd(x, V.Broadcast(1f / 6), V.Broadcast(0.5f));
            return V.SelectGreater(line, one, one, V.SelectGreater(V.Zero, line, V.Zero, line));
        }

        public V Derivative<V>(V y) where V : struct, ILanes<V> => V.SelectGreater(y, V.Zero, V.SelectGreater(V.Broadcast(1), y, V.Broadcast(1f / 6), V.Zero), V.Zero);
    }
}
