namespace Fovea;

/// <summary>
/// Layers one after another, as one layer: a PyTorch nn.Sequential inside of another, or, with a name, a block. As text:
/// <c>branch(conv 8 k1 | relu)</c>.
/// </summary>
/// <param name="Layers">The layers.</param>
public sealed record Branch(IReadOnlyList<Layer> Layers) : Composite
{
    internal override IReadOnlyList<LayerSequence> Sequences => [new("", "", Layers)];

    private protected override string DefaultTorchName => "Sequential";

    // PyTorch's summaries leave out a Sequential.
    internal override bool IsModule => Block is not null;

    /// <summary>Equal when all layers are.</summary>
    public bool Equals(Branch? other) => base.Equals(other) && Layers.SequenceEqual(other.Layers);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Layers.Count);

    private protected override Shape Join(Shape input, IReadOnlyList<Shape> outputs) => Layers.Count > 0 ? outputs[0]
        : throw new ShapeException("it has no layers", "Give it some: branch(conv 8 k1 | relu)");

    internal override void Plan<V>(LayerPlan<V> plan) => new CompositePlan<V>(plan).Add(Sequences[0], plan.Output, plan.OutputGradient);

    private protected override void ReferenceJoin<T>(ReferencePass<T> pass, T[][] outputs) => outputs[0].CopyTo(pass.Y, 0);

    private protected override T[][] ReferenceSplit<T>(ReferencePass<T> pass, out T[] passed)
    {
        passed = [];
        return [pass.DY];
    }
}
