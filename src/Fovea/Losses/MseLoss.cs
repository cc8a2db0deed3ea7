using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Mean squared error: (x - t)^2, over all outputs of all samples.</summary>
public sealed record MseLoss : Loss
{
    /// <inheritdoc/>
    public override bool TargetsAreClasses => false;

    internal override void Run<V>(in LossCall call) => LossKernels<V>.Terms(call, default(Term));

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient) =>
        ReferenceLosses.Terms(output, targets, gradient, ReferenceLosses.SquaredError);

    private readonly struct Term : ILossTerm
    {
        public V Value<V>(V x, V t) where V : struct, ILanes<V> => (x - t) * (x - t);
        public V Derivative<V>(V x, V t) where V : struct, ILanes<V> => V.Broadcast(2) * (x - t);
    }
}
