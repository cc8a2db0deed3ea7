using Fovea.Kernels;

namespace Fovea;

/// <summary>x where x is positive, slope x elsewhere (Maas, Hannun and Ng 2013).</summary>
/// <param name="Slope">The slope of the negative half; not negative, so that the output tells on which side the input was.</param>
public sealed record LeakyReLU(float Slope = 0.01f) : Activation
{
    /// <summary>The slope of the negative half.</summary>
    public float Slope { get; init => field = Checked(value); } = Checked(Slope);

    internal override string TorchName => "LeakyReLU";

    internal override double Value(double x) => x > 0 ? x : x * Slope;

    internal override double Derivative(double y) => y > 0 ? 1 : Slope;

    internal override unsafe void Apply<V>(float* x, float* y, int count) => ActivationKernels<V>.Rectify(x, y, count, Slope);

    internal override unsafe void Backward<V>(float* y, float* dy, float* dx, int count) =>
        ActivationKernels<V>.RectifyBackward(y, dy, dx, count, Slope);

    private static float Checked(float value) => value >= 0
        ? value
        : throw new ArgumentOutOfRangeException(nameof(Slope), value, "leakyrelu: the slope must not be negative");
}
