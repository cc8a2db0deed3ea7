namespace Fovea.Lab;

/// <summary>The folder that a study writes.</summary>
public static class StudyFolder
{
    /// <summary>The name of the file with the results.</summary>
    public const string ResultFile = "study.json";

    /// <summary>The name of the report.</summary>
    public const string ReportFile = "report.html";

    /// <summary>Makes the folder and sees that it can be written, so that nobody learns it after the training.</summary>
    /// <exception cref="FoveaException">It cannot.</exception>
    public static void Prepare(string folder)
    {
        string probe = Path.Combine(folder, $".{ResultFile}.{Environment.ProcessId}");
        Guard(folder, () =>
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(probe, "");
            File.Delete(probe);
        });
    }

    /// <summary>Writes a file whole or not at all: under a temporary name, flushed to disk and renamed.</summary>
    internal static void Write(string folder, string file, string text) => Guard(folder, () =>
    {
        string path = Path.Combine(folder, file), temporary = path + ".tmp";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            writer.Write(text);
            writer.Flush();
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    });

    private static void Guard(string folder, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new FoveaException($"{folder}: the study cannot be written there: {exception.Message} Give another folder.", exception);
        }
    }
}
