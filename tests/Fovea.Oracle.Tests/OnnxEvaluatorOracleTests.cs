using Fovea.Onnx;
using Fovea.Tests.Laws;
using Fovea.Tests.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Fovea.Oracle.Tests;

/// <summary>
/// A selection of nodes in the format of the ONNX project's test data, their expected outputs made by ONNX Runtime: written as folders, read
/// and evaluated as the published ones.
/// </summary>
public class OnnxEvaluatorOracleTests
{
    /// <summary>The version, the shapes of the inputs, and the node.</summary>
    public static TheoryData<string> Nodes =>
    [
        "11 2x3x7x6,4x3x3x2,4 Conv strides=2,1 pads=1,0,0,2 dilations=1,2",
        "11 1x4x9x8,6x2x3x3 Conv group=2 pads=1,1,1,1 strides=2,2",
        "11 2x4x8x7,4x1x3x3 Conv group=4 auto_pad=SAME_LOWER strides=2,2",
        "7 1x2x9,3x2x4,3 Conv pads=3,1 dilations=2, strides=2,",
        "11 1x4x3x4,4x3x3x2,3 ConvTranspose strides=2,3 pads=1,0,0,1 output_padding=1,2",
        "11 2x4x3x4,4x2x3x2,4 ConvTranspose group=2 dilations=2,1",
        "11 1x2x3x5,2x1x3x3 ConvTranspose strides=2,2 auto_pad=SAME_UPPER",
        "7 1x2x4,2x3x3 ConvTranspose strides=2,",
        "12 2x3x7x6 MaxPool kernel_shape=3,2 strides=2,2 pads=1,0,0,1",
        "12 1x2x8x8 MaxPool kernel_shape=2,2 dilations=3,2 strides=2,1",
        "12 1x2x9x7 MaxPool kernel_shape=3,3 strides=2,2 ceil_mode=1",
        "12 1x2x8 MaxPool kernel_shape=3, strides=2, auto_pad=SAME_UPPER",
        "11 2x3x7x6 AveragePool kernel_shape=3,2 strides=2,2 pads=1,0,0,1",
        "11 2x3x7x6 AveragePool kernel_shape=3,2 strides=2,2 pads=1,0,0,1 count_include_pad=1",
        "7 1x2x9 AveragePool kernel_shape=4, strides=3, auto_pad=SAME_LOWER",
        "7 2x3x4x5 GlobalAveragePool",
        "7 2x3x4x5x2 GlobalMaxPool",
        "13 4x3,3x5,5 Gemm alpha=0.5 beta=2.5",
        "13 3x4,5x3,4x1 Gemm transA=1 transB=1",
        "7 4x3,3x5,1x5 Gemm",
        "13 2x1x3x4,5x4x2 MatMul",
        "13 4,3x4x2 MatMul",
        "14 2x3x4,3x1 Add",
        "7 3x1,2x3x4 Sub",
        "14 2x3,1x1 Div",
        "13 2x1x4,3x1 Max",
        "13 3x4x5 Relu",
        "6 2x3 Elu alpha=0.7",
        "6 2x3 Selu",
        "6 2x3 LeakyRelu alpha=0.3",
        "6 2x3 HardSigmoid alpha=0.3 beta=0.4",
        "14 2x3 HardSwish",
        "13 2x3x2 Erf",
        "13 2x3x2 Tanh",
        "13 2x3x2 Sigmoid",
        "1 2x3x2 Softplus",
        "18 2x3x2 Mish",
        "20 2x3x2 Gelu approximate=tanh",
        "20 2x3x2 Gelu",
        "9 2x3x4x2,3x1x1 PRelu",
        "15 2x3x4x2,3,3,3,3 BatchNormalization epsilon=0.01",
        "9 2x3,3,3,3,3 BatchNormalization",
        "6 2x3x4x2,3,3 InstanceNormalization epsilon=0.01",
        "17 2x3x4,4,4 LayerNormalization",
        "17 2x3x4,3x4,3x4 LayerNormalization axis=1 epsilon=0.01",
        "21 2x6x4x2,6,6 GroupNormalization num_groups=3",
        "11 2x3x4 Softmax axis=1",
        "13 2x3x4 Softmax axis=1",
        "13 2x3x4x2 LogSoftmax axis=-2",
        "13 2x3x4 Transpose perm=2,0,1",
        "13 2x3x4 Flatten axis=2",
        "11 2x3,2x5 Concat axis=1",
        "13 2x3x4x5 ReduceMean axes=2,3 keepdims=0",
        "13 2x3x4 ReduceMax axes=-1,",
        "13 2x3x4 ReduceL2 axes=0,2",
        "11 2x3x4 Squeeze",
        "9 2x3x4 Clip",
        "10 2x3x4 Dropout ratio=0.3",
    ];

    public OnnxEvaluatorOracleTests() => Assert.SkipWhen(Runtime.Unavailable is not null, Runtime.Unavailable ?? "");

    [Theory, MemberData(nameof(Nodes))]
    public void Nodes_give_what_ONNX_Runtime_gives(string line)
    {
        string[] parts = line.Split(' ', 3);
        OnnxTensor[] inputs = [.. parts[1].Split(',').Select((shape, i) =>
        {
            int[] extents = NodeModel.Shape(shape);
            // Variances must be positive.
            IEnumerable<float> values = Numbers.Distinct(extents.Aggregate(1, (a, b) => a * b), seed: (ulong)i + 3).Select(value => i == 4 ? value + 1.5f : 2 * value);
            return new OnnxTensor(extents, [.. values]);
        })];
        OnnxModel model = NodeModel.Of(parts[2], int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), inputs);
        string folder = Directory.CreateTempSubdirectory("fovea-").FullName, set = Path.Combine(folder, "test_data_set_0");
        try
        {
            Directory.CreateDirectory(set);
            model.Write(Path.Combine(folder, "model.onnx"));
            for (int i = 0; i < inputs.Length; i++) inputs[i].WriteFile(Path.Combine(set, $"input_{i}.pb"), $"x{i}");
            using var session = new InferenceSession(model.ToBytes());
            using var results = session.Run([.. inputs.Select((input, i) => NamedOnnxValue.CreateFromTensor($"x{i}", new DenseTensor<float>(input.Floats.ToArray(), [.. input.Shape])))]);
            Tensor<float> y = results[0].AsTensor<float>();
            new OnnxTensor([.. y.Dimensions], [.. y]).WriteFile(Path.Combine(set, "output_0.pb"), "y0");
            // Closer than the published tests ask for: 2e-6 of each number, and of 1 near 0.
            File.WriteAllText(Path.Combine(folder, "data.json"), """{"rtol": 2e-6, "atol": 2e-6}""");
            OnnxTestResult result = Assert.Single(OnnxTestFolder.Run(folder));
            Assert.True(result.Outcome == OnnxTestOutcome.Passed, $"{result.Message} (largest difference {result.LargestDifference})");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
