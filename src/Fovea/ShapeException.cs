namespace Fovea;

/// <summary>
/// A layer does not fit its input: says where, what was expected, what came and what to do. <see cref="LayerIndex"/> lets a face mark
/// the layer.
/// </summary>
public sealed class ShapeException(string problem, string remedy) : FoveaException($"{problem}. {remedy}.")
{
    // The layer of the model, and the way from it to the layer inside of it that does not fit.
    private string? _place, _inner;

    /// <summary>What does not fit, without the place.</summary>
    public string Problem { get; } = problem;

    /// <summary>What to do about it.</summary>
    public string Remedy { get; } = remedy;

    /// <summary>The index, from 0, of the layer in its model; null when the layer was asked on its own.</summary>
    public int? LayerIndex { get; private init; }

    /// <inheritdoc/>
    public override string Message => (_place ?? _inner) is { } place ? $"{place}: {base.Message}" : base.Message;

    /// <summary>The same problem, placed at a layer of a model.</summary>
    internal ShapeException At(int layerIndex, Layer layer) =>
        new(Problem, Remedy) { LayerIndex = layerIndex, _inner = _inner, _place = $"layer {layerIndex + 1} {Place(layer)}" };

    /// <summary>The same problem, placed at a layer inside another.</summary>
    internal ShapeException Inside(string path, Layer layer) => new(Problem, Remedy) { _inner = $"{path} {Place(layer)}" };

    // "residual, body layer 2 conv2d(filters 4, kernel 5)": of what a layer consists of is left out where it leads to the one that is meant.
    private string Place(Layer layer) => _inner is null ? layer.ToString() : $"{layer.ToString().Split('(')[0]}, {_inner}";
}
