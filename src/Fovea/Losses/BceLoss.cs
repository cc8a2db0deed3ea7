using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Binary cross-entropy of probabilities: -(t log x + (1 - t) log(1 - x)), over all outputs of all samples. As in PyTorch, logarithms are
/// not taken below -100 and the divisor of the derivative not below 1e-12, so that a confident mistake stays finite.</summary>
public sealed record BceLoss : ClassWeightedLoss
{
    /// <inheritdoc/>
    public override bool TargetsAreClasses => false;

    internal override void Run<V>(in LossCall call) => LossKernels<V>.Terms(call, default(Term));

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient) =>
        ReferenceLosses.Terms(output, targets, gradient, ReferenceLosses.BinaryCrossEntropy);

    private readonly struct Term : ILossTerm
    {
        public V Value<V>(V x, V t) where V : struct, ILanes<V>
        {
            V one = V.Broadcast(1), least = V.Broadcast(-100);
            return V.Zero - t * V.Max(V.Log(x), least) - (one - t) * V.Max(V.Log(one - x), least);
        }

        public V Derivative<V>(V x, V t) where V : struct, ILanes<V> =>
            (x - t) / V.Max((V.Broadcast(1) - x) * x, V.Broadcast(1e-12f));
    }
}
