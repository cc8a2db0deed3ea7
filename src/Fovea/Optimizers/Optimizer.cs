using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using Fovea.Kernels;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>
/// How parameters follow their gradients; defaults and definitions are PyTorch's. The record holds the settings, the network holds the
/// state.
/// </summary>
/// <param name="LearningRate">The size of a step.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Sgd), "sgd")]
[JsonDerivedType(typeof(Adam), "adam")]
[JsonDerivedType(typeof(AdamW), "adamw")]
[JsonDerivedType(typeof(RmsProp), "rmsprop")]
[JsonDerivedType(typeof(Adagrad), "adagrad")]
[JsonDerivedType(typeof(NAdam), "nadam")]
[JsonDerivedType(typeof(Lion), "lion")]
public abstract record Optimizer(float LearningRate)
{
    /// <summary>The names of the optimizers: "sgd", "adam", ...</summary>
    public static IReadOnlyList<string> Names => FoveaJson.Names<Optimizer>();

    /// <summary>The optimizer of this name, with its usual settings.</summary>
    /// <exception cref="FoveaException">There is none.</exception>
    public static Optimizer Named(string name) => FoveaJson.Named<Optimizer>(name, "optimizer");

    /// <summary>Its name, as in JSON.</summary>
    [JsonIgnore]
    public string Name => FoveaJson.NameOf(this);

    /// <summary>The strength of the pull of each parameter towards zero.</summary>
    public virtual float WeightDecay { get; init; }

    /// <summary>
    /// The strength of an L1 penalty, the sum of the sizes of all parameters. It is not added to the gradient, as it has none at 0: after
    /// each step every parameter moves towards zero by the learning rate times this, and stops there (the proximal step of Daubechies et al.
    /// 2004), so that many become exactly 0. Like the decay of AdamW it does not pass through the optimizer's means.
    /// </summary>
    public float L1 { get; init; }

    /// <summary>Every number of the gradient is kept within this on both sides of 0 before a step; 0 for no bound.</summary>
    public float ClipValue { get; init; }

    /// <summary>A gradient whose norm, over all parameters together, is above this is made so much shorter before a step; 0 for no bound.</summary>
    public float ClipNorm { get; init; }

    /// <summary>What is wrong with the settings: a number that is out of its range; null when there is nothing.</summary>
    internal virtual string? Problem() => this switch
    {
        { LearningRate: not (> 0 and < float.PositiveInfinity) } => $"the learning rate must be positive, got {LearningRate}",
        { WeightDecay: not (>= 0 and < float.PositiveInfinity) } => $"the weight decay must not be negative, got {WeightDecay}",
        { ClipValue: not (>= 0 and < float.PositiveInfinity) } => $"the bound of the gradient's numbers must not be negative, got {ClipValue}",
        { ClipNorm: not (>= 0 and < float.PositiveInfinity) } => $"the bound of the gradient's norm must not be negative, got {ClipNorm}",
        { L1: not (>= 0 and < float.PositiveInfinity) } => $"the L1 penalty must not be negative, got {L1}",
        _ => null,
    };

    /// <summary>What the optimizer remembers of each parameter, named as in PyTorch.</summary>
    internal abstract IReadOnlyList<string> StateNames { get; }

    /// <summary>Whether a step needs the gradient of all parameters before it can change one.</summary>
    internal virtual bool NeedsWholeGradient => ClipNorm > 0;

    /// <summary>Scales the gradients of all parameters, once they are known: so that their norm keeps its bound, as PyTorch computes it.</summary>
    /// <param name="arena">The parameters.</param>
    /// <param name="gradients">Their gradients, laid out as they are.</param>
    internal virtual void Scale(ParameterArena arena, Span<float> gradients)
    {
        if (ClipNorm == 0) return;
        double factor = ClipNorm / (Norm(gradients) + 1e-6);
        if (factor < 1) TensorPrimitives.Multiply(gradients, (float)factor, gradients);
    }

    // In double and in order: the same for any number of threads.
    private protected static double Norm(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values) sum += (double)value * value;
        return Math.Sqrt(sum);
    }

    /// <summary>Updates a block of parameters, the L1 penalty included.</summary>
    internal void Apply<V>(in UpdateCall call) where V : struct, ILanes<V>
    {
        if (ClipValue > 0) OptimizerKernels<V>.Clip(call, ClipValue);
        Update<V>(call);
        if (L1 > 0) OptimizerKernels<V>.Shrink(call, L1);
    }

    /// <summary>The same on the reference kernels.</summary>
    internal void ReferenceApply(in UpdateCall call)
    {
        if (ClipValue > 0) ReferenceOptimizers.Clip(call, ClipValue);
        ReferenceUpdate(call);
        if (L1 > 0) ReferenceOptimizers.Shrink(call, L1);
    }

    /// <summary>The step of a block of parameters along its gradients.</summary>
    internal abstract void Update<V>(in UpdateCall call) where V : struct, ILanes<V>;

    /// <summary>The same on the reference kernel.</summary>
    internal abstract void ReferenceUpdate(in UpdateCall call);
}
