using System.Diagnostics;

namespace Fovea.Tests.Export;

/// <summary>The Python of this machine, and what it has.</summary>
internal static class Python
{
    // Debian's packages are seen by its own Python alone.
    private static readonly string[] s_programs = ["/usr/bin/python3", "python3", "python"];

    /// <summary>The first that runs, or null.</summary>
    public static string? Program { get; } = s_programs.FirstOrDefault(program => Runs(program, "pass"));

    /// <summary>One that has a module, or null.</summary>
    public static string? With(string module) => s_programs.FirstOrDefault(program => Runs(program, $"import {module}"));

    /// <summary>Runs a program.</summary>
    /// <returns>Its exit code, and what it printed.</returns>
    public static (int Code, string Output) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Nothing is written beside the programs.
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    private static bool Runs(string program, string code)
    {
        try
        {
            return Run(program, "-c", code).Code == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
