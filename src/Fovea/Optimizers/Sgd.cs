using System.Numerics.Tensors;
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
    /// The trust coefficient of layer-wise rates for large batches (LARS, You et al. 2017), 0.001 as a rule; 0 for none. The gradient of each
    /// parameter tensor, its weight decay included, is multiplied by this times the norm of the tensor, divided by the norm of its gradient
    /// plus the decay times the norm of the tensor.
    /// </summary>
    public float Lars { get; init; }

    internal override string? Problem() => this switch
    {
        { Lars: not (>= 0 and < float.PositiveInfinity) } => $"the trust coefficient of LARS must not be negative, got {Lars}",
        { Momentum: not (>= 0 and < float.PositiveInfinity) } => $"the momentum must not be negative, got {Momentum}",
        { Nesterov: true } when Momentum == 0 || Dampening != 0 => "Nesterov's momentum needs a momentum above 0 and no dampening",
        _ => base.Problem(),
    };

    internal override IReadOnlyList<string> StateNames => Momentum == 0 ? [] : ["momentum_buffer"];

    internal override bool NeedsWholeGradient => Lars > 0 || base.NeedsWholeGradient;

    internal override void Scale(ParameterArena arena, Span<float> gradients)
    {
        base.Scale(arena, gradients);
        if (Lars == 0) return;
        foreach (ParameterArena.Entry entry in arena.Entries)
        {
            Span<float> values = arena.Span.Slice(entry.Offset, entry.Size), its = gradients.Slice(entry.Offset, entry.Size);
            double norm = Norm(values), pull = Norm(its);
            TensorPrimitives.MultiplyAdd(values, WeightDecay, its, its);
            // A tensor of zeros has no size to measure a step by.
            if (norm > 0 && pull > 0) TensorPrimitives.Multiply(its, (float)(Lars * norm / (pull + WeightDecay * norm)), its);
        }
    }

    // With LARS the decay is in the gradient already.
    private float Decay => Lars > 0 ? 0 : WeightDecay;

    internal override void Update<V>(in UpdateCall call) => OptimizerKernels<V>.Sgd(call, Momentum == 0 ? 0 : call.Momentum ?? Momentum, Dampening, Nesterov, Decay);

    internal override void ReferenceUpdate(in UpdateCall call) => ReferenceOptimizers.Sgd(call, Momentum == 0 ? 0 : call.Momentum ?? Momentum, Dampening, Nesterov, Decay);
}
