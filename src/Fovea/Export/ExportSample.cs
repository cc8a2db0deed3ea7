using Fovea.Kernels;

namespace Fovea;

/// <summary>An input and what a network makes of it, stored beside an export so that the other side can be compared.</summary>
internal sealed class ExportSample
{
    private const int Samples = 4;

    /// <summary>Draws an input: numbers around 0 with a deviation of 1, as normalized pixels are; always the same.</summary>
    public ExportSample(Network network)
    {
        Input = new Tensor(Samples, network.Input);
        new Philox(seed: 1, RandomPurpose.Example).Normal(Input.Values, 1);
        Output = network.Predict(Input);
    }

    /// <summary>The input of the network.</summary>
    public Tensor Input { get; }

    /// <summary>What it gives.</summary>
    public Tensor Output { get; }

    /// <summary>Both as NumPy files: N x C x H x W, or with the channels last N x H x W x C; N x features.</summary>
    public IEnumerable<ExportedFile> Files(bool channelsLast = false) => [File("input.npy", Array(Input, channelsLast)), File("output.npy", Array(Output, channelsLast))];

    private static NumpyArray Array(Tensor tensor, bool channelsLast)
    {
        Shape shape = tensor.Shape;
        if (shape.IsFlat) return NumpyArray.Of([tensor.Samples, shape.Count], tensor.Values);
        NumpyArray array = NumpyArray.Of([tensor.Samples, shape.Channels, shape.Height, shape.Width], tensor.Values);
        return channelsLast ? AxisOrder.Permute(array, 0, 2, 3, 1) : array;
    }

    private static ExportedFile File(string name, NumpyArray array)
    {
        using var stream = new MemoryStream();
        NpyFile.Write(stream, array);
        return new ExportedFile(name, stream.ToArray());
    }
}
