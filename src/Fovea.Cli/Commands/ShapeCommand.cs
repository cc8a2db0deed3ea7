using System.CommandLine;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea shape</c>: the size of an output, or what a size says about kernel, stride, padding, dilation and input.</summary>
internal static class ShapeCommand
{
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
        var window = new WindowOptions();
        var working = new DerivationOptions();
        var verb = new Verb("shape", "Compute the size of an output, or solve for kernel, stride, padding, dilation or input.")
        {
            model, networkInput, outputs,
        };
        foreach (Option option in (Option[])[.. window.OfWindow, .. window.Bounding]) verb.Options.Add(option);
        working.AddTo(verb);
        verb.Examples =
        [
            "fovea shape --in 32 --kernel 5 --stride 2 --padding 2 --explain",
            "fovea shape --in 32 --out 28 --solve kernel,stride,padding --max-kernel 11",
            "fovea shape --layer transposed --in 14 --out 28 --kernel 5 --stride 2 --solve padding,output-padding",
            "fovea shape \"conv 6 k? | relu | maxpool 2 | conv 16 k?\" --input 1x32x32 --outputs 28,14,10 --explain",
        ];
        verb.SetAction(result =>
        {
            if (result.GetValue(model) is { } text)
            {
                WindowOptions.Refuse(result, verb, window.OfWindow, "is for one window, but MODEL is a network. Leave out one of them.");
                if (!NetworkSolver.HasBlanks(text)) WindowOptions.Refuse(result, verb, window.Bounding, "says how far to look for blanks, but MODEL has none. Leave it out.");
                NetworkAnswer answer = SolveNetwork(text, result.GetValue(networkInput), result.GetValue(outputs), window.Bounds(result), verb);
                working.Write(result, terminal, () => answer.Derivation, answer.ToJson, () => Write(terminal, answer), () => []);
                return answer.Model is null ? Program.Failed : Program.Done;
            }
            WindowOptions.Refuse(result, verb, [networkInput, outputs], "is for a network. Give MODEL, or use --in and --out.");
            ShapeAnswer sizes = window.Solve(result, verb);
            working.Write(result, terminal, () => sizes.Derivation, sizes.ToJson, () => Write(terminal, sizes), () => []);
            return sizes.HasSolution ? Program.Done : Program.Failed;
        });
        return verb;
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
