using Fovea.Kernels;

namespace Fovea;

/// <summary>The swish in straight lines: x min(max(0, x + 3), 6) / 6 (Howard et al. 2019).</summary>
public sealed record Hardswish : Activation
{
    internal override string TorchName => "Hardswish";

    internal override bool DerivativeNeedsInput => true;

    internal override double Value(double x) => double.IsNaN(x) ? x : x * Math.Clamp(x + 3, 0, 6) / 6;

    internal override double Derivative(double x) => x <= -3 ? 0 : x < 3 ? x / 3 + 0.5 : 1;

    internal override unsafe void Apply<V>(float* x, float* y, int count) => ActivationKernels<V>.Apply(new Function(), x, y, count);

    internal override unsafe void Backward<V>(float* x, float* dy, float* dx, int count) => ActivationKernels<V>.Backward(new Function(), x, dy, dx, count);

    private readonly struct Function : IActivationFunction
    {
        public V Value<V>(V x) where V : struct, ILanes<V>
        {
            V three = V.Broadcast(3), inside = x * V.MultiplyAdd(x, V.Broadcast(1f / 6), V.Broadcast(0.5f));
            return V.SelectGreater(x, three, x, V.SelectGreater(V.Zero - three, x, V.Zero, inside));
        }

        public V Derivative<V>(V x) where V : struct, ILanes<V>
        {
            V three = V.Broadcast(3), one = V.Broadcast(1), inside = V.MultiplyAdd(x, V.Broadcast(1f / 3), V.Broadcast(0.5f));
            return V.SelectGreater(three, x, V.SelectGreater(x, V.Zero - three, inside, V.Zero), one);
        }
    }
}
