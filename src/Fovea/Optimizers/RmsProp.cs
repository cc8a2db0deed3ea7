using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>RMSprop (Tieleman and Hinton 2012): divides the gradient by the root of a running mean of its square.</summary>
/// <param name="LearningRate">The size of a step.</param>
public sealed record RmsProp(float LearningRate = 1e-2f) : Optimizer(LearningRate)
{
    /// <summary>The decay of the running mean of the square.</summary>
    public float Alpha { get; init; } = 0.99f;

    /// <summary>Added to the root of the mean square.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>The share of the last step in the next.</summary>
    public float Momentum { get; init; }

    /// <summary>Whether the square of the mean gradient is taken off: the gradient is then divided by its deviation.</summary>
    public bool Centered { get; init; }

    internal override string? Problem() => this switch
    {
        { Alpha: not (>= 0 and < 1) } => $"alpha must be at least 0 and below 1, got {Alpha}",
        { Epsilon: not (>= 0 and < float.PositiveInfinity) } => $"epsilon must not be negative, got {Epsilon}",
        { Momentum: not (>= 0 and < float.PositiveInfinity) } => $"the momentum must not be negative, got {Momentum}",
        _ => base.Problem(),
    };

    internal override IReadOnlyList<string> StateNames => (Momentum != 0, Centered) switch
    {
        (false, false) => ["square_avg"],
        (true, false) => ["square_avg", "momentum_buffer"],
        (false, true) => ["square_avg", "grad_avg"],
        (true, true) => ["square_avg", "momentum_buffer", "grad_avg"],
    };

    internal override void Update<V>(in UpdateCall call) => OptimizerKernels<V>.RmsProp(call, Alpha, Epsilon, Momentum == 0 ? 0 : call.Momentum ?? Momentum, Centered, WeightDecay);

    internal override void ReferenceUpdate(in UpdateCall call) => ReferenceOptimizers.RmsProp(call, Alpha, Epsilon, Momentum == 0 ? 0 : call.Momentum ?? Momentum, Centered, WeightDecay);
}
