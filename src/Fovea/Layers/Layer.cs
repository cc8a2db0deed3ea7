using System.Numerics;
using System.Text.Json.Serialization;
using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// One layer of a network: an immutable record that owns no memory. The record is the JSON; everything else (summary, parameters,
/// initialization, checkpoints, cost) follows from what a layer says here. The attributes below are the registry.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Conv2D), "conv2d")]
[JsonDerivedType(typeof(MaxPool2D), "maxpool2d")]
[JsonDerivedType(typeof(AvgPool2D), "avgpool2d")]
[JsonDerivedType(typeof(GlobalAvgPool2D), "globalavgpool2d")]
[JsonDerivedType(typeof(ConvTranspose2D), "convtranspose2d")]
[JsonDerivedType(typeof(AdaptiveAvgPool2D), "adaptiveavgpool2d")]
[JsonDerivedType(typeof(AdaptiveMaxPool2D), "adaptivemaxpool2d")]
[JsonDerivedType(typeof(GlobalMaxPool2D), "globalmaxpool2d")]
[JsonDerivedType(typeof(ZeroPad2D), "zeropad2d")]
[JsonDerivedType(typeof(ReflectionPad2D), "reflectionpad2d")]
[JsonDerivedType(typeof(ReplicationPad2D), "replicationpad2d")]
[JsonDerivedType(typeof(CircularPad2D), "circularpad2d")]
[JsonDerivedType(typeof(Upsample), "upsample")]
[JsonDerivedType(typeof(Linear), "linear")]
[JsonDerivedType(typeof(Flatten), "flatten")]
[JsonDerivedType(typeof(Dropout), "dropout")]
[JsonDerivedType(typeof(Dropout2D), "dropout2d")]
[JsonDerivedType(typeof(BatchNorm2D), "batchnorm2d")]
[JsonDerivedType(typeof(GroupNorm), "groupnorm")]
[JsonDerivedType(typeof(LayerNorm), "layernorm")]
[JsonDerivedType(typeof(InstanceNorm2D), "instancenorm2d")]
[JsonDerivedType(typeof(ReLU), "relu")]
[JsonDerivedType(typeof(LeakyReLU), "leakyrelu")]
[JsonDerivedType(typeof(PReLU), "prelu")]
[JsonDerivedType(typeof(ReLU6), "relu6")]
[JsonDerivedType(typeof(ELU), "elu")]
[JsonDerivedType(typeof(SELU), "selu")]
[JsonDerivedType(typeof(GELU), "gelu")]
[JsonDerivedType(typeof(SiLU), "silu")]
[JsonDerivedType(typeof(Mish), "mish")]
[JsonDerivedType(typeof(Softplus), "softplus")]
[JsonDerivedType(typeof(Hardswish), "hardswish")]
[JsonDerivedType(typeof(Hardsigmoid), "hardsigmoid")]
[JsonDerivedType(typeof(Sigmoid), "sigmoid")]
[JsonDerivedType(typeof(Tanh), "tanh")]
[JsonDerivedType(typeof(Softmax), "softmax")]
[JsonDerivedType(typeof(LogSoftmax), "logsoftmax")]
[JsonDerivedType(typeof(Residual), "residual")]
[JsonDerivedType(typeof(Concat), "concat")]
[JsonDerivedType(typeof(Branch), "branch")]
public abstract record Layer
{
    private protected Layer()
    {
    }

    /// <summary>The shape of the output for an input of this shape.</summary>
    /// <exception cref="ShapeException">The layer does not fit this input.</exception>
    public abstract Shape OutputShape(Shape input);

    /// <summary>What the layer learns, in PyTorch's order.</summary>
    public virtual IReadOnlyList<ParameterSpec> Parameters(Shape input) => [];

    /// <summary>What the layer keeps without learning it, such as running statistics.</summary>
    public virtual IReadOnlyList<ParameterSpec> Buffers(Shape input) => [];

    /// <summary>Multiply-adds of the forward pass of one sample.</summary>
    public virtual long MultiplyAdds(Shape input) => 0;

    /// <summary>The window that one output sees of its own channel's neighbourhood; one pixel unless the layer says otherwise.</summary>
    public virtual (WindowAxis Vertical, WindowAxis Horizontal) Window(Shape input) => (new(input.Height, 1), new(input.Width, 1));

    /// <summary>Whether every output depends on the whole input, as in a linear layer.</summary>
    [JsonIgnore]
    public virtual bool SeesWholeInput => false;

    /// <summary>The name of PyTorch's module, as its summaries print it.</summary>
    internal abstract string TorchName { get; }

    /// <summary>"conv2d(filters 4, kernel 5)": the type and the properties that are not at their defaults.</summary>
    public sealed override string ToString() => LayerText.Describe(this);

    /// <summary>The zeros that the layer wants around its input, so that it may read past the border.</summary>
    internal virtual Margin InputMargin(Shape input) => Margin.None;

    /// <summary>Whether it adds a learned constant to each of its outputs or channels; null where that cannot be chosen.</summary>
    internal virtual bool? HasBias => null;

    /// <summary>The same layer with such a constant, or without; itself where that cannot be chosen.</summary>
    internal virtual Layer WithBias(bool bias) => this;

    /// <summary>True when the output is the input, seen under another shape.</summary>
    internal virtual bool IsView => false;

    /// <summary>False when the pass backward does without the layer's output, so that a sum may take its place.</summary>
    internal virtual bool BackwardReadsOutput => true;

    /// <summary>True when it reads its input and its output's gradient, and writes its input's gradient, group by group in one stage forward and one backward, and takes them
    /// <see cref="Kernels.LaneTensor.Of"/> its worker: between it and a neighbour that works so there need be no more than a worker's group.</summary>
    internal virtual bool IsOneStage(Shape input) => false;

    /// <summary>True when the last stage of its pass backward writes the gradient of the input, group by group, <see cref="Kernels.LaneTensor.Of"/> its worker, and no stage before it does.</summary>
    internal virtual bool EndsByGroup => false;

    /// <summary>True when, with these layers fused into it, it can make its output again from its input, and does without it in its own pass backward.</summary>
    internal virtual bool RestoresOutput(ReadOnlySpan<Layer> followers) => false;

    /// <summary>True when PyTorch's summaries have a row for it.</summary>
    internal virtual bool IsModule => true;

    /// <summary>The layer and all that it consists of: each has a number of its own, which keys its random numbers and times.</summary>
    internal virtual int LayerCount => 1;

    /// <summary>True when what happens to a sample in training depends on the rest of its batch.</summary>
    [JsonIgnore]
    internal virtual bool NeedsWholeBatch => false;

    /// <summary>Adds the layer's passes to a plan on the fast kernels.</summary>
    internal abstract void Plan<V>(LayerPlan<V> plan) where V : struct, ILanes<V>;

    /// <summary>The forward pass on the reference kernels.</summary>
    internal abstract void ReferenceForward<T>(ReferencePass<T> pass) where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>The backward pass on the reference kernels.</summary>
    internal abstract void ReferenceBackward<T>(ReferencePass<T> pass) where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}

/// <summary>A parameter or buffer that a layer asks for.</summary>
/// <param name="Name">Its name within the layer, as in PyTorch: "weight".</param>
/// <param name="Shape">Its shape, as in PyTorch: outputs first.</param>
/// <param name="FanIn">Inputs of one output. The initial values are uniform within 1 / sqrt(fan-in), PyTorch's default for
/// convolutions and linear layers (Kaiming uniform with a = sqrt(5)).</param>
/// <param name="Constant">When given, all initial values.</param>
public sealed record ParameterSpec(string Name, IReadOnlyList<int> Shape, int FanIn, float? Constant = null)
{
    /// <summary>How many numbers it has.</summary>
    public int Count => Shape.Aggregate(1, (product, extent) => checked(product * extent));
}
