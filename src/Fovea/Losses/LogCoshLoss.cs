using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>log(cosh(x - t)), over all outputs of all samples: nearly half the square of a small error, nearly |x - t| - log 2 for a large one.</summary>
public sealed record LogCoshLoss : Loss
{
    private static readonly float s_logOfTwo = MathF.Log(2);

    /// <inheritdoc/>
    public override bool TargetsAreClasses => false;

    internal override void Run<V>(in LossCall call) => LossKernels<V>.Terms(call, default(Term));

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient) =>
        ReferenceLosses.Terms(output, targets, gradient, ReferenceLosses.LogCosh);

    private readonly struct Term : ILossTerm
    {
        // Written so that nothing overflows.
        public V Value<V>(V x, V t) where V : struct, ILanes<V>
        {
            V size = V.Abs(x - t);
            return size + (V.Log(V.Broadcast(1) + V.Exp(V.Broadcast(-2) * size)) - V.Broadcast(s_logOfTwo));
        }

        public V Derivative<V>(V x, V t) where V : struct, ILanes<V>
        {
            V one = V.Broadcast(1), fading = V.Exp(V.Broadcast(-2) * V.Abs(x - t)), size = (one - fading) / (one + fading);
            return V.SelectGreater(x, t, size, V.Zero - size);
        }
    }
}
