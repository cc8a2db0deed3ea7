namespace Fovea;

/// <summary>How much each pixel of a sample counts for one output of a network.</summary>
/// <param name="Rows">Rows of the sample.</param>
/// <param name="Columns">Columns of the sample.</param>
/// <param name="Map">The importance of each pixel, row by row; what it is in, the method says.</param>
public sealed record PixelImportance(int Rows, int Columns, IReadOnlyList<double> Map)
{
    // Copies of the sample with something hidden that are in memory at once.
    private const int MostHidden = 64;

    /// <summary>By the gradient: how fast the output changes with a pixel, the largest of its channels (Simonyan, Vedaldi and Zisserman, "Deep
    /// Inside Convolutional Networks", 2014).</summary>
    /// <param name="network">The network.</param>
    /// <param name="sample">The sample, normalized.</param>
    /// <param name="output">Which output.</param>
    /// <exception cref="FoveaException">Sample or output do not fit the network.</exception>
    public static PixelImportance ByGradient(Network network, IReadOnlyList<float> sample, int output)
    {
        Shape input = Check(network, sample, output);
        var reference = new ReferenceNetwork<double>(network, samples: 1, training: false);
        reference.Forward([.. sample.Select(value => (double)value)]);
        double[] gradient = new double[network.Output.Count];
        gradient[output] = 1;
        reference.Backward(gradient);
        double[] map = new double[input.Height * input.Width];
        for (int i = 0; i < input.Count; i++) map[i % map.Length] = Math.Max(map[i % map.Length], Math.Abs(reference.InputGradient[i]));
        return new PixelImportance(input.Height, input.Width, map);
    }

    /// <summary>By occlusion: how far the output falls when a square around the pixel is hidden (Zeiler and Fergus, "Visualizing and
    /// Understanding Convolutional Networks", 2014). Below zero where the output rises.</summary>
    /// <param name="network">The network.</param>
    /// <param name="sample">The sample, normalized.</param>
    /// <param name="output">Which output.</param>
    /// <param name="side">The side of the square, odd.</param>
    /// <param name="background">What hides: the normalized value of the background.</param>
    /// <param name="progress">Called now and then with the share that is done, from 0 to 1.</param>
    /// <param name="cancellation">Stops it: of a large image it takes as many predictions as there are pixels.</param>
    /// <exception cref="FoveaException">Sample or output do not fit the network, or the side is even.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static PixelImportance ByOcclusion(Network network, IReadOnlyList<float> sample, int output, int side, float background,
        Action<double>? progress = null, CancellationToken cancellation = default)
    {
        Shape input = Check(network, sample, output);
        if (side < 1 || side % 2 == 0) throw new FoveaException($"the square that hides must have an odd side, so that a pixel is its middle, got {side}.");
        int pixels = input.Height * input.Width;
        // The sample itself, and then one for each pixel.
        double[] outputs = new double[pixels + 1];
        for (int first = 0; first < outputs.Length; first += MostHidden)
        {
            cancellation.ThrowIfCancellationRequested();
            var samples = new Tensor(Math.Min(MostHidden, outputs.Length - first), input);
            for (int n = 0; n < samples.Samples; n++) Hide(first + n - 1, samples[n]);
            Tensor predicted = network.Predict(samples);
            for (int n = 0; n < samples.Samples; n++) outputs[first + n] = predicted[n][output];
            progress?.Invoke((double)(first + samples.Samples) / outputs.Length);
        }
        return new PixelImportance(input.Height, input.Width, [.. outputs.Skip(1).Select(value => outputs[0] - value)]);

        void Hide(int pixel, Span<float> hidden)
        {
            for (int i = 0; i < hidden.Length; i++)
            {
                int row = i % pixels / input.Width, column = i % input.Width;
                bool isHidden = pixel >= 0 && Math.Abs(row - pixel / input.Width) <= side / 2 && Math.Abs(column - pixel % input.Width) <= side / 2;
                hidden[i] = isHidden ? background : sample[i];
            }
        }
    }

    private static Shape Check(Network network, IReadOnlyList<float> sample, int output)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(sample);
        NetworkTrace.Require(network, sample);
        if (network.Input.IsFlat) throw new FoveaException($"the network takes {network.Input}, which is no image: there are no pixels to show.");
        if (output < 0 || output >= network.Output.Count)
            throw new FoveaException($"there is no output {output}: the network has outputs from 0 to {network.Output.Count - 1}.");
        return network.Input;
    }
}
