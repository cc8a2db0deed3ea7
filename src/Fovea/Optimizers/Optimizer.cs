using System.Text.Json.Serialization;
using Fovea.Kernels;

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

    /// <summary>What is wrong with the settings: a number that is out of its range; null when there is nothing.</summary>
    internal virtual string? Problem() => this switch
    {
        { LearningRate: not (> 0 and < float.PositiveInfinity) } => $"the learning rate must be positive, got {LearningRate}",
        { WeightDecay: not (>= 0 and < float.PositiveInfinity) } => $"the weight decay must not be negative, got {WeightDecay}",
        _ => null,
    };

    /// <summary>What the optimizer remembers of each parameter, named as in PyTorch.</summary>
    internal abstract IReadOnlyList<string> StateNames { get; }

    /// <summary>Updates a block of parameters.</summary>
    internal abstract void Update<V>(in UpdateCall call) where V : struct, ILanes<V>;

    /// <summary>The same on the reference kernel.</summary>
    internal abstract void ReferenceUpdate(in UpdateCall call);
}
