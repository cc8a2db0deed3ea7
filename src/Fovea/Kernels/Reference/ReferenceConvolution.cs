using System.Numerics;

namespace Fovea.Kernels.Reference;

/// <summary>
/// The plain twins of the convolution, linear and batch-norm kernels: straight loops over N x C x H x W, sums in double. They are the
/// definition that the fast kernels are tested against, and what is differentiated numerically (with T = double).
/// Notation: x [N][C][H][W], w [F][C/groups][kernel height][kernel width], y [N][F][H'][W'].
/// </summary>
internal static class ReferenceConvolution
{
    /// <summary>y = x * w + bias.</summary>
    public static void Forward<T>(in ConvGeometry geometry, int samples, ReadOnlySpan<T> x, ReadOnlySpan<T> w, ReadOnlySpan<T> bias, Span<T> y)
        where T : IBinaryFloatingPointIeee754<T>
    {
        Shape output = geometry.Output;
        int index = 0;
        for (int n = 0; n < samples; n++)
        {
            for (int f = 0; f < output.Channels; f++)
            {
                for (int oy = 0; oy < output.Height; oy++)
                {
                    for (int ox = 0; ox < output.Width; ox++, index++)
                    {
                        double sum = bias.IsEmpty ? 0 : double.CreateChecked(bias[f]);
                        foreach (var (pixel, tap) in new Taps(geometry, f, oy, ox))
                            sum += double.CreateChecked(x[n * geometry.Input.Count + pixel]) * double.CreateChecked(w[f * geometry.PatchSize + tap]);
                        y[index] = T.CreateChecked(sum);
                    }
                }
            }
        }
    }

    /// <summary>dx, dw and dbias from dy; empty spans are left out.</summary>
    public static void Backward<T>(in ConvGeometry geometry, int samples, ReadOnlySpan<T> x, ReadOnlySpan<T> w, ReadOnlySpan<T> dy,
        Span<T> dx, Span<T> dw, Span<T> dbias) where T : IBinaryFloatingPointIeee754<T>
    {
        Shape output = geometry.Output;
        double[] inputs = new double[dx.Length], weights = new double[dw.Length], biases = new double[dbias.Length];
        int index = 0;
        for (int n = 0; n < samples; n++)
        {
            for (int f = 0; f < output.Channels; f++)
            {
                for (int oy = 0; oy < output.Height; oy++)
                {
                    for (int ox = 0; ox < output.Width; ox++, index++)
                    {
                        double gradient = double.CreateChecked(dy[index]);
                        if (biases.Length > 0) biases[f] += gradient;
                        foreach (var (pixel, tap) in new Taps(geometry, f, oy, ox))
                        {
                            int input = n * geometry.Input.Count + pixel, weight = f * geometry.PatchSize + tap;
                            if (weights.Length > 0) weights[weight] += gradient * double.CreateChecked(x[input]);
                            if (inputs.Length > 0) inputs[input] += gradient * double.CreateChecked(w[weight]);
                        }
                    }
                }
            }
        }
        Copy(inputs, dx);
        Copy(weights, dw);
        Copy(biases, dbias);
    }

    internal static void Copy<T>(ReadOnlySpan<double> source, Span<T> target) where T : IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < target.Length; i++) target[i] = T.CreateChecked(source[i]);
    }

    /// <summary>Enumerates the pixels of one sample that one output sees, each with the weight that it meets; those on padding are left out.</summary>
    private struct Taps
    {
        private readonly WindowAxis _vertical, _horizontal;
        private readonly int _top, _left, _patch;
        private int _tap = -1, _channel, _kernelRow, _kernelColumn = -1;

        public Taps(in ConvGeometry geometry, int filter, int outputRow, int outputColumn)
        {
            (_vertical, _horizontal, _patch) = (geometry.Vertical, geometry.Horizontal, geometry.PatchSize);
            (_top, _left) = (_vertical.Pixel(outputRow, 0), _horizontal.Pixel(outputColumn, 0));
            _channel = filter / geometry.GroupFilters * geometry.GroupChannels;
        }

        public (int Pixel, int Tap) Current { get; private set; }
        public readonly Taps GetEnumerator() => this;

        public bool MoveNext()
        {
            while (++_tap < _patch)
            {
                if (++_kernelColumn == _horizontal.Kernel)
                {
                    _kernelColumn = 0;
                    if (++_kernelRow == _vertical.Kernel) (_kernelRow, _channel) = (0, _channel + 1);
                }
                int row = _top + _kernelRow * _vertical.Dilation, column = _left + _kernelColumn * _horizontal.Dilation;
                if (row < 0 || row >= _vertical.Input || column < 0 || column >= _horizontal.Input) continue;
                Current = ((_channel * _vertical.Input + row) * _horizontal.Input + column, _tap);
                return true;
            }
            return false;
        }
    }
}
