using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Smooth L1 loss (Girshick 2015): the Huber loss divided by its threshold, so that its slope far out is always 1; over all outputs of
/// all samples.</summary>
public sealed record SmoothL1Loss : Loss
{
    /// <summary>The error from which it is linear.</summary>
    public float Beta { get; init; } = 1;

    /// <inheritdoc/>
    public override bool TargetsAreClasses => false;

    internal override string? Problem() => Beta is > 0 and < float.PositiveInfinity ? null : $"beta must be above 0, got {Beta}";

    internal override void Run<V>(in LossCall call) => LossKernels<V>.Terms(call, new HuberLoss.Term(Beta, 1 / Beta));

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient)
    {
        double beta = Beta;
        return ReferenceLosses.Terms(output, targets, gradient, (x, t) => ReferenceLosses.SmoothL1(x, t, beta));
    }
}
