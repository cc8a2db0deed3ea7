using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Categorical cross-entropy of logits: minus the log-softmax of the sample's class.</summary>
public sealed record CrossEntropyLoss : LikelihoodLoss
{
    /// <summary>The share of each target that is spread evenly over all classes (Szegedy et al. 2016).</summary>
    public float LabelSmoothing { get; init; }

    internal override string? Problem() => LabelSmoothing is not (>= 0 and < 1) ? $"the label smoothing must be at least 0 and below 1, got {LabelSmoothing}"
        : LabelSmoothing > 0 && ClassWeights is not null ? "a smoothed label has no class of its own to weigh: give either class weights or label smoothing" : null;

    internal override void Run<V>(in LossCall call) => LossKernels<V>.CrossEntropy(call, LabelSmoothing);

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient) =>
        ReferenceLosses.CrossEntropy(output, label, LabelSmoothing, gradient);
}
