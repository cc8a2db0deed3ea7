using System.Runtime.CompilerServices;
using Fovea.Cli;

namespace Fovea.Tests;

/// <summary>What a command line came to: run in this process, as if nobody watched.</summary>
internal sealed record CommandLineRun(int Code, string Output, string Error)
{
    // Trainings that tests do not care for enter a store of their own, as do measurements of the machine; programs that they start inherit it.
    [ModuleInitializer]
    internal static void KeepTheWorkspaceClean()
    {
        string folder = Directory.CreateTempSubdirectory("fovea-store-").FullName;
        Environment.SetEnvironmentVariable("FOVEA_STORE", Path.Combine(folder, Lab.RunStore.FileName));
        Environment.SetEnvironmentVariable("FOVEA_CACHE", folder);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
    }

    public static CommandLineRun Of(params IReadOnlyList<string> args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = Program.Run(args, new Terminal(output, error, isInteractive: false));
        return new CommandLineRun(code, output.ToString(), error.ToString());
    }

    /// <summary>What a command line prints that must go well.</summary>
    public static string OutputOf(params IReadOnlyList<string> args)
    {
        CommandLineRun run = Of(args);
        Assert.Equal((0, ""), (run.Code, run.Error));
        // Nobody watches: no bar, no colours.
        Assert.DoesNotContain('\u001b', run.Output);
        return run.Output;
    }

    /// <summary>Asserts that a command line is refused: exit code 2, one message that begins like this, no trace, nothing on the output.</summary>
    public static void AssertRefused(string message, params IReadOnlyList<string> args)
    {
        CommandLineRun run = Of(args);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.StartsWith($"fovea: {message}", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }
}
