using Fovea.Tests.Laws;

namespace Fovea.Tests.Layers;

public class ActivationTests
{
    // With e^-2 = 0.135335283: 1 / (1 + e^2) and (e^-2 - e^2) / (e^-2 + e^2).
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
    [InlineData("tanh", 1e4, 1)]
    [InlineData("tanh", -1e4, -1)]
    public void Values_are_those_of_the_definition(string activation, double x, double expected)
    {
        var network = new Network(ModelSpec.Parse(activation, Shape.Flat(1)));
        Assert.Equal(expected, network.Predict(new Tensor(1, Shape.Flat(1), [(float)x])).Values[0], 1e-6);
    }

    [Theory]
    [InlineData("relu")]
    [InlineData("leakyrelu")]
    [InlineData("sigmoid")]
    [InlineData("tanh")]
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

    [Fact]
    public void Other_slopes_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LeakyReLU(-0.1f));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LeakyReLU(float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LeakyReLU() with { Slope = -1 });
    }
}
