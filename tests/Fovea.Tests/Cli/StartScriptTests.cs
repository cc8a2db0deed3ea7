using System.Diagnostics;

namespace Fovea.Tests;

/// <summary>The start script, on a made-up project and a made-up dotnet that "builds" a program which prints its arguments.</summary>
public sealed class StartScriptTests : IDisposable
{
    private const string Dotnet = """
        #!/bin/sh
        [ "$1" = --list-sdks ] && { echo 10.0.100; exit; }
        while [ $# -gt 0 ]; do [ "$1" = --output ] && output=$2; shift; done
        echo built >> "$BUILDS"
        sleep 0.3
        grep -q broken "$ROOT/src/a.cs" && { echo "a.cs(1,1): error CS1002: ; expected"; exit 1; }
        mkdir -p "$output"
        { echo '#!/bin/sh'; echo "echo $(cat "$ROOT/src/a.cs") \"\$@\""; echo 'exit 7'; } > "$output/Fovea.Cli"
        chmod +x "$output/Fovea.Cli"
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly string _root;

    public StartScriptTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The start script is for Unix.");
        _root = _folder["the project"];
        foreach (string name in (string[])["src", "datasets/mnist", "../bin/host/fxr"]) Directory.CreateDirectory(Path.Combine(_root, name));
        File.Copy(RepositoryFile("fovea"), Script);
        File.WriteAllText(_folder["bin/dotnet"], Dotnet);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(_folder["bin/dotnet"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Write("one");
    }

    public void Dispose() => _folder.Dispose();

    private string Script => Path.Combine(_root, "fovea");

    private int Builds => File.Exists(_folder["builds"]) ? File.ReadAllLines(_folder["builds"]).Length : 0;

    private void Write(string source) => File.WriteAllText(Path.Combine(_root, "src", "a.cs"), source);

    private static string RepositoryFile(string name)
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Fovea.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return Path.Combine(folder, name);
    }

    private async Task<CommandLineRun> Start(string? script = null, string? path = null, params IReadOnlyList<string> args)
    {
        var start = new ProcessStartInfo("bash", [script ?? Script, .. args])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = path ?? $"{_folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["BUILDS"] = _folder["builds"];
        start.Environment["ROOT"] = _root;
        using Process process = Process.Start(start)!;
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation), error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return new CommandLineRun(process.ExitCode, await output, await error);
    }

    [Fact]
    public async Task It_builds_once_and_then_starts_at_once()
    {
        Assert.Equal(new CommandLineRun(7, "one a  b |\n", "Building Fovea (once) ...\n"), await Start(args: ["a  b", "|"]));
        Assert.Equal(new CommandLineRun(7, "one c\n", ""), await Start(args: "c"));
        Assert.Equal(1, Builds);
    }

    [Fact]
    public async Task It_works_through_symbolic_links()
    {
        File.CreateSymbolicLink(_folder["bin/fovea"], "../the project/fovea");
        File.CreateSymbolicLink(_folder["link"], _folder["bin/fovea"]);
        Assert.Equal((7, "one\n"), await Start(_folder["link"]) is var run ? (run.Code, run.Output) : default);
        Assert.True(Directory.Exists(Path.Combine(_root, "artifacts")));
    }

    [Fact]
    public async Task It_builds_anew_when_a_source_has_changed()
    {
        await Start();
        File.SetLastWriteTimeUtc(Path.Combine(_root, "src", "a.cs"), DateTime.UtcNow.AddMinutes(-1));
        Assert.Equal("", (await Start()).Error);
        // A second later, as some file systems count no finer.
        await Task.Delay(1100, TestContext.Current.CancellationToken);
        Write("two");
        Assert.Equal(new CommandLineRun(7, "two\n", "Building Fovea (once) ...\n"), await Start());
        await Task.Delay(1100, TestContext.Current.CancellationToken);
        File.WriteAllText(Path.Combine(_root, "datasets", "mnist", "new"), "");
        Assert.Equal("Building Fovea (once) ...\n", (await Start()).Error);
        // The last build and the one before it are kept.
        Assert.Equal(2, Directory.EnumerateDirectories(Path.Combine(_root, "artifacts", "start"), "build-*").Count());
    }

    [Fact]
    public async Task A_build_that_fails_shows_the_compilers_output_and_is_tried_again()
    {
        Write("broken");
        CommandLineRun run = await Start();
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Equal("Building Fovea (once) ...\na.cs(1,1): error CS1002: ; expected\nfovea: the build failed.\n", run.Error);
        Write("mended");
        Assert.Equal("mended\n", (await Start()).Output);
    }

    [Fact]
    public async Task Starts_at_the_same_time_build_once()
    {
        CommandLineRun[] runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Start()));
        Assert.All(runs, run => Assert.Equal((7, "one\n"), (run.Code, run.Output)));
        Assert.Equal(1, Builds);
    }

    [Fact]
    public async Task A_lock_that_a_dead_process_left_does_not_hold()
    {
        Directory.CreateDirectory(Path.Combine(_root, "artifacts", "start"));
        // No process has a number as high.
        File.CreateSymbolicLink(Path.Combine(_root, "artifacts", "start", "lock"), "99999999");
        Assert.Equal("one\n", (await Start()).Output);
    }

    [Fact]
    public async Task Without_dotnet_it_says_what_to_install()
    {
        Directory.CreateDirectory(_folder["tools"]);
        foreach (string tool in (string[])["bash", "mkdir", "ln", "rm", "readlink", "sleep"])
            File.CreateSymbolicLink(_folder[$"tools/{tool}"], Find(tool));
        CommandLineRun run = await Start(path: _folder["tools"]);
        Assert.Equal(new CommandLineRun(1, "", "fovea: there is no dotnet. Install the .NET 10 SDK: https://dotnet.microsoft.com/download\n"), run);

        static string Find(string tool) => Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, tool)).First(File.Exists);
    }
}
