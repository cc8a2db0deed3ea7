using System.Numerics;

namespace Fovea;

/// <summary>What a layer's reference passes work on: plain arrays, N x C x H x W, parameters in PyTorch's layout.</summary>
internal sealed class ReferencePass<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public required int Samples { get; init; }
    public required Shape Input { get; init; }
    public required Shape Output { get; init; }
    public required T[] X { get; init; }
    public required T[] Y { get; init; }

    /// <summary>The gradient of the output.</summary>
    public required T[] DY { get; init; }

    /// <summary>Receives the gradient of the input; empty where nobody asks for it.</summary>
    public required T[] DX { get; init; }
    public required T[][] Parameters { get; init; }
    public required T[][] Gradients { get; init; }
    public required T[][] Buffers { get; init; }
    public required bool Training { get; init; }

    /// <summary>What dropout is keyed by, beside the sample: seed, layer and step.</summary>
    public required DropoutKey Key { get; init; }

    /// <summary>The rows of a composite, from its pass forward to its pass backward.</summary>
    public List<ReferenceSequence<T>> Inner { get; } = [];

    /// <summary>Numbers that the pass forward keeps for the pass backward.</summary>
    public T[] Kept { get; set; } = [];
}

/// <summary>What the random numbers of one layer in one step are keyed by; the sample's place in the batch comes on top.</summary>
internal readonly record struct DropoutKey(ulong Seed, uint Layer, uint Step);
