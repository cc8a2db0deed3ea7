using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Adam (Kingma and Ba 2015); weight decay is an L2 penalty: it is added to the gradient.</summary>
/// <param name="LearningRate">The size of a step.</param>
public sealed record Adam(float LearningRate = 1e-3f) : Optimizer(LearningRate)
{
    /// <summary>The decay of the running mean of the gradient.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>The decay of the running mean of its square.</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Added to the root of the mean square.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    internal override string? Problem() => this switch
    {
        { Beta1: not (>= 0 and < 1) } => $"beta1 must be at least 0 and below 1, got {Beta1}",
        { Beta2: not (>= 0 and < 1) } => $"beta2 must be at least 0 and below 1, got {Beta2}",
        { Epsilon: not (>= 0 and < float.PositiveInfinity) } => $"epsilon must not be negative, got {Epsilon}",
        _ => base.Problem(),
    };

    internal override IReadOnlyList<string> StateNames => ["exp_avg", "exp_avg_sq"];

    internal override void Update<V>(in UpdateCall call) => OptimizerKernels<V>.Adam(call, call.Momentum ?? Beta1, Beta2, Epsilon, WeightDecay, decoupled: false);

    internal override void ReferenceUpdate(in UpdateCall call) => ReferenceOptimizers.Adam(call, call.Momentum ?? Beta1, Beta2, Epsilon, WeightDecay, decoupled: false);
}
