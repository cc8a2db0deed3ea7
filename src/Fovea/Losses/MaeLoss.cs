using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Mean absolute error: |x - t|, over all outputs of all samples. At x = t its subgradient 0 is taken.</summary>
public sealed record MaeLoss : Loss
{
    /// <inheritdoc/>
    public override bool TargetsAreClasses => false;

    internal override void Run<V>(in LossCall call) => LossKernels<V>.Terms(call, default(Term));

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient) =>
        ReferenceLosses.Terms(output, targets, gradient, ReferenceLosses.AbsoluteError);

    private readonly struct Term : ILossTerm
    {
        public V Value<V>(V x, V t) where V : struct, ILanes<V> => V.Abs(x - t);

        public V Derivative<V>(V x, V t) where V : struct, ILanes<V> =>
            V.SelectGreater(x, t, V.Broadcast(1), V.SelectGreater(t, x, V.Broadcast(-1), V.Zero));
    }
}
