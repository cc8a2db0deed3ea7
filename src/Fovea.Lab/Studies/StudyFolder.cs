using System.Text;

namespace Fovea.Lab;

/// <summary>The folder that a study writes.</summary>
public static class StudyFolder
{
    /// <summary>The name of the file with the results.</summary>
    public const string ResultFile = "study.json";

    /// <summary>The name of the report.</summary>
    public const string ReportFile = "report.html";

    /// <summary>Writes a file whole or not at all: under a temporary name, flushed to disk and renamed.</summary>
    /// <exception cref="FoveaException">It cannot be written.</exception>
    internal static void Write(string folder, string file, string text)
    {
        string path = Path.Combine(folder, file), temporary = path + ".tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FoveaException($"{path}: the study cannot be written: {exception.Message}", exception);
        }
    }
}
