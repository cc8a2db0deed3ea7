using System.Text.Json.Serialization;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>
/// A linear (fully connected) layer: y = x w^T + bias. Input: a flat vector. Parameters: weight [features, inputs] and bias [features].
/// </summary>
/// <param name="Features">Numbers of the output.</param>
public sealed record Linear(int Features) : Layer
{
    /// <summary>Whether each output adds a learned constant.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>What the bias starts at; null draws it. Where a class is rare, the logarithm of its odds spares a network the way there
    /// (Lin et al. 2017).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public float? InitialBias { get; init; }

    /// <inheritdoc/>
    public override bool SeesWholeInput => true;

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input)
    {
        if (!input.IsFlat)
            throw new ShapeException($"a linear layer needs a flat vector, but its input is an image of {input}", "Add a flatten layer before it");
        if (Features < 1) throw new ShapeException($"features must be at least 1, got {Features}", "Ask for at least one feature");
        return Shape.Flat(Features);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters(Shape input)
    {
        ParameterSpec weight = new("weight", [Features, input.Count], input.Count);
        return Bias ? [weight, new("bias", [Features], input.Count, InitialBias)] : [weight];
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(Shape input) => (long)input.Count * Features;

    internal override string TorchName => "Linear";

    internal override bool? HasBias => Bias;

    internal override Layer WithBias(bool bias) => this with { Bias = bias };

    internal override void Plan<V>(LayerPlan<V> plan) => LinearPlan.Add(plan);

    internal override void ReferenceForward<T>(ReferencePass<T> pass) =>
        ReferenceLinear.Forward<T>(pass.Samples, pass.Input.Count, Features, pass.X, pass.Parameters[0], Bias ? pass.Parameters[1] : [], pass.Y);

    internal override void ReferenceBackward<T>(ReferencePass<T> pass) =>
        ReferenceLinear.Backward<T>(pass.Samples, pass.Input.Count, Features, pass.X, pass.Parameters[0], pass.DY, pass.DX, pass.Gradients[0],
            Bias ? pass.Gradients[1] : []);
}
