namespace Fovea;

/// <summary>
/// A layer does not fit its input: says where, what was expected, what came and what to do. <see cref="LayerIndex"/> lets a face mark
/// the layer.
/// </summary>
public sealed class ShapeException(string problem, string remedy) : FoveaException($"{problem}. {remedy}.")
{
    private readonly string? _place;

    private ShapeException(string problem, string remedy, int layerIndex, string layer)
        : this(problem, remedy) => (LayerIndex, _place) = (layerIndex, $"layer {layerIndex + 1} {layer}: ");

    /// <summary>What does not fit, without the place.</summary>
    public string Problem { get; } = problem;

    /// <summary>What to do about it.</summary>
    public string Remedy { get; } = remedy;

    /// <summary>The index, from 0, of the layer in its model; null when the layer was asked on its own.</summary>
    public int? LayerIndex { get; }

    /// <inheritdoc/>
    public override string Message => _place + base.Message;

    /// <summary>The same problem, placed at a layer of a model.</summary>
    internal ShapeException At(int layerIndex, Layer layer) => new(Problem, Remedy, layerIndex, layer.ToString());
}
