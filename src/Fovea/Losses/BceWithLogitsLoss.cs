using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Binary cross-entropy of logits: that of the sigmoid of x, written so that nothing overflows: max(x, 0) - x t + log(1 + exp(-|x|)).</summary>
public sealed record BceWithLogitsLoss : ClassWeightedLoss
{
    /// <inheritdoc/>
    public override bool TargetsAreClasses => false;

    /// <inheritdoc/>
    public override float PositiveAbove => 0;

    internal override void Run<V>(in LossCall call) => LossKernels<V>.Terms(call, default(Term));

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient) =>
        ReferenceLosses.Terms(output, targets, gradient, ReferenceLosses.BinaryCrossEntropyOfLogits);

    private readonly struct Term : ILossTerm
    {
        public V Value<V>(V x, V t) where V : struct, ILanes<V> =>
            V.Max(x, V.Zero) - x * t + V.Log(V.Broadcast(1) + V.Exp(V.Zero - V.Abs(x)));

        public V Derivative<V>(V x, V t) where V : struct, ILanes<V> => V.Broadcast(1) / (V.Broadcast(1) + V.Exp(V.Zero - x)) - t;
    }
}
