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
        // A device has no length, and may have no end.
        byte[] bytes = new byte[Largest + 1];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length > Largest)
        {
            string size = stream.Length > Largest ? $"{stream.Length:N0}" : "these";
            throw new DataFormatException($"{path}: {size} bytes are more than the {Largest:N0} that a file of text may have here. Is it the right file?");
        }
        using var reader = new StreamReader(new MemoryStream(bytes, 0, length));
        return reader.ReadToEnd();
    }
}
