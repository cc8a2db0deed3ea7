using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Stochastic gradient descent, with momentum (Polyak 1964) or Nesterov's (Sutskever et al. 2013).</summary>
/// <param name="LearningRate">The size of a step.</param>
public sealed record Sgd(float LearningRate = 1e-3f) : Optimizer(LearningRate)
{
    /// <summary>The share of the last step in the next.</summary>
    public float Momentum { get; init; }

    /// <summary>What is taken off the gradient's share in the momentum.</summary>
    public float Dampening { get; init; }

    /// <summary>Whether the step looks ahead along the momentum.</summary>
    public bool Nesterov { get; init; }

    /// <summary>
    /// The coefficient of LARS (You, Gitman and Ginsburg 2017), for large batches; 0 for none, 0.001 is usual. The gradient of each weight,
    /// its decay included, is multiplied by this times the norm of the weight over the norms of gradient and decay, so that all layers move by a like
    /// share of their size. Biases and the scales of normalizations, which have one dimension, are left alone.
    /// </summary>
    public float TrustCoefficient { get; init; }

    internal override string? Problem() => this switch
    {
        { TrustCoefficient: not (>= 0 and < float.PositiveInfinity) } => $"the trust coefficient must not be negative, got {TrustCoefficient}",
        { Momentum: not (>= 0 and < float.PositiveInfinity) } => $"the momentum must not be negative, got {Momentum}",
        { Nesterov: true } when Momentum == 0 || Dampening != 0 => "Nesterov's momentum needs a momentum above 0 and no dampening",
        _ => base.Problem(),
    };

    internal override IReadOnlyList<string> StateNames => Momentum == 0 ? [] : ["momentum_buffer"];

    internal override bool NeedsWholeGradient => base.NeedsWholeGradient || TrustCoefficient > 0;

    internal override void Update<V>(in UpdateCall call) =>
        OptimizerKernels<V>.Sgd(call, Momentum == 0 ? 0 : call.Momentum ?? Momentum, Dampening, Nesterov, WeightDecay, Trust(call));

    internal override void ReferenceUpdate(in UpdateCall call) =>
        ReferenceOptimizers.Sgd(call, Momentum == 0 ? 0 : call.Momentum ?? Momentum, Dampening, Nesterov, WeightDecay, Trust(call));

    // By what the gradient of a whole weight is multiplied.
    private unsafe float Trust(in UpdateCall call)
    {
        if (TrustCoefficient == 0 || !call.IsWeight) return 1;
        double weight = Norm(new ReadOnlySpan<float>(call.Values, call.Count)), gradient = Norm(new ReadOnlySpan<float>(call.Gradients, call.Count));
        // A weight of zeros could not leave them, and no gradient has no size to be measured by.
        return weight > 0 && gradient > 0 ? (float)(TrustCoefficient * weight / (gradient + WeightDecay * weight)) : 1;
    }
}
