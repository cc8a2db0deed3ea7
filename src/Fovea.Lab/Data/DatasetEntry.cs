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
/// <param name="Package">The Debian package that brings it; null where it is embedded.</param>
/// <param name="Folder">Where that package puts it; null where it is embedded.</param>
public sealed record DatasetEntry(string Name, string Title, Shape Shape, IReadOnlyList<string> ClassNames, int TrainingSamples, int TestSamples,
    Normalization Normalization, string Source, string Licence, string? Package, string? Folder)
{
    /// <summary>Where it is, in words.</summary>
    public string Where => Folder ?? "embedded";

    /// <summary>Whether it can be loaded as it is.</summary>
    public bool IsAvailable => Folder is null || IdxFile.IsFolder(Folder);

    /// <summary>What to do where it is not available.</summary>
    internal string Remedy => $"Install the Debian package {Package} (apt-get install {Package}), or give the folder that holds its four IDX files";
}
