using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Negative log-likelihood: minus the output of the sample's class. The outputs are log-probabilities, as from
/// <see cref="LogSoftmax"/>.</summary>
public sealed record NllLoss : LikelihoodLoss
{
    internal override void Run<V>(in LossCall call) => LossKernels<V>.NegativeLogLikelihood(call);

    internal override double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient) =>
        ReferenceLosses.NegativeLogLikelihood(output, label, gradient);
}
