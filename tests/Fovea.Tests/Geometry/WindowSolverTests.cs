using CsCheck;

namespace Fovea.Tests.Geometry;

public class WindowSolverTests
{
    private static readonly WindowQuestion s_plain = new()
    {
        Operation = WindowOperation.Convolution,
        Stride = 1,
        Padding = 0,
        Dilation = 1,
        OutputPadding = 0,
    };

    [Fact]
    public void A_kernel_is_found_between_two_sizes()
    {
        // LeNet-5's first convolution: 32 - k + 1 = 28.
        WindowAnswer answer = WindowSolver.Solve(s_plain with { Input = 32, Output = 28 });
        Assert.Equal([new WindowSolution(32, 5, 1, 0, 1, 0, 28, 0)], answer.Solutions);
    }

    [Fact]
    public void A_stride_of_two_leaves_several_kernels_and_says_what_the_floor_throws_away()
    {
        // floor((32 - 5) / 2) + 1 = floor((32 - 6) / 2) + 1 = 14; with kernel 5 the 32nd pixel is seen by no window.
        WindowAnswer answer = WindowSolver.Solve(s_plain with { Input = 32, Output = 14, Stride = 2 });
        Assert.Equal([(5, 1), (6, 0)], answer.Solutions.Select(s => (s.Kernel, s.Unused)));
    }

    [Fact]
    public void All_unknown_numbers_are_solved_for_at_once()
    {
        // 32 + 2p - k + 1 = 28 for stride 1: k = 5 + 2p. Stride 2 would need 54 <= 32 + 2p - k, more padding than a window covers.
        WindowAnswer answer = WindowSolver.Solve(s_plain with { Input = 32, Output = 28, Stride = null, Padding = null });
        Assert.Equal([(5, 1, 0), (7, 1, 1), (9, 1, 2), (11, 1, 3)], answer.Solutions.Select(s => (s.Kernel, s.Stride, s.Padding)));
    }

    [Fact]
    public void The_input_is_found_from_the_output()
    {
        // 2 (14 - 1) + 5 = 31, and one more pixel that the floor throws away.
        WindowAnswer answer = WindowSolver.Solve(s_plain with { Output = 14, Kernel = 5, Stride = 2 });
        Assert.Equal([31, 32], answer.Solutions.Select(s => s.Input));
    }

    [Fact]
    public void A_transposed_convolution_needs_an_output_padding_to_reach_an_even_size()
    {
        // 2 (14 - 1) - 2 * 2 + 5 + 1 = 28.
        WindowAnswer answer = WindowSolver.Solve(s_plain with
        {
            Operation = WindowOperation.Transposed,
            Input = 14,
            Output = 28,
            Kernel = 5,
            Stride = 2,
            Padding = null,
            OutputPadding = null,
        });
        Assert.Equal([(2, 1)], answer.Solutions.Select(s => (s.Padding, s.OutputPadding)));
    }

    [Fact]
    public void Without_a_solution_the_nearest_outputs_are_given()
    {
        WindowAnswer answer = WindowSolver.Solve(s_plain with { Input = 32, Output = 28, Stride = 2 });
        Assert.Empty(answer.Solutions);
        Assert.Equal([(1, 16), (2, 16), (3, 15)], answer.Nearest.Select(s => (s.Kernel, s.Output)));
        Assert.Equal((11, 16), (answer.SmallestOutput, answer.LargestOutput));
    }

    [Fact]
    public void The_solver_is_complete_against_counting_windows_one_by_one()
    {
        Gen<WindowQuestion> questions =
            from operation in Gen.Enum<WindowOperation>()
            from input in Gen.Int[1, 14]
            from output in Gen.Int[1, 14]
            from kernel in Unknown(Gen.Int[1, 5])
            from stride in Unknown(Gen.Int[1, 3])
            from padding in Unknown(Gen.Int[0, 3])
            from dilation in Unknown(Gen.Int[1, 2])
            from outputPadding in Unknown(Gen.Int[0, 2])
            from inputIsUnknown in Gen.Bool
            from ceil in Gen.Bool
            from strideIsKernel in Gen.Bool
            where !(operation == WindowOperation.Pooling && padding * 2 > kernel)
                && !(operation == WindowOperation.Transposed && outputPadding > 0 && stride is not null && dilation is not null && outputPadding >= Math.Max(stride.Value, dilation.Value))
            select new WindowQuestion
            {
                Operation = operation,
                Input = inputIsUnknown ? null : input,
                Output = output,
                Kernel = kernel,
                Stride = operation == WindowOperation.Pooling && strideIsKernel ? null : stride,
                StrideIsKernel = operation == WindowOperation.Pooling && strideIsKernel,
                Padding = padding,
                Dilation = operation == WindowOperation.Pooling ? 1 : dilation,
                OutputPadding = operation == WindowOperation.Transposed ? outputPadding : 0,
                CeilMode = operation == WindowOperation.Pooling && ceil,
            };
        questions.Sample(question =>
        {
            WindowBounds bounds = new(Kernel: 5, Stride: 3, Dilation: 2);
            var found = WindowSolver.Solve(question, bounds).Solutions.ToHashSet();
            var expected = BruteForce(question).ToHashSet();
            Assert.True(expected.SetEquals(found), $"{question}: missing {string.Join(", ", expected.Except(found))}; too many {string.Join(", ", found.Except(expected))}");
        }, iter: 300);
    }

    [Fact]
    public void Solutions_are_ordered_and_without_repetition() => Gen.Int[1, 30].Select(Gen.Int[1, 30]).Sample((input, output) =>
    {
        var solutions = WindowSolver.Solve(s_plain with { Input = input, Output = output, Stride = null, Padding = null, Dilation = null }).Solutions;
        var keys = solutions.Select(s => (s.Kernel, s.Stride, s.Dilation, s.Padding)).ToList();
        Assert.Equal(keys.Distinct().Order(), keys);
    }, iter: 200);

    [Fact]
    public void The_nearest_outputs_are_the_nearest_of_all() => Gen.Select(Gen.Int[1, 20], Gen.Int[1, 40], Gen.Int[1, 3]).Sample((input, output, stride) =>
    {
        WindowQuestion question = s_plain with { Input = input, Output = output, Stride = stride };
        WindowAnswer answer = WindowSolver.Solve(question);
        int[] outputs = [.. Enumerable.Range(1, 11).Select(kernel => Count(question, input, kernel, stride, 0, 1)).Where(count => count > 0)];
        if (outputs.Contains(output)) Assert.Empty(answer.Nearest);
        else Assert.Equal(outputs.Min(o => Math.Abs(o - output)), Math.Abs(answer.Nearest[0].Output - output));
    }, iter: 500);

    [Theory]
    [InlineData(null, null, 5, 1, 0, "neither the input nor the output is known")]
    [InlineData(0, 5, null, 1, 0, "input must be 1 to 100000, got 0")]
    [InlineData(32, 28, null, 0, 0, "stride must be 1 to 100000, got 0")]
    [InlineData(32, 28, null, 1, -1, "padding must be 0 to 100000, got -1")]
    public void A_question_out_of_range_is_refused(int? input, int? output, int? kernel, int? stride, int? padding, string message) =>
        Assert.Contains(message, Assert.Throws<ShapeException>(() =>
            WindowSolver.Solve(s_plain with { Input = input, Output = output, Kernel = kernel, Stride = stride, Padding = padding })).Message);

    [Fact]
    public void Too_much_to_try_is_refused() => Assert.Contains("too much to try", Assert.Throws<ShapeException>(() =>
        WindowSolver.Solve(s_plain with { Input = 32, Output = 28, Stride = null, Padding = null }, new WindowBounds(Kernel: 100_000, Stride: 100_000))).Message);

    private static Gen<int?> Unknown(Gen<int> known) => Gen.Select(known, Gen.Bool, (value, unknown) => unknown ? (int?)null : value);

    private static IEnumerable<WindowSolution> BruteForce(WindowQuestion q)
    {
        foreach (int kernel in Range(q.Kernel, 1, 5))
            foreach (int stride in q.StrideIsKernel ? [kernel] : Range(q.Stride, 1, 3))
                foreach (int dilation in Range(q.Dilation, 1, kernel == 1 ? 1 : 2))
                    foreach (int padding in Range(q.Padding, 0, q.Operation == WindowOperation.Pooling ? kernel / 2 : dilation * (kernel - 1)))
                        foreach (int outputPadding in Range(q.OutputPadding, 0, Math.Max(stride, dilation) - 1))
                            foreach (int input in Range(q.Input, 1, 80))
                            {
                                if (q.Operation == WindowOperation.Pooling && 2 * padding > kernel) continue;
                                bool transposed = q.Operation == WindowOperation.Transposed;
                                if (outputPadding > 0 && (!transposed || outputPadding >= Math.Max(stride, dilation))) continue;
                                int count = transposed ? Spread(input, kernel, stride, padding, dilation) + outputPadding : Count(q, input, kernel, stride, padding, dilation);
                                if (count < 1 || count != q.Output) continue;
                                int unused = transposed ? 0 : input + padding - 1 - ((count - 1) * stride - padding + (kernel - 1) * dilation);
                                yield return new WindowSolution(input, kernel, stride, padding, dilation, outputPadding, count, unused);
                            }
    }

    private static IEnumerable<int> Range(int? known, int first, int last) => known is { } value ? [value] : Enumerable.Range(first, last - first + 1);

    // Windows one after the other, from the padding before the first pixel to the padding after the last.
    private static int Count(WindowQuestion q, int input, int kernel, int stride, int padding, int dilation)
    {
        int count = 0, last = input + padding - 1;
        for (int start = -padding; ; start += stride, count++)
        {
            int end = start + (kernel - 1) * dilation;
            bool fits = end <= last;
            // In ceil mode one window may hang over, when the one before it left pixels and it starts on the input or the near padding.
            bool hangs = q.CeilMode && count > 0 && start - stride + (kernel - 1) * dilation < last && start < input;
            if (!fits && !hangs) return count;
        }
    }

    // The outputs that the windows of a transposed convolution write to, less the padding.
    private static int Spread(int input, int kernel, int stride, int padding, int dilation) =>
        Enumerable.Range(0, input).SelectMany(i => Enumerable.Range(0, kernel).Select(tap => i * stride + tap * dilation)).Max() + 1 - 2 * padding;
}
