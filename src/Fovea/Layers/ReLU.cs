using Fovea.Kernels;

namespace Fovea;

/// <summary>The rectified linear unit: max(0, x). Its derivative at 0 is taken as 0.</summary>
public sealed record ReLU : Activation
{
    internal override string TorchName => "ReLU";

    internal override double Value(double x) => x <= 0 ? 0 : x;

    internal override double Derivative(double y) => y > 0 ? 1 : 0;

    internal override unsafe void Apply<V>(float* x, float* y, int count) => ActivationKernels<V>.Rectify(x, y, count, slope: 0);

    internal override unsafe void Backward<V>(float* y, float* dy, float* dx, int count) =>
        ActivationKernels<V>.RectifyBackward(y, dy, dx, count, slope: 0);
}
