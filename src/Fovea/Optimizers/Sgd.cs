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

    internal override string? Problem() => this switch
    {
        { Momentum: not (>= 0 and < float.PositiveInfinity) } => $"the momentum must not be negative, got {Momentum}",
        { Nesterov: true } when Momentum == 0 || Dampening != 0 => "Nesterov's momentum needs a momentum above 0 and no dampening",
        _ => base.Problem(),
    };

    internal override IReadOnlyList<string> StateNames => Momentum == 0 ? [] : ["momentum_buffer"];

    internal override void Update<V>(in UpdateCall call) => OptimizerKernels<V>.Sgd(call, Momentum == 0 ? 0 : call.Momentum ?? Momentum, Dampening, Nesterov, WeightDecay);

    internal override void ReferenceUpdate(in UpdateCall call) => ReferenceOptimizers.Sgd(call, Momentum == 0 ? 0 : call.Momentum ?? Momentum, Dampening, Nesterov, WeightDecay);
}
