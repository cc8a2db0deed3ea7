using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Categorical cross-entropy of logits: minus the log-softmax of the sample's class.</summary>
public sealed record CrossEntropyLoss : Loss
{
    /// <inheritdoc/>
    public override bool TargetsAreClasses => true;

    internal override void Run<V>(in LossCall call) => LossKernels<V>.CrossEntropy(call);

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient) =>
        ReferenceLosses.CrossEntropy(output, label, gradient);
}
