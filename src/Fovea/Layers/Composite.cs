using System.Numerics;
using System.Text.Json.Serialization;
using Fovea.Kernels;

namespace Fovea;

/// <summary>
/// A layer made of layers: it gives its input to one or more rows of layers and joins what comes out. A model with branches stays a tree
/// of records, and needs no graph.
/// </summary>
public abstract record Composite : Layer
{
    private protected Composite()
    {
    }

    /// <summary>The class of the block's module in PyTorch, such as BasicBlock, which summaries print.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Block { get; init => field = Checked(value); }

    /// <summary>The rows of layers, in the order in which they run.</summary>
    internal abstract IReadOnlyList<LayerSequence> Sequences { get; }

    /// <summary>The shape of what comes out of the rows, joined.</summary>
    private protected abstract Shape Join(Shape input, IReadOnlyList<Shape> outputs);

    /// <inheritdoc/>
    public sealed override Shape OutputShape(Shape input) => Join(input, [.. Sequences.Select(sequence => sequence.Shapes(input)[^1])]);

    /// <summary>The parameters of all inner layers, in order; named by their path, as in PyTorch: "body.0.weight".</summary>
    public sealed override IReadOnlyList<ParameterSpec> Parameters(Shape input) =>
        [.. Sequences.SelectMany(sequence => sequence.Named(input, (layer, shape) => layer.Parameters(shape)))];

    /// <summary>The buffers of all inner layers, in order.</summary>
    public sealed override IReadOnlyList<ParameterSpec> Buffers(Shape input) =>
        [.. Sequences.SelectMany(sequence => sequence.Named(input, (layer, shape) => layer.Buffers(shape)))];

    /// <summary>Multiply-adds of the inner layers.</summary>
    public sealed override long MultiplyAdds(Shape input) => Sequences.Sum(sequence => sequence.Sum(input, (layer, shape) => layer.MultiplyAdds(shape)));

    /// <inheritdoc/>
    public sealed override bool SeesWholeInput => Inner.Any(layer => layer.SeesWholeInput);

    internal sealed override string TorchName => Block ?? DefaultTorchName;

    private protected abstract string DefaultTorchName { get; }

    internal sealed override bool NeedsWholeBatch => Inner.Any(layer => layer.NeedsWholeBatch);

    internal sealed override int LayerCount => 1 + Inner.Sum(layer => layer.LayerCount);

    /// <summary>The layers of all rows.</summary>
    internal IEnumerable<Layer> Inner => Sequences.SelectMany(sequence => sequence.Layers);

    // All rows read the one input: it has the widest margin that one of them wants.
    internal sealed override Margin InputMargin(Shape input)
    {
        Margin widest = Margin.None;
        foreach (LayerSequence sequence in Sequences)
        {
            if (sequence.Layers.Count > 0) widest = widest.Union(sequence.Layers[0].InputMargin(input));
        }
        return widest;
    }

    internal sealed override void ReferenceForward<T>(ReferencePass<T> pass)
    {
        pass.Inner.Clear();
        int parameter = 0, buffer = 0;
        uint layer = pass.Key.Layer + 1;
        foreach (LayerSequence sequence in Sequences)
        {
            int parameters = sequence.Named(pass.Input, (inner, shape) => inner.Parameters(shape)).Count();
            int buffers = sequence.Named(pass.Input, (inner, shape) => inner.Buffers(shape)).Count();
            var row = new ReferenceSequence<T>(sequence.Layers, sequence.Shapes(pass.Input), pass.Samples, pass.Training, pass.Key with { Layer = layer },
                pass.Parameters[parameter..(parameter + parameters)], pass.Gradients[parameter..(parameter + parameters)], pass.Buffers[buffer..(buffer + buffers)]);
            (parameter, buffer) = (parameter + parameters, buffer + buffers);
            layer += (uint)sequence.Layers.Sum(inner => inner.LayerCount);
            pass.Inner.Add(row);
        }
        ReferenceJoin(pass, [.. pass.Inner.Select(row => row.Forward(pass.X))]);
    }

    internal sealed override void ReferenceBackward<T>(ReferencePass<T> pass)
    {
        T[][] gradients = ReferenceSplit(pass, out T[] passed);
        if (passed.Length > 0) passed.CopyTo(pass.DX, 0);
        else Array.Clear(pass.DX);
        for (int row = 0; row < pass.Inner.Count; row++)
        {
            T[] dx = pass.Inner[row].Backward(gradients[row]);
            for (int i = 0; i < pass.DX.Length; i++) pass.DX[i] += dx[i];
        }
    }

    /// <summary>Writes the output from those of the rows.</summary>
    private protected abstract void ReferenceJoin<T>(ReferencePass<T> pass, T[][] outputs) where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>The gradients of the rows' outputs, from that of the output, and the gradient that goes to the input past the rows, if any.</summary>
    private protected abstract T[][] ReferenceSplit<T>(ReferencePass<T> pass, out T[] passed) where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    private static string? Checked(string? value) => value is null || (value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && !char.IsAsciiDigit(value[0]))
        ? value
        : throw new ArgumentException($"block: \"{value}\" is not the name of a class: letters, digits and underscores, the first no digit");
}
