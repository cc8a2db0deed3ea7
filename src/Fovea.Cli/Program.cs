using System.CommandLine;
using Fovea.Cli.Commands;

namespace Fovea.Cli;

/// <summary>
/// The command line: parses, lets a verb answer, and turns what goes wrong into a message and an exit code. 0: done; 1: a run failed;
/// 2: wrong usage, shapes or files; 130: interrupted.
/// </summary>
internal static class Program
{
    public const int Done = 0, Failed = 1, WrongInput = 2, Interrupted = 130;

    private const string Debug = "--debug", Version = "--version";

    private static int Main(string[] args) => Run(args, Terminal.Standard());

    // By name, so that those which are not asked for need not be created: that takes longer than many an answer.
    private static readonly KnownVerb[] s_verbs =
    [
        new("summary", SummaryCommand.Create),
        new("shape", ShapeCommand.Create),
        new("receptive-field", ReceptiveFieldCommand.Create),
        new("audit", AuditCommand.Create),
        new("convolve", ConvolveCommand.Create),
        new("toeplitz", ToeplitzCommand.Create),
        new("train", TrainCommand.Create),
        new("lr-find", LearningRateCommand.Create),
        new("batch", BatchCommand.Create),
        new("evaluate", EvaluateCommand.Create),
        new("predict", PredictCommand.Create),
        new("export", ExportCommand.Create),
        new("import", ImportCommand.Create),
        new("run", RunCommand.Create),
        new("data", DataCommand.Create),
        new("study", StudyCommand.Create),
        new("race", RaceCommand.Create),
        new("runs", RunsCommand.Create),
        new("compare", CompareCommand.Create),
        new("loss", LossCommand.Create),
        .. RuntimeOnly.Verbs,
    ];

    // What one begins with, in an order in which it can be tried.
    private static readonly (string Line, string Does)[] s_first =
    [
        ("fovea summary lenet5", "Show what a network consists of, and what it costs."),
        ("fovea train lenet5 --epochs 3 --out runs/lenet5", "Train it on MNIST, which is included."),
        ("fovea evaluate runs/lenet5", "Test it."),
        ("fovea study stride", "Train two networks with three seeds each, and compare them in a report."),
        ("fovea shape --in 32 --kernel 5 --stride 2 --explain", "Work out the size of an output."),
        ("fovea loss mse --card", "Show what a loss is like."),
        .. RuntimeOnly.Verbs.Any(verb => verb.Name == "studio") ? [("fovea studio", "Open the web studio: much of this in a browser.")] : ((string, string)[])[],
    ];

    /// <summary>The command lines that a newcomer is shown.</summary>
    public static IEnumerable<string> FirstLines => s_first.Select(first => first.Line);

    /// <summary>The verbs and the options that go with each of them.</summary>
    /// <param name="terminal">What they write to.</param>
    /// <param name="verb">The verb that is asked for, which is then the only one; none where it is the option that shows the version; all where it is neither.</param>
    public static Verb CreateRoot(Terminal terminal, string? verb = null)
    {
        var root = new Verb("fovea", "A workbench for convolutional networks: summaries, training, studies.")
        {
            new Option<bool>(Version) { Description = "Show the version.", Action = new VersionAction() },
            new Option<bool>(Debug) { Description = "Show where in the program an error arose.", Recursive = true },
            // As HelpOption, which looks its description up in resources.
            new Option<bool>("--help", "-?", "-h", "/?", "/h") { Description = "Show help and usage information", Arity = ArgumentArity.Zero, Recursive = true, Action = new HelpWithExamples() },
        };
        bool isKnown = verb == Version || s_verbs.Any(known => known.Name == verb);
        foreach (KnownVerb known in s_verbs) if (!isKnown || known.Name == verb) root.Subcommands.Add(known.Create(terminal));
        root.Examples = ["fovea summary lenet5", "fovea train stride2 --data mnist --epochs 3", "fovea study stride"];
        return root;
    }

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> args, Terminal terminal)
    {
        if (args.Count == 0)
        {
            Welcome(terminal.Error);
            return WrongInput;
        }
        ParseResult result = CreateRoot(terminal, args is [Version, _, ..] ? null : args.FirstOrDefault())
            .Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        try
        {
            // An option such as --help answers by itself, whatever else is given.
            if (result.Action?.ClearsParseErrors != true && (result.Errors.Count > 0 || UsageException.MistakenOption(result) is not null)) throw UsageException.Of(result);
            return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = terminal.Out, Error = terminal.Error });
        }
        catch (Exception exception)
        {
            terminal.Error.WriteLine(exception switch
            {
                FileNotFoundException { FileName: { } file } when Path.IsPathRooted(file) => $"fovea: {file}: there is no such file.",
                FoveaException or IOException or UnauthorizedAccessException => $"fovea: {exception.Message}",
                OutOfMemoryException => "fovea: there is not enough memory. Use a smaller model, batch or image.",
                _ => $"fovea: unexpected {exception.GetType().Name}: {exception.Message} Run again with --debug to see where.",
            });
            if (exception is UsageException usage) terminal.Error.WriteLine($"Try: {Verb.Path(usage.Command)} --help");
            if (result.GetValue<bool>(Debug)) terminal.Error.WriteLine(exception);
            return exception is (FoveaException and not TrainingFailedException) or IOException or UnauthorizedAccessException ? WrongInput : Failed;
        }
    }

    // Not the whole help, which is longer than a screen. It is no result, and what was asked for is nothing that can be done.
    private static void Welcome(TextWriter output)
    {
        output.WriteLine("Fovea, a workbench for convolutional networks. Begin with one of these:");
        output.WriteLine();
        int width = s_first.Max(first => first.Line.Length);
        foreach (var (line, does) in s_first) output.WriteLine($"  {line.PadRight(width)}  {does}");
        output.WriteLine();
        output.WriteLine($"All commands: {string.Join(", ", s_verbs.Select(verb => verb.Name))}.");
        output.WriteLine("What they do: fovea --help. How one is used: fovea train --help.");
    }
}
