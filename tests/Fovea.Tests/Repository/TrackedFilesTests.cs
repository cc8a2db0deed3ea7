using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Fovea.Tests.Repository;

public partial class TrackedFilesTests
{
    [Fact]
    public void No_tracked_file_names_a_path_of_somebody_s_machine()
    {
        string[] files = Tracked();
        var wrong = new List<string>();
        foreach (string file in files.Where(file => File.Exists(Path.Combine(Source.Root, file)) && !file.EndsWith(".gz", StringComparison.Ordinal)))
            wrong.AddRange(PrivatePaths().Matches(Source.Read(file)).Select(match => $"{file}: {match.Value}"));
        Assert.Equal([], wrong);
    }

    [Fact]
    public void Links_of_documents_lead_to_tracked_files()
    {
        string[] files = Tracked();
        var wrong = new List<string>();
        foreach (string document in files.Where(file => file.EndsWith(".md", StringComparison.Ordinal)))
        {
            foreach (string link in Links().Matches(Source.Read(document)).Select(match => match.Groups[1].Value))
            {
                string target = Path.GetRelativePath(Source.Root, Path.Combine(Source.Root, Path.GetDirectoryName(document)!, link)).Replace('\\', '/');
                if (!files.Any(file => file == target || file.StartsWith(target + "/", StringComparison.Ordinal))) wrong.Add($"{document}: {link}");
            }
        }
        Assert.Equal([], wrong);
    }

    private static string[] Tracked()
    {
        Assert.SkipUnless(Path.Exists(Path.Combine(Source.Root, ".git")), "this is not a clone: what is tracked is not known");
        using Process git = Process.Start(new ProcessStartInfo("git", ["ls-files", "-z"]) { WorkingDirectory = Source.Root, RedirectStandardOutput = true })!;
        string[] files = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        Assert.Contains("Fovea.slnx", files);
        return files;
    }

    // Relative ones, without what follows a #.
    [GeneratedRegex(@"\]\((?!\w+:|#)([^)#\s]+)[^)]*\)")]
    private static partial Regex Links();

    // Homes and folders of temporary work: of Linux, macOS and Windows.
    [GeneratedRegex(@"(?<![\w.~-])/(?:home|root|Users|work|tmp)/[\w.-]*|\b[A-Za-z]:\\(?:Users|Temp)\b")]
    private static partial Regex PrivatePaths();
}
