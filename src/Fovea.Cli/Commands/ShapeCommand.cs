using System.CommandLine;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea shape</c>: the size of an output, or what a size says about kernel, stride, padding, dilation and input.</summary>
internal static class ShapeCommand
{
    private static readonly string[] s_unknowns = ["input", "kernel", "stride", "padding", "dilation", "output-padding"];

    public static Verb Create(Terminal terminal)
    {
        var model = new Argument<string?>("MODEL")
        {
            Description = "A whole network: as for fovea summary, or a line of text with blanks, \"conv 6 k? | relu | maxpool 2\".",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<Shape?> networkInput = Options.Shape("--input", "With MODEL: the shape of a sample; of a line of text, 1x28x28 unless given.");
        var outputs = new Option<string?>("--outputs")
        {
            Description = "With MODEL: height and width of the output of each convolution and pooling, in order: 28,14,10x12.",
            HelpName = "N,N,...",
        };
        Option<string> layer = Options.Choice("--layer", "What slides over the input; a pooling's stride is its kernel unless given.", "convolution", "convolution", "pooling", "transposed");
        Option<Size2D?> input = Options.Size("--in", "Height and width of the input."), output = Options.Size("--out", "Height and width of the output; what is not given is then solved for.");
        Option<Size2D?> kernel = Options.Size("--kernel", "The kernel."), stride = Options.Size("--stride", "The stride: 1 unless given or solved for.");
        Option<Size2D?> padding = Options.Size("--padding", "The padding: 0 unless given or solved for."), dilation = Options.Size("--dilation", "The dilation: 1 unless given or solved for.");
        Option<Size2D?> outputPadding = Options.Size("--output-padding", "Of a transposed convolution: pixels added at the far end; 0 unless given or solved for.");
        var ceil = new Option<bool>("--ceil") { Description = "Of a pooling: round the size of the output up." };
        var solve = new Option<string?>("--solve") { Description = $"Solve for these alone: {string.Join(", ", s_unknowns)}.", HelpName = "NAME,NAME,..." };
        WindowBounds usual = new();
        Option<int?> maxKernel = Options.Whole("--max-kernel", "The largest kernel to look for.", least: 1, usual.Kernel), maxStride = Options.Whole("--max-stride", "The largest stride.", least: 1, usual.Stride);
        Option<int?> maxPadding = Options.Whole("--max-padding", "The largest padding; less than the window covers unless given.", least: 0), maxDilation = Options.Whole("--max-dilation", "The largest dilation.", least: 1, usual.Dilation);
        var working = new DerivationOptions();
        var verb = new Verb("shape", "Compute the size of an output, or solve for kernel, stride, padding, dilation or input.")
        {
            model, networkInput, outputs, layer, input, output, kernel, stride, padding, dilation, outputPadding, ceil, solve, maxKernel, maxStride, maxPadding, maxDilation,
        };
        working.AddTo(verb);
        verb.Examples =
        [
            "fovea shape --in 32 --kernel 5 --stride 2 --padding 2 --explain",
            "fovea shape --in 32 --out 28 --solve kernel,stride,padding --max-kernel 11",
            "fovea shape --layer transposed --in 14 --out 28 --kernel 5 --stride 2 --solve padding,output-padding",
            "fovea shape \"conv 6 k? | relu | maxpool 2 | conv 16 k?\" --input 1x32x32 --outputs 28,14,10 --explain",
        ];
        Option[] bounding = [maxKernel, maxStride, maxPadding, maxDilation];
        Option[] ofWindow = [input, output, kernel, stride, padding, dilation, outputPadding, ceil, solve, layer], ofNetwork = [networkInput, outputs];
        verb.SetAction(result =>
        {
            WindowBounds bounds = new(result.GetValue(maxKernel)!.Value, result.GetValue(maxStride)!.Value, result.GetValue(maxPadding), result.GetValue(maxDilation)!.Value);
            if (result.GetValue(model) is { } text)
            {
                Refuse(ofWindow, "is for one window, but MODEL is a network. Leave out one of them.");
                if (!NetworkSolver.HasBlanks(text)) Refuse(bounding, "says how far to look for blanks, but MODEL has none. Leave it out.");
                NetworkAnswer answer = SolveNetwork(text, result.GetValue(networkInput), result.GetValue(outputs), bounds, verb);
                working.Write(result, terminal, () => answer.Derivation, answer.ToJson, () => Write(terminal, answer), () => []);
                return answer.Model is null ? Program.Failed : Program.Done;
            }
            Refuse(ofNetwork, "is for a network. Give MODEL, or use --in and --out.");
            ShapeAnswer sizes = SolveWindow();
            working.Write(result, terminal, () => sizes.Derivation, sizes.ToJson, () => Write(terminal, sizes), () => []);
            return sizes.HasSolution ? Program.Done : Program.Failed;

            void Refuse(IEnumerable<Option> options, string reason)
            {
                if (options.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } wrong) throw new UsageException($"{verb.Name}: {wrong.Name} {reason}", verb);
            }

            ShapeAnswer SolveWindow()
            {
                WindowOperation operation = Enum.Parse<WindowOperation>(result.GetValue(layer)!, ignoreCase: true);
                Size2D? In = result.GetValue(input), Out = result.GetValue(output);
                if (operation != WindowOperation.Pooling) Refuse([ceil], "rounds the size of a pooling. Add --layer pooling, or leave it out.");
                if (operation != WindowOperation.Transposed) Refuse([outputPadding], "is for a transposed convolution. Add --layer transposed, or leave it out.");
                if (operation == WindowOperation.Pooling) Refuse([dilation, maxDilation], "is not for a pooling, whose window has no gaps. Leave it out.");
                string[] unknown = Unknown(result.GetValue(solve), verb);
                if (Out is null && unknown.Length > 0) throw new UsageException($"{verb.Name}: --solve needs the output that is wanted. Give --out.", verb);
                if (Out is null && result.GetValue(kernel) is null) throw new UsageException($"{verb.Name}: give --in and --kernel for the size of the output, or --in and --out for what lies between them.", verb);
                foreach (var (name, isOfLayer) in ((string, bool)[])[("output-padding", operation == WindowOperation.Transposed), ("dilation", operation != WindowOperation.Pooling)])
                {
                    if (!isOfLayer && unknown.Contains(name)) throw new UsageException($"{verb.Name}: --solve {name}: a {result.GetValue(layer)} has none. Leave it out.", verb);
                }
                // Without --solve: the input if that is missing, otherwise all of kernel, stride and padding that is.
                if (unknown.Length == 0 && Out is not null) unknown = In is null ? ["input"] : operation == WindowOperation.Pooling ? ["kernel", "padding"] : ["kernel", "stride", "padding"];
                Size2D? Known(Option<Size2D?> option, string name, Size2D? otherwise) => result.GetValue(option) ?? (unknown.Contains(name) ? null : otherwise);
                Size2D? k = Known(kernel, "kernel", null), s = Known(stride, "stride", operation == WindowOperation.Pooling ? null : 1);
                Size2D? p = Known(padding, "padding", 0), d = Known(dilation, "dilation", 1), a = Known(outputPadding, "output-padding", 0);
                if (k is null && !unknown.Contains("kernel")) throw new UsageException($"{verb.Name}: the kernel is not known. Give --kernel, or --solve kernel.", verb);
                foreach (var (option, name, isKnown) in ((Option, string, bool)[])[(maxKernel, "kernel", k is not null), (maxStride, "stride", s is not null || operation == WindowOperation.Pooling && !unknown.Contains("stride")),
                    (maxPadding, "padding", p is not null), (maxDilation, "dilation", d is not null)])
                {
                    if (isKnown) Refuse([option], $"says how far to look for the {name}, which is known. Leave it out, or solve for it.");
                }
                foreach (var (name, isGiven) in ((string, bool)[])[("input", In is not null), ("kernel", result.GetValue(kernel) is not null), ("stride", result.GetValue(stride) is not null),
                    ("padding", result.GetValue(padding) is not null), ("dilation", result.GetValue(dilation) is not null), ("output-padding", result.GetValue(outputPadding) is not null)])
                {
                    if (isGiven && unknown.Contains(name) && result.GetValue(solve) is not null)
                        throw new UsageException($"{verb.Name}: --solve {name}: it is given already. Leave out one of the two.", verb);
                }
                WindowQuestion Question(Func<Size2D, int> side) => new()
                {
                    Operation = operation,
                    Input = In is { } n ? side(n) : null,
                    Output = Out is { } wanted ? side(wanted) : null,
                    Kernel = k is { } kernels ? side(kernels) : null,
                    Stride = s is { } strides ? side(strides) : null,
                    StrideIsKernel = operation == WindowOperation.Pooling && s is null && !unknown.Contains("stride"),
                    Padding = p is { } paddings ? side(paddings) : null,
                    Dilation = d is { } dilations ? side(dilations) : null,
                    OutputPadding = a is { } extra ? side(extra) : null,
                    CeilMode = result.GetValue(ceil),
                };
                return ShapeAnswer.Of(Question(size => size.Height), Question(size => size.Width), bounds);
            }
        });
        return verb;
    }

    private static string[] Unknown(string? names, Verb verb)
    {
        string[] unknown = names?.Split(',', StringSplitOptions.TrimEntries) ?? [];
        foreach (string name in unknown.Except(s_unknowns))
            throw new UsageException($"{verb.Name}: --solve: expected names of {string.Join(", ", s_unknowns)}, got \"{name}\". {Nearest.Hint(name, s_unknowns)}".TrimEnd(), verb);
        return unknown;
    }

    private static NetworkAnswer SolveNetwork(string text, Shape? input, string? outputs, WindowBounds bounds, Verb verb)
    {
        if (outputs is null && !NetworkSolver.HasBlanks(text)) return NetworkSolver.Sizes(ModelArgument.Read(text, input, new Shape(1, 28, 28)));
        var sizes = new List<Size2D>();
        foreach (string output in outputs?.Split(',', StringSplitOptions.TrimEntries) ?? throw new UsageException($"{verb.Name}: the network has blanks. Give --outputs, the size of each convolution's and pooling's output, so that they can be found.", verb))
            sizes.Add(Size2D.TryParse(output, out Size2D size) ? size : throw new UsageException($"{verb.Name}: --outputs: expected sizes such as 28 or 28x30 between commas, got \"{output}\".", verb));
        if (NetworkSolver.HasBlanks(text)) return NetworkSolver.Solve(text, input ?? new Shape(1, 28, 28), sizes, bounds);
        ModelSpec model = ModelArgument.Read(text, input, new Shape(1, 28, 28));
        return NetworkSolver.Solve(model.ToText(), model.Input, sizes, bounds);
    }

    private static void Write(Terminal terminal, NetworkAnswer answer)
    {
        bool asked = answer.Layers.Any(layer => layer.Sizes is not null);
        TextTable table = new TextTable().AddColumns("layer", "output");
        if (asked) table.AddColumn("solutions");
        foreach (NetworkAnswerLayer layer in answer.Layers)
        {
            string[] cells = [layer.Text, layer.Output?.ToString() ?? "?", layer.Output is null ? "none" : layer.Sizes is null ? "" : layer.ChoicesText];
            table.AddRow(cells[..(asked ? 3 : 2)]);
        }
        terminal.Write(table);
        if (answer.Model is null)
        {
            terminal.WriteLine(answer.Reason!);
            return;
        }
        if (!asked) return;
        terminal.WriteLine(answer.Networks == 1 ? answer.Model : $"{Format.Number(answer.Networks)} networks have these sizes; the likely one is");
        if (answer.Networks > 1) terminal.WriteLine(answer.Model);
    }

    private static void Write(Terminal terminal, ShapeAnswer answer)
    {
        if (ReferenceEquals(answer.Rows, answer.Columns))
        {
            Write(terminal, answer.Rows, "");
            return;
        }
        if (answer is { Rows: { Question.Output: null, Solutions: [var row] }, Columns: { Question.Output: null, Solutions: [var column] } })
            terminal.WriteLine($"{new Size2D(row.Input, column.Input)} -> {new Size2D(row.Output, column.Output)}");
        Write(terminal, answer.Rows, "rows: ");
        Write(terminal, answer.Columns, "columns: ");
    }

    private static void Write(Terminal terminal, WindowAnswer answer, string axis)
    {
        if (answer is { Question.Output: null, Solutions: [var only] })
        {
            terminal.WriteLine($"{axis}{only.Input} -> {only.Output}");
            if (WindowExplanation.Unused(only) is { Length: > 0 } unused) terminal.WriteLine($"{axis}{unused}");
            return;
        }
        bool found = answer.Solutions.Count > 0;
        terminal.WriteLine(axis + (found ? (answer.Solutions.Count == 1 ? "1 solution" : $"{Format.Number(answer.Solutions.Count)} solutions") + WindowExplanation.Within(answer) : WindowExplanation.Impossible(answer)));
        if (!found && answer.Nearest.Count == 0) return;
        if (!found) terminal.WriteLine($"{axis}nearest:");
        DerivationTable solutions = WindowExplanation.Table(answer);
        TextTable table = new TextTable().AddNumbers(solutions.Columns);
        foreach (IReadOnlyList<string> cells in solutions.Rows) table.AddRow(cells);
        terminal.Write(table);
    }
}
