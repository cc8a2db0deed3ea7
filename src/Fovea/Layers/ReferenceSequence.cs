using System.Numerics;

namespace Fovea;

/// <summary>
/// Layers that run one after another on the reference kernels, over plain arrays in PyTorch's layout: a model's, or one row of a
/// <see cref="Composite"/>. Parameters, gradients and buffers are those of all layers, in order.
/// </summary>
internal sealed class ReferenceSequence<T>(IReadOnlyList<Layer> layers, IReadOnlyList<Shape> shapes, int samples, bool training, DropoutKey key,
    T[][] parameters, T[][] gradients, T[][] buffers) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly List<ReferencePass<T>> _passes = [];
    private T[] _dx = [];

    /// <summary>The gradient of the input, after <see cref="Backward"/>.</summary>
    public T[] InputGradient => _dx;

    /// <summary>The output of a layer, after <see cref="Forward"/>.</summary>
    public T[] Output(int layer) => _passes[layer].Y;

    /// <summary>The outputs of all layers by their numbers, those inside a block before it, after <see cref="Forward"/>.</summary>
    public IEnumerable<(int Layer, T[] Output)> Outputs =>
        _passes.SelectMany(pass => pass.Inner.SelectMany(row => row.Outputs).Append(((int)pass.Key.Layer, pass.Y)));

    /// <summary>The output for an input of N x C x H x W.</summary>
    public T[] Forward(T[] x)
    {
        _passes.Clear();
        _dx = new T[x.Length];
        int parameter = 0, buffer = 0;
        uint number = key.Layer;
        for (int i = 0; i < layers.Count; i++)
        {
            int parameterCount = layers[i].Parameters(shapes[i]).Count, bufferCount = layers[i].Buffers(shapes[i]).Count;
            var pass = new ReferencePass<T>
            {
                Samples = samples,
                Input = shapes[i],
                Output = shapes[i + 1],
                X = x,
                Y = new T[samples * shapes[i + 1].Count],
                DY = new T[samples * shapes[i + 1].Count],
                DX = i == 0 ? _dx : _passes[i - 1].DY,
                Parameters = parameters[parameter..(parameter + parameterCount)],
                Gradients = gradients[parameter..(parameter + parameterCount)],
                Buffers = buffers[buffer..(buffer + bufferCount)],
                Training = training,
                Key = key with { Layer = number },
            };
            layers[i].ReferenceForward(pass);
            _passes.Add(pass);
            (parameter, buffer, x) = (parameter + parameterCount, buffer + bufferCount, pass.Y);
            number += (uint)layers[i].LayerCount;
        }
        return x;
    }

    /// <summary>All gradients, from that of the output of the last <see cref="Forward"/>; returns the input's.</summary>
    public T[] Backward(T[] dy)
    {
        if (_passes.Count == 0) return _dx = dy;
        dy.CopyTo(_passes[^1].DY, 0);
        for (int i = _passes.Count - 1; i >= 0; i--) layers[i].ReferenceBackward(_passes[i]);
        return _dx;
    }
}
