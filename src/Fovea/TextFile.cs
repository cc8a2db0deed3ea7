namespace Fovea;

/// <summary>Text in files: models, studies, tables and images of few numbers.</summary>
public static class TextFile
{
    /// <summary>The bytes that such a file may have: what it becomes takes tens of times its length.</summary>
    public const int Largest = 1 << 20;

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataFormatException">It is not there, or larger than any such file.</exception>
    public static string Read(string path)
    {
        if (!File.Exists(path)) throw new DataFormatException($"{path}: there is no such file.");
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > Largest) throw new DataFormatException($"{path}: {stream.Length:N0} bytes are more than the {Largest:N0} that a file of text may have here. Is it the right file?");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
