using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Hinge loss: max(0, 1 - s x) with s = 2 t - 1, which is -1 or 1 for a target of 0 or 1; over all outputs of all samples. Outputs are
/// scores, positive for what is there. At the kink the subgradient 0 is taken.</summary>
public sealed record HingeLoss : Loss
{
    /// <inheritdoc/>
    public override bool TargetsAreClasses => false;

    /// <inheritdoc/>
    public override float PositiveAbove => 0;

    internal override void Run<V>(in LossCall call) => LossKernels<V>.Terms(call, default(Term));

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient) =>
        ReferenceLosses.Terms(output, targets, gradient, ReferenceLosses.Hinge);

    private readonly struct Term : ILossTerm
    {
        public V Value<V>(V x, V t) where V : struct, ILanes<V> => V.Max(V.Zero, V.Broadcast(1) - Sign(t) * x);

        public V Derivative<V>(V x, V t) where V : struct, ILanes<V> =>
            V.SelectGreater(V.Broadcast(1), Sign(t) * x, V.Zero - Sign(t), V.Zero);

        private static V Sign<V>(V t) where V : struct, ILanes<V> => V.MultiplyAdd(V.Broadcast(2), t, V.Broadcast(-1));
    }
}
