using System.Numerics;

namespace Fovea;

/// <summary>
/// A model run on the reference kernels, layer by layer over plain arrays in PyTorch's layout. With T = double it is what derivatives are
/// checked on; with T = float it stands in for the fast kernels.
/// </summary>
internal sealed class ReferenceNetwork<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReferenceSequence<T> _layers;

    /// <summary>Takes parameters and buffers from a network (they are copied).</summary>
    public ReferenceNetwork(Network network, int samples, bool training, ulong seed = 0, uint step = 0)
    {
        Parameters = Copy(network.ParameterMemory);
        Buffers = Copy(network.BufferMemory);
        Gradients = [.. Parameters.Select(layer => (T[][])[.. layer.Select(p => new T[p.Length])])];
        _layers = new ReferenceSequence<T>(network.Model.Layers, network.Model.Shapes, samples, training, new DropoutKey(seed, 0, step),
            [.. Parameters.SelectMany(layer => layer)], [.. Gradients.SelectMany(layer => layer)], [.. Buffers.SelectMany(layer => layer)]);
    }

    /// <summary>By layer, then by parameter.</summary>
    public T[][][] Parameters { get; }
    public T[][][] Gradients { get; }
    public T[][][] Buffers { get; }

    /// <summary>The gradient of the input, after <see cref="Backward"/>.</summary>
    public T[] InputGradient => _layers.InputGradient;

    /// <summary>The output of a layer, after <see cref="Forward"/>.</summary>
    public T[] Output(int layer) => _layers.Output(layer);

    /// <summary>The outputs of all layers by their numbers, those inside a block before it, after <see cref="Forward"/>.</summary>
    public IEnumerable<(int Layer, T[] Output)> Outputs => _layers.Outputs;

    /// <summary>The output for an input of N x C x H x W.</summary>
    public T[] Forward(T[] x) => _layers.Forward(x);

    /// <summary>All gradients, from that of the output of the last <see cref="Forward"/>.</summary>
    public void Backward(T[] dy) => _layers.Backward(dy);

    /// <summary>The sum of the samples' losses, and the gradient of their mean: of the sum divided by the terms.</summary>
    public static (double Sum, T[] Gradient) Loss(Loss loss, Shape output, double terms, T[] y, Func<int, int> label, Func<int, int, float> target)
    {
        int outputs = output.Count, samples = y.Length / outputs;
        var gradient = new T[y.Length];
        double sum = 0, scale = terms > 0 ? 1.0 / terms : 0;
        double[] values = new double[outputs], targets = new double[outputs], derivatives = new double[outputs];
        for (int n = 0; n < samples; n++)
        {
            for (int i = 0; i < outputs; i++)
            {
                values[i] = double.CreateChecked(y[n * outputs + i]);
                targets[i] = loss.TargetsAreClasses ? 0 : target(n, i);
            }
            double weight = loss.IsWeighted ? loss.FactorOf(label(n)) : 1;
            sum += weight * loss.Reference(values, loss.TargetsAreClasses ? label(n) : -1, targets, derivatives);
            for (int i = 0; i < outputs; i++) gradient[n * outputs + i] = T.CreateChecked(weight * derivatives[i] * scale);
        }
        return (sum, gradient);
    }

    private static T[][][] Copy(ParameterArena arena) =>
    [
        .. Enumerable.Range(0, arena.Layers).Select(layer => (T[][])
        [
            .. arena.Entries.Where(e => e.Layer == layer)
                .Select(e => (T[])[.. ParameterArena.Read(arena.Span, e).Select(value => T.CreateChecked(value))]),
        ]),
    ];
}
