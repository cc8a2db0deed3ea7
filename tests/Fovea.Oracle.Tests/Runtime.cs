using Fovea.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Fovea.Oracle.Tests;

/// <summary>ONNX Runtime, where it can be loaded.</summary>
internal static class Runtime
{
    /// <summary>Why it cannot be used, or null.</summary>
    public static string? Unavailable { get; } = Probe();

    /// <summary>A graph ready to run; graphs whose written shapes are not those that ONNX Runtime infers are refused.</summary>
    public static InferenceSession Open(OnnxModel model)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        options.AddSessionConfigEntry("session.strict_shape_type_inference", "1");
        return new InferenceSession(model.ToBytes(), options);
    }

    /// <summary>The output for samples.</summary>
    public static float[] Run(InferenceSession session, ReadOnlyMemory<float> values, Shape shape, int samples)
    {
        int[] extents = shape.IsFlat ? [samples, shape.Count] : [samples, shape.Channels, shape.Height, shape.Width];
        var input = new DenseTensor<float>(values.ToArray(), extents);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(OnnxExport.Input, input)]);
        return [.. results.Single().AsEnumerable<float>()];
    }

    private static string? Probe()
    {
        try
        {
            _ = OrtEnv.Instance();
            return null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or TypeInitializationException or BadImageFormatException or EntryPointNotFoundException)
        {
            return $"ONNX Runtime cannot be loaded here: {(exception.InnerException ?? exception).Message}";
        }
    }
}
