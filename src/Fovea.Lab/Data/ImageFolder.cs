namespace Fovea.Lab;

/// <summary>
/// A folder of PNG or JPEG images, one sub-folder for each class. The sub-folders train and test, where both are there, hold one such
/// folder each; otherwise every fifth image of a class, by name, is for testing. Other files are left alone. Images that would take too much
/// memory are read as they are needed, again in each epoch.
/// </summary>
public static class ImageFolder
{
    internal const int TestEvery = 5;

    /// <summary>Loads a part of a folder.</summary>
    /// <param name="folder">The folder; it is also the name of the data.</param>
    /// <param name="part">Which samples.</param>
    /// <param name="shape">What images are resized to, with 1 channel or 3. Null leaves them as they are; they must then be of one shape.</param>
    /// <param name="memory">Bytes that they may take in memory; null for a quarter of the machine's.</param>
    /// <exception cref="DataFormatException">There are no images or not two classes, or an image cannot be read.</exception>
    public static Dataset Load(string folder, DatasetPart part, Shape? shape = null, long? memory = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var (root, isDivided) = Root(folder, part);
        string[] classes = Classes(root);
        if (isDivided)
        {
            string[] others = Classes(Root(folder, part == DatasetPart.Training ? DatasetPart.Test : DatasetPart.Training).Root);
            if (!classes.SequenceEqual(others))
                throw new DataFormatException($"{folder}: the sub-folders of train and test differ: {string.Join(", ", classes)} against {string.Join(", ", others)}. Give both the same classes.");
        }
        var files = new List<(string Path, int Label)>();
        for (int label = 0; label < classes.Length; label++)
            files.AddRange(Images(Path.Combine(root, classes[label]), part, isDivided).Select(path => (path, label)));

        Shape size = shape ?? CommonShape(files.Select(file => file.Path));
        int[] labels = [.. files.Select(file => file.Label)];
        long room = memory ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;
        if ((long)files.Count * size.Count > Math.Min(room, Array.MaxLength))
        {
            // That all can be read is seen now, not in the middle of a training.
            if (shape is not null) foreach (var (path, _) in files) ImageFile.ReadShape(path);
            string[] paths = [.. files.Select(file => file.Path)];
            return Dataset.FromReader(folder, size, (sample, bytes) => ImageFile.Read(paths[sample], size).CopyTo(bytes), labels, classes, Datasets.FolderNormalization);
        }
        return Dataset.FromBytes(folder, size, Pixels(files, size), labels, classes, Datasets.FolderNormalization);
    }

    private static (string Root, bool IsDivided) Root(string folder, DatasetPart part)
    {
        string training = Path.Combine(folder, "train"), test = Path.Combine(folder, "test");
        if (!Directory.Exists(training) || !Directory.Exists(test)) return (folder, false);
        return (part == DatasetPart.Training ? training : test, true);
    }

    private static string[] Classes(string root)
    {
        string[] classes = [.. Directory.EnumerateDirectories(root).Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal)];
        return classes.Length switch
        {
            0 => throw new DataFormatException($"{root}: expected one sub-folder of images for each class, four IDX files, the binary files of CIFAR, or train.csv and test.csv, but there is none of these."),
            1 => throw new DataFormatException($"{root}: there is one class only, {classes[0]}. Give at least two sub-folders of images."),
            _ => classes,
        };
    }

    private static IEnumerable<string> Images(string folder, DatasetPart part, bool isDivided)
    {
        string[] images = [.. Directory.EnumerateFiles(folder).Where(ImageFile.IsImage).Order(StringComparer.Ordinal)];
        if (images.Length == 0) throw new DataFormatException($"{folder}: there are no images. Put PNG or JPEG files there, or remove the folder.");
        if (isDivided) return images;
        if (images.Length < TestEvery)
        {
            throw new DataFormatException(
                $"{folder}: {images.Length} images are too few to keep one of {TestEvery} for testing. Add images, or divide them into the folders train and test yourself.");
        }
        return images.Where((_, i) => i % TestEvery == TestEvery - 1 == (part == DatasetPart.Test));
    }

    private static Shape CommonShape(IEnumerable<string> files)
    {
        string first = files.First();
        Shape shape = ImageFile.ReadShape(first);
        foreach (string path in files.Skip(1))
        {
            if (ImageFile.ReadShape(path) is var other && other != shape)
                throw new DataFormatException($"{path}: the image is {other}, but {first} is {shape}. Give the shape that all are to be resized to, such as 3x32x32.");
        }
        return shape;
    }

    private static byte[] Pixels(List<(string Path, int Label)> files, Shape shape)
    {
        byte[] pixels = new byte[files.Count * shape.Count];
        for (int i = 0; i < files.Count; i++) ImageFile.Read(files[i].Path, shape).CopyTo(pixels, i * shape.Count);
        return pixels;
    }
}
