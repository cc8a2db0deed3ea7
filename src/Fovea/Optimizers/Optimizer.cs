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

    /// <summary>
    /// The decay of a running mean of the parameters over the updates (Polyak and Juditsky 1992; as PyTorch's AveragedModel), which takes their
    /// place when the network is evaluated, saved and used; 0 for none. It begins as the parameters after the first update. The statistics of
    /// batch normalization stay those of the training.
    /// </summary>
    public float EmaDecay { get; init; }

    /// <summary>What is wrong with the settings: a number that is out of its range; null when there is nothing.</summary>
    internal virtual string? Problem() => this switch
    {
        { LearningRate: not (> 0 and < float.PositiveInfinity) } => $"the learning rate must be positive, got {LearningRate}",
        { WeightDecay: not (>= 0 and < float.PositiveInfinity) } => $"the weight decay must not be negative, got {WeightDecay}",
        { ClipValue: not (>= 0 and < float.PositiveInfinity) } => $"the bound of the gradient's numbers must not be negative, got {ClipValue}",
        { ClipNorm: not (>= 0 and < float.PositiveInfinity) } => $"the bound of the gradient's norm must not be negative, got {ClipNorm}",
        { EmaDecay: not (>= 0 and < 1) } => $"the decay of the mean of the parameters must be at least 0 and below 1, got {EmaDecay}",
        { L1: not (>= 0 and < float.PositiveInfinity) } => $"the L1 penalty must not be negative, got {L1}",
        _ => null,
    };

    /// <summary>What the optimizer remembers of each parameter, named as in PyTorch.</summary>
    internal abstract IReadOnlyList<string> StateNames { get; }

    /// <summary>Whether a step asks for the whole gradient: it then waits until all of it is there, and parameters are updated one by one, each as a whole.</summary>
    internal virtual bool NeedsWholeGradient => ClipNorm > 0;

    /// <summary>By what a gradient is multiplied so that its norm keeps the bound, as PyTorch computes it.</summary>
    internal float Shorten(ReadOnlySpan<float> gradients) => (float)Math.Min(1, ClipNorm / (Norm(gradients) + 1e-6));

    /// <summary>A Euclidean norm: in double and in order, the same for any number of threads.</summary>
    private protected static double Norm(ReadOnlySpan<float> numbers)
    {
        double sum = 0;
        foreach (float number in numbers) sum += (double)number * number;
        return Math.Sqrt(sum);
    }

    /// <summary>Updates a block of parameters, the L1 penalty included.</summary>
    internal void Apply<V>(in UpdateCall call) where V : struct, ILanes<V>
    {
        if (ClipValue > 0) OptimizerKernels<V>.Clip(call, ClipValue);
        Update<V>(call);
        if (L1 > 0) OptimizerKernels<V>.Shrink(call, L1);
        if (EmaDecay > 0) OptimizerKernels<V>.Average(call, EmaDecay);
    }

    /// <summary>The same on the reference kernels.</summary>
    internal void ReferenceApply(in UpdateCall call)
    {
        if (ClipValue > 0) ReferenceOptimizers.Clip(call, ClipValue);
        ReferenceUpdate(call);
        if (L1 > 0) ReferenceOptimizers.Shrink(call, L1);
        if (EmaDecay > 0) ReferenceOptimizers.Average(call, EmaDecay);
    }

    /// <summary>The step of a block of parameters along its gradients.</summary>
    internal abstract void Update<V>(in UpdateCall call) where V : struct, ILanes<V>;

    /// <summary>The same on the reference kernel.</summary>
    internal abstract void ReferenceUpdate(in UpdateCall call);
}
