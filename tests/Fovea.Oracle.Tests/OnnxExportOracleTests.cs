using Fovea.Onnx;
using Fovea.Tests.Laws;
using Microsoft.ML.OnnxRuntime;

namespace Fovea.Oracle.Tests;

/// <summary>Exported networks, run by ONNX Runtime, give the numbers of the network.</summary>
public class OnnxExportOracleTests
{
    // ONNX Runtime computes in float32 too, and its exponentials are approximations.
    private const double Tolerance = 2e-5;

    public OnnxExportOracleTests() => Assert.SkipWhen(Runtime.Unavailable is not null, Runtime.Unavailable ?? "");

    [Theory, MemberData(nameof(Examples.Layers), MemberType = typeof(Examples)), MemberData(nameof(LayerOracleTests.Stacks), MemberType = typeof(LayerOracleTests))]
    public void Outputs_agree_for_any_number_of_samples(string layers)
    {
        var (input, model) = LayerOracleTests.Read(layers);
        var network = new Network(new ModelSpec(input, model));
        Numbers.Randomize(network);
        using InferenceSession session = Runtime.Open(OnnxExport.Of(network));
        foreach (int samples in (int[])[1, 3])
        {
            float[] x = Numbers.Uniform(samples * input.Count, seed: 7, bound: 4);
            float[] expected = network.Predict(new Tensor(samples, input, x)).Values;
            float[] actual = Runtime.Run(session, x, input, samples);
            Numbers.AssertClose(Doubles(expected), Doubles(actual), Tolerance, $"{samples} samples");
        }
    }

    [Theory, InlineData("2x5x4", 2), InlineData("2x5x4", 1), InlineData("9", 1)]
    public void A_graph_that_normalizes_takes_the_bytes_of_images(string shape, int channels)
    {
        Shape input = Shape.Parse(shape);
        var network = new Network(ModelSpec.Parse("flatten | linear 3 | softmax", input), seed: 4);
        var normalization = channels == 1 ? new Normalization([0.25f], [0.5f]) : new Normalization([0.25f, 0.4f], [0.5f, 0.2f]);
        byte[] bytes = [.. Numbers.Uniform(2 * input.Count, seed: 3).Select(value => (byte)(127 + 127 * value))];
        Dataset data = Dataset.FromBytes("bytes", input, bytes, [0, 0], ["a"], normalization);
        var x = new Tensor(2, input);
        for (int i = 0; i < 2; i++) data.CopySample(i, x[i]);
        float[] expected = network.Predict(x).Values;
        OnnxModel inGraph = OnnxExport.Of(network, new OnnxExportOptions { Normalization = normalization });
        OnnxModel outside = OnnxExport.Of(network, new OnnxExportOptions { Normalization = normalization, NormalizeInGraph = false });
        using InferenceSession takesBytes = Runtime.Open(inGraph), takesFloats = Runtime.Open(outside);
        Numbers.AssertClose(Doubles(expected), Doubles(Runtime.Run(takesBytes, bytes.Select(value => (float)value).ToArray(), input, 2)), Tolerance, "bytes");
        Numbers.AssertClose(Doubles(expected), Doubles(Runtime.Run(takesFloats, x.Values, input, 2)), Tolerance, "floats");
        string mean = channels == 1 ? "[0.25]" : "[0.25, 0.4]";
        Assert.Equal(mean, takesFloats.ModelMetadata.CustomMetadataMap["fovea.normalization.mean"]);
    }

    [Fact]
    public void The_zoo_is_accepted_with_its_names()
    {
        foreach (string name in (string[])["stride2", "lenet5", "lenet5-classic"])
        {
            ModelSpec model = Zoo.Get(name);
            using InferenceSession session = Runtime.Open(OnnxExport.Of(new Network(model)));
            Assert.Equal(name, session.ModelMetadata.GraphName);
            Assert.Equal("fovea", session.ModelMetadata.ProducerName);
            Assert.Equal([-1, model.Input.Channels, model.Input.Height, model.Input.Width], session.InputMetadata["input"].Dimensions);
            Assert.Equal("N", session.InputMetadata["input"].SymbolicDimensions[0]);
            Assert.Equal([-1, 10], session.OutputMetadata["output"].Dimensions);
        }
    }

    private static double[] Doubles(ReadOnlySpan<float> values) => values.ToDouble();
}
