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
[JsonDerivedType(typeof(HuberLoss), "huber")]
[JsonDerivedType(typeof(SmoothL1Loss), "smooth-l1")]
[JsonDerivedType(typeof(LogCoshLoss), "log-cosh")]
[JsonDerivedType(typeof(HingeLoss), "hinge")]
[JsonDerivedType(typeof(MultiMarginLoss), "multi-margin")]
[JsonDerivedType(typeof(FocalLoss), "focal")]
[JsonDerivedType(typeof(KlDivergenceLoss), "kl")]
public abstract record Loss
{
    private protected Loss()
    {
    }

    /// <summary>The names of the losses: "nll", "cross-entropy", ...</summary>
    public static IReadOnlyList<string> Names => FoveaJson.Names<Loss>();

    /// <summary>The loss of this name.</summary>
    /// <exception cref="FoveaException">There is none.</exception>
    public static Loss Named(string name) => FoveaJson.Named<Loss>(name, "loss");

    /// <summary>Its name, as in JSON.</summary>
    [JsonIgnore]
    public string Name => FoveaJson.NameOf(this);

    /// <summary>The loss that suits what a model ends with: log-probabilities, probabilities or logits.</summary>
    public static Loss For(ModelSpec model) => End(model) switch
    {
        LogSoftmax => new NllLoss(),
        Softmax or Sigmoid => new BceLoss(),
        _ when model.Output.Count == 1 => new BceWithLogitsLoss(),
        _ => new CrossEntropyLoss(),
    };

    /// <summary>Checks that a model ends with what the loss takes. Training does not ask for it, but a loss of the wrong kind learns nothing.</summary>
    /// <exception cref="FoveaException">The model ends with something else.</exception>
    public void CheckEnd(ModelSpec model)
    {
        Layer? end = End(model);
        string? problem = (this, end) switch
        {
            (NllLoss, Sigmoid) => "nll takes log-probabilities: use the loss bce, or end the model with one output a class and logsoftmax",
            (NllLoss, not LogSoftmax) => "nll takes log-probabilities: end the model with logsoftmax, or use the loss cross-entropy",
            (BceLoss, not (Sigmoid or Softmax)) => "bce takes probabilities: end the model with sigmoid, or use the loss bce-with-logits",
            (CrossEntropyLoss, Sigmoid or Softmax) => "cross-entropy takes logits: end the model without it, or with logsoftmax",
            (BceWithLogitsLoss, Sigmoid or Softmax or LogSoftmax) => "bce-with-logits takes logits: end the model without it, or use the loss bce",
            (KlDivergenceLoss, not LogSoftmax) => "kl takes log-probabilities: end the model with logsoftmax",
            (FocalLoss, Sigmoid or Softmax or LogSoftmax) => "focal takes logits: end the model without it",
            (HingeLoss or MultiMarginLoss, Sigmoid or Softmax or LogSoftmax) => $"{Name} takes scores of any size: end the model without it",
            (MseLoss or MaeLoss or HuberLoss or SmoothL1Loss or LogCoshLoss, LogSoftmax) =>
                $"{Name} takes numbers like its targets, 0 and 1 for classes, not log-probabilities: end the model with softmax, or use the loss nll",
            _ => null,
        };
        if (problem is not null) throw new FoveaException($"the model ends with {end}, but the loss {problem}.");
    }

    private static Layer? End(ModelSpec model) => End(model.Layers);

    // A flatten layer changes no number.
    private static Layer? End(IReadOnlyList<Layer> layers) => layers.LastOrDefault(layer => layer is not Flatten) is Branch branch
        ? End(branch.Layers)
        : layers.LastOrDefault(layer => layer is not Flatten);

    /// <summary>True when the target is the number of a class; false when it is one number per output.</summary>
    [JsonIgnore]
    public abstract bool TargetsAreClasses { get; }

    /// <summary>Above this a single output means class 1.</summary>
    [JsonIgnore]
    public virtual float PositiveAbove => 0.5f;

    /// <summary>How much a sample of each class counts; null where all count 1.</summary>
    internal virtual IReadOnlyList<double>? Weights => null;

    /// <summary>Whether samples of different classes may count differently.</summary>
    internal virtual bool IsWeighted => Weights is not null;

    /// <summary>How much a sample of a class counts.</summary>
    internal virtual double WeightOf(int label) => Weights is { } weights ? weights[label] : 1;

    /// <summary>By what the loss of a sample of a class is multiplied: how much it counts, unless the loss has that in itself.</summary>
    internal virtual double FactorOf(int label) => WeightOf(label);

    /// <summary>Whether the mean is over the samples' weights, not over their number.</summary>
    internal virtual bool DividesByWeights => false;

    /// <summary>Its name, and how it counts the classes: "nll with class weights 1:20".</summary>
    [JsonIgnore]
    public virtual string Described => Name;

    /// <summary>The loss with all that follows from the samples that are trained on: so many of each class.</summary>
    internal virtual Loss For(IReadOnlyList<int> counts) => this;

    /// <summary>What does not fit the classes of these samples; null where all does. Target values have no classes.</summary>
    internal virtual string? Problem(string data, int classes) => null;

    /// <summary>By what the sum over a batch without weights is divided: its samples, or all their outputs.</summary>
    internal virtual long Terms(int samples, Shape output) => TargetsAreClasses ? samples : (long)samples * output.Count;

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

    /// <summary>What is wrong with the settings: a number that is out of its range; null when there is nothing.</summary>
    internal virtual string? Problem() => null;

    /// <summary>The loss and its gradient on lanes.</summary>
    internal abstract void Run<V>(in LossCall call) where V : struct, ILanes<V>;

    /// <summary>The sum of one sample's terms, and its derivatives by the output, in double: the definition.</summary>
    internal abstract double Reference(ReadOnlySpan<double> output, int label, ReadOnlySpan<double> targets, Span<double> gradient);

    /// <summary>The probabilities of the classes that an output means: of the softmax where the classes exclude each other, 1 - p and p where
    /// there is one output p. The outputs themselves where they are no logarithms or logits.</summary>
    internal float[] Probabilities(ReadOnlySpan<float> output)
    {
        float[] result = output.ToArray();
        if (TargetsAreClasses || this is KlDivergenceLoss)
        {
            // Of log-probabilities, the softmax is their exponential.
            float largest = result.Max();
            for (int i = 0; i < result.Length; i++) result[i] = MathF.Exp(result[i] - largest);
            float sum = result.Sum();
            for (int i = 0; i < result.Length; i++) result[i] /= sum;
        }
        // A hinge loss has no probabilities; the sigmoid puts its scores in the same order, and its boundary at a half.
        if (this is BceWithLogitsLoss or FocalLoss or HingeLoss)
        {
            for (int i = 0; i < result.Length; i++) result[i] = 1 / (1 + MathF.Exp(-result[i]));
        }
        return result.Length == 1 ? [1 - result[0], result[0]] : result;
    }

    /// <summary>The class that an output means: the largest of several, the side of <see cref="PositiveAbove"/> of one.</summary>
    public int Predict(ReadOnlySpan<float> output)
    {
        if (output.Length == 1) return output[0] > PositiveAbove ? 1 : 0;
        int largest = 0;
        for (int i = 1; i < output.Length; i++) if (output[i] > output[largest]) largest = i;
        return largest;
    }
}
