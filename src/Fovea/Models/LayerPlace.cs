namespace Fovea;

/// <summary>A layer of a model, or of a block in it, on its place.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Number">Its number as plans count: a block before the layers inside of it, from 0.</param>
/// <param name="Index">The place in the model of the layer, or of that which it is part of, from 0.</param>
/// <param name="Where">How messages call it: "layer 3 relu", "layer 3 residual, body layer 2 relu".</param>
/// <param name="Path">What the names of its parameters begin with: "2.body.1".</param>
/// <param name="Source">The number of the layer whose output it reads; -1 where these are the samples.</param>
/// <param name="Input">The shape of its input.</param>
/// <param name="Output">The shape of its output.</param>
internal sealed record LayerPlace(Layer Layer, int Number, int Index, string Where, string Path, int Source, Shape Input, Shape Output)
{
    /// <summary>How the summary of a model with blocks calls it: "ReLU-4"; null where <see cref="Where"/> tells the number, and of what summaries leave out.</summary>
    public string? Row { get; private init; }

    /// <summary>How findings call it: as messages do, and where the summary counts otherwise, by its name there too.</summary>
    public string Called => Row is null ? Where : $"{Where} ({Row})";

    /// <summary>Whether its output is rectified: 0 where it would be negative.</summary>
    public bool IsRectified => (Layer is Residual block ? block.Activation : Layer) is ReLU or ReLU6;

    /// <summary>All layers of a model in the order in which their outputs are known: those inside a block before it.</summary>
    public static IReadOnlyList<LayerPlace> Of(ModelSpec model)
    {
        var places = new List<LayerPlace>();
        Add(places, model.Layers, model.Shapes, source: -1, number: 0, index: null, where: "", prefix: "");
        return model.Layers.Any(layer => layer is Composite) ? [.. Rows(places)] : places;
    }

    // Summaries have the same order, and a row for the activation of a block.
    private static IEnumerable<LayerPlace> Rows(List<LayerPlace> places)
    {
        int rows = 0;
        foreach (LayerPlace place in places)
        {
            Layer? activation = (place.Layer as Residual)?.Activation;
            if (activation is not null) rows++;
            if (place.Layer.IsModule) rows++;
            yield return place.Layer.IsModule ? place with { Row = $"{place.Layer.TorchName}-{rows}" } : place;
        }
    }

    // Returns the number after the last.
    private static int Add(List<LayerPlace> places, IReadOnlyList<Layer> layers, IReadOnlyList<Shape> shapes, int source, int number, int? index, string where, string prefix)
    {
        for (int i = 0; i < layers.Count; i++)
        {
            int own = number++;
            string place = $"{where}layer {i + 1} ", path = $"{prefix}{i}";
            foreach (LayerSequence row in (layers[i] as Composite)?.Sequences ?? [])
            {
                number = Add(places, row.Layers, row.Shapes(shapes[i]), source, number, index ?? i, $"{place}{$"{layers[i]}".Split('(')[0]}, {row.Name}{(row.Name.Length > 0 ? " " : "")}",
                    $"{path}.{row.Prefix}{(row.Prefix.Length > 0 ? "." : "")}");
            }
            places.Add(new LayerPlace(layers[i], own, index ?? i, $"{place}{layers[i]}", path, source, shapes[i], shapes[i + 1]));
            source = own;
        }
        return number;
    }
}
