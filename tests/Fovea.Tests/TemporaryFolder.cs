namespace Fovea.Tests;

/// <summary>An empty folder that is removed after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("fovea-").FullName;

    /// <summary>The path of a file in it.</summary>
    public string this[string file] => System.IO.Path.Combine(Path, file);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
