using Fovea.Tests.Laws;

namespace Fovea.Tests.Layers;

public class ActivationTests
{
    // With e^-2 = 0.135335283: 1 / (1 + e^2) and (e^-2 - e^2) / (e^-2 + e^2); e^-2 - 1 = -0.864664717, times 1.05070099 and 1.67326324;
    // log(1 + e^-2) = 0.126928011, whose hyperbolic tangent is 0.126250659; P(X <= -2) = 0.0227501319 of a standard normal X, and
    // (1 + tanh(-2 sqrt(2 / pi) 1.17886)) / 2 = 0.0227011521.
    [Theory]
    [InlineData("relu", -2, 0)]
    [InlineData("relu", 3, 3)]
    [InlineData("leakyrelu 0.2", -2, -0.4)]
    [InlineData("leakyrelu 0.2", 3, 3)]
    [InlineData("sigmoid", -2, 0.119202922)]
    [InlineData("sigmoid", 0, 0.5)]
    [InlineData("sigmoid", 1e4, 1)]
    [InlineData("sigmoid", -1e4, 0)]
    [InlineData("tanh", -2, -0.96402758)]
    [InlineData("prelu", -2, -0.5)]
    [InlineData("prelu 0.1", 3, 3)]
    [InlineData("relu6", -2, 0)]
    [InlineData("relu6", 5, 5)]
    [InlineData("relu6", 7, 6)]
    [InlineData("elu 0.5", -2, -0.432332359)]
    [InlineData("elu", 3, 3)]
    [InlineData("elu", -1e4, -1)]
    [InlineData("selu", -2, -1.52016656)]
    [InlineData("selu", 2, 2.10140197)]
    [InlineData("gelu", -2, -0.0455002639)]
    [InlineData("gelu", 1e4, 1e4)]
    [InlineData("gelu", -1e4, 0)]
    [InlineData("gelu approximate", -2, -0.0454023042)]
    [InlineData("gelu approximate", 1e4, 1e4)]
    [InlineData("gelu approximate", -1e4, 0)]
    [InlineData("silu", -2, -0.238405844)]
    [InlineData("silu", 1e4, 1e4)]
    [InlineData("silu", -1e4, 0)]
    [InlineData("mish", -2, -0.252501317)]
    [InlineData("mish", 1e4, 1e4)]
    [InlineData("mish", -1e4, 0)]
    [InlineData("softplus", -2, 0.126928011)]
    [InlineData("softplus 2", -1, 0.0634640055)]
    [InlineData("softplus", 1e4, 1e4)]
    [InlineData("softplus", -1e4, 0)]
    [InlineData("hardswish", -2, -0.333333333)]
    [InlineData("hardswish", -4, 0)]
    [InlineData("hardswish", 4, 4)]
    [InlineData("hardsigmoid", -2, 0.166666667)]
    [InlineData("hardsigmoid", -4, 0)]
    [InlineData("hardsigmoid", 4, 1)]
    [InlineData("tanh", 1e4, 1)]
    [InlineData("tanh", -1e4, -1)]
    public void Values_are_those_of_the_definition(string activation, double x, double expected)
    {
        var network = new Network(ModelSpec.Parse(activation, Shape.Flat(1)));
        Assert.Equal(expected, network.Predict(new Tensor(1, Shape.Flat(1), [(float)x])).Values[0], 1e-6 * Math.Max(1, Math.Abs(expected)));
    }

    /// <summary>Each activation, by its text.</summary>
    public static TheoryData<string> All => [.. Examples.Layers.Select(example => Examples.Read(example.Data).Layer).Where(layer => layer is Activation or PReLU).Select(LayerText.Format)];

    [Theory, MemberData(nameof(All))]
    public void What_is_not_a_number_stays_so_alone_or_fused(string activation)
    {
        foreach (string text in (string[])[$"flatten | {activation}", $"conv 3 k1 | {activation} | flatten", $"flatten | linear 8 | {activation}"])
        {
            var network = new Network(ModelSpec.Parse(text, new Shape(1, 2, 4)));
            Dataset data = Dataset.FromTensor(new Tensor(1, network.Input, [.. Enumerable.Repeat(float.NaN, 8)]), [0], classes: 1);
            foreach (int lanes in Plans.Lanes)
            {
                float[] output = new float[network.Output.Count];
                Plans.Create(network, new PlanOptions { BatchSize = 1, Threads = 1, Lanes = lanes }).Predict(new Batch(data, [0]), output);
                Assert.All(output, value => Assert.True(float.IsNaN(value), $"{text}, {lanes} lanes: {value}"));
            }
        }
    }

    // Where the examples of the laws, between -1 and 1, do not reach: caps, straight ends, tails.
    [Theory, MemberData(nameof(All))]
    public void Far_from_zero_fast_kernels_and_slopes_are_those_of_the_definition(string activation)
    {
        var specimen = new Specimen(Shape.Flat(101), ModelSpec.Parse(activation, Shape.Flat(101)).Layers, samples: 3);
        // -25 to 25, closer together in the middle, none on a kink.
        for (int i = 0; i < specimen.X.Length; i++) specimen.X[i] = 25 * (i - 151.5f) * Math.Abs(i - 151.5f) / (152 * 152);
        Results reference = specimen.Reference();
        foreach (int lanes in Plans.Lanes)
        {
            Results fast = specimen.Fast(lanes);
            for (int i = 0; i < specimen.X.Length; i++)
            {
                foreach (string name in (string[])["output in training", "input gradient"])
                {
                    // Each number by itself, its tail apart: what is left of 1 there is below the resolution of float32.
                    double expected = reference[name][i], size = name == "input gradient" ? Math.Abs(specimen.DY[i]) / specimen.X.Length : 1;
                    Assert.True(Math.Abs(fast[name][i] - expected) <= 3e-6 * Math.Abs(expected) + 5e-7 * size,
                        $"{activation}, {lanes} lanes: {name} at {specimen.X[i]} should be {expected:R}, but is {fast[name][i]:R}");
                }
            }
        }
        double h = 1e-6;
        if (ModelSpec.Parse(activation, Shape.Flat(1)).Layers[0] is not Activation layer) return;
        foreach (float x in specimen.X)
        {
            double difference = (layer.Value(x + h) - layer.Value(x - h)) / (2 * h);
            Assert.Equal(difference, layer.Derivative(layer.DerivativeNeedsInput ? x : layer.Value(x)), 1e-8);
        }
    }

    [Fact]
    public void Near_zero_nothing_is_lost()
    {
        // exp(x) - 1 = x + x^2 / 2 and log(1 + exp(x)) = exp(x) where the rest is beyond float32.
        foreach (var (activation, x, expected) in ((string, float, double)[])
            [("elu", -1e-3f, -9.995001666e-4), ("elu", -1e-9f, -1e-9), ("softplus", -20, 2.061153620e-9), ("softplus", -9, 1.234021898e-4), ("gelu", -5, -1.433257859e-6)])
        {
            var network = new Network(ModelSpec.Parse(activation, Shape.Flat(1)));
            Assert.Equal(expected, network.Predict(new Tensor(1, Shape.Flat(1), [x])).Values[0], 2e-6 * Math.Abs(expected));
        }
    }

    [Fact]
    public void Other_settings_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ELU(-0.1f));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ELU() with { Alpha = float.PositiveInfinity });
        Assert.Throws<ArgumentOutOfRangeException>(() => new PReLU(float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Softplus(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Softplus(1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Softplus(1, 100));
        var exception = Assert.Throws<ModelFormatException>(() => ModelSpec.Parse("relu | elu -1", Shape.Flat(3)));
        Assert.Equal("layer 2 \"elu -1\": elu: alpha must not be negative.", exception.Message);
    }

    [Fact]
    public void Other_slopes_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LeakyReLU(-0.1f));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LeakyReLU(float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LeakyReLU() with { Slope = -1 });
    }
}
