using Fovea.Kernels;

namespace Fovea;

/// <summary>The hyperbolic tangent.</summary>
public sealed record Tanh : Activation
{
    internal override string TorchName => "Tanh";

    internal override double Value(double x) => Math.Tanh(x);

    internal override double Derivative(double y) => 1 - y * y;

    internal override unsafe void Apply<V>(float* x, float* y, int count) => ActivationKernels<V>.Tanh(x, y, count);

    internal override unsafe void Backward<V>(float* y, float* dy, float* dx, int count) => ActivationKernels<V>.TanhBackward(y, dy, dx, count);
}
