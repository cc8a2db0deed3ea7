using System.Numerics;

namespace Fovea;

/// <summary>
/// Gives its input to several rows of layers and lays their outputs side by side: the channels of the first, then those of the next
/// (Szegedy and others 2014; Huang, Liu, van der Maaten and Weinberger 2016). A row without layers passes the input on. As text:
/// <c>concat(conv 8 k1 | relu ; conv 8 k3 p1 | relu)</c>.
/// </summary>
/// <param name="Branches">The rows of layers.</param>
public sealed record Concat(IReadOnlyList<IReadOnlyList<Layer>> Branches) : Composite
{
    // As the modules of a PyTorch nn.ModuleList: "0.1.weight" is the weight of the first row's second layer.
    internal override IReadOnlyList<LayerSequence> Sequences => [.. Branches.Select((layers, i) => new LayerSequence($"branch {i + 1}", $"{i}", layers))];

    private protected override string DefaultTorchName => "Concat";

    /// <summary>Equal when all layers are.</summary>
    public bool Equals(Concat? other) => base.Equals(other) && Branches.Count == other.Branches.Count
        && Branches.Zip(other.Branches).All(pair => pair.First.SequenceEqual(pair.Second));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Branches.Count, Branches.Sum(branch => branch.Count));

    private protected override Shape Join(Shape input, IReadOnlyList<Shape> outputs)
    {
        if (outputs.Count == 0) throw new ShapeException("it has no branches", "Give it some: concat(conv 8 k1 ; conv 8 k3 p1)");
        Shape first = outputs[0];
        for (int i = 1; i < outputs.Count; i++)
        {
            if ((outputs[i].Height, outputs[i].Width, outputs[i].IsFlat) == (first.Height, first.Width, first.IsFlat)) continue;
            throw new ShapeException($"its branch 1 gives {first}, but its branch {i + 1} gives {outputs[i]}: they cannot lie side by side",
                "Give all branches the same height and width, by padding and strides");
        }
        int channels = outputs.Aggregate(0, (sum, output) => checked(sum + output.Channels));
        return first.IsFlat ? Shape.Flat(channels) : new Shape(channels, first.Height, first.Width);
    }

    internal override void Plan<V>(LayerPlan<V> plan)
    {
        var planned = new CompositePlan<V>(plan);
        int channel = 0;
        foreach (LayerSequence row in Sequences)
        {
            int channels = row.Shapes(plan.Input.Shape)[^1].Channels;
            planned.Add(row, plan.Output.Channels(channel, channels), plan.OutputGradient?.Channels(channel, channels));
            channel += channels;
        }
    }

    private protected override void ReferenceJoin<T>(ReferencePass<T> pass, T[][] outputs) => Copy(pass, outputs, pass.Y, back: false);

    private protected override T[][] ReferenceSplit<T>(ReferencePass<T> pass, out T[] passed)
    {
        passed = [];
        T[][] gradients = [.. Sequences.Select(row => new T[pass.Samples * row.Shapes(pass.Input)[^1].Count])];
        Copy(pass, gradients, pass.DY, back: true);
        return gradients;
    }

    // Sample by sample, what each row has of it.
    private static void Copy<T>(ReferencePass<T> pass, T[][] rows, T[] joined, bool back) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int place = 0;
        for (int sample = 0; sample < pass.Samples; sample++)
        {
            foreach (T[] row in rows)
            {
                int count = row.Length / pass.Samples;
                Span<T> part = row.AsSpan(sample * count, count), whole = joined.AsSpan(place, count);
                if (back) whole.CopyTo(part);
                else part.CopyTo(whole);
                place += count;
            }
        }
    }
}
