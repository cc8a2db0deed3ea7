namespace Fovea.Tests.Explain;

public class WindowExplanationTests
{
    private static readonly WindowQuestion s_plain = new()
    {
        Operation = WindowOperation.Convolution,
        Input = 32,
        Output = 28,
        Stride = 1,
        Padding = 0,
        Dilation = 1,
        OutputPadding = 0,
    };

    [Fact]
    public void The_output_of_a_strided_convolution_is_derived() => Assert.Equal("""
        rows
          Input n = 28, kernel k = 5, stride s = 2, padding p = 2.
          The window starts at every s-th pixel of the padded input at which it fits.
            n′ = ⌊(n + 2p - k) / s⌋ + 1
               = ⌊(28 + 2 · 2 - 5) / 2⌋ + 1
               = ⌊27/2⌋ + 1
               = 14
          The division leaves a remainder: the floor throws away 1 pixel at the far border, nothing but
          padding.
            r = n + 2p - k - (n′ - 1)s
              = 27 - 13 · 2
              = 1

        """, WindowExplanation.Output(new WindowAxis(28, 5, 2, 2), "rows").ToText());

    [Fact]
    public void The_kernel_of_a_convolution_is_derived() => Assert.Equal("""
        rows
          Input n = 32, stride s = 1, padding p = 0, output n′ = 28; not known: kernel k.
          The output is counted by
            n′ = ⌊(n + 2p - k) / s⌋ + 1
            28 = ⌊(32 + 2 · 0 - k) / 1⌋ + 1
          So what is divided lies between two multiples of the stride.
               s(n′ - 1) ≤ n + 2p - k < sn′
            1 · (28 - 1) ≤ 32 + 2 · 0 - k < 1 · 28
          With stride 1 this leaves one kernel.
            k = n + 2p - n′ + 1
              = 32 + 2 · 0 - 28 + 1
              = 5
          One solution with kernel at most 11:
            kernel  stride  padding  output  border pixels thrown away
            ──────  ──────  ───────  ──────  ─────────────────────────
                 5       1        0      28                          0

        """, Text(s_plain));

    [Theory]
    [InlineData(28, 2, "no kernel gives an output of 28 with kernel at most 11; the outputs within reach lie from 11 to 16. Nearest:")]
    [InlineData(40, 1, "no kernel gives an output of 40 with kernel at most 11; the outputs within reach lie from 22 to 32. Nearest:")]
    public void Why_there_is_no_solution_is_said(int output, int stride, string expected) =>
        Assert.Contains(expected, Text(s_plain with { Output = output, Stride = stride }).Replace("\n  ", " "));

    [Fact]
    public void An_output_that_is_jumped_over_is_said() => Assert.Contains("from 2 to 32, but this one is jumped over",
        Text(s_plain with { Operation = WindowOperation.Pooling, Output = 14, Stride = null, StrideIsKernel = true }).Replace("\n  ", " "));

    [Fact]
    public void Every_kind_of_question_has_a_derivation_that_can_be_drawn()
    {
        int?[] some = [null, 3];
        foreach (WindowOperation operation in Enum.GetValues<WindowOperation>())
            foreach (int? input in (int?[])[null, 20])
                foreach (int? output in (int?[])[null, 9])
                    foreach (int? kernel in some)
                        foreach (int? stride in (int?[])[null, 2])
                            foreach (int? padding in (int?[])[null, 1])
                                foreach (bool ceil in (bool[])[false, true])
                                {
                                    if (input is null && output is null) continue;
                                    WindowAnswer answer = WindowSolver.Solve(new WindowQuestion
                                    {
                                        Operation = operation,
                                        Input = input,
                                        Output = output,
                                        Kernel = kernel,
                                        Stride = stride,
                                        Padding = padding,
                                        Dilation = 1,
                                        OutputPadding = 0,
                                        CeilMode = ceil && operation == WindowOperation.Pooling,
                                    }, new WindowBounds(Kernel: 5, Stride: 3));
                                    Derivation derivation = WindowExplanation.Solution(answer, "rows");
                                    Assert.NotEmpty(derivation.ToText());
                                    Assert.NotEmpty(derivation.ToHtml());
                                }
    }

    [Fact]
    public void A_dropped_last_window_of_ceil_mode_is_derived()
    {
        // ceil((5 + 2 - 2) / 2) + 1 = 4, but the fourth window starts at pixel 3 * 2 - 1 = 5, behind the input.
        string text = WindowExplanation.Output(new WindowAxis(5, 2, 2, 1, ceilMode: true), "rows").ToText();
        Assert.Contains("= 4\n", text);
        Assert.Contains("⇒ n′ = 3", text);
    }

    private static string Text(WindowQuestion question) => WindowExplanation.Solution(WindowSolver.Solve(question), "rows").ToText();
}
