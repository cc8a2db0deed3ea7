using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Reflection;

namespace Fovea.Cli;

/// <summary>A word of the command line that does something, with examples that end its help.</summary>
internal sealed class Verb(string name, string description) : Command(name, description)
{
    /// <summary>Whole command lines, as one would type them.</summary>
    public IReadOnlyList<string> Examples { get; set; } = [];

    /// <summary>The command as one types it: "fovea data list".</summary>
    public static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{Path(parent)} {command.Name}" : command.Name;
}

/// <summary>A verb that need not exist yet.</summary>
internal sealed record KnownVerb(string Name, Func<Terminal, Verb> Create);

/// <summary>Shows the help of a verb, its examples last.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private readonly HelpAction _help = new();

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        _help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is Verb { Examples: { Count: > 0 } examples })
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine(examples.Count == 1 ? "Example:" : "Examples:");
            foreach (string example in examples) output.WriteLine($"  {example}");
        }
        return Program.Done;
    }
}

/// <summary>Writes "fovea 0.1.0".</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        string version = typeof(VersionAction).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        parseResult.InvocationConfiguration.Output.WriteLine($"fovea {version.Split('+')[0]}");
        return Program.Done;
    }
}

/// <summary>The command line cannot be understood.</summary>
internal sealed class UsageException(string message, Command command) : FoveaException(message)
{
    /// <summary>Whose help tells more.</summary>
    public Command Command { get; } = command;

    /// <summary>What the parser found wrong, in words that say what to do.</summary>
    public static UsageException Of(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        string place = command.Parents.Any() ? $"{command.Name}: " : "";
        string? unmatched = MistakenOption(result) ?? result.UnmatchedTokens.FirstOrDefault(token => token.StartsWith('-')) ?? result.UnmatchedTokens.FirstOrDefault();
        string[] options = [.. Options(command).Select(option => option.Name)], verbs = [.. command.Subcommands.Select(verb => verb.Name)];
        if (unmatched is null)
        {
            string? missing = command.Arguments.FirstOrDefault(a => a.Arity.MinimumNumberOfValues > 0 && result.GetResult(a) is not { Tokens.Count: > 0 })?.Name;
            string reason = verbs.Length > 0 && command.Action is null ? $"a verb is missing. Verbs: {string.Join(", ", verbs)}."
                : missing is not null ? $"{missing} is missing." : result.Errors[0].Message;
            return new UsageException(place + reason, command);
        }
        string problem = unmatched switch
        {
            _ when unmatched.StartsWith('-') => $"there is no option {unmatched}. {Nearest.Hint(unmatched, options)}",
            _ when verbs.Length > 0 => $"there is no verb \"{unmatched}\". {Nearest.Hint(unmatched, verbs)}Verbs: {string.Join(", ", verbs)}.",
            _ when command.Arguments.FirstOrDefault(argument => argument.ValueType == typeof(long[])) is { } numbers => $"{numbers.Name}: expected a whole number, got \"{unmatched}\".",
            _ => $"\"{unmatched}\" is one argument too many. Put a line of text in quotes, as in \"conv 32 k5 | relu\".",
        };
        return new UsageException(place + problem.TrimEnd(), command);
    }

    /// <summary>A word that looks like an option, but was taken for an argument, as there is no such option; null without one.</summary>
    public static string? MistakenOption(ParseResult result) => result.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
        .Select(token => token.Value).FirstOrDefault(word => word is ['-', '-' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z'), ..]);

    private static IEnumerable<Option> Options(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(Options).Where(option => option.Recursive));
}
