using Fovea.Kernels;

namespace Fovea;

/// <summary>A smooth rectifier: log(1 + exp(beta x)) / beta, and x itself where beta x is above the threshold.</summary>
/// <param name="Beta">How sharp the bend is; positive.</param>
/// <param name="Threshold">Above it the function is taken to be x, as in PyTorch.</param>
public sealed record Softplus(float Beta = 1, float Threshold = 20) : Activation
{
    /// <summary>How sharp the bend is.</summary>
    public float Beta { get; init => field = CheckedBeta(value); } = CheckedBeta(Beta);

    /// <summary>Above it the function is taken to be x. At most 80, so that the exponential stays finite.</summary>
    public float Threshold { get; init => field = CheckedThreshold(value); } = CheckedThreshold(Threshold);

    internal override string TorchName => "Softplus";

    internal override bool DerivativeNeedsInput => true;

    internal override double Value(double x) => Beta * x > Threshold ? x : Math.Log(1 + Math.Exp(Beta * x)) / Beta;

    internal override double Derivative(double x) => Beta * x > Threshold ? 1 : 1 / (1 + Math.Exp(-Beta * x));

    internal override unsafe void Apply<V>(float* x, float* y, int count) => ActivationKernels<V>.Apply(new Function(Beta, Threshold), x, y, count);

    internal override unsafe void Backward<V>(float* x, float* dy, float* dx, int count) => ActivationKernels<V>.Backward(new Function(Beta, Threshold), x, dy, dx, count);

    private readonly struct Function(float beta, float threshold) : IActivationFunction
    {
        public V Value<V>(V x) where V : struct, ILanes<V>
        {
            V scaled = x * V.Broadcast(beta);
            return V.SelectGreater(scaled, V.Broadcast(threshold), x, LaneMath<V>.LogOnePlus(V.Exp(scaled)) / V.Broadcast(beta));
        }

        public V Derivative<V>(V x) where V : struct, ILanes<V>
        {
            V scaled = x * V.Broadcast(beta);
            return V.SelectGreater(scaled, V.Broadcast(threshold), V.Broadcast(1), LaneMath<V>.Sigmoid(scaled));
        }
    }

    private static float CheckedBeta(float value) => value is > 0 and < float.PositiveInfinity
        ? value
        : throw new ArgumentOutOfRangeException(nameof(Beta), value, "softplus: beta must be positive");

    private static float CheckedThreshold(float value) => value is >= 0 and <= 80
        ? value
        : throw new ArgumentOutOfRangeException(nameof(Threshold), value, "softplus: the threshold must be between 0 and 80");
}
