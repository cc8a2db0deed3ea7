using Fovea.Kernels;

namespace Fovea;

/// <summary>The exponential linear unit: x where x is positive, alpha (exp(x) - 1) elsewhere (Clevert, Unterthiner and Hochreiter 2016).</summary>
/// <param name="Alpha">Minus the value far below 0; not negative, so that the output tells on which side the input was.</param>
public sealed record ELU(float Alpha = 1) : Activation
{
    /// <summary>Minus the value far below 0.</summary>
    public float Alpha { get; init => field = Checked(value); } = Checked(Alpha);

    internal override string TorchName => "ELU";

    internal override double Value(double x) => x > 0 ? x : Alpha * (Math.Exp(x) - 1);

    internal override double Derivative(double y) => y > 0 ? 1 : y + Alpha;

    internal override unsafe void Apply<V>(float* x, float* y, int count) => ActivationKernels<V>.Apply(new Function(Alpha), x, y, count);

    internal override unsafe void Backward<V>(float* y, float* dy, float* dx, int count) => ActivationKernels<V>.Backward(new Function(Alpha), y, dy, dx, count);

    private readonly struct Function(float alpha) : IActivationFunction
    {
        public V Value<V>(V x) where V : struct, ILanes<V> => V.SelectGreater(x, V.Zero, x, LaneMath<V>.ExpMinusOne(x) * V.Broadcast(alpha));

        public V Derivative<V>(V y) where V : struct, ILanes<V> => V.SelectGreater(y, V.Zero, V.Broadcast(1), y + V.Broadcast(alpha));
    }

    private static float Checked(float value) => value is >= 0 and < float.PositiveInfinity
        ? value
        : throw new ArgumentOutOfRangeException(nameof(Alpha), value, "elu: alpha must not be negative");
}
