using Fovea.Lab;

namespace Fovea.Studio.Training;

/// <summary>What is to be trained, as a page's address holds it.</summary>
/// <param name="Model">A name of the zoo, or a line of text.</param>
/// <param name="Data">A name of the catalogue: never a path.</param>
/// <param name="Samples">How many samples to train on.</param>
/// <param name="Settings">How.</param>
public sealed record TrainingRequest(string Model, string Data, int Samples, TrainingSettings Settings)
{
    /// <summary>The data that can be chosen.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Datasets.Catalogue.Where(IsThere).Select(entry => entry.Name), Datasets.Shapes];

    /// <summary>The model that is meant.</summary>
    /// <exception cref="FoveaException">It is none, or does not fit the data.</exception>
    public ModelSpec Spec => Zoo.Find(Model) ?? ModelSpec.Parse(Model, Datasets.ShapeOf(Known));

    /// <summary>The name of the data.</summary>
    /// <exception cref="FoveaException">There are none of this name.</exception>
    public string Known => Names.Contains(Data) ? Data : throw new FoveaException($"there are no data \"{Data}\" here. Choose one of {string.Join(", ", Names)}.");

    // Nothing is loaded from outside of its usual place.
    private static bool IsThere(DatasetEntry entry) => entry.Folder is null || Directory.Exists(entry.Folder);
}
