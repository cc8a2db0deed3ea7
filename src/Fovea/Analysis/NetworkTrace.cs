namespace Fovea;

/// <summary>What one layer made of a sample.</summary>
/// <param name="Name">PyTorch's module and the layer's number: "Conv2d-1".</param>
/// <param name="Layer">The layer in text.</param>
/// <param name="Output">The shape of its output.</param>
/// <param name="Values">The output, channel by channel and row by row.</param>
public sealed record LayerTrace(string Name, string Layer, Shape Output, IReadOnlyList<float> Values);

/// <summary>One sample on its way through a network, in evaluation mode.</summary>
/// <param name="Input">The shape of the sample.</param>
/// <param name="Sample">The sample, as the network takes it.</param>
/// <param name="Layers">What each layer made of it.</param>
public sealed record NetworkTrace(Shape Input, IReadOnlyList<float> Sample, IReadOnlyList<LayerTrace> Layers)
{
    /// <summary>Sends a sample through a network.</summary>
    /// <param name="network">The network; it may be in training, as its weights are copied.</param>
    /// <param name="sample">The sample, normalized.</param>
    /// <exception cref="FoveaException">It has another number of values than the network takes.</exception>
    public static NetworkTrace Of(Network network, IReadOnlyList<float> sample)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(sample);
        Require(network, sample);
        ModelSpec model = network.Model;
        var reference = new ReferenceNetwork<float>(network, samples: 1, training: false);
        reference.Forward([.. sample]);
        return new NetworkTrace(model.Input, sample, [.. model.Layers.Select((layer, i) =>
            new LayerTrace($"{layer.TorchName}-{i + 1}", LayerText.Format(layer), model.Shapes[i + 1], reference.Output(i)))]);
    }

    /// <summary>Throws when a sample is not of the size that a network takes.</summary>
    internal static void Require(Network network, IReadOnlyList<float> sample)
    {
        if (sample.Count != network.Input.Count)
            throw new FoveaException($"the network takes {network.Input}, {network.Input.Count} numbers, but the sample has {sample.Count}. Give a sample of this shape.");
    }
}
