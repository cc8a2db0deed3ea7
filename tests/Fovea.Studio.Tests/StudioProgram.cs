using System.Diagnostics;

namespace Fovea.Studio.Tests;

/// <summary>The command line in a process of its own, which can be killed.</summary>
internal sealed class StudioProgram : IDisposable
{
    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "Fovea.Cli.dll");

    private readonly Process _process;

    private StudioProgram(Process process, Uri address) => (_process, Address) = (process, address);

    /// <summary>The address that it has printed, with the token.</summary>
    public Uri Address { get; }

    /// <summary>Starts <c>fovea studio</c> on a free port.</summary>
    /// <param name="store">The store.</param>
    /// <param name="browserFolder">A folder with a program that stands for the browser; without it, none is opened.</param>
    public static async Task<StudioProgram> StartAsync(string store, string? browserFolder = null)
    {
        ProcessStartInfo start = StartInfo(["studio", "--port", "0", "--store", store, .. browserFolder is null ? (string[])["--no-browser"] : []]);
        if (browserFolder is not null)
        {
            start.Environment["DISPLAY"] = ":0";
            start.Environment["PATH"] = $"{browserFolder}{Path.PathSeparator}{start.Environment["PATH"]}";
        }
        Process process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            if (Uri.TryCreate(line, UriKind.Absolute, out Uri? address) && address.Scheme == "http") return new StudioProgram(process, address);
        throw new InvalidOperationException("the studio has ended without an address");
    }

    /// <summary>Runs another command to its end.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        using Process process = Process.Start(StartInfo(arguments))!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"fovea {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}");
        return output;
    }

    /// <summary>Runs a command that is refused, and gives its exit code and all it says about that.</summary>
    public static async Task<(int Code, string Error)> RefusedAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [s_program, .. arguments]) { RedirectStandardError = true })!;
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error);
    }

    /// <summary>Kills it: nothing is written any more.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(string[] arguments) => new("dotnet", [s_program, .. arguments]) { RedirectStandardOutput = true };
}
