using System.Text.RegularExpressions;

namespace Fovea.Tests.Repository;

/// <summary>The repository that this program was built from, as text.</summary>
internal static partial class Source
{
    /// <summary>The folder with Fovea.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The files of a folder and below, by their paths from the root with forward slashes; what the build makes is left out.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj" or "artifacts"))
            .Order(StringComparer.Ordinal),
    ];

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>A file's code, without comments and without what stands in quotes.</summary>
    public static string Code(string file) => Quiet().Replace(Read(file), match => match.Value[0] == '/' ? "" : "\"\"");

    /// <summary>A file's code with its comments, without what stands in quotes.</summary>
    public static string WithoutTexts(string file) => Quiet().Replace(Read(file), match => match.Value[0] == '/' ? match.Value : "\"\"");

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Fovea.slnx"))) return folder.FullName;
        }
        throw new InvalidOperationException($"there is no Fovea.slnx above {AppContext.BaseDirectory}: the tests run inside the repository's folder.");
    }

    // Comments, and text and letters in quotes.
    [GeneratedRegex("""
        //[^\n]*|/\*.*?\*/|(?<quotes>\x22{3,}).*?\k<quotes>(?!\x22)|\x22(\\.|[^\x22\\\n])*\x22|'(\\.|[^'\\\n])+'
        """, RegexOptions.Singleline)]
    private static partial Regex Quiet();
}
