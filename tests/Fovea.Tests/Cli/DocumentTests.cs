using System.Text.RegularExpressions;

namespace Fovea.Tests;

/// <summary>The documents that a command writes hold all that it shows, and files that cannot be written are refused before anything runs.</summary>
public class DocumentTests
{
    private static readonly string s_claim = Path.Combine(Fovea.Tests.Repository.Source.Root, "docs/examples/lenet5-claim.csv");

    [Fact]
    public void Documents_of_an_audit_hold_its_table_and_its_findings()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(1, CommandLineRun.Of("audit", s_claim, "--input", "1x32x32", "--html", folder["a.html"], "--markdown", folder["a.md"], "--latex", folder["a.tex"]).Code);
        foreach (string file in (string[])["a.html", "a.md", "a.tex"])
        {
            string text = File.ReadAllText(folder[file]);
            // A row that is right, the finding's reason, the last line of the terminal, and the working.
            Assert.Matches("Conv2d-7.*120x1x1.*48,120", text);
            Assert.Contains("LogSoftmax was counted like a linear layer of 10 inputs and 10 outputs", text);
            Assert.Contains("2 figures are wrong.", text);
            Assert.Contains("not 61,816", text);
        }
    }

    [Fact]
    public void Documents_of_a_summary_hold_its_table()
    {
        using var folder = new TemporaryFolder();
        CommandLineRun.OutputOf("summary", "stride2", "--markdown", folder["summary.md"]);
        string text = File.ReadAllText(folder["summary.md"]);
        Assert.Contains("| MaxPool2d-3 | maxpool 5 s2 | 32x5x5 | 0 |  | 0 | 13x13 | 3,200 |", text);
        Assert.Contains("104,650 parameters, 260,480 multiply-adds per sample.", text);
    }

    [Fact]
    public void Documents_of_a_receptive_field_hold_its_table_and_a_picture()
    {
        using var folder = new TemporaryFolder();
        CommandLineRun.OutputOf("receptive-field", "stride2", "--html", folder["field.html"], "--markdown", folder["a field.md"], "--latex", folder["field.tex"]);
        string html = File.ReadAllText(folder["field.html"]);
        Assert.Contains("6 to 18", html);
        byte[] picture = Convert.FromBase64String(Regex.Match(html, "<img alt=\"[^\"]+\" src=\"data:image/png;base64,([^\"]+)\">").Groups[1].Value);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], picture[..4]);
        // Elsewhere the picture is a file beside the document.
        Assert.Contains("](<a field-1.png>)", File.ReadAllText(folder["a field.md"]));
        Assert.Contains("\\includegraphics[width=\\linewidth]{field-1.png}", File.ReadAllText(folder["field.tex"]));
        Assert.Equal(picture, File.ReadAllBytes(folder["a field-1.png"]));
        Assert.Equal(picture, File.ReadAllBytes(folder["field-1.png"]));
    }

    [Theory]
    [InlineData("--html")]
    [InlineData("--markdown")]
    [InlineData("--latex")]
    public void A_file_that_cannot_be_written_is_refused(string option)
    {
        using var folder = new TemporaryFolder();
        Refused("", "the name of the file is empty. Give one.");
        Refused(" ", "the name of the file is empty. Give one.");
        Refused(folder.Path, $"{folder.Path} is a folder. Give the name of a file in it.");
        Refused("new/", "new/ is a folder. Give the name of a file in it.");
        Refused(folder["missing/a.txt"], $"there is no folder {folder["missing"]} for a.txt. Make it first, or give another name.");
        Refused("a\0b", "a\0b cannot be written: ");
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
        if (OperatingSystem.IsLinux()) Refused("/proc/a.html", "/proc/a.html cannot be written: ");

        void Refused(string path, string message) => CommandLineRun.AssertRefused($"summary: {option}: {message}", "summary", "stride2", option, path);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void A_folder_without_a_name_is_refused(string folder) =>
        CommandLineRun.AssertRefused("--out: the name of the folder is empty. Give one.", "convolve", "1 2; 3 4", "--kernel", "1", "--out", folder);

    [Fact]
    public void Two_documents_in_one_file_are_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder["both.txt"];
        CommandLineRun.AssertRefused($"{path} is named for two documents. Give each a name of its own.", "summary", "stride2", "--html", path, "--markdown", path);
        Assert.False(File.Exists(path));
    }
}
