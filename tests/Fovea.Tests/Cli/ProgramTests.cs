using System.CommandLine;
using System.CommandLine.Parsing;
using Fovea.Cli;

namespace Fovea.Tests;

public class ProgramTests
{
    private static readonly Terminal s_nowhere = new(TextWriter.Null, TextWriter.Null, isInteractive: false);

    private static IEnumerable<(string Path, Verb Verb)> Verbs(Verb verb, string path) =>
        verb.Subcommands.Cast<Verb>().SelectMany(child => Verbs(child, $"{path}{child.Name} ")).Prepend((path.Trim(), verb));

    public static TheoryData<string> Paths => [.. Verbs(Program.CreateRoot(s_nowhere), "").Select(verb => verb.Path)];

    public static TheoryData<string> Examples => [.. Verbs(Program.CreateRoot(s_nowhere), "").SelectMany(verb => verb.Verb.Examples).Concat(Program.FirstLines).Distinct()];

    [Fact]
    public void Help_lists_each_verb_on_one_line()
    {
        string[] lines = CommandLineRun.OutputOf("--help").Split('\n');
        Assert.Contains("  fovea [command] [options]", lines);
        foreach (string verb in (string[])["summary <MODEL> ", "train <MODEL> ", "evaluate <DIR> ", "predict <DIR> <IMAGE> ", "data ", "study ", "loss"])
            Assert.Single(lines, line => line.StartsWith($"  {verb}", StringComparison.Ordinal) && line.EndsWith('.'));
    }

    [Fact]
    public void Without_a_word_it_says_what_to_begin_with_and_names_every_verb()
    {
        CommandLineRun run = CommandLineRun.Of();
        Assert.Equal((2, ""), (run.Code, run.Output));
        string[] lines = run.Error.TrimEnd().Split('\n');
        Assert.InRange(lines.Length, 5, 20);
        Assert.Contains("  fovea summary lenet5                                 Show what a network consists of, and what it costs.", lines);
        Assert.Equal($"All commands: {string.Join(", ", Program.CreateRoot(s_nowhere).Subcommands.Select(verb => verb.Name))}.", lines[^2]);
        Assert.Equal("What they do: fovea --help. How one is used: fovea train --help.", lines[^1]);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Every_help_says_fovea_and_ends_with_an_example(string path)
    {
        string[] lines = CommandLineRun.OutputOf([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]).TrimEnd().Split('\n');
        Assert.Contains(lines, line => line.StartsWith($"  fovea {path}".TrimEnd(), StringComparison.Ordinal));
        Assert.StartsWith($"  fovea {path}".TrimEnd(), lines[^1]);
        Assert.DoesNotContain(lines, line => line.Contains("Fovea.", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_can_be_parsed(string example)
    {
        string[] words = [.. CommandLineParser.SplitCommandLine(example)];
        Assert.Equal("fovea", words[0]);
        ParseResult result = Program.CreateRoot(s_nowhere).Parse(words[1..]);
        Assert.Empty(result.Errors);
        Assert.NotNull(result.CommandResult.Command.Action);
    }

    [Theory]
    [InlineData("import", "nowhere.onnx", "--out", "nowhere")]
    [InlineData("run", "nowhere.onnx")]
    [InlineData("train", "lenet5", "--weights", "nowhere.safetensors")]
    public void A_file_that_is_not_there_is_named(params string[] args)
    {
        CommandLineRun run = CommandLineRun.Of(args);
        Assert.Equal((2, ""), (run.Code, run.Output));
        // By its path, or as it was given.
        Assert.EndsWith($"{args.First(arg => arg.StartsWith("nowhere.", StringComparison.Ordinal))}: there is no such file.\n", run.Error);
    }

    [Fact]
    public void A_studio_is_not_opened_on_a_folder_that_is_not_there() =>
        CommandLineRun.AssertRefused($"nowhere/fovea.db: there is no folder {Path.GetFullPath("nowhere")}. Make it first, or give another --store.\n", "studio", "--no-browser", "--store", "nowhere/fovea.db");

    [Fact]
    public void A_verb_that_is_asked_for_is_the_only_one_that_is_made() =>
        Assert.All(Program.CreateRoot(s_nowhere).Subcommands, verb => Assert.Equal(verb.Name, Assert.Single(Program.CreateRoot(s_nowhere, verb.Name).Subcommands).Name));

    [Fact]
    public void The_version_is_that_of_the_program() =>
        Assert.Equal($"fovea {typeof(Program).Assembly.GetName().Version!.ToString(3)}\n", CommandLineRun.OutputOf("--version"));

    [Fact]
    public void Help_that_is_asked_for_with_the_version_is_whole() => Assert.Equal(CommandLineRun.OutputOf("--help"), CommandLineRun.OutputOf("--version", "--help"));

    [Theory]
    [InlineData("there is no verb \"sumary\". Did you mean summary? Verbs: summary, shape, ", "sumary", "lenet5")]
    [InlineData("there is no option --frobnicate.\nTry: fovea --help\n", "--frobnicate")]
    [InlineData("shape: there is no option --transposed.", "shape", "--in", "7", "--transposed")]
    [InlineData("loss: there is no option --explan. Did you mean --explain?", "loss", "--explan")]
    [InlineData("shape: there is no option -k.", "shape", "-k", "5")]
    [InlineData("data: a verb is missing. Verbs: list, ", "data")]
    [InlineData("data: there is no verb \"lst\". Did you mean list? ", "data", "lst")]
    public void A_command_line_without_a_verb_of_ours_is_refused(string message, params string[] args) => CommandLineRun.AssertRefused(message, args);

    [Fact]
    public void Debug_shows_where_an_error_arose()
    {
        CommandLineRun run = CommandLineRun.Of("summary", "lenet7", "--debug");
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.StartsWith("fovea: there is no model \"lenet7\"", run.Error);
        Assert.Contains("   at Fovea.Cli.ModelArgument", run.Error);
    }
}
