using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Categorical cross-entropy of logits: minus the log-softmax of the sample's class.</summary>
public sealed record CrossEntropyLoss : LikelihoodLoss
{
    /// <summary>The share of each target that is spread evenly over all classes (Szegedy et al. 2016). Of class weights each class takes its own into what is
    /// spread, and the mean is still divided by those of the samples' classes, as in PyTorch.</summary>
    public float LabelSmoothing { get; init; }

    internal override string? Problem() => LabelSmoothing is not (>= 0 and < 1) ? $"the label smoothing must be at least 0 and below 1, got {LabelSmoothing}" : null;

    // A smoothed label is of all classes: the sum over them has the weights in itself.
    private IReadOnlyList<double>? Spread => LabelSmoothing > 0 ? Weights : null;

    internal override double FactorOf(int label) => Spread is null ? WeightOf(label) : label == IgnoreIndex ? 0 : 1;

    internal override void Run<V>(in LossCall call) => LossKernels<V>.CrossEntropy(call, LabelSmoothing, Spread);

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient) =>
        ReferenceLosses.CrossEntropy(output, label, LabelSmoothing, Spread, gradient);
}
