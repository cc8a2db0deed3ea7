using System.Text.Json.Serialization;
using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// What training makes small: the mean over the batch of a number that grows with the distance between output and target. The output must
/// be a flat vector.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(NllLoss), "nll")]
[JsonDerivedType(typeof(CrossEntropyLoss), "cross-entropy")]
[JsonDerivedType(typeof(MseLoss), "mse")]
[JsonDerivedType(typeof(MaeLoss), "mae")]
[JsonDerivedType(typeof(BceLoss), "bce")]
[JsonDerivedType(typeof(BceWithLogitsLoss), "bce-with-logits")]
public abstract record Loss
{
    private protected Loss()
    {
    }

    /// <summary>True when the target is the number of a class; false when it is one number per output.</summary>
    [JsonIgnore]
    public abstract bool TargetsAreClasses { get; }

    /// <summary>Above this a single output means class 1.</summary>
    [JsonIgnore]
    public virtual float PositiveAbove => 0.5f;

    /// <summary>By what the sum over a batch is divided: its samples, or all their outputs.</summary>
    internal long Terms(int samples, Shape output) => TargetsAreClasses ? samples : (long)samples * output.Count;

    /// <summary>Checks that the loss can take this output.</summary>
    /// <exception cref="ShapeException">The output is an image, or too short for the classes.</exception>
    public void Check(Shape output, int classes)
    {
        if (!output.IsFlat)
            throw new ShapeException($"the loss needs a flat output, but the network's output is an image of {output}", "Add a flatten layer at the end");
        if (TargetsAreClasses && output.Count < classes)
            throw new ShapeException($"the data have {classes} classes, but the network has {output.Count} outputs", $"End it with a linear layer of {classes} features");
        if (!TargetsAreClasses && classes > 0 && output.Count != classes && !(output.Count == 1 && classes == 2))
            throw new ShapeException($"the data have {classes} classes, but the network has {output.Count} outputs",
                $"End it with a linear layer of {classes} features" + (classes == 2 ? ", or of 1" : ""));
    }

    /// <summary>The loss and its gradient on lanes.</summary>
    internal abstract void Run<V>(in LossCall call) where V : struct, ILanes<V>;

    /// <summary>The sum of one sample's terms, and its derivatives by the output, in double: the definition.</summary>
    internal abstract double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient);

    /// <summary>The class that an output means: the largest of several, the side of <see cref="PositiveAbove"/> of one.</summary>
    internal int Predict(ReadOnlySpan<float> output)
    {
        if (output.Length == 1) return output[0] > PositiveAbove ? 1 : 0;
        int largest = 0;
        for (int i = 1; i < output.Length; i++) if (output[i] > output[largest]) largest = i;
        return largest;
    }
}
