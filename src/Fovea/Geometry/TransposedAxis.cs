namespace Fovea;

/// <summary>
/// One axis of a transposed convolution, which undoes the sizes of a convolution: with input size n, kernel k, stride s, padding p,
/// dilation d and output padding a there are (n - 1) s - 2p + d(k - 1) + 1 + a outputs (Dumoulin and Visin 2016, relationship 14). The
/// convolution throws away s - 1 border pixels or fewer; the output padding says how many to give back.
/// </summary>
public readonly record struct TransposedAxis
{
    /// <summary>Checks and resolves one axis.</summary>
    /// <param name="input">Pixels of the input along this axis.</param>
    /// <param name="kernel">Taps of the window.</param>
    /// <param name="stride">Output pixels from one window to the next.</param>
    /// <param name="padding">Output pixels taken away at each end.</param>
    /// <param name="dilation">Pixels from one tap to the next.</param>
    /// <param name="outputPadding">Output pixels added at the far end; fewer than the stride or than the dilation (the rule of PyTorch).</param>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range.</exception>
    public TransposedAxis(int input, int kernel, int stride = 1, int padding = 0, int dilation = 1, int outputPadding = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(input, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(kernel, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        ArgumentOutOfRangeException.ThrowIfLessThan(dilation, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(outputPadding);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(outputPadding, Math.Max(stride, dilation));
        (Input, Kernel, Stride, Padding, Dilation, OutputPadding) = (input, kernel, stride, padding, dilation, outputPadding);
    }

    /// <summary>Pixels of the input.</summary>
    public int Input { get; }

    /// <summary>Taps of the window.</summary>
    public int Kernel { get; }

    /// <summary>Output pixels from one window to the next.</summary>
    public int Stride { get; }

    /// <summary>Output pixels taken away at each end.</summary>
    public int Padding { get; }

    /// <summary>Pixels from one tap to the next.</summary>
    public int Dilation { get; }

    /// <summary>Output pixels added at the far end.</summary>
    public int OutputPadding { get; }

    /// <summary>Pixels from a window's first tap to its last, both included: d(k-1)+1.</summary>
    public int Extent => checked(Dilation * (Kernel - 1) + 1);

    /// <summary>The most inputs that one output sees, as a window: those whose windows reach it.</summary>
    internal WindowAxis Window() => new(Input, Math.Min(Input, (Extent - 1) / Stride + 1));

    /// <summary>The outputs before any are taken away, where each input brings a stride of them or more (TensorFlow's padding "valid").</summary>
    internal int Untrimmed => checked(Input * Stride + Math.Max(0, Extent - Stride));

    /// <summary>The number of outputs; less than 1 when the padding takes all of them away.</summary>
    public int Output => checked((int)Pixels);

    /// <summary>The same number where it may be more than an integer holds.</summary>
    internal long Pixels => (Input - 1L) * Stride - 2L * Padding + (Dilation * (Kernel - 1L) + 1) + OutputPadding;
}
