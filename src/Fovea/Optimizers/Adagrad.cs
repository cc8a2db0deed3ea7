using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>Adagrad (Duchi et al. 2011): divides the gradient by the root of the sum of all its squares so far.</summary>
/// <param name="LearningRate">The size of a step.</param>
public sealed record Adagrad(float LearningRate = 1e-2f) : Optimizer(LearningRate)
{
    /// <summary>By how much the learning rate fades with the updates: it is divided by 1 + this times their number before.</summary>
    public float LearningRateDecay { get; init; }

    /// <summary>What the sum of squares begins with.</summary>
    public float InitialAccumulator { get; init; }

    /// <summary>Added to the root of the sum.</summary>
    public float Epsilon { get; init; } = 1e-10f;

    internal override string? Problem() => this switch
    {
        { LearningRateDecay: not (>= 0 and < float.PositiveInfinity) } => $"the decay of the learning rate must not be negative, got {LearningRateDecay}",
        { InitialAccumulator: not (>= 0 and < float.PositiveInfinity) } => $"the initial accumulator must not be negative, got {InitialAccumulator}",
        { Epsilon: not (>= 0 and < float.PositiveInfinity) } => $"epsilon must not be negative, got {Epsilon}",
        _ => base.Problem(),
    };

    internal override IReadOnlyList<string> StateNames => ["sum"];

    internal override void Update<V>(in UpdateCall call) => OptimizerKernels<V>.Adagrad(call, LearningRateDecay, InitialAccumulator, Epsilon, WeightDecay);

    internal override void ReferenceUpdate(in UpdateCall call) => ReferenceOptimizers.Adagrad(call, LearningRateDecay, InitialAccumulator, Epsilon, WeightDecay);
}
