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
    public static IReadOnlyList<DatasetEntry> Catalogue => Lab.Catalogue.Entries;

    /// <summary>Where fetched datasets are, a folder each: $FOVEA_DATA, or the user's own place for data.</summary>
    public static string Home => Environment.GetEnvironmentVariable("FOVEA_DATA") is { Length: > 0 } folder ? Path.GetFullPath(folder)
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "fovea", "datasets");

    /// <summary>Whether <c>--data</c> takes this for the name of a dataset, even where there is a folder of this name.</summary>
    public static bool IsNamed(string name) => name == Shapes || Catalogue.Any(entry => entry.Name == name);

    /// <summary>Loads a part of a dataset.</summary>
    /// <param name="name">A name of the catalogue; the path of a .csv or .npz file (<see cref="PixelCsv"/>, <see cref="NpzDataset"/>); or of a folder: of images by class, of
    /// the four IDX files, of CIFAR's binary files, or of train.csv and test.csv. Of what is not divided into two parts, every fifth sample is for testing.</param>
    /// <param name="part">Which samples.</param>
    /// <param name="shape">The shape that a model takes; samples of files of numbers are centred on a background of zeros, images from files are
    /// resized to it. Null leaves the samples as they are.</param>
    /// <param name="folder">Where the files of a named dataset are, when not at their usual place.</param>
    /// <param name="memory">Bytes that the images of a folder may take; those of a larger one are read as they are needed. Null for a quarter of the machine's memory.</param>
    /// <exception cref="DataFormatException">There is no such dataset, its files are not what they should be, or they do not fit the
    /// shape.</exception>
    public static Dataset Load(string name, DatasetPart part, Shape? shape = null, string? folder = null, long? memory = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (DrawnImbalance(name) is { } imbalance) return Fit(LoadShapes(name, part, imbalance), shape);
        if (Catalogue.FirstOrDefault(entry => entry.Name == name) is { } entry) return Fit(LoadNamed(entry, part, folder), shape);
        // The full path is the name: a training is then continued on the same data from wherever it is started.
        string path = name.Length == 0 ? name : Path.TrimEndingDirectorySeparator(Path.GetFullPath(name));
        bool isTraining = part == DatasetPart.Training;
        if (File.Exists(path)) return Fit(LoadFile(path, part, shape), shape);
        if (!Directory.Exists(path))
        {
            string[] names = [.. Catalogue.Select(entry => entry.Name), Shapes];
            throw new DataFormatException($"there is no dataset \"{name}\" and no file or folder of this name. {Nearest.Hint(name, names)}"
                + $"Give one of {string.Join(", ", names)}, a .csv or .npz file, or a folder with one sub-folder of images for each class.");
        }
        if (CifarFile.ClassesOf(path) is > 0 and var count)
        {
            DatasetEntry cifar = Catalogue.Single(entry => entry.Name == $"cifar-{count}");
            return Fit(CifarFile.ReadFolder(path, path, isTraining, cifar.ClassNames, cifar.Normalization), shape);
        }
        if (Tables(path) is { } tables) return Fit(PixelCsv.Read(tables, shape, FolderNormalization)[isTraining ? 0 : 1].Named(path), shape);
        if (Directory.EnumerateFiles(path, "emnist-*-idx?-ubyte*").Any() || Catalogue.Any(entry => entry.FolderName == "emnist" && File.Exists(Path.Combine(path, entry.Files[0].Name))))
            throw new DataFormatException($"{path}: these are files of EMNIST, which has several splits. Give one of {string.Join(", ", Catalogue.Where(entry => entry.FolderName == "emnist").Select(entry => entry.Name))}, and this folder as --data-folder.");
        if (!IdxFile.IsFolder(path)) return ImageFolder.Load(path, part, shape, memory);
        string[] classes = [.. Enumerable.Range(0, IdxFile.CountClasses(path)).Select(label => $"{label}")];
        return Fit(IdxFile.ReadFolder(path, path, isTraining, classes, FolderNormalization), shape);
    }

    private static Dataset LoadFile(string path, DatasetPart part, Shape? shape)
    {
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".csv" or ".tsv":
                return Divide(PixelCsv.Read([path], shape, FolderNormalization)[0], part);
            case ".npz":
                var (training, test) = NpzDataset.Read(path, FolderNormalization);
                return test is null ? Divide(training, part) : part == DatasetPart.Training ? training : test;
            default:
                throw new DataFormatException($"{path}: a file of data is a table of pixels (.csv) or an archive of NumPy's arrays (.npz). Images are given as a folder with a sub-folder for each class.");
        }
    }

    // Every fifth sample is for testing.
    private static Dataset Divide(Dataset data, DatasetPart part)
    {
        if (data.Count < ImageFolder.TestEvery) throw new DataFormatException($"{data.Name}: {data.Count} samples are too few to keep one of {ImageFolder.TestEvery} for testing. Add samples.");
        int[] samples = [.. Enumerable.Range(0, data.Count).Where(i => i % ImageFolder.TestEvery == ImageFolder.TestEvery - 1 == (part == DatasetPart.Test))];
        return data.Subset(samples);
    }

    // A table to train on and one to test on: train.csv and test.csv, or as mnist_train.csv and mnist_test.csv.
    private static string[]? Tables(string folder)
    {
        string? Find(string part) => Directory.EnumerateFiles(folder, "*.csv").Order(StringComparer.Ordinal)
            .FirstOrDefault(path => Path.GetFileNameWithoutExtension(path) is var name
                && (name == part || name.EndsWith("_" + part, StringComparison.Ordinal) || name.EndsWith("-" + part, StringComparison.Ordinal)));
        return Find("train") is { } training && Find("test") is { } test ? [training, test] : null;
    }

    /// <summary>The shape of a dataset's samples.</summary>
    /// <exception cref="DataFormatException">There is no such dataset, or its files are not what they should be.</exception>
    public static Shape ShapeOf(string name, string? folder = null) =>
        DrawnImbalance(name) is not null ? new Shape(3, new ShapeImages().Size, new ShapeImages().Size)
            : Catalogue.FirstOrDefault(entry => entry.Name == name)?.Shape ?? Load(name, DatasetPart.Test, folder: folder).Shape;

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
        if (!entry.IsEmbedded || folder is not null)
        {
            string path = folder ?? entry.Folder ?? throw new DataFormatException($"{entry.Name} is not on this machine. {entry.Remedy} with --data-folder.");
            if (!Directory.Exists(path)) throw new DataFormatException($"{entry.Name}: {path} is not there. {entry.Remedy}.");
            return entry.Reader(entry, path, training);
        }
        string prefix = $"{entry.Name}/{(training ? "train" : "t10k")}";
        using Stream images = Embedded($"{prefix}-images-idx3-ubyte.gz"), labels = Embedded($"{prefix}-labels-idx1-ubyte.gz");
        return IdxFile.Read(images, $"{entry.Name} images", labels, $"{entry.Name} labels", entry.Name, entry.ClassNames, entry.Normalization);
    }

    private static Stream Embedded(string name) => typeof(Datasets).Assembly.GetManifestResourceStream(name)!;
}
