using Fovea.Tests.Laws;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Torch = TorchSharp.torch.Tensor;

namespace Fovea.Oracle.Tests;

/// <summary>Outputs, gradients and running statistics of all <see cref="Examples"/>, and of layers in a row, against libtorch.</summary>
public class LayerOracleTests : OracleTests
{
    // Less than the lanes of a vector, and more than two vectors with some lanes left over.
    private static readonly int[] s_batches = [1, 3, 19];

    // Relative to each number and to the largest of its tensor, which is of the order of 1 for outputs and far smaller for gradients.
    private const double Tolerance = 4e-6;

    /// <summary>Layers in a row: fused runs, and networks of all kinds of layers.</summary>
    public static TheoryData<string> Stacks =>
    [
        "3x9x7 conv 5 k3 p1 | relu | maxpool 2",
        "2x11x9 conv 4 k3x2 s2x1 p1x0 d1x2 | tanh | maxpool 3 s2 p1 ceil",
        "1x13x11 conv 17 k5 p2 | leakyrelu 0.2 | maxpool 5 s1",
        "4x9x8 conv 6 k2 g2 nobias | maxpool 2x3 s3x2",
        "3x9x7 conv 5 k3 p1 | sigmoid | conv 4 k3 s2 p1 | relu",
        "2x9x7 conv 4 k3 | relu | flatten | linear 9 | tanh | linear 5 | logsoftmax",
        "1100 linear 240 | relu | linear 7 | softmax",
        "1x12x10 conv 5 k3 p1 nobias | batchnorm | relu | conv 6 k3 s2 p1 nobias | batchnorm momentum=0.4 | leakyrelu | globalavgpool | flatten | linear 4",
        "2x9x8 maxpool 2 s1 | conv 3 k2 | relu | avgpool 2 | flatten | linear 5 | logsoftmax",
        "3x9x8 conv 4 k3 p1 | relu | residual(conv 4 k3 p1 nobias | batchnorm | relu | conv 4 k3 p1 ; ; relu)"
            + " | residual(conv 6 k3 s2 p1 nobias | batchnorm ; conv 6 k1 s2 nobias ; relu) | globalavgpool | flatten | linear 4",
        "3x9x8 concat( ; batchnorm | relu | conv 4 k1 | relu | conv 2 k3 p1) | concat( ; conv 3 k3 p1 | relu) | branch(batchnorm | relu | conv 4 k1 | avgpool 2) | flatten | linear 4",
    ];

    [Theory, MemberData(nameof(Examples.Layers), MemberType = typeof(Examples)), MemberData(nameof(Stacks))]
    public void Outputs_gradients_and_statistics_agree(string layers)
    {
        var (input, model) = Read(layers);
        // What is drawn at random in training is compared below.
        bool random = model.Any(layer => Examples.Has(layer, inner => inner is Dropout { Probability: > 0 } or Dropout2D));
        foreach (int samples in s_batches)
        {
            var specimen = new Specimen(input, model, samples);
            Results expected = Run(specimen, model, random);
            foreach (int lanes in Plans.Lanes)
            {
                Results actual = specimen.Fast(lanes);
                foreach (string name in actual.Keys.Where(name => !expected.ContainsKey(name)).ToArray())
                {
                    Assert.True(random || name.EndsWith(".unused", StringComparison.Ordinal), $"{name} has nothing to be compared with");
                    actual.Remove(name);
                }
                expected.AssertClose(actual, Tolerance, $"batch {samples}, {lanes} lanes");
            }
        }
    }

    [Theory, InlineData("3x7x5 dropout"), InlineData("23 dropout 0.3"), InlineData("5x31x17 dropout 0.8")]
    public void Dropout_scales_what_it_keeps_as_libtorch_does_and_drops_as_often_as_it_should(string layers)
    {
        var (input, model) = Read(layers);
        double probability = ((Dropout)model[0]).Probability;
        using Torch ones = ones_like(zeros(1000));
        double scale = nn.functional.dropout(ones, probability, training: true).max().item<float>();
        foreach (int samples in s_batches)
        {
            var specimen = new Specimen(input, model, samples);
            foreach (int lanes in Plans.Lanes)
            {
                Results actual = specimen.Fast(lanes);
                double[] output = actual["output in training"], gradient = actual["input gradient"];
                int kept = 0;
                for (int i = 0; i < output.Length; i++)
                {
                    // No input and no gradient of the output is 0: what is 0 was dropped, and the same backward as forward.
                    double mask = output[i] == 0 ? 0 : scale;
                    if (output[i] != 0) kept++;
                    Assert.Equal(specimen.X[i] * mask, output[i], 1e-6);
                    Assert.Equal(specimen.DY[i] * mask / output.Length, gradient[i], 1e-6 / output.Length);
                }
                // Five standard deviations of a binomial distribution.
                double deviation = Math.Sqrt(output.Length * probability * (1 - probability));
                Assert.InRange(kept, output.Length * (1 - probability) - 5 * deviation, output.Length * (1 - probability) + 5 * deviation);
            }
        }
    }

    [Fact]
    public void Of_equal_maxima_the_same_one_gets_the_gradient()
    {
        var input = new Shape(2, 9, 8);
        foreach (string text in (string[])["maxpool 3 s1 p1", "maxpool 2", "maxpool 3x2 s2x1", "conv 3 k2 | relu | maxpool 3 s1", "maxpool 5 s1 p2", "maxpool 9x8"])
        {
            IReadOnlyList<Layer> model = ModelSpec.Parse(text, input).Layers;
            var specimen = new Specimen(input, model, samples: 19);
            // Few different numbers: most windows have several maxima.
            for (int i = 0; i < specimen.X.Length; i++) specimen.X[i] = MathF.Round(specimen.X[i]);
            Results expected = Run(specimen, model, random: false);
            foreach (int lanes in Plans.Lanes)
            {
                Results actual = specimen.Fast(lanes);
                Numbers.AssertClose(expected["input gradient"], actual["input gradient"], Tolerance, $"{text}, {lanes} lanes");
            }
        }
    }

    [Fact]
    public void Softmax_and_activations_of_extreme_numbers_agree()
    {
        float[] extremes = [100, -100, 1e4f, -1e4f, 0, 88.8f, -103.5f, 1e-30f, 3e38f, -3e38f];
        foreach (string text in (string[])
            ["softmax", "logsoftmax", "sigmoid", "tanh", "relu6", "elu", "selu", "gelu", "gelu approximate", "silu", "mish", "softplus", "hardswish", "hardsigmoid", "prelu"])
        {
            var input = Shape.Flat(3);
            IReadOnlyList<Layer> model = ModelSpec.Parse(text, input).Layers;
            var specimen = new Specimen(input, model, samples: 1000);
            for (int i = 0; i < 1000; i++)
            {
                for (int digit = 0, rest = i; digit < 3; digit++, rest /= 10) specimen.X[i * 3 + digit] = extremes[rest % 10];
            }
            Results expected = Run(specimen, model, random: false);
            foreach (int lanes in Plans.Lanes)
            {
                Results actual = specimen.Fast(lanes);
                foreach (string name in (string[])["output in evaluation", "output in training", "input gradient"])
                {
                    for (int i = 0; i < expected[name].Length; i++)
                    {
                        // Differences of 3e38 and -3e38 are infinite in float32, though not in double.
                        double value = Math.Abs(expected[name][i]) > float.MaxValue ? double.NegativeInfinity : expected[name][i];
                        double allowed = 1e-6 * Math.Max(name == "input gradient" ? 1.0 / 3000 : 1, Math.Abs(value));
                        if (value != actual[name][i] && !(Math.Abs(value - actual[name][i]) <= allowed))
                            Assert.Fail($"{text}, {lanes} lanes: {name} {i} should be {value:R}, but is {actual[name][i]:R}");
                    }
                }
            }
        }
    }

    [Theory, InlineData("16x6x7", 33, 5, 3, 1), InlineData("12x6x7", 30, 3, 3, 3)]
    public void Convolutions_start_with_weights_spread_as_libtorchs(string image, int filters, int height, int width, int groups)
    {
        Shape input = Shape.Parse(image);
        var network = new Network(new ModelSpec(input, [new Conv2D(filters, new Size2D(height, width)) { Groups = groups }]), seed: 3);
        using Conv2d libtorch = nn.Conv2d(input.Channels, filters, (height, width), groups: groups);
        AssertSpread(libtorch.weight, network.GetParameter("0.weight"));
        AssertSpread(libtorch.bias!, network.GetParameter("0.bias"));
    }

    [Fact]
    public void Linear_layers_start_with_weights_spread_as_libtorchs()
    {
        var network = new Network(new ModelSpec(Shape.Flat(70), [new Linear(90)]), seed: 3);
        using TorchSharp.Modules.Linear libtorch = nn.Linear(70, 90);
        AssertSpread(libtorch.weight, network.GetParameter("0.weight"));
        AssertSpread(libtorch.bias!, network.GetParameter("0.bias"));
    }

    // Both are uniform between the same bounds: the mean within five of its standard errors, the largest near the bound, and so for the deviation.
    private static void AssertSpread(Torch libtorch, float[] values)
    {
        double[] expected = [.. libtorch.detach().contiguous().data<float>()];
        Assert.Equal(expected.Length, values.Length);
        double deviation = Math.Sqrt(expected.Average(value => value * value)), error = 5 * deviation / Math.Sqrt(values.Length);
        Assert.InRange(values.Average(), -error, error);
        Assert.InRange(Math.Sqrt(values.Average(value => value * value)), deviation - error, deviation + error);
        Assert.InRange(values.Max(Math.Abs), deviation, expected.Max(Math.Abs) * (1 + 10.0 / values.Length));
    }

    internal static (Shape Input, IReadOnlyList<Layer> Layers) Read(string line)
    {
        string[] parts = line.Split(' ', 2);
        Shape input = Shape.Parse(parts[0]);
        return (input, ModelSpec.Parse(parts[1], input).Layers);
    }

    /// <summary>What libtorch gives for a specimen; in evaluation only, where training is random.</summary>
    private static Results Run(Specimen specimen, IReadOnlyList<Layer> layers, bool random)
    {
        using var scope = NewDisposeScope();
        var network = new Network(new ModelSpec(specimen.Input, layers));
        // In the specimen a tap stands in front.
        foreach (NetworkParameter parameter in network.Parameters.Concat(network.Buffers))
            network.SetParameter(parameter.Name, specimen.Network.GetParameter(InSpecimen(parameter.Name)));
        Sequential model = Create(network);
        Torch x = Samples(specimen.X, specimen.Input, specimen.Samples);
        model.eval();
        var results = new Results { ["output in evaluation"] = Values(model.forward(x)) };
        if (random) return results;
        model.train();
        x.requires_grad_();
        Torch y = model.forward(x);
        results["output in training"] = Values(y);
        (y * Samples(specimen.DY, specimen.Output, specimen.Samples)).mean().backward();
        results["input gradient"] = Values(x.grad!);
        foreach (var (name, parameter) in model.named_parameters()) results[$"gradient of {InSpecimen(name)}"] = Values(parameter.grad!);
        Dictionary<string, Torch> state = model.state_dict();
        foreach (NetworkParameter buffer in network.Buffers) results[InSpecimen(buffer.Name)] = Values(state[buffer.Name]);
        // A module that nobody holds any longer takes its tensors with it.
        GC.KeepAlive(model);
        return results;
    }

    private static string InSpecimen(string name)
    {
        string[] parts = name.Split('.', 2);
        return $"{int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture) + 1}.{parts[1]}";
    }
}
