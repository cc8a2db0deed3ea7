namespace Fovea.Tests.Laws;

/// <summary>What holds for runs of layers: each that the fusion table joins, and some that meet in other ways.</summary>
public class FusionLaws
{
    private static readonly string[] s_activations = ["relu", "leakyrelu 0.2", "sigmoid", "tanh", "leakyrelu 0", "relu6", "elu 0.7", "selu", "hardsigmoid"];

    // Convolutions and poolings of odd sizes, over borders, with windows that overlap and that lie apart.
    private static readonly (string Convolution, string Pooling)[] s_pooled =
    [
        ("3x9x7 conv 5 k3 p1", "maxpool 2"),
        ("2x11x9 conv 4 k3x2 s2x1 p1x0 d1x2", "maxpool 3 s2 p1 ceil"),
        ("1x13x11 conv 17 k5 p2", "maxpool 5 s1"),
        ("4x9x8 conv 6 k2 g2 nobias", "maxpool 2x3 s3x2"),
        // By Winograd's algorithm: all passes, and forward and back to the input alone.
        ("16x8x12 conv 20 k3 p1", "maxpool 3 s2 p1 ceil"),
        ("3x8x12 conv 40 k3 p1", "maxpool 2"),
        // One window is the whole input, which unpooled would be run as a linear layer.
        ("2x5x3 conv 7 k5x3", "maxpool 1"),
    ];

    private static readonly string[] s_unpooled =
    [
        "3x9x7 conv 5 k3 p1", "2x11x9 conv 4 k3x2 s2x1 p1x0 d1x2", "1x9x19 conv 17 k5x3 p2x1", "4x9x8 conv 6 k2 g2 nobias", "2x5x3 conv 7 k5x3", "16x8x12 conv 20 k3 p1", "3x8x12 conv 40 k3 p1",
        "7 linear 3", "13 linear 17 nobias", "33 linear 40",
        "3x7x5 batchnorm", "2x4x3 batchnorm epsilon=0.1 momentum=0.3",
        "3x7x5 residual(conv 5 k3 p1 | conv 3 k1)", "3x7x5 residual(conv 5 k3 s2 p1 nobias | batchnorm ; maxpool 2 s2 p1 ceil | conv 5 k1)",
    ];

    /// <summary>Each run of the fusion table.</summary>
    public static TheoryData<string> Runs =>
    [
        .. s_pooled.Select(run => $"{run.Convolution} | {run.Pooling}"),
        .. s_pooled.SelectMany(run => s_activations.Select(activation => $"{run.Convolution} | {activation} | {run.Pooling}")),
        .. s_unpooled.SelectMany(layer => s_activations.Select(activation => $"{layer} | {activation}")),
        // More weights than stay in the cache.
        "1100 linear 240 | relu",
        "1100 linear 240 | tanh",
    ];

    /// <summary>Layers whose ways of lying in memory meet: margins, views, layers without parameters in front.</summary>
    public static TheoryData<string> Stacks =>
    [
        "3x7x5 conv 4 k7x5 | conv 3 k3 p2 | relu",
        "3x7x5 conv 4 k7x5 | relu | conv 3 k3x2 p2x1",
        "3x7x5 globalavgpool | conv 5 k3 p1 | sigmoid",
        "1x12x10 conv 5 k3 p1 nobias | batchnorm | relu | conv 6 k3 s2 p1 nobias | batchnorm | leakyrelu | globalavgpool | flatten | linear 4",
        "2x9x8 maxpool 2 s1 | conv 3 k2 | relu | avgpool 2 | flatten | flatten | linear 5 | tanh | logsoftmax",
        "2x9x8 dropout 0.4 | conv 3 k3 | tanh | maxpool 2 | dropout 0.2 | flatten | linear 6 | dropout",
        // What one layer makes of a group and the next one reads at once: normalized outputs, made again for the pass backward, and gradients.
        "2x9x8 conv 4 k3 p1 nobias | batchnorm | relu | conv 5 k3 p1 nobias | batchnorm | conv 3 k3 | conv 6 k1 | relu | conv 4 k2 s2 | batchnorm | tanh | conv 4 k3 p1 | flatten | linear 4",
        "16x8x12 conv 16 k3 p1 nobias | batchnorm | relu | conv 18 k3 p1 | batchnorm | relu | conv 16 k3 | relu | maxpool 2 | conv 5 k3 p1 | batchnorm | relu | conv 3 k2x4 | flatten",
        "2x9x8 batchnorm | conv 4 k3 p1 g2 | conv 4 k1 | relu | maxpool 3 s2 p1 | softmax",
        "2x9x8 flatten | relu | linear 12 | sigmoid | linear 3 | softmax",
        // Activations whose derivative needs their input are not fused, wherever they stand.
        "2x9x8 conv 4 k3 p1 | silu | conv 5 k3 | hardswish | maxpool 2 | prelu perchannel | flatten | linear 7 | gelu | linear 4 | mish",
        // Blocks between layers that want margins, that see another shape, and that only pass on.
        "2x9x8 conv 4 k3 p1 nobias | batchnorm | relu | residual(conv 4 k3 p1 nobias | batchnorm | relu | conv 4 k3 p1) | relu | residual(conv 6 k3 s2 p1 ; conv 6 k1 s2) | relu | globalavgpool | flatten | linear 4",
        // By Winograd's algorithm, inside of a block too.
        "16x8x12 residual(conv 16 k3 p1 | relu | conv 16 k5 p2) | conv 18 k3 | relu | globalavgpool | flatten | linear 4",
        "2x9x8 concat(conv 2 k3 p1 ; ) | concat(conv 3 k1 | relu ; ; maxpool 3 s1 p1) | conv 4 k3 p1 | branch(relu | flatten) | linear 5",
        "2x9x8 residual(relu ; tanh) | concat(relu ; ) | residual(branch(conv 4 k3 p1 | silu) ; ; sigmoid) | flatten | residual(linear 288) | linear 3",
        "2x9x8 relu | concat(flatten | linear 3 ; globalavgpool | flatten ; conv 4 k9x8 | flatten) | linear 5 | logsoftmax",
        "2x9x8 prelu | conv 4 k3 | softplus | conv 3 k2 p1 | gelu approximate | flatten | linear 5 | silu",
    ];

    [Theory, MemberData(nameof(Runs))]
    public void Fused_layers_give_what_they_give_one_by_one(string layers)
    {
        Specimen specimen = Read(layers, samples: 19);
        Assert.Equal(specimen.Network.Model.Layers.Count - 3, Fusion.RunLength([.. specimen.Network.Model.Layers.Skip(1).SkipLast(2)]));
        foreach (int lanes in Plans.Lanes) specimen.Fast(lanes, fuse: false).AssertClose(specimen.Fast(lanes, fuse: true), 2e-6, $"{lanes} lanes");
    }

    [Theory, MemberData(nameof(Runs)), MemberData(nameof(Stacks))]
    public void Layers_that_nothing_before_learns_from_get_the_same_gradients(string layers)
    {
        Specimen specimen = Read(layers, samples: 19);
        foreach (int lanes in Plans.Lanes) specimen.AssertLearnsAlikeAsFirst([.. specimen.Network.Model.Layers.Skip(1).SkipLast(2)], lanes);
    }

    [Theory, MemberData(nameof(Runs)), MemberData(nameof(Stacks))]
    public void Layers_in_a_row_agree_with_the_reference(string layers)
    {
        Specimen specimen = Read(layers, samples: 19);
        Results reference = specimen.Reference();
        foreach (int lanes in Plans.Lanes) reference.AssertClose(specimen.Fast(lanes), 4e-6, $"{lanes} lanes");
    }

    [Fact]
    public void Every_run_of_the_fusion_table_has_an_example()
    {
        Layer[] all = [.. Examples.Layers.Select(example => Examples.Read(example.Data).Layer).DistinctBy(layer => layer.GetType())];
        var fused = new HashSet<string>();
        foreach (Layer first in all)
        {
            foreach (Layer second in all)
            {
                foreach (Layer third in all)
                {
                    Layer[] layers = [first, second, third];
                    int length = Fusion.RunLength(layers);
                    if (length > 1) fused.Add(Types(layers.Take(length)));
                }
            }
        }
        IEnumerable<string> tried = Runs.Select(run => Types(Read(run.Data, samples: 1).Network.Model.Layers.Skip(1).SkipLast(2)));

        Assert.Superset(fused, tried.ToHashSet());

        static string Types(IEnumerable<Layer> layers) => string.Join(" | ", layers.Select(layer => layer.GetType().Name));
    }

    internal static Specimen Read(string text, int samples)
    {
        string[] parts = text.Split(' ', 2);
        Shape input = Shape.Parse(parts[0]);
        return new Specimen(input, ModelSpec.Parse(parts[1], input).Layers, samples);
    }
}
