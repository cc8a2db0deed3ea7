using System.CommandLine;
using System.Text;

namespace Fovea.Cli;

/// <summary>A file that a command is asked to write. Whether it can be is seen before anything is computed for it.</summary>
internal sealed record OutputFile
{
    private OutputFile(string path) => Path = path;

    /// <summary>Its path, as it was given.</summary>
    public string Path { get; }

    /// <summary>A file that is to be written.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="option">What named it: "--output", "FILE".</param>
    /// <exception cref="FoveaException">It cannot be.</exception>
    public static OutputFile At(string path, string option) => Problem(path, []) is { } problem ? throw new FoveaException($"{option}: {problem}") : new OutputFile(path);

    /// <summary>An option that names a file.</summary>
    /// <param name="name">"--html".</param>
    /// <param name="description">What is written.</param>
    /// <param name="endings">How the name may end, ".svg"; any way when not given.</param>
    public static Option<OutputFile?> Option(string name, string description, params IReadOnlyList<string> endings) => new(name)
    {
        Description = description,
        HelpName = "FILE",
        CustomParser = result =>
        {
            string path = result.Tokens[0].Value;
            if (Problem(path, endings) is not { } problem) return new OutputFile(path);
            result.AddError($"{name}: {problem}");
            return null;
        },
    };

    /// <summary>A file in the same folder: "answer-1.png" beside "answer.md".</summary>
    public OutputFile Beside(string ending) =>
        new(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path) ?? "", System.IO.Path.GetFileNameWithoutExtension(Path) + ending));

    /// <summary>Writes a text, in UTF-8.</summary>
    /// <exception cref="FoveaException">It cannot be written.</exception>
    public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes the file.</summary>
    /// <exception cref="FoveaException">It cannot be written.</exception>
    public void Write(byte[] data)
    {
        try
        {
            File.WriteAllBytes(Path, data);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new FoveaException($"{Path}: the file cannot be written: {exception.Message}", exception);
        }
    }

    private static string? Problem(string path, IReadOnlyList<string> endings)
    {
        if (string.IsNullOrWhiteSpace(path)) return "the name of the file is empty. Give one.";
        if (Directory.Exists(path) || System.IO.Path.EndsInDirectorySeparator(path)) return $"{path} is a folder. Give the name of a file in it.";
        if (endings.Count > 0 && !endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
            return $"expected a name that ends in {string.Join(" or ", endings)}, got \"{path}\".";
        string folder = System.IO.Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".";
        if (!Directory.Exists(folder)) return $"there is no folder {folder} for {System.IO.Path.GetFileName(path)}. Make it first, or give another name.";
        try
        {
            // Finds what no file system takes, before a file that it does take is tried beside it.
            System.IO.Path.GetFullPath(path);
            if (File.Exists(path))
            {
                using FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                return null;
            }
            string probe = System.IO.Path.Combine(folder, $".probe-{Environment.ProcessId}");
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"{path} cannot be written: {exception.Message} Give another name.";
        }
    }
}
