using System.Runtime.CompilerServices;

namespace Fovea;

/// <summary>Layers that run one after another: a model's, or one row of a <see cref="Composite"/>.</summary>
/// <param name="Name">How messages call it: "body".</param>
/// <param name="Prefix">What the names of its parameters begin with, as in PyTorch: "body"; empty for none.</param>
/// <param name="Layers">The layers, first to last.</param>
internal sealed record LayerSequence(string Name, string Prefix, IReadOnlyList<Layer> Layers)
{
    /// <summary>The shapes between the layers: the input's, and each layer's output.</summary>
    /// <exception cref="ShapeException">A layer does not fit its input.</exception>
    public Shape[] Shapes(Shape input) => Shapes(Layers, input, (exception, i) => exception.Inside($"{Name} layer {i + 1}".TrimStart(), Layers[i]));

    /// <summary>The shapes between layers; <paramref name="place"/> says of an exception which layer it comes from.</summary>
    public static Shape[] Shapes(IReadOnlyList<Layer> layers, Shape input, Func<ShapeException, int, ShapeException> place)
    {
        // A model read from a hostile file may nest as deep as its text allows, a program's own without end.
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var shapes = new Shape[layers.Count + 1];
        shapes[0] = input;
        for (int i = 0; i < layers.Count; i++)
        {
            try
            {
                shapes[i + 1] = layers[i].OutputShape(shapes[i]);
                // All throw where they pass an int.
                _ = (shapes[i].Count, shapes[i + 1].Count);
                foreach (ParameterSpec parameter in layers[i].Parameters(shapes[i])) _ = parameter.Count;
            }
            catch (ShapeException exception)
            {
                throw place(exception, i);
            }
            catch (OverflowException)
            {
                throw place(new ShapeException($"on an input of {shapes[i]} it has more numbers than an array holds", "Use smaller sizes"), i);
            }
        }
        return shapes;
    }

    /// <summary>What the layers ask for, each name with the layer's place before it.</summary>
    public IEnumerable<ParameterSpec> Named(Shape input, Func<Layer, Shape, IReadOnlyList<ParameterSpec>> select)
    {
        Shape[] shapes = Shapes(input);
        string prefix = Prefix.Length == 0 ? "" : Prefix + ".";
        return Layers.SelectMany((layer, i) => select(layer, shapes[i]).Select(spec => spec with { Name = $"{prefix}{i}.{spec.Name}" }));
    }

    /// <summary>The sum of a number over the layers.</summary>
    public long Sum(Shape input, Func<Layer, Shape, long> select)
    {
        Shape[] shapes = Shapes(input);
        return Layers.Select((layer, i) => select(layer, shapes[i])).Sum();
    }

    /// <summary>The numbers of each output that is written for one sample, those of inner layers among them.</summary>
    public IEnumerable<int> Outputs(Shape input, bool fuse)
    {
        Shape[] shapes = Shapes(input);
        for (int i = 0; i < Layers.Count;)
        {
            foreach (LayerSequence row in (Layers[i] as Composite)?.Sequences ?? [])
            {
                foreach (int inner in row.Outputs(shapes[i], fuse)) yield return inner;
            }
            i += fuse ? Fusion.RunLength([.. Layers.Skip(i)]) : 1;
            yield return shapes[i].Count;
        }
    }
}
