using Fovea.Lab;
using Fovea.Onnx;

namespace Fovea.Cli;

/// <summary>How far what ONNX Runtime makes of an exported file is from what the network gives.</summary>
/// <param name="Runtime">The version of ONNX Runtime.</param>
/// <param name="Data">What was compared on, in words.</param>
/// <param name="Samples">How many samples.</param>
/// <param name="SameLabels">How many of them both take for the same class.</param>
/// <param name="LargestDifference">The largest difference of two numbers of the outputs.</param>
/// <param name="Allowed">How large it may be: both round in float32, in another order.</param>
internal sealed record OnnxVerification(string Runtime, string Data, int Samples, int SameLabels, double LargestDifference, double Allowed)
{
    private const int RandomImages = 16, BatchSize = 500;

    // Of the largest output, or of 1 where all are smaller.
    private const double Share = 1e-4;

    /// <summary>Whether the difference is within what is allowed.</summary>
    public bool Agrees => LargestDifference <= Allowed;

    /// <summary>Compares a file with the network that it was written of.</summary>
    /// <param name="runtime">ONNX Runtime.</param>
    /// <param name="trained">The network.</param>
    /// <param name="file">The file.</param>
    /// <param name="takesBytes">Whether it takes pixels from 0 to 255.</param>
    /// <param name="data">The dataset whose test samples are taken; null takes images of random pixels.</param>
    /// <exception cref="FoveaException">ONNX Runtime refuses the file.</exception>
    public static OnnxVerification Of(OnnxRuntime runtime, TrainedNetwork trained, string file, bool takesBytes, string? data = null)
    {
        Shape shape = trained.Network.Input;
        Dataset samples = data is null ? Random(shape) : Datasets.Load(data, DatasetPart.Test, shape);
        using OnnxRuntime.Session session = runtime.Open(File.ReadAllBytes(file));
        var verification = new OnnxVerification(runtime.Version, data is null ? "images of random pixels" : $"test samples of {samples.Name}", samples.Count, 0, 0, 0);
        double size = 1;
        for (int first = 0; first < samples.Count; first += BatchSize)
        {
            Dataset batch = samples.Subset([.. Enumerable.Range(first, Math.Min(BatchSize, samples.Count - first))]);
            Tensor expected = trained.Network.Predict(Values(batch.With(trained.Data.Normalization)));
            // Normalized by nothing, pixels are from 0 to 1.
            float[] input = takesBytes ? [.. Values(batch.With(Normalization.None)).Values.Select(value => MathF.Round(255 * value))] : Values(batch.With(trained.Data.Normalization)).Values;
            long[] extents = shape.IsFlat ? [batch.Count, shape.Count] : [batch.Count, shape.Channels, shape.Height, shape.Width];
            float[] actual = session.Run((OnnxExport.Input, extents, input), OnnxExport.Output);
            if (actual.Length != expected.Values.Length) throw new FoveaException($"{file}: ONNX Runtime gives {actual.Length} numbers, expected {expected.Values.Length}.");
            var given = new Tensor(batch.Count, expected.Shape, actual);
            size = Math.Max(size, expected.Values.Max(value => float.IsFinite(value) ? Math.Abs(value) : 0));
            verification = verification with
            {
                SameLabels = verification.SameLabels + Enumerable.Range(0, batch.Count).Count(i => trained.Settings.Loss.Predict(expected[i]) == trained.Settings.Loss.Predict(given[i])),
                LargestDifference = Math.Max(verification.LargestDifference, expected.Values.Zip(actual, Difference).Max()),
            };
        }
        return verification with { Allowed = Share * size };
    }

    public override string ToString() => $"ONNX Runtime {Runtime} {(Agrees ? "agrees" : "DIFFERS")}: {Samples:N0} {Data}, the same label for {(SameLabels == Samples ? "all" : $"{SameLabels:N0}")}, largest difference {LargestDifference:G3}, allowed {Allowed:G3}";

    // A NaN on one side alone is the largest difference that there can be.
    private static double Difference(float expected, float actual) =>
        expected.Equals(actual) ? 0 : double.IsNaN(expected - actual) ? double.MaxValue : Math.Abs((double)expected - actual);

    private static Dataset Random(Shape shape)
    {
        byte[] pixels = new byte[RandomImages * shape.Count];
        new Random(1).NextBytes(pixels);
        return Dataset.FromBytes("random", shape, pixels, new int[RandomImages], ["image"], Normalization.None);
    }

    private static Tensor Values(Dataset data)
    {
        var values = new Tensor(data.Count, data.Shape);
        for (int i = 0; i < data.Count; i++) data.CopySample(i, values[i]);
        return values;
    }
}
