using System.Globalization;

namespace Fovea.Lab;

/// <summary>The datasets that can be had by name, and folders of images or IDX files.</summary>
public static class Datasets
{
    /// <summary>How the bytes of a folder become floats: from -1 to 1.</summary>
    internal static Normalization FolderNormalization { get; } = new([0.5f], [0.5f]);

    /// <summary>The name of the data that are drawn, not loaded: see <see cref="ShapeImages"/>. "shapes:9:1" has nine round ones for each odd one.</summary>
    public const string Shapes = "shapes";

    /// <summary>The datasets that have a name.</summary>
    public static IReadOnlyList<DatasetEntry> Catalogue { get; } =
    [
        new("mnist", "handwritten digits", new Shape(1, 28, 28), ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], 60_000, 10_000,
            new Normalization([0.1307f], [0.3081f]), "Yann LeCun and Corinna Cortes", "CC BY-SA 3.0", Package: null, Folder: null),
        new("fashion-mnist", "clothes, shoes and bags", new Shape(1, 28, 28),
            ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"], 60_000, 10_000,
            new Normalization([0.2860f], [0.3530f]), "Zalando SE, github.com/zalandoresearch/fashion-mnist", "MIT",
            "dataset-fashion-mnist", "/usr/share/datasets/fashion-mnist"),
    ];

    /// <summary>Loads a part of a dataset.</summary>
    /// <param name="name">A name of the catalogue, or the path of a folder of images by class or of the four IDX files.</param>
    /// <param name="part">Which samples.</param>
    /// <param name="shape">The shape that a model takes; samples of IDX files are centred on a background of zeros, images from files are
    /// resized to it. Null leaves the samples as they are.</param>
    /// <param name="folder">Where the files of a named dataset are, when not at their usual place.</param>
    /// <exception cref="DataFormatException">There is no such dataset, its files are not what they should be, or they do not fit the
    /// shape.</exception>
    public static Dataset Load(string name, DatasetPart part, Shape? shape = null, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (DrawnImbalance(name) is { } imbalance) return Fit(LoadShapes(name, part, imbalance), shape);
        if (Catalogue.FirstOrDefault(entry => entry.Name == name) is { } entry) return Fit(LoadNamed(entry, part, folder), shape);
        if (!Directory.Exists(name))
        {
            string[] names = [.. Catalogue.Select(entry => entry.Name), Shapes];
            throw new DataFormatException($"there is no dataset \"{name}\" and no folder of this name. {Nearest.Hint(name, names)}"
                + $"Give one of {string.Join(", ", names)}, or a folder with one sub-folder of images for each class.");
        }
        // The full path is the name: a training is then continued on the same data from wherever it is started.
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(name));
        if (!IdxFile.IsFolder(path)) return ImageFolder.Load(path, part, shape);
        string[] classes = [.. Enumerable.Range(0, IdxFile.CountClasses(path)).Select(label => $"{label}")];
        return Fit(IdxFile.ReadFolder(path, path, part == DatasetPart.Training, classes, FolderNormalization), shape);
    }

    /// <summary>The shape of a dataset's samples.</summary>
    /// <exception cref="DataFormatException">There is no such dataset, or its files are not what they should be.</exception>
    public static Shape ShapeOf(string name, string? folder = null) =>
        DrawnImbalance(name) is not null ? new Shape(3, new ShapeImages().Size, new ShapeImages().Size) : Catalogue.FirstOrDefault(entry => entry.Name == name)?.Shape ?? Load(name, DatasetPart.Test, folder: folder).Shape;

    // Drawn anew each time, by seeds of their own for the two parts.
    private static Dataset LoadShapes(string name, DatasetPart part, double imbalance) =>
        new ShapeImages { Count = part == DatasetPart.Training ? 4000 : 1000, Seed = part == DatasetPart.Training ? 1ul : 2, Imbalance = imbalance }.ToDataset(name);

    // Round ones for each odd one; null for what is not drawn.
    private static double? DrawnImbalance(string name)
    {
        if (name == Shapes) return 1;
        string[] parts = name.Split(':');
        if (parts[0] != Shapes) return null;
        return parts.Length == 3 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int round)
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int odd) && round > 0 && odd > 0
            ? (double)round / odd
            : throw new DataFormatException($"expected drawn shapes as in {Shapes} or, with nine round ones for each odd one, {Shapes}:9:1, got \"{name}\".");
    }

    private static Dataset Fit(Dataset data, Shape? shape) => shape is { } wanted ? data.Fit(wanted) : data;

    private static Dataset LoadNamed(DatasetEntry entry, DatasetPart part, string? folder)
    {
        bool training = part == DatasetPart.Training;
        if ((folder ?? entry.Folder) is { } path)
        {
            if (!IdxFile.IsFolder(path)) throw new DataFormatException($"{entry.Name}: {path} is not there, or holds no IDX files. {entry.Remedy}.");
            return IdxFile.ReadFolder(path, entry.Name, training, entry.ClassNames, entry.Normalization);
        }
        string prefix = $"{entry.Name}/{(training ? "train" : "t10k")}";
        using Stream images = Embedded($"{prefix}-images-idx3-ubyte.gz"), labels = Embedded($"{prefix}-labels-idx1-ubyte.gz");
        return IdxFile.Read(images, $"{entry.Name} images", labels, $"{entry.Name} labels", entry.Name, entry.ClassNames, entry.Normalization);
    }

    private static Stream Embedded(string name) => typeof(Datasets).Assembly.GetManifestResourceStream(name)!;
}
