using Fovea.Kernels;

namespace Fovea;

/// <summary>x tanh(log(1 + exp(x))) (Misra 2019).</summary>
public sealed record Mish : Activation
{
    internal override string TorchName => "Mish";

    internal override bool DerivativeNeedsInput => true;

    internal override double Value(double x) => x > 20 ? x : x * Math.Tanh(Math.Log(1 + Math.Exp(x)));

    internal override double Derivative(double x)
    {
        double t = Math.Tanh(x > 20 ? x : Math.Log(1 + Math.Exp(x)));
        return t + x * (1 - t * t) / (1 + Math.Exp(-x));
    }

    internal override unsafe void Apply<V>(float* x, float* y, int count) => ActivationKernels<V>.Apply(new Function(), x, y, count);

    internal override unsafe void Backward<V>(float* x, float* dy, float* dx, int count) => ActivationKernels<V>.Backward(new Function(), x, dy, dx, count);

    private readonly struct Function : IActivationFunction
    {
        public V Value<V>(V x) where V : struct, ILanes<V>
        {
            // With e = exp(x) and n = e (e + 2), tanh(log(1 + e)) = n / (n + 2). Beyond 20 that is 1, before e overflows.
            V e = V.Exp(x), n = e * (e + V.Broadcast(2));
            return V.SelectGreater(x, V.Broadcast(20), x, x * (n / (n + V.Broadcast(2))));
        }

        public V Derivative<V>(V x) where V : struct, ILanes<V>
        {
            // The derivative of n / (n + 2) is 4 e (1 + e) / (n + 2)^2.
            V e = V.Exp(x), n = e * (e + V.Broadcast(2)), scale = V.Broadcast(1) / (n + V.Broadcast(2));
            V slope = V.Broadcast(4) * e * (e + V.Broadcast(1)) * scale * scale;
            return V.SelectGreater(x, V.Broadcast(20), V.Broadcast(1), V.MultiplyAdd(x, slope, n * scale));
        }
    }
}
