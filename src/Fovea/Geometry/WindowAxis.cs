namespace Fovea;

/// <summary>
/// One axis of a sliding window (convolution or pooling): every formula with a stride in it is here. With input size n, kernel k,
/// stride s, padding p and dilation d, the window covers d(k-1)+1 pixels and there are floor((n + 2p - d(k-1) - 1) / s) + 1 outputs
/// (Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, relationships 6 and 13).
/// </summary>
public readonly record struct WindowAxis
{
    /// <summary>Checks and resolves one axis.</summary>
    /// <param name="input">Pixels of the input along this axis.</param>
    /// <param name="kernel">Taps of the window.</param>
    /// <param name="stride">Pixels from one window to the next.</param>
    /// <param name="padding">Pixels added at each end.</param>
    /// <param name="dilation">Pixels from one tap to the next.</param>
    /// <param name="ceilMode">Rounds the number of outputs up, as pooling may: a last window may hang over the far end, but must start
    /// inside the input or the near padding (the rule of PyTorch).</param>
    /// <param name="endPadding">Pixels added at the far end, where they are not as many as at the near one.</param>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range.</exception>
    public WindowAxis(int input, int kernel, int stride = 1, int padding = 0, int dilation = 1, bool ceilMode = false, int? endPadding = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(input, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(kernel, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        ArgumentOutOfRangeException.ThrowIfLessThan(dilation, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(endPadding ?? 0, nameof(endPadding));
        (Input, Kernel, Stride, Padding, Dilation, CeilMode, EndPadding) = (input, kernel, stride, padding, dilation, ceilMode, endPadding ?? padding);
        Output = CountWindows();
    }

    /// <summary>Pixels of the input.</summary>
    public int Input { get; }

    /// <summary>Taps of the window.</summary>
    public int Kernel { get; }

    /// <summary>Pixels from one window to the next.</summary>
    public int Stride { get; }

    /// <summary>Pixels added at each end, or at the near one where <see cref="EndPadding"/> differs.</summary>
    public int Padding { get; }

    /// <summary>Pixels added at the far end: as many as at the near one in all layers; other programs may differ.</summary>
    public int EndPadding { get; }

    /// <summary>Pixels from one tap to the next.</summary>
    public int Dilation { get; }

    /// <summary>Whether the number of outputs is rounded up.</summary>
    public bool CeilMode { get; }

    /// <summary>Pixels from a window's first tap to its last, both included: d(k-1)+1.</summary>
    public int Extent => checked(Dilation * (Kernel - 1) + 1);

    /// <summary>Whether at least one window fits.</summary>
    public bool Fits => Extent <= Padded;

    /// <summary>Pixels of the padded input.</summary>
    internal long Padded => (long)Input + Padding + EndPadding;

    /// <summary>The number of windows; 0 when none fits.</summary>
    public int Output { get; }

    /// <summary>Whether ceil mode counts a last window that starts in the far padding and therefore is dropped.</summary>
    internal bool DropsLastWindow => Fits && StartsInFarPadding(Output);

    /// <summary>By how many pixels the padded input is longer than the window: how far the window can move.</summary>
    public long Slack => Padded - Extent;

    /// <summary>Pixels of the padded input after the last window, which no window covers because the division is rounded down; negative
    /// when the last window hangs over the end, as in ceil mode.</summary>
    public int Unused => checked((int)(Slack - (Output - 1L) * Stride));

    /// <summary>The padding that the last window asks for at the far end: more than there is where it hangs over.</summary>
    internal int FarPadding => EndPadding + Math.Max(0, -Unused);

    /// <summary>The input pixel under a window's tap; it lies in the padding when negative or not below <see cref="Input"/>.</summary>
    public int Pixel(int output, int tap) => output * Stride - Padding + tap * Dilation;

    /// <summary>The first window that covers an input pixel (of an undilated window).</summary>
    internal int FirstOutputAt(int pixel) => Math.Max(0, FloorDivide(pixel + Padding - Kernel, Stride) + 1);

    /// <summary>The last window that covers an input pixel (of an undilated window).</summary>
    internal int LastOutputAt(int pixel) => Math.Min(Output - 1, (pixel + Padding) / Stride);

    /// <summary>The taps of a window that lie on the input, not on the padding: [first, end); end is first where none does.</summary>
    internal (int First, int End) TapsInside(int output)
    {
        int start = Pixel(output, 0);
        int first = Math.Min(Kernel, CeilingDivide(Math.Max(0, -start), Dilation));
        return (first, Math.Clamp(CeilingDivide(Math.Max(0, Input - start), Dilation), first, Kernel));
    }

    /// <summary>The taps that lie on the input in at least one of the windows [first, last], which are neighbours.</summary>
    internal (int First, int End) TapsInside(int first, int last) => (TapsInside(last).First, Math.Max(TapsInside(last).First, TapsInside(first).End));

    /// <summary>The windows, cut into runs that have the same taps on the input.</summary>
    internal WindowRun[] WindowRuns()
    {
        var runs = new List<WindowRun>();
        for (int output = 0; output < Output;)
        {
            var (first, end) = TapsInside(output);
            int count = 1;
            while (output + count < Output && TapsInside(output + count) == (first, end)) count++;
            runs.Add(new WindowRun(output, count, Pixel(output, first), first, end - first));
            output += count;
        }
        return [.. runs];
    }

    /// <summary>The pixels, cut into runs of pixels a stride apart that lie at the same taps of as many windows (of an undilated window); the
    /// windows of the next pixel of a run are those of the last, moved by one.</summary>
    internal PixelRun[] PixelRuns()
    {
        var runs = new List<PixelRun>();
        for (int phase = 0; phase < Math.Min(Stride, Input); phase++)
        {
            for (int pixel = phase; pixel < Input;)
            {
                int first = FirstOutputAt(pixel), windows = LastOutputAt(pixel) - first + 1, count = 1;
                for (int next = pixel + Stride; next < Input; next += Stride, count++)
                {
                    if (FirstOutputAt(next) != first + count || LastOutputAt(next) != first + count + windows - 1) break;
                }
                runs.Add(new PixelRun(pixel, count, first, Math.Max(0, windows), pixel - Pixel(first, 0)));
                pixel += count * Stride;
            }
        }
        return [.. runs];
    }

    /// <summary>How many pixels of the padded input a window covers; less than the kernel where ceil mode hangs over the end.</summary>
    internal int PaddedTaps(int output) => Math.Min(Kernel, CeilingDivide(Input + EndPadding - Pixel(output, 0), Dilation));

    /// <summary>The padding, of both ends together, with which there is a window at every stride-th pixel ("same" in other programs).</summary>
    internal static int SamePadding(int input, int kernel, int stride, int dilation) =>
        (int)Math.Clamp((CeilingDivide(input, stride) - 1L) * stride + (dilation * (kernel - 1L) + 1) - input, 0, int.MaxValue / 2);

    /// <summary>
    /// Which taps and outputs meet in the input pixels <paramref name="phase"/>, phase + s, phase + 2s, ...: the gather form of the
    /// transposed convolution. The t-th of these pixels meets tap FirstTap + j TapStep at output t + FirstOutput - j OutputStep, for j
    /// from 0 to Taps - 1. It follows from o s - p + k d = phase + t s.
    /// </summary>
    internal BackwardPhase Backward(int phase)
    {
        int divisor = (int)System.Numerics.BigInteger.GreatestCommonDivisor(Dilation, Stride);
        int tapStep = Stride / divisor;
        int pixels = phase < Input ? (Input - 1 - phase) / Stride + 1 : 0;
        for (int tap = 0; tap < Math.Min(tapStep, Kernel); tap++)
        {
            int offset = phase + Padding - tap * Dilation;
            if (offset % Stride == 0)
                return new BackwardPhase(pixels, tap, (Kernel - 1 - tap) / tapStep + 1, tapStep, offset / Stride, Dilation / divisor);
        }
        return new BackwardPhase(pixels, 0, 0, tapStep, 0, 0);
    }

    /// <summary>How far the gather of <see cref="Backward"/> reaches before the first and after the last output: zeros must lie there.</summary>
    internal (int Before, int After) BackwardMargin
    {
        get
        {
            int before = 0, after = 0;
            for (int phase = 0; phase < Math.Min(Stride, Input); phase++)
            {
                BackwardPhase p = Backward(phase);
                if (p.Taps == 0) continue;
                before = Math.Max(before, (p.Taps - 1) * p.OutputStep - p.FirstOutput);
                after = Math.Max(after, p.Pixels - 1 + p.FirstOutput - (Output - 1));
            }
            return (before, after);
        }
    }

    private int CountWindows()
    {
        if (!Fits) return 0;
        long output = (CeilMode ? (Slack + Stride - 1) / Stride : Slack / Stride) + 1;
        return checked((int)(StartsInFarPadding(output - 1) ? output - 1 : output));
    }

    // Only ceil mode counts windows that far.
    private bool StartsInFarPadding(long window) => CeilMode && Slack > (window - 1) * Stride && window * Stride >= Input + (long)Padding;

    private static int CeilingDivide(int a, int b) => (a + b - 1) / b;

    private static int FloorDivide(int a, int b) => a >= 0 ? a / b : -((b - 1 - a) / b);
}

/// <summary>See <see cref="WindowAxis.Backward"/>.</summary>
internal readonly record struct BackwardPhase(int Pixels, int FirstTap, int Taps, int TapStep, int FirstOutput, int OutputStep)
{
    /// <summary>The taps, counted from 0 to <see cref="Taps"/> - 1, that meet one of so many outputs in at least one of the pixels
    /// [first, last]: [From, End).</summary>
    public (int From, int End) TapsInside(int first, int last, int outputs)
    {
        if (Taps == 0) return (0, 0);
        // Tap j of pixel t meets output t + FirstOutput - j OutputStep.
        int nearest = last + FirstOutput, beyond = Math.Max(0, first + FirstOutput - outputs + 1);
        int from = Math.Min(Taps, (beyond + OutputStep - 1) / OutputStep);
        return (from, Math.Clamp(nearest < 0 ? 0 : nearest / OutputStep + 1, from, Taps));
    }

    /// <summary>The pixels, cut into runs that meet the same taps at one of so many outputs.</summary>
    public PhaseRun[] Runs(int outputs)
    {
        var runs = new List<PhaseRun>();
        for (int pixel = 0; pixel < Pixels;)
        {
            var taps = TapsInside(pixel, pixel, outputs);
            int count = 1;
            while (pixel + count < Pixels && TapsInside(pixel + count, pixel + count, outputs) == taps) count++;
            runs.Add(new PhaseRun(pixel, count, taps.From, taps.End - taps.From));
            pixel += count;
        }
        return [.. runs];
    }
}

/// <summary>See <see cref="BackwardPhase.Runs"/>: the first pixel, how many, the first tap that they meet, how many taps.</summary>
internal readonly record struct PhaseRun(int First, int Count, int FirstTap, int Taps);

/// <summary>See <see cref="WindowAxis.WindowRuns"/>: the first window, how many, the pixel under the first tap, its number, how many taps.</summary>
internal readonly record struct WindowRun(int First, int Count, int Pixel, int FirstTap, int Taps);

/// <summary>See <see cref="WindowAxis.PixelRuns"/>: the first pixel, how many, its first window, how many windows, its tap of the first.</summary>
internal readonly record struct PixelRun(int First, int Count, int FirstWindow, int Windows, int Tap);
