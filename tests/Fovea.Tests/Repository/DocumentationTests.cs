using System.Text;
using System.Text.RegularExpressions;

namespace Fovea.Tests.Repository;

/// <summary>
/// What the documents show is what the program prints: every block marked as console is run, command by command, and compared, blanks at
/// the ends of lines apart. UPDATE=1 writes the output into the documents.
/// </summary>
[Collection(nameof(DocumentationTests))]
public partial class DocumentationTests
{
    /// <summary>Alone, as it moves the process to the repository's root, from where documents name files.</summary>
    [CollectionDefinition(nameof(DocumentationTests), DisableParallelization = true)]
    public class Alone;

    public static TheoryData<string> Documents => [.. Source.Files("docs", "*.md").Append("README.md").Where(file => Blocks().IsMatch(Source.Read(file)))];

    [Theory, MemberData(nameof(Documents))]
    public void Commands_print_what_a_document_shows(string file)
    {
        string text = Source.Read(file).ReplaceLineEndings("\n");
        string now = Blocks().Replace(text, block => $"```console\n{Run(block.Groups[1].Value)}```");
        if (Environment.GetEnvironmentVariable("UPDATE") == "1") File.WriteAllText(Path.Combine(Source.Root, file), now);
        else Assert.Equal(text, now);
    }

    [Fact]
    public void The_readme_shows_commands() => Assert.Contains("README.md", Documents.Select(row => row.Data));

    private static string Run(string block)
    {
        var text = new StringBuilder();
        foreach (string command in block.Split('\n').Where(line => line.StartsWith("$ ", StringComparison.Ordinal)))
        {
            string[] words = [.. Words().Matches(command[2..]).Select(word => word.Value.Trim('"'))];
            Assert.Equal("fovea", words[0]);
            text.Append(command).Append('\n');
            string before = Environment.CurrentDirectory;
            try
            {
                Environment.CurrentDirectory = Source.Root;
                CommandLineRun run = CommandLineRun.Of(words[1..]);
                foreach (string line in (run.Output + run.Error).TrimEnd('\n').Split('\n')) text.Append(line.TrimEnd()).Append('\n');
            }
            finally
            {
                Environment.CurrentDirectory = before;
            }
        }
        return text.ToString();
    }

    [GeneratedRegex("```console\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex("""
        "[^"]*"|\S+
        """)]
    private static partial Regex Words();
}
