using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Focal loss of logits (Lin et al. 2017): binary cross-entropy times (1 - q)^gamma, where q is the probability of what is right, over
/// all outputs of all samples. What is right already counts little.</summary>
public sealed record FocalLoss : Loss
{
    /// <summary>How much it spares what is right.</summary>
    public float Gamma { get; init; } = 2;

    /// <inheritdoc/>
    public override bool TargetsAreClasses => false;

    /// <inheritdoc/>
    public override float PositiveAbove => 0;

    internal override string? Problem() => Gamma is >= 0 and < float.PositiveInfinity ? null : $"gamma must not be negative, got {Gamma}";

    internal override void Run<V>(in LossCall call) => LossKernels<V>.Terms(call, new Term(Gamma));

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient)
    {
        double gamma = Gamma;
        return ReferenceLosses.Terms(output, targets, gradient, (x, t) => ReferenceLosses.Focal(x, t, gamma));
    }

    private readonly struct Term(float gamma) : ILossTerm
    {
        // The logarithm of 1 - q is not taken below that of this number.
        private const float Least = 1e-30f;

        public V Value<V>(V x, V t) where V : struct, ILanes<V> => CrossEntropy(x, t) * Power(Miss(x, t), gamma);

        public V Derivative<V>(V x, V t) where V : struct, ILanes<V>
        {
            V one = V.Broadcast(1), p = one / (one + V.Exp(V.Zero - x)), rest = one / (one + V.Exp(x)), miss = Miss(x, t);
            V factor = Power(miss, gamma), slope = V.Broadcast(gamma) * (factor / V.Max(miss, V.Broadcast(Least))) * (p * rest * (one - (t + t)));
            return V.MultiplyAdd(p - t, factor, CrossEntropy(x, t) * slope);
        }

        private static V CrossEntropy<V>(V x, V t) where V : struct, ILanes<V> =>
            V.Max(x, V.Zero) - x * t + V.Log(V.Broadcast(1) + V.Exp(V.Zero - V.Abs(x)));

        // 1 - q = p (1 - t) + (1 - p) t, each of p and 1 - p exact where it is small.
        private static V Miss<V>(V x, V t) where V : struct, ILanes<V>
        {
            V one = V.Broadcast(1);
            return (one - t) / (one + V.Exp(V.Zero - x)) + t / (one + V.Exp(x));
        }

        private static V Power<V>(V value, float exponent) where V : struct, ILanes<V> =>
            V.Exp(V.Broadcast(exponent) * V.Log(V.Max(value, V.Broadcast(Least))));
    }
}
