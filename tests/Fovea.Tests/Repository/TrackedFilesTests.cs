using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Fovea.Tests.Repository;

public partial class TrackedFilesTests
{
    [Fact]
    public void No_tracked_file_names_a_path_of_somebody_s_machine()
    {
        Assert.SkipUnless(Path.Exists(Path.Combine(Source.Root, ".git")), "this is not a clone: what is tracked is not known");
        using Process git = Process.Start(new ProcessStartInfo("git", ["ls-files", "-z"]) { WorkingDirectory = Source.Root, RedirectStandardOutput = true })!;
        string[] files = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        Assert.Contains("Fovea.slnx", files);

        var wrong = new List<string>();
        foreach (string file in files.Where(file => File.Exists(Path.Combine(Source.Root, file)) && !file.EndsWith(".gz", StringComparison.Ordinal)))
            wrong.AddRange(PrivatePaths().Matches(Source.Read(file)).Select(match => $"{file}: {match.Value}"));
        Assert.Equal([], wrong);
    }

    // Homes and folders of temporary work: of Linux, macOS and Windows.
    [GeneratedRegex(@"(?<![\w.~-])/(?:home|root|Users|work|tmp)/[\w.-]*|\b[A-Za-z]:\\(?:Users|Temp)\b")]
    private static partial Regex PrivatePaths();
}
