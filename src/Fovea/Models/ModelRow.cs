namespace Fovea;

/// <summary>
/// A layer of a model on its place, with the shapes around it. The layers of which it consists hang under it; in a table of the model they
/// come before it, as they finish before it.
/// </summary>
/// <param name="Layer">The layer.</param>
/// <param name="Index">The place in the model of the layer, or of that which it is part of.</param>
/// <param name="Input">The shape of its input.</param>
/// <param name="Output">The shape of its output.</param>
/// <param name="Inner">What it consists of, row by row.</param>
internal sealed record ModelRow(Layer Layer, int Index, Shape Input, Shape Output, IReadOnlyList<IReadOnlyList<ModelRow>> Inner)
{
    /// <summary>The activation of what is joined, where the layer has one.</summary>
    public ModelRow? Activation => Layer is Residual { Activation: { } activation } ? new ModelRow(activation, Index, Output, Output, []) : null;

    /// <summary>Numbers that the layer learns itself, without those of the layers of which it consists.</summary>
    public long Parameters => Inner.Count > 0 ? 0 : Layer.Parameters(Input).Sum(p => (long)p.Count);

    /// <summary>Multiply-adds of the layer itself, for one sample.</summary>
    public long MultiplyAdds => Inner.Count > 0 ? 0 : Layer.MultiplyAdds(Input);

    /// <summary>The rows of a model.</summary>
    /// <exception cref="ShapeException">A layer does not fit its input.</exception>
    public static IReadOnlyList<ModelRow> Of(ModelSpec model) => [.. model.Layers.Select((layer, i) => Of(layer, i, model.Shapes[i], model.Shapes[i + 1]))];

    /// <summary>The rows of a model's table: all layers, those of which a layer consists before it, without what PyTorch's tables leave out.</summary>
    /// <exception cref="ShapeException">A layer does not fit its input.</exception>
    public static IReadOnlyList<ModelRow> Table(ModelSpec model) => [.. Of(model).SelectMany(row => row.Finished).Where(row => row.Layer.IsModule)];

    private IEnumerable<ModelRow> Finished => [.. Inner.SelectMany(row => row).SelectMany(row => row.Finished), .. Activation is { } activation ? (ModelRow[])[activation] : [], this];

    private static ModelRow Of(Layer layer, int index, Shape input, Shape output)
    {
        IReadOnlyList<ModelRow>[] inner = [.. (layer as Composite)?.Sequences.Select(sequence =>
        {
            Shape[] shapes = sequence.Shapes(input);
            return (IReadOnlyList<ModelRow>)[.. sequence.Layers.Select((part, i) => Of(part, index, shapes[i], shapes[i + 1]))];
        }) ?? []];
        return new ModelRow(layer, index, input, output, inner);
    }
}
