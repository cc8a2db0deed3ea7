using System.Globalization;
using Fovea.Onnx;

namespace Fovea.Cli;

/// <summary>How far what ONNX Runtime makes of an exported file is from what the network gives.</summary>
/// <param name="Runtime">The version of ONNX Runtime.</param>
/// <param name="Samples">How many samples were compared.</param>
/// <param name="LargestDifference">The largest difference of two numbers of the outputs.</param>
/// <param name="Allowed">How large it may be: both round in float32, in another order.</param>
internal sealed record OnnxVerification(string Runtime, int Samples, double LargestDifference, double Allowed)
{
    private const int SampleCount = 16;

    // Of the largest output, or of 1 where all are smaller.
    private const double Share = 1e-4;

    /// <summary>Whether the difference is within what is allowed.</summary>
    public bool Agrees => LargestDifference <= Allowed;

    /// <summary>Compares a file with the network that it was written of, on images of random pixels.</summary>
    /// <exception cref="FoveaException">ONNX Runtime refuses the file.</exception>
    public static OnnxVerification Of(OnnxRuntime runtime, TrainedNetwork trained, string file, bool takesBytes)
    {
        Shape shape = trained.Network.Input;
        byte[] pixels = new byte[SampleCount * shape.Count];
        new Random(1).NextBytes(pixels);
        Dataset images = Dataset.FromBytes("random pixels", shape, pixels, new int[SampleCount], ["image"], trained.Data.Normalization);
        var normalized = new Tensor(SampleCount, shape);
        for (int i = 0; i < SampleCount; i++) images.CopySample(i, normalized[i]);
        float[] expected = trained.Network.Predict(normalized).Values;
        long[] extents = shape.IsFlat ? [SampleCount, shape.Count] : [SampleCount, shape.Channels, shape.Height, shape.Width];
        float[] input = takesBytes ? [.. pixels.Select(pixel => (float)pixel)] : normalized.Values;
        float[] actual = runtime.Run(File.ReadAllBytes(file), (OnnxExport.Input, extents, input), OnnxExport.Output);
        if (actual.Length != expected.Length) throw new FoveaException($"{file}: ONNX Runtime gives {actual.Length} numbers, expected {expected.Length}.");
        // A NaN on one side alone is the largest difference that there can be.
        double largest = expected.Zip(actual).Max(pair => pair.First.Equals(pair.Second) ? 0 : double.IsNaN(pair.First - pair.Second) ? double.MaxValue : Math.Abs((double)pair.First - pair.Second));
        return new OnnxVerification(runtime.Version, SampleCount, largest, Share * Math.Max(1, expected.Max(value => float.IsFinite(value) ? Math.Abs(value) : 0)));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"ONNX Runtime {Runtime} {(Agrees ? "agrees" : "DIFFERS")}: {Samples} images of random pixels, largest difference {LargestDifference:G3}, allowed {Allowed:G3}");
}
