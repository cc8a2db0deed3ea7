using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Multi-class margin loss: the sum over the other classes of max(0, margin - x of the class + x of the other), divided by the number
/// of classes; the mean over the samples. At a kink the subgradient 0 is taken.</summary>
public sealed record MultiMarginLoss : ClassWeightedLoss
{
    /// <summary>By how much the class is to be ahead.</summary>
    public float Margin { get; init; } = 1;

    /// <inheritdoc/>
    public override bool TargetsAreClasses => true;

    internal override string? Problem() => Margin is > 0 and < float.PositiveInfinity ? null : $"the margin must be above 0, got {Margin}";

    internal override void Run<V>(in LossCall call) => LossKernels<V>.MultiMargin(call, Margin);

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient) =>
        ReferenceLosses.MultiMargin(output, label, Margin, gradient);
}
