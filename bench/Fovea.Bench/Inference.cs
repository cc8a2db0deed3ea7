using System.Globalization;
using Fovea.Onnx;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// A trained network's answers: this engine, libtorch and ONNX Runtime side by side, on the same weights and images, in turn in one process;
/// medians. Of libtorch's two memory layouts the better one counts; it runs in inference mode.
/// </summary>
internal sealed class Inference(string model, int batch, int threads, Turns turns)
{
    /// <summary>Runs the comparison and returns one line of JSON.</summary>
    public string Run()
    {
        if (LibTorch.Unavailable is { } reason) throw new InvalidOperationException(reason);
        set_num_threads(threads);
        ModelSpec spec = Zoo.Get(model);
        var network = new Network(spec, seed: 1);
        Tensor input = RandomData.Input(spec.Input, batch);

        using var options = new SessionOptions { IntraOpNumThreads = threads };
        using var session = new InferenceSession(OnnxExport.Of(network).ToBytes(), options);
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(input.Values, [batch, spec.Input.Channels, spec.Input.Height, spec.Input.Width]);
        using var runOptions = new RunOptions();
        float[] OnnxRuntime()
        {
            using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(runOptions, [OnnxExport.Input], [value], [OnnxExport.Output]);
            return outputs[0].GetTensorDataAsSpan<float>().ToArray();
        }

        Sequential plain = TorchModel.Create(network), channelsLast = TorchModel.Create(network, channelsLast: true);
        plain.eval();
        channelsLast.eval();
        torch.Tensor plainInput = TorchModel.Input(input, channelsLast: false), channelsLastInput = TorchModel.Input(input, channelsLast: true);
        static float[] Torch(Sequential module, torch.Tensor images)
        {
            using var scope = NewDisposeScope();
            using var mode = inference_mode();
            return module.forward(images).data<float>().ToArray();
        }

        float[] answer = network.Predict(input).Values;
        double difference = new[] { OnnxRuntime(), Torch(plain, plainInput), Torch(channelsLast, channelsLastInput) }
            .Max(other => answer.Zip(other, (a, b) => Math.Abs((double)a - b)).Max());
        double[][] seconds = turns.Measure([() => network.Predict(input), () => Torch(plain, plainInput), () => Torch(channelsLast, channelsLastInput), () => OnnxRuntime()]);
        double[] libtorch = [.. seconds[1].Zip(seconds[2], Math.Min)];
        double Ratio(double[] other) => Turns.Median([.. other.Zip(seconds[0], (theirs, ours) => theirs / ours)]);
        string Side(double[] times) => string.Create(CultureInfo.InvariantCulture, $$"""{"microseconds":{{Turns.Median(times) * 1e6:F1}},"samplesPerSecond":{{batch / Turns.Median(times):F0}}}""");
        return string.Create(CultureInfo.InvariantCulture,
            $$"""{"model":"{{model}}","batch":{{batch}},"threads":{{threads}},"fovea":{{Side(seconds[0])}},"libtorch":{{Side(libtorch)}},"onnxruntime":{{Side(seconds[3])}},"ratioToLibtorch":{{Ratio(libtorch):F2}},"ratioToOnnxRuntime":{{Ratio(seconds[3]):F2}},"difference":{{difference:E2}}}""");
    }
}
