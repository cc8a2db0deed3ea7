using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Fovea.Lab;
using Fovea.Onnx;
using Fovea.Tests.Laws;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;
using Sequential = TorchSharp.Modules.Sequential;
using Torch = TorchSharp.torch.Tensor;

namespace Fovea.Oracle.Tests;

/// <summary>A network that was trained on digits goes out into other programs and back, and sees the same in all 10,000 test images.</summary>
public sealed class RoundTripTests(RoundTripTests.Digits digits) : OracleTests, IClassFixture<RoundTripTests.Digits>
{
    private const string Model = "conv 6 k5 s2 p2 nobias | batchnorm | relu | maxpool 2 | flatten | linear 32 | tanh | linear 10";

    // Both round in float32, in another order; logits are of the order of 10.
    private const double Tolerance = 2e-5;

    /// <summary>A network after one short epoch, and what it makes of the test images.</summary>
    public sealed class Digits
    {
        public Digits()
        {
            Dataset training = Datasets.Load("mnist", DatasetPart.Training).Take(20_000);
            var settings = new TrainingSettings { Epochs = 1, BatchSize = 50, Optimizer = new Adam(0.003f), Loss = new CrossEntropyLoss() };
            var trainer = new Trainer(ModelSpec.Parse(Model, training.Shape), training, settings);
            trainer.Run();
            Network = trainer.Network;
            Trained = new TrainedNetwork(Network, trainer.Settings, DataDescription.Of(training), trainer.History);
            Test = Datasets.Load("mnist", DatasetPart.Test);
            Images = new Fovea.Tensor(Test.Count, Test.Shape);
            for (int i = 0; i < Test.Count; i++) Test.CopySample(i, Images[i]);
            Logits = Network.Predict(Images).Values;
        }

        public Network Network { get; }

        public TrainedNetwork Trained { get; }

        public Dataset Test { get; }

        /// <summary>The test images, normalized.</summary>
        public Fovea.Tensor Images { get; }

        public float[] Logits { get; }
    }

    [Fact]
    public void Onnx_runtime_gives_all_test_images_the_same_labels()
    {
        Assert.SkipWhen(Runtime.Unavailable is not null, Runtime.Unavailable ?? "");
        // The graph takes pixels from 0 to 255, as they are in the files.
        float[] pixels = [.. digits.Images.Values.Select(value => MathF.Round((value * 0.3081f + 0.1307f) * 255))];
        using InferenceSession session = Runtime.Open(OnnxExport.Of(digits.Network, new OnnxExportOptions { Normalization = digits.Test.Normalization }));
        const int batch = 1000;
        int size = digits.Test.Shape.Count;
        float[] logits = [.. Enumerable.Range(0, digits.Test.Count / batch).SelectMany(i => Runtime.Run(session, pixels.AsMemory(i * batch * size, batch * size), digits.Test.Shape, batch))];
        AssertSame(logits, "ONNX Runtime");
    }

    [Fact]
    public void Libtorch_loads_the_safetensors_file_and_gives_the_same_logits()
    {
        using var scope = NewDisposeScope();
        Sequential model = Modules();
        // Nothing but the counters of batch normalization is missing, and nothing is left over.
        var (missing, unexpected) = model.load_state_dict(ReadSafetensors(SafetensorsModel.Write(digits.Trained)), strict: false);
        Assert.Equal(["1.num_batches_tracked"], missing);
        Assert.Empty(unexpected);
        AssertSame(Run(model), "libtorch");
    }

    [Fact]
    public void A_state_dict_of_libtorch_loads_and_gives_the_same_logits()
    {
        using var scope = NewDisposeScope();
        Sequential model = Modules();
        random.manual_seed(5);
        using (no_grad()) foreach (var (name, values) in model.state_dict()) if (name.StartsWith("1.running", StringComparison.Ordinal)) values.copy_(rand_like(values) + 0.5);
        // As safetensors.torch.save_file writes it: the counter as int64, names in order of the width of their numbers, then by name.
        string path = Path.Combine(Directory.CreateTempSubdirectory("fovea-").FullName, "state_dict.safetensors");
        WriteSafetensors(path, model.state_dict());
        TrainedNetwork read = SafetensorsModel.Read(path, digits.Network.Model);
        File.Delete(path);
        float[] expected = Run(model), actual = read.Network.Predict(digits.Images).Values;
        Numbers.AssertClose(expected.ToDouble(), actual.ToDouble(), Tolerance, "libtorch's weights");
    }

    // The same modules, written by hand.
    private static Sequential Modules() => nn.Sequential(
        ("0", nn.Conv2d(1, 6, 5, stride: 2, padding: 2, bias: false)), ("1", nn.BatchNorm2d(6)), ("2", nn.ReLU()), ("3", nn.MaxPool2d(2)),
        ("4", nn.Flatten()), ("5", nn.Linear(6 * 7 * 7, 32)), ("6", nn.Tanh()), ("7", nn.Linear(32, 10)));

    private float[] Run(Sequential model)
    {
        model.eval();
        using var _ = no_grad();
        Torch x = tensor(digits.Images.Values, [digits.Images.Samples, 1, 28, 28]);
        return [.. model.forward(x).data<float>()];
    }

    private void AssertSame(float[] logits, string program)
    {
        Numbers.AssertClose(digits.Logits.ToDouble(), logits.ToDouble(), Tolerance, program);
        Assert.Equal(Labels(digits.Logits), Labels(logits));
        int right = Labels(logits).Where((label, i) => label == digits.Test.Label(i)).Count();
        // It has learned something, so that the labels differ from image to image.
        Assert.InRange(right, 9000, 10_000);
    }

    private static int[] Labels(float[] logits) => [.. logits.Chunk(10).Select(row => Array.IndexOf(row, row.Max()))];

    // By the words of the format, and no code of the library.
    private static Dictionary<string, Torch> ReadSafetensors(byte[] file)
    {
        int start = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        using JsonDocument header = JsonDocument.Parse(file.AsMemory(8, start - 8));
        return header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__").ToDictionary(entry => entry.Name, entry =>
        {
            JsonElement offsets = entry.Value.GetProperty("data_offsets");
            float[] values = MemoryMarshal.Cast<byte, float>(file.AsSpan()[(start + offsets[0].GetInt32())..(start + offsets[1].GetInt32())]).ToArray();
            return tensor(values, [.. entry.Value.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt64())]);
        });
    }

    private static void WriteSafetensors(string path, Dictionary<string, Torch> state)
    {
        var header = new Dictionary<string, object>();
        var data = new List<byte>();
        foreach (var (name, values) in state.OrderByDescending(entry => entry.Value.dtype == ScalarType.Int64).ThenBy(entry => entry.Key, StringComparer.Ordinal))
        {
            using Torch rows = values.detach().contiguous();
            byte[] bytes = [.. rows.bytes];
            header[name] = new { dtype = values.dtype == ScalarType.Int64 ? "I64" : "F32", shape = values.shape, data_offsets = (int[])[data.Count, data.Count + bytes.Length] };
            data.AddRange(bytes);
        }
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)json.Length), .. json, .. data]);
    }
}
