using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Fovea.Studio.Tests;

/// <summary>Texts to copy, used as who copies them would: typed into a shell, and compiled as a program.</summary>
internal static class Snippets
{
    private static readonly string s_folder = AppContext.BaseDirectory;

    /// <summary>The text of a page, or of a part of it, that is to be copied as a command.</summary>
    public static async Task<string> CommandOf(StudioSession session, string within = "main") => await session.Page.Locator($"{within} > .copy pre.command").TextContentAsync() ?? "";

    /// <summary>The text of a page, or of a part of it, that is to be copied as C#.</summary>
    public static async Task<string> CodeOf(StudioSession session, string within = "main") => await session.Page.Locator($"{within} > .copy pre.csharp").TextContentAsync() ?? "";

    /// <summary>What a shell prints for a command, in which <c>fovea</c> is the command line of this build.</summary>
    public static Task<string> ShellAsync(string command, string folder) =>
        RunAsync("sh", folder, "-c", $"fovea() {{ dotnet '{Path.Combine(s_folder, "Fovea.Cli.dll")}' \"$@\"; }}\nset -e\n{command}");

    /// <summary>What a program prints, in lines.</summary>
    public static async Task<string[]> ProgramAsync(string code, string folder)
    {
        // The compiler comes with the SDK that has built this.
        string framework = RuntimeEnvironment.GetRuntimeDirectory(), sdks = Path.GetFullPath(Path.Combine(framework, "..", "..", "..", "sdk"));
        string? compiler = Directory.Exists(sdks) ? Directory.GetDirectories(sdks).Select(sdk => Path.Combine(sdk, "Roslyn", "bincore", "csc.dll")).LastOrDefault(File.Exists) : null;
        Assert.SkipWhen(compiler is null, "there is no SDK beside the runtime");
        string name = Path.Combine(s_folder, $"snippet-{Guid.NewGuid():N}"), source = name + ".cs", program = name + ".dll", options = name + ".rsp";
        try
        {
            await File.WriteAllTextAsync(source, "using System;\nusing System.Collections.Generic;\nusing System.IO;\nusing System.Linq;\nusing Fovea;\nusing Fovea.Lab;\n" + code);
            string[] references = [.. Directory.GetFiles(framework, "System*.dll"), Path.Combine(s_folder, "Fovea.dll"), Path.Combine(s_folder, "Fovea.Lab.dll")];
            await File.WriteAllLinesAsync(options, ["-nologo", "-nostdlib", $"-out:\"{program}\"", .. references.Where(IsManaged).Select(file => $"-r:\"{file}\""), $"\"{source}\""]);
            await RunAsync("dotnet", folder, compiler, "@" + options);
            string output = await RunAsync("dotnet", folder, "exec", "--runtimeconfig", Path.Combine(s_folder, "Fovea.Cli.runtimeconfig.json"), "--depsfile", Path.Combine(s_folder, "Fovea.Cli.deps.json"), program);
            return output.TrimEnd('\n').Split('\n');
        }
        finally
        {
            foreach (string file in (string[])[source, program, options]) File.Delete(file);
        }
    }

    private static bool IsManaged(string file)
    {
        using FileStream stream = File.OpenRead(file);
        using var reader = new System.Reflection.PortableExecutable.PEReader(stream);
        return reader.HasMetadata;
    }

    private static async Task<string> RunAsync(string program, string folder, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', arguments)} ended with {process.ExitCode}: {output}{await error}");
        return output;
    }
}
