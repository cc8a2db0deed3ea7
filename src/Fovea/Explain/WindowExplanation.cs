using System.Globalization;

namespace Fovea;

/// <summary>Shows how the size of a window's output comes about, or what a wanted size says about the window.</summary>
public static class WindowExplanation
{
    private static readonly (string Letter, string Name)[] s_names =
        [("n", "input"), ("k", "kernel"), ("s", "stride"), ("p", "padding"), ("d", "dilation"), ("a", "output padding")];

    /// <summary>The output of a convolution or pooling along one axis.</summary>
    /// <param name="axis">The axis; at least one window must fit.</param>
    /// <param name="title">What is derived: "rows".</param>
    public static Derivation Output(WindowAxis axis, string title) => new(title, OutputSteps(axis));

    /// <summary>The output of a transposed convolution along one axis.</summary>
    public static Derivation Output(TransposedAxis axis, string title) => new(title,
    [
        Legend(axis.Input, axis.Kernel, axis.Stride, axis.Padding, axis.Dilation, axis.OutputPadding),
        new("Neighbouring windows of the output start $s$ pixels apart, the last adds its own extent; the padding is cut off at both ends.",
            $"n' = {TransposedFormula("n", "k", "s", "p", "d", "a")}",
            TransposedFormula(Text(axis.Input), Text(axis.Kernel), Text(axis.Stride), Text(axis.Padding), Text(axis.Dilation), Text(axis.OutputPadding)),
            Text(axis.Output)),
    ]);

    /// <summary>What the sizes of a question say about the numbers that are not known, and all solutions.</summary>
    public static Derivation Solution(WindowAnswer answer, string title)
    {
        ArgumentNullException.ThrowIfNull(answer);
        WindowQuestion question = answer.Question;
        if (question.Output is null && answer.Solutions is [var only])
        {
            return question.Operation == WindowOperation.Transposed
                ? Output(new TransposedAxis(only.Input, only.Kernel, only.Stride, only.Padding, only.Dilation, only.OutputPadding), title)
                : Output(new WindowAxis(only.Input, only.Kernel, only.Stride, only.Padding, only.Dilation, question.CeilMode), title);
        }
        List<DerivationStep> steps = [Legend(question.Input, question.Kernel, question.Stride, question.Padding, question.Dilation,
            question.Operation == WindowOperation.Transposed ? question.OutputPadding : 0, question.Output, question.StrideIsKernel)];
        steps.AddRange(Inequalities(answer));
        steps.Add(answer.Solutions.Count switch
        {
            0 when answer.Nearest.Count == 0 => new DerivationStep(Impossible(answer)),
            0 => new DerivationStep($"{Impossible(answer)} Nearest:", Table: Table(answer)),
            1 => new DerivationStep($"One solution{Within(answer)}:", Table: Table(answer)),
            _ => new DerivationStep($"{answer.Solutions.Count} solutions{Within(answer)}, the smallest kernel first:", Table: Table(answer)),
        });
        return new Derivation(title, steps);
    }

    /// <summary>Why a question without a solution has none, in a sentence.</summary>
    public static string Impossible(WindowAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        string[] unknown = Unknown(answer.Question);
        string wanted = unknown.Length switch
        {
            0 => $"these numbers do not give an output of {answer.Question.Output}",
            1 => $"no {unknown[0]} gives an output of {answer.Question.Output}{Within(answer)}",
            _ => $"no {string.Join(", ", unknown[..^1])} and {unknown[^1]} give an output of {answer.Question.Output}{Within(answer)}",
        };
        if (answer.SmallestOutput is not { } smallest || answer.LargestOutput is not { } largest)
            return answer.Question.Input is null ? $"There is no solution: {wanted}." : $"There is no solution: {wanted}, as no window fits the input.";
        string reached = smallest == largest ? $"the output is {smallest}" : $"the outputs within reach lie from {smallest} to {largest}";
        string between = answer.Question.Output > smallest && answer.Question.Output < largest ? ", but this one is jumped over" : "";
        return $"There is no solution: {wanted}; {reached}{between}.";
    }

    /// <summary>How many border pixels a window does not see, in words; empty when it sees all.</summary>
    public static string Unused(WindowSolution solution)
    {
        ArgumentNullException.ThrowIfNull(solution);
        if (solution.Unused == 0) return "";
        if (solution.Unused < 0) return $"the last window hangs over the border by {Pixels(-solution.Unused)}";
        int real = Math.Max(0, solution.Unused - solution.Padding);
        return $"the floor throws away {Pixels(solution.Unused)} at the far border" + (real == 0 ? ", nothing but padding" : real < solution.Unused ? $", {real} of the image" : "");
    }

    /// <summary>The solutions of a question as a table, or what comes nearest where there are none.</summary>
    public static DerivationTable Table(WindowAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return Table(answer.Question, answer.Solutions.Count > 0 ? answer.Solutions : answer.Nearest, answer.Likely);
    }

    internal static List<DerivationStep> OutputSteps(WindowAxis axis)
    {
        List<DerivationStep> steps = [Legend(axis.Input, axis.Kernel, axis.Stride, axis.Padding, axis.Dilation, 0)];
        string numbers = Count(Slack(Text(axis.Input), Text(axis.Padding), Text(axis.Kernel), Text(axis.Dilation), axis.Dilation > 1), Text(axis.Stride), axis.CeilMode);
        if (axis.Stride > 1) numbers += " \\\\ " + Count(Text(axis.Slack), Text(axis.Stride), axis.CeilMode);
        steps.Add(new("The window starts at every $s$-th pixel of the padded input at which it fits"
            + (axis.CeilMode ? "; in ceil mode a last one may hang over the far border." : "."),
            "n' = " + Count(Slack("n", "p", "k", "d", axis.Dilation > 1), "s", axis.CeilMode), numbers,
            axis.CeilMode && axis.DropsLastWindow ? Text(axis.Output + 1) : Text(axis.Output)));
        if (axis.DropsLastWindow)
        {
            steps.Add(new("The last of these would start in the far padding, where it sees nothing of the input, and is dropped.",
                "(n' - 1) s \\ge n + p", $"{axis.Output} \\cdot {axis.Stride} \\ge {axis.Input} + {axis.Padding} \\\\ \\Rightarrow n' = {axis.Output}"));
        }
        if (axis.Unused > 0)
        {
            string lost = Unused(new WindowSolution(axis.Input, axis.Kernel, axis.Stride, axis.Padding, axis.Dilation, 0, axis.Output, axis.Unused));
            steps.Add(new($"The division leaves a remainder: {lost}.",
                $"r = {Slack("n", "p", "k", "d", axis.Dilation > 1)} - (n' - 1) s", $"{axis.Slack} - {axis.Output - 1} \\cdot {axis.Stride}", Text(axis.Unused)));
        }
        return steps;
    }

    // The equation that the unknown numbers must fulfil, solved where one letter alone is not known.
    private static IEnumerable<DerivationStep> Inequalities(WindowAnswer answer)
    {
        WindowQuestion q = answer.Question;
        string n = Text(q.Input, "n"), k = Text(q.Kernel, "k"), s = q.StrideIsKernel ? k : Text(q.Stride, "s"), p = Text(q.Padding, "p"), d = Text(q.Dilation, "d"), a = Text(q.OutputPadding, "a");
        string output = Text(q.Output, "n'");
        if (q.Operation == WindowOperation.Transposed)
        {
            yield return new("The numbers must fulfil", $"n' = {TransposedFormula("n", "k", "s", "p", "d", "a")}", $"{output} = {TransposedFormula(n, k, s, p, d, a)}");
            yield break;
        }
        bool dilated = q.Dilation != 1;
        string slack = Slack(n, p, k, d, dilated);
        yield return new("The output is counted by", "n' = " + Count(Slack("n", "p", "k", "d", dilated), q.StrideIsKernel ? "k" : "s", q.CeilMode), $"{output} = {Count(slack, s, q.CeilMode)}");
        if (q.CeilMode || q.StrideIsKernel) yield break;
        yield return new("So what is divided lies between two multiples of the stride.",
            $"s (n' - 1) \\le {Slack("n", "p", "k", "d", dilated)} < s n'", $"{s} \\cdot ({output} - 1) \\le {slack} < {s} \\cdot {output}");
        switch (string.Join(',', Unknown(q)))
        {
            case "kernel" when !dilated && q.Stride == 1:
                yield return new("With stride 1 this leaves one kernel.", "k = n + 2p - n' + 1", $"{n} + 2 \\cdot {p} - {output} + 1", answer.Solutions is [var solution] ? Text(solution.Kernel) : null);
                break;
            case "kernel" when !dilated:
                yield return new("For the kernel this means", "n + 2p - s n' + 1 \\le k \\le n + 2p - s (n' - 1)",
                    $"{n} + 2 \\cdot {p} - {s} \\cdot {output} + 1 \\le k \\le {n} + 2 \\cdot {p} - {s} \\cdot ({output} - 1)", Set("k"));
                break;
            case "stride" when q.Output > 1:
                yield return new("For the stride this means", $"\\frac{{{Slack("n", "p", "k", "d", dilated)}}}{{n'}} < s \\le \\frac{{{Slack("n", "p", "k", "d", dilated)}}}{{n' - 1}}",
                    $"\\frac{{{slack}}}{{{output}}} < s \\le \\frac{{{slack}}}{{{output} - 1}}", Set("s"));
                break;
            case "padding" when !dilated:
                yield return new("For the padding this means", "s (n' - 1) - n + k \\le 2p < s n' - n + k",
                    $"{s} \\cdot ({output} - 1) - {n} + {k} \\le 2p < {s} \\cdot {output} - {n} + {k}", Set("p"));
                break;
            case "input" when !dilated:
                yield return new("For the input this means", "s (n' - 1) + k - 2p \\le n < s n' + k - 2p",
                    $"{s} \\cdot ({output} - 1) + {k} - 2 \\cdot {p} \\le n < {s} \\cdot {output} + {k} - 2 \\cdot {p}", Set("n"));
                break;
        }

        string? Set(string letter) => answer.Solutions.Count is 0 or > 12 ? null : $"{letter} \\in \\{{{string.Join(", ", answer.Solutions.Select(solution =>
            letter switch { "k" => solution.Kernel, "s" => solution.Stride, "p" => solution.Padding, _ => solution.Input }))}\\}}";
    }

    private static DerivationTable Table(WindowQuestion question, IReadOnlyList<WindowSolution> solutions, WindowSolution? likely)
    {
        bool transposed = question.Operation == WindowOperation.Transposed;
        var columns = new List<(string Name, Func<WindowSolution, string> Cell)>();
        if (question.Input is null) columns.Add(("input", s => Text(s.Input)));
        columns.AddRange([("kernel", s => Text(s.Kernel)), ("stride", s => Text(s.Stride)), ("padding", s => Text(s.Padding))]);
        if (question.Dilation != 1) columns.Add(("dilation", s => Text(s.Dilation)));
        if (transposed) columns.Add(("output padding", s => Text(s.OutputPadding)));
        columns.Add(("output", s => Text(s.Output)));
        if (!transposed) columns.Add(("border pixels thrown away", ThrownAway));
        if (likely is not null && question.Input is not null) columns.Add(("", s => s == likely ? "likely" : ""));
        return new DerivationTable([.. columns.Select(c => c.Name)], [.. solutions.Select(s => (IReadOnlyList<string>)[.. columns.Select(c => c.Cell(s))])]);
    }

    private static string ThrownAway(WindowSolution solution)
    {
        if (solution.Unused < 0) return $"none, the last window hangs over by {-solution.Unused}";
        int real = Math.Max(0, solution.Unused - solution.Padding);
        return Text(solution.Unused) + (real == solution.Unused ? "" : real == 0 ? " (padding)" : $" ({real} of the image)");
    }

    private static DerivationStep Legend(int? n, int? k, int? s, int? p, int? d, int? a, int? output = null, bool strideIsKernel = false)
    {
        int?[] values = [n, k, strideIsKernel ? k : s, p, d, a];
        var known = s_names.Select((name, i) => (name.Letter, name.Name, Value: values[i])).Where(x => x.Value is not null && (x.Letter is not ("d" or "a") || x.Value != (x.Letter == "d" ? 1 : 0)));
        string text = string.Join(", ", known.Select(x => $"{x.Name} ${x.Letter} = {Text(x.Value!.Value)}$"));
        if (output is { } wanted) text += $", output $n' = {wanted}$";
        string unknown = string.Join(", ", s_names.Where((name, i) => values[i] is null && !(strideIsKernel && name.Letter == "s")).Select(name => $"{name.Name} ${name.Letter}$"));
        return new(char.ToUpperInvariant(text[0]) + text[1..] + (unknown.Length > 0 ? $"; not known: {unknown}" : "") + (strideIsKernel ? "; the stride is the kernel's size." : "."));
    }

    private static string[] Unknown(WindowQuestion q)
    {
        (string Name, bool IsUnknown)[] numbers =
        [
            ("input", q.Input is null), ("kernel", q.Kernel is null), ("stride", q.Stride is null && !q.StrideIsKernel), ("padding", q.Padding is null),
            ("dilation", q.Dilation is null), ("output padding", q.Operation == WindowOperation.Transposed && q.OutputPadding is null),
        ];
        return [.. numbers.Where(number => number.IsUnknown).Select(number => number.Name)];
    }

    /// <summary>How far was looked for what is not known; empty where that has no bound.</summary>
    public static string Within(WindowAnswer answer)
    {
        WindowQuestion q = answer.Question;
        string[] limits =
        [
            .. q.Kernel is null ? [$"kernel at most {answer.Bounds.Kernel}"] : (string[])[],
            .. q.Stride is null && !q.StrideIsKernel ? [$"stride at most {answer.Bounds.Stride}"] : (string[])[],
            .. q.Padding is null && answer.Bounds.Padding is { } padding ? [$"padding at most {padding}"] : (string[])[],
            .. q.Dilation is null ? [$"dilation at most {answer.Bounds.Dilation}"] : (string[])[],
        ];
        return limits.Length == 0 ? "" : $" with {string.Join(", ", limits)}";
    }

    private static string Slack(string n, string p, string k, string d, bool dilated) =>
        dilated ? $"{n} + {Twice(p)} - {(d == "d" ? "d" : d + " \\cdot ")}({k} - 1) - 1" : $"{n} + {Twice(p)} - {k}";

    private static string TransposedFormula(string n, string k, string s, string p, string d, string a) =>
        $"({n} - 1) {(s == "s" ? "s" : "\\cdot " + s)} - {Twice(p)} + {(d == "d" ? "d" : d + " \\cdot ")}({k} - 1) + 1 + {a}";

    private static string Twice(string p) => p == "p" ? "2p" : $"2 \\cdot {p}";

    private static string Count(string slack, string stride, bool ceiling)
    {
        string quotient = Tex.Fraction(slack, stride);
        return (ceiling ? Tex.Ceiling(quotient) : Tex.Floor(quotient)) + " + 1";
    }

    private static string Pixels(int count) => count == 1 ? "1 pixel" : $"{count} pixels";

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(int? value, string letter) => value is { } number ? Text(number) : letter;
}
