using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Kullback-Leibler divergence: the sum of t (log t - x) over the outputs x, which are logarithms of probabilities as from
/// <see cref="LogSoftmax"/>, with targets that are probabilities; the mean over the samples (PyTorch's "batchmean"). 0 log 0 is 0.</summary>
public sealed record KlDivergenceLoss : Loss
{
    /// <inheritdoc/>
    public override bool TargetsAreClasses => false;

    internal override long Terms(int samples, Shape output) => samples;

    internal override void Run<V>(in LossCall call) => LossKernels<V>.Terms(call, default(Term));

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient) =>
        ReferenceLosses.Terms(output, targets, gradient, ReferenceLosses.Divergence);

    private readonly struct Term : ILossTerm
    {
        public V Value<V>(V x, V t) where V : struct, ILanes<V> =>
            V.SelectGreater(t, V.Zero, t * (V.Log(V.Max(t, V.Broadcast(1e-37f))) - x), V.Zero);

        public V Derivative<V>(V x, V t) where V : struct, ILanes<V> => V.SelectGreater(t, V.Zero, V.Zero - t, V.Zero);
    }
}
