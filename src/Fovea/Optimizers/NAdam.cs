using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Adam with Nesterov's momentum (Dozat 2016): a step looks ahead along the running mean, whose decay grows towards beta1 over the
/// updates.</summary>
/// <param name="LearningRate">The size of a step.</param>
public sealed record NAdam(float LearningRate = 2e-3f) : Optimizer(LearningRate)
{
    /// <summary>The decay of the running mean of the gradient.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>The decay of the running mean of its square.</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Added to the root of the mean square.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>How fast the decay of the running mean grows towards beta1.</summary>
    public float MomentumDecay { get; init; } = 4e-3f;

    internal override string? Problem() => this switch
    {
        { Beta1: not (>= 0 and < 1) } => $"beta1 must be at least 0 and below 1, got {Beta1}",
        { Beta2: not (>= 0 and < 1) } => $"beta2 must be at least 0 and below 1, got {Beta2}",
        { Epsilon: not (>= 0 and < float.PositiveInfinity) } => $"epsilon must not be negative, got {Epsilon}",
        { MomentumDecay: not (>= 0 and < float.PositiveInfinity) } => $"the momentum's decay must not be negative, got {MomentumDecay}",
        _ => base.Problem(),
    };

    // The product of the decays so far is one number; it is kept for each parameter, as every state is.
    internal override IReadOnlyList<string> StateNames => ["exp_avg", "exp_avg_sq", "mu_product"];

    internal override void Update<V>(in UpdateCall call) =>
        OptimizerKernels<V>.NAdam(call, call.Momentum ?? Beta1, Beta2, Epsilon, WeightDecay, MomentumDecay);

    internal override void ReferenceUpdate(in UpdateCall call) =>
        ReferenceOptimizers.NAdam(call, call.Momentum ?? Beta1, Beta2, Epsilon, WeightDecay, MomentumDecay);
}
