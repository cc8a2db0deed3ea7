namespace Fovea.Lab;

/// <summary>A dataset of the catalogue.</summary>
/// <param name="Name">What <see cref="Datasets.Load"/> calls it.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Shape">The shape of a sample.</param>
/// <param name="ClassNames">The names of the classes, label 0 first.</param>
/// <param name="TrainingSamples">How many samples there are to train on.</param>
/// <param name="TestSamples">How many there are to test on.</param>
/// <param name="Normalization">How bytes become floats: mean and deviation of the training samples.</param>
/// <param name="Source">Whose it is, and where it comes from.</param>
/// <param name="Licence">On what terms.</param>
public sealed record DatasetEntry(string Name, string Title, Shape Shape, IReadOnlyList<string> ClassNames, int TrainingSamples, int TestSamples,
    Normalization Normalization, string Source, string Licence)
{
    /// <summary>The files that <see cref="DatasetDownload"/> fetches; none where it is embedded.</summary>
    public IReadOnlyList<DatasetFile> Files { get; init; } = [];

    /// <summary>Where they are published, each address with all of them; the first is tried first.</summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];

    /// <summary>The Debian package that brings it, and where that puts it; null where there is none.</summary>
    public string? Package { get; init; }

    /// <summary>The name of its folder: one that shares its files with another has the same.</summary>
    internal string FolderName { get; init; } = Name;

    /// <summary>How a part of it is read from its folder.</summary>
    internal Func<DatasetEntry, string, bool, Dataset> Reader { get; init; } = (entry, folder, training) =>
        IdxFile.ReadFolder(folder, entry.Name, training, entry.ClassNames, entry.Normalization);

    /// <summary>Whether it comes with the program.</summary>
    internal bool IsEmbedded => Files.Count == 0;

    /// <summary>Where its files are fetched to.</summary>
    internal string Home => Path.Combine(Datasets.Home, FolderName);

    private string? PackageFolder => Package is null ? null : $"/usr/share/datasets/{FolderName}";

    /// <summary>The folder that has its files; null where none has, or it is embedded.</summary>
    public string? Folder => IsEmbedded ? null
        : Files.All(file => File.Exists(Path.Combine(Home, file.Name))) ? Home
        : PackageFolder is { } folder && IdxFile.IsFolder(folder) ? folder : null;

    /// <summary>Where it is, in words.</summary>
    public string Where => IsEmbedded ? "embedded" : Folder ?? "not on this machine";

    /// <summary>Whether it can be loaded as it is.</summary>
    public bool IsAvailable => IsEmbedded || Folder is not null;

    /// <summary>What to do where it is not available.</summary>
    internal string Remedy => (IsEmbedded ? "Leave the folder out, as it is embedded, or give" : $"Get it with fovea data get {Name}"
        + (Package is null ? "" : $", install the Debian package {Package} (apt-get install {Package})") + ", or give") + " the folder that holds its files";
}
