using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>What a window does with its input.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WindowOperation>))]
public enum WindowOperation
{
    /// <summary>See <see cref="Conv2D"/>.</summary>
    [JsonStringEnumMemberName("convolution")]
    Convolution,

    /// <summary>See <see cref="MaxPool2D"/> and <see cref="AvgPool2D"/>: the padding is at most half of the kernel.</summary>
    [JsonStringEnumMemberName("pooling")]
    Pooling,

    /// <summary>See <see cref="TransposedAxis"/>.</summary>
    [JsonStringEnumMemberName("transposed")]
    Transposed,
}

/// <summary>One axis of a window of which some numbers are not known: null is what <see cref="WindowSolver"/> looks for.</summary>
public sealed record WindowQuestion
{
    /// <summary>What the window does.</summary>
    public required WindowOperation Operation { get; init; }

    /// <summary>Pixels of the input.</summary>
    public int? Input { get; init; }

    /// <summary>Pixels of the output.</summary>
    public int? Output { get; init; }

    /// <summary>Taps of the window.</summary>
    public int? Kernel { get; init; }

    /// <summary>Pixels from one window to the next.</summary>
    public int? Stride { get; init; }

    /// <summary>Whether the stride is always the kernel's size, as in a pooling without a stride of its own.</summary>
    public bool StrideIsKernel { get; init; }

    /// <summary>Pixels added at each end; of a transposed convolution, taken away.</summary>
    public int? Padding { get; init; }

    /// <summary>Pixels from one tap to the next.</summary>
    public int? Dilation { get; init; }

    /// <summary>Pixels added at the far end of a transposed convolution's output; 0 for the other operations.</summary>
    public int? OutputPadding { get; init; }

    /// <summary>Whether the number of outputs is rounded up, as pooling may.</summary>
    public bool CeilMode { get; init; }
}

/// <summary>How far <see cref="WindowSolver"/> looks for what is not known.</summary>
/// <param name="Kernel">The largest kernel.</param>
/// <param name="Stride">The largest stride.</param>
/// <param name="Padding">The largest padding, if there is a bound. It never is so large that a window sees padding alone: below d(k-1)+1, and for pooling at
/// most half of the kernel.</param>
/// <param name="Dilation">The largest dilation.</param>
public sealed record WindowBounds(int Kernel = 11, int Stride = 4, int? Padding = null, int Dilation = 3);

/// <summary>Numbers that answer a <see cref="WindowQuestion"/>.</summary>
/// <param name="Input">Pixels of the input.</param>
/// <param name="Kernel">Taps of the window.</param>
/// <param name="Stride">Pixels from one window to the next.</param>
/// <param name="Padding">Pixels at each end.</param>
/// <param name="Dilation">Pixels from one tap to the next.</param>
/// <param name="OutputPadding">Pixels added at the far end of a transposed convolution's output.</param>
/// <param name="Output">Pixels of the output.</param>
/// <param name="Unused">See <see cref="WindowAxis.Unused"/>: border pixels of the padded input that are thrown away.</param>
public sealed record WindowSolution(int Input, int Kernel, int Stride, int Padding, int Dilation, int OutputPadding, int Output, int Unused);

/// <summary>All solutions of a question.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Bounds">How far was looked.</param>
/// <param name="Solutions">All solutions within the bounds, the smallest kernel first, then by stride, padding, dilation.</param>
/// <param name="Nearest">When there is none: what comes nearest to the output that was asked for.</param>
/// <param name="SmallestOutput">The smallest output that can be reached within the bounds; null when no window fits at all.</param>
/// <param name="LargestOutput">The largest.</param>
public sealed record WindowAnswer(WindowQuestion Question, WindowBounds Bounds, IReadOnlyList<WindowSolution> Solutions,
    IReadOnlyList<WindowSolution> Nearest, int? SmallestOutput, int? LargestOutput)
{
    /// <summary>Of several solutions the one that is most usual: an odd kernel of 3 or more that keeps the size or has no padding, a small stride,
    /// a pooling by 2 or of 3. The sizes alone do not say that it was meant.</summary>
    public WindowSolution? Likely { get; init; }
}
