namespace Fovea;

/// <summary>Finds what is not known of a window: all whole numbers within bounds, by trying them on the geometry itself.</summary>
public static class WindowSolver
{
    /// <summary>The largest number that may be asked about, so that no formula overflows.</summary>
    private const int Largest = 100_000;

    private const int MostCandidates = 10_000_000, MostNearest = 3;

    /// <summary>Solves a question. Without an output that was asked for, the output is what is found.</summary>
    /// <exception cref="ShapeException">A number is out of its range, input and output are both unknown, or too much is to be tried.</exception>
    public static WindowAnswer Solve(WindowQuestion question, WindowBounds? bounds = null)
    {
        ArgumentNullException.ThrowIfNull(question);
        bounds ??= new WindowBounds();
        Check(question, bounds);
        var solutions = new List<WindowSolution>();
        var nearest = new List<WindowSolution>();
        int smallest = int.MaxValue, largest = 0;
        foreach (WindowSolution candidate in Candidates(question, bounds))
        {
            if (candidate.Output < 1) continue;
            if (question.Output is not { } wanted || candidate.Output == wanted)
            {
                solutions.Add(candidate);
                continue;
            }
            // The input that fits is computed from the output, so that other outputs say nothing about what can be reached.
            if (question.Input is not null) (smallest, largest) = (Math.Min(smallest, candidate.Output), Math.Max(largest, candidate.Output));
            int distance = Math.Abs(candidate.Output - wanted);
            int place = nearest.FindIndex(n => Math.Abs(n.Output - wanted) > distance);
            if (place >= 0) nearest.Insert(place, candidate);
            else if (nearest.Count < MostNearest) nearest.Add(candidate);
            if (nearest.Count > MostNearest) nearest.RemoveAt(MostNearest);
        }
        foreach (WindowSolution solution in solutions) (smallest, largest) = (Math.Min(smallest, solution.Output), Math.Max(largest, solution.Output));
        return new WindowAnswer(question, bounds, solutions, solutions.Count == 0 ? nearest : [],
            largest == 0 ? null : smallest, largest == 0 ? null : largest)
        {
            Likely = question.Output is null || solutions.Count < 2 ? null : solutions.MinBy(solution => Oddity(question, solution)),
        };
    }

    /// <summary>How far a window is from what people use: odd kernels of 3 and more that keep the size or have no padding, poolings by 2 or
    /// overlapping ones of 3, strides that leave no pixel out, nothing thrown away.</summary>
    internal static double Oddity(WindowQuestion question, WindowSolution window)
    {
        bool pooling = question.Operation == WindowOperation.Pooling;
        int same = window.Dilation * (window.Kernel - 1) / 2;
        double oddity = 10 * (window.Dilation - 1) + (window.Stride > window.Kernel ? 20 : 0) + 2 * Math.Abs(window.Stride - (pooling ? 2 : 1)) + (window.Unused == 0 ? 0 : 0.5)
            + 0.1 * window.Kernel + 0.1 * window.OutputPadding;
        // A transposed convolution by 2 is as usual with the even kernel 4, which covers every pixel as often.
        if (pooling) oddity += (window.Kernel is 2 or 3 ? 0 : window.Kernel % 2 == 1 ? 4 : 6) + (window.Padding == 0 ? 0 : 3);
        else oddity += (window.Kernel % 2 == 1 || window is { Kernel: 2 or 4, Stride: 2 } && question.Operation == WindowOperation.Transposed ? 0 : 6) + (window.Kernel == 1 ? 8 : 0)
            + (window.Padding == same ? 0 : window.Padding == 0 ? 1 : 5);
        return oddity;
    }

    // Every combination, in the order of the answer.
    private static IEnumerable<WindowSolution> Candidates(WindowQuestion question, WindowBounds bounds)
    {
        bool transposed = question.Operation == WindowOperation.Transposed;
        foreach (int kernel in Values(question.Kernel, 1, bounds.Kernel))
        {
            foreach (int stride in question.StrideIsKernel ? [kernel] : Values(question.Stride, 1, bounds.Stride))
            {
                // One tap has no neighbour to keep a distance from.
                foreach (int dilation in Values(question.Dilation, 1, kernel == 1 ? 1 : bounds.Dilation))
                {
                    int largestPadding = question.Operation == WindowOperation.Pooling ? kernel / 2 : dilation * (kernel - 1);
                    foreach (int padding in Values(question.Padding, 0, Math.Min(bounds.Padding ?? largestPadding, largestPadding)))
                    {
                        if (question.Operation == WindowOperation.Pooling && padding > largestPadding) continue;
                        int largestOutputPadding = transposed ? Math.Max(stride, dilation) - 1 : 0;
                        foreach (int outputPadding in Values(question.OutputPadding, 0, largestOutputPadding))
                        {
                            if (outputPadding > largestOutputPadding) continue;
                            var window = new WindowSolution(0, kernel, stride, padding, dilation, outputPadding, 0, 0);
                            foreach (int input in question.Input is { } known ? [known] : Inputs(question, window)) yield return Resolve(question, window, input);
                        }
                    }
                }
            }
        }
    }

    private static IEnumerable<int> Values(int? known, int first, int last) => known is { } value ? [value] : Enumerable.Range(first, Math.Max(0, last - first + 1));

    // The inputs that give the wanted output lie near the one that a division without rounding gives.
    private static IEnumerable<int> Inputs(WindowQuestion question, WindowSolution window)
    {
        long output = question.Output!.Value, extent = Extent(window);
        long middle = question.Operation == WindowOperation.Transposed
            ? (output + 2L * window.Padding - extent - window.OutputPadding) / window.Stride + 1
            : (output - 1) * window.Stride + extent - 2L * window.Padding;
        if (middle + window.Stride > int.MaxValue)
            throw new ShapeException($"an output of {Text(output)} would need an input of {Text(middle)} pixels, and more than {Text(int.MaxValue)} cannot be", "Use a smaller output, kernel, stride or dilation");
        long first = Math.Max(1, middle - window.Stride), last = Math.Max(1, middle + window.Stride);
        // Where none gives it, the nearest are told.
        bool any = false;
        for (long input = first; input <= last; input++)
        {
            if (Resolve(question, window, (int)input).Output != output) continue;
            any = true;
            yield return (int)input;
        }
        if (any) yield break;
        foreach (long input in (long[])[middle, middle + 1]) if (input is >= 1 and <= int.MaxValue) yield return (int)input;
        if (middle < 0) yield return 1;
    }

    private static long Extent(WindowSolution window) => (long)window.Dilation * (window.Kernel - 1) + 1;

    private static WindowSolution Resolve(WindowQuestion question, WindowSolution window, int input)
    {
        if (question.Operation == WindowOperation.Transposed)
        {
            var transposed = new TransposedAxis(input, window.Kernel, window.Stride, window.Padding, window.Dilation, window.OutputPadding);
            if (transposed.Pixels > int.MaxValue)
            {
                // Looked for, it is no solution.
                if (question.Output is not null) return window with { Input = input };
                throw new ShapeException($"the output would have {Text(transposed.Pixels)} pixels, and more than {Text(int.MaxValue)} cannot be", "Use a smaller input, kernel, stride or dilation");
            }
            return window with { Input = input, Output = transposed.Output };
        }
        // So long a window fits no input.
        if (Extent(window) > int.MaxValue) return window with { Input = input };
        var axis = new WindowAxis(input, window.Kernel, window.Stride, window.Padding, window.Dilation, question.CeilMode);
        return window with { Input = input, Output = axis.Output, Unused = axis.Output == 0 ? 0 : axis.Unused };
    }

    private static string Text(long value) => value.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);

    private static void Check(WindowQuestion question, WindowBounds bounds)
    {
        if (question.Input is null && question.Output is null)
            throw new ShapeException("neither the input nor the output is known", "Give one of them");
        foreach (var (name, value, least) in (ReadOnlySpan<(string, int?, int)>)
        [
            ("input", question.Input, 1), ("output", question.Output, 1), ("kernel", question.Kernel, 1), ("stride", question.Stride, 1),
            ("padding", question.Padding, 0), ("dilation", question.Dilation, 1), ("output padding", question.OutputPadding, 0),
            ("the largest padding", bounds.Padding, 0), ("the largest kernel", bounds.Kernel, 1), ("the largest stride", bounds.Stride, 1), ("the largest dilation", bounds.Dilation, 1),
        ])
        {
            if (value < least || value > Largest) throw new ShapeException($"{name} must be {least} to {Largest}, got {value}", "Use a number in that range");
        }
        if (question is { Operation: WindowOperation.Pooling, Padding: { } padding, Kernel: { } kernel } && 2 * padding > kernel)
            throw new ShapeException($"padding {padding} is more than half of the kernel {kernel}", "Use a smaller padding, so that no window lies on padding alone");
        if (question is { OutputPadding: > 0, Operation: not WindowOperation.Transposed })
            throw new ShapeException("only a transposed convolution has an output padding", "Leave it out");
        if (question is { OutputPadding: { } outputPadding, Stride: { } stride, Dilation: { } dilation } && outputPadding > 0 && outputPadding >= Math.Max(stride, dilation))
            throw new ShapeException($"output padding {outputPadding} must be smaller than the stride {stride} or the dilation {dilation}", "Use a smaller output padding");
        int kernels = question.Kernel ?? bounds.Kernel, strides = question.StrideIsKernel ? kernels : question.Stride ?? bounds.Stride, dilations = question.Dilation ?? bounds.Dilation;
        double candidates = (question.Kernel is null ? kernels : 1) * (double)(question.Stride is null && !question.StrideIsKernel ? strides : 1)
            * (question.Dilation is null ? dilations : 1) * (question.Padding is null ? Math.Min(bounds.Padding ?? Largest, (double)dilations * kernels) : 1)
            * (question.OutputPadding is null ? Math.Max(strides, dilations) : 1) * (question.Input is null ? 2 * strides : 1);
        if (candidates > MostCandidates)
            throw new ShapeException("there is too much to try", "Ask for fewer numbers at once, or lower the largest kernel, stride or dilation");
    }
}
