using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Huber loss: half the square of a small error, linear with slope <see cref="Delta"/> beyond it (Huber 1964); over all outputs of all
/// samples.</summary>
public sealed record HuberLoss : Loss
{
    /// <summary>The error from which it is linear.</summary>
    public float Delta { get; init; } = 1;

    /// <inheritdoc/>
    public override bool TargetsAreClasses => false;

    internal override string? Problem() => Delta is > 0 and < float.PositiveInfinity ? null : $"delta must be above 0, got {Delta}";

    internal override void Run<V>(in LossCall call) => LossKernels<V>.Terms(call, new Term(Delta, 1));

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient)
    {
        double delta = Delta;
        return ReferenceLosses.Terms(output, targets, gradient, (x, t) => ReferenceLosses.Huber(x, t, delta));
    }

    /// <summary>The Huber loss times a factor.</summary>
    internal readonly struct Term(float delta, float factor) : ILossTerm
    {
        public V Value<V>(V x, V t) where V : struct, ILanes<V>
        {
            // What is squared, and what is left over: min(|e|, delta) and |e| - delta.
            V size = V.Abs(x - t), bound = V.Broadcast(delta), small = V.Zero - V.Max(V.Zero - size, V.Zero - bound);
            return V.Broadcast(factor) * V.MultiplyAdd(V.Broadcast(0.5f) * small, small, bound * V.Max(V.Zero, size - bound));
        }

        public V Derivative<V>(V x, V t) where V : struct, ILanes<V>
        {
            V bound = V.Broadcast(delta), above = V.Max(V.Zero - bound, x - t);
            return V.Broadcast(factor) * (V.Zero - V.Max(V.Zero - bound, V.Zero - above));
        }
    }
}
