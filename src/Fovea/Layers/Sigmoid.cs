using Fovea.Kernels;

namespace Fovea;

/// <summary>The logistic function: 1 / (1 + exp(-x)).</summary>
public sealed record Sigmoid : Activation
{
    internal override string TorchName => "Sigmoid";

    internal override double Value(double x) => 1 / (1 + Math.Exp(-x));

    internal override double Derivative(double y) => y * (1 - y);

    internal override unsafe void Apply<V>(float* x, float* y, int count) => ActivationKernels<V>.Sigmoid(x, y, count);

    internal override unsafe void Backward<V>(float* y, float* dy, float* dx, int count) => ActivationKernels<V>.SigmoidBackward(y, dy, dx, count);
}
