using static TorchSharp.torch;
using Torch = TorchSharp.torch.Tensor;

namespace Fovea.Oracle.Tests;

/// <summary>Initial weights against torch.nn.init: both are drawn at random, so that their spread and bounds are compared.</summary>
public class InitializationOracleTests : OracleTests
{
    [Theory]
    [InlineData("kaiming-uniform")]
    [InlineData("kaiming-uniform fan-out")]
    [InlineData("kaiming-uniform tanh")]
    [InlineData("kaiming-normal")]
    [InlineData("kaiming-normal fan-out linear")]
    [InlineData("xavier-uniform")]
    [InlineData("xavier-uniform relu")]
    [InlineData("xavier-normal")]
    public void Weights_are_spread_as_libtorchs(string text)
    {
        Initialization initialization = Initialization.Parse(text);
        foreach (string model in (string[])["conv 40 k5x3 g4", "convtranspose 40 k5x3 g4", "flatten | linear 60"])
        {
            var network = new Network(ModelSpec.Parse(model, new Shape(20, 6, 7)), seed: 3, initialization);
            NetworkParameter weight = network.Parameters.Single(parameter => parameter.Name.EndsWith("weight", StringComparison.Ordinal));
            float[] values = network.GetParameter(weight.Name);
            using Torch libtorch = empty([.. weight.Shape.Select(extent => (long)extent)]);
            var fan = initialization.FanOut ? nn.init.FanInOut.FanOut : nn.init.FanInOut.FanIn;
            var nonlinearity = initialization.Nonlinearity switch
            {
                "relu" => nn.init.NonlinearityType.ReLU,
                "tanh" => nn.init.NonlinearityType.Tanh,
                _ => nn.init.NonlinearityType.Linear,
            };
            using Torch drawn = initialization.Name switch
            {
                "kaiming-uniform" => nn.init.kaiming_uniform_(libtorch, 0, fan, nonlinearity),
                "kaiming-normal" => nn.init.kaiming_normal_(libtorch, 0, fan, nonlinearity),
                "xavier-uniform" => nn.init.xavier_uniform_(libtorch, initialization.Gain),
                _ => nn.init.xavier_normal_(libtorch, initialization.Gain),
            };
            double[] expected = [.. drawn.contiguous().data<float>()];
            double deviation = Math.Sqrt(expected.Average(value => value * value)), ours = Math.Sqrt(values.Average(value => value * value));
            // Each deviation is known to about its share of 1 / sqrt(2 n); both are off by at most five of these.
            double error = 5 * Math.Sqrt(2) / Math.Sqrt(2 * values.Length);
            Assert.InRange(ours / deviation, 1 - error, 1 + error);
            Assert.InRange(values.Average() / deviation, -5 / Math.Sqrt(values.Length), 5 / Math.Sqrt(values.Length));
            // Uniform numbers end at sqrt(3) deviations; normal ones go beyond, and three quarters of them lie within 1.1503 deviations.
            double largest = values.Max(Math.Abs) / deviation, near = values.Count(value => Math.Abs(value) < 1.1503 * deviation) / (double)values.Length;
            if (text.Contains("uniform", StringComparison.Ordinal)) Assert.InRange(largest, 1.6, Math.Sqrt(3) * (1 + error));
            else Assert.InRange(largest, 2.5, 6);
            Assert.InRange(near, (text.Contains("uniform", StringComparison.Ordinal) ? 0.664 : 0.75) - error, (text.Contains("uniform", StringComparison.Ordinal) ? 0.664 : 0.75) + error);
        }
    }
}
