using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Lion (Chen et al. 2023): every parameter takes a step of the same size, in the direction of the sign of a running mean. Weight decay is
/// decoupled, as in <see cref="AdamW"/>. A learning rate three to ten times smaller than Adam's suits it.</summary>
/// <param name="LearningRate">The size of a step.</param>
public sealed record Lion(float LearningRate = 1e-4f) : Optimizer(LearningRate)
{
    /// <summary>The share of the running mean in the direction of a step.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>The decay of the running mean of the gradient.</summary>
    public float Beta2 { get; init; } = 0.99f;

    internal override string? Problem() => this switch
    {
        { Beta1: not (>= 0 and < 1) } => $"beta1 must be at least 0 and below 1, got {Beta1}",
        { Beta2: not (>= 0 and < 1) } => $"beta2 must be at least 0 and below 1, got {Beta2}",
        _ => base.Problem(),
    };

    internal override IReadOnlyList<string> StateNames => ["exp_avg"];

    internal override void Update<V>(in UpdateCall call) => OptimizerKernels<V>.Lion(call, call.Momentum ?? Beta1, Beta2, WeightDecay);

    internal override void ReferenceUpdate(in UpdateCall call) => ReferenceOptimizers.Lion(call, call.Momentum ?? Beta1, Beta2, WeightDecay);
}
