using System.Buffers.Binary;
using System.IO.Compression;

namespace Fovea;

/// <summary>
/// Files in the IDX format of MNIST, plain or gzip-compressed: a big-endian header of magic number and sizes, then bytes (described by
/// LeCun, Cortes and Burges on the MNIST page).
/// </summary>
public static class IdxFile
{
    private const int ImagesMagic = 0x803, LabelsMagic = 0x801;

    // Deflate cannot compress better than this: what a header may promise is bounded by the file's size.
    private const long LargestCompression = 1032;

    /// <summary>Images and their labels from a folder with the four files of MNIST or Fashion-MNIST (train-images-idx3-ubyte[.gz], ...).</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">What the data are called.</param>
    /// <param name="training">The training set, or the test set.</param>
    /// <param name="classNames">The names of the classes, label 0 first.</param>
    /// <param name="normalization">How bytes become floats.</param>
    /// <exception cref="DataFormatException">A file is missing or not what it should be.</exception>
    public static Dataset ReadFolder(string folder, string name, bool training, IReadOnlyList<string> classNames, Normalization normalization)
    {
        string prefix = training ? "train" : "t10k";
        string images = Find(folder, $"{prefix}-images-idx3-ubyte"), labels = Find(folder, $"{prefix}-labels-idx1-ubyte");
        using FileStream imageStream = File.OpenRead(images), labelStream = File.OpenRead(labels);
        return Read(imageStream, images, labelStream, labels, name, classNames, normalization);
    }

    /// <summary>Images and their labels from two streams, plain or gzip-compressed; the paths are for messages.</summary>
    /// <exception cref="DataFormatException">A stream is not what it should be, or the two do not belong together.</exception>
    public static Dataset Read(Stream images, string imagesPath, Stream labels, string labelsPath, string name, IReadOnlyList<string> classNames, Normalization normalization)
    {
        var (pixels, sizes) = ReadBytes(images, imagesPath, ImagesMagic);
        var (classes, labelSizes) = ReadBytes(labels, labelsPath, LabelsMagic);
        if (sizes[0] != labelSizes[0])
            throw new DataFormatException($"{labelsPath}: {labelSizes[0]} labels, but {imagesPath} has {sizes[0]} images. Use two files that belong together.");
        for (int i = 0; i < classes.Length; i++)
        {
            if (classes[i] >= classNames.Count)
            {
                throw new DataFormatException(
                    $"{labelsPath}: label {i} is {classes[i]}, but {name} has {classNames.Count} classes: labels go from 0 to {classNames.Count - 1}.");
            }
        }
        return Dataset.FromBytes(name, new Shape(1, sizes[1], sizes[2]), pixels, [.. classes.Select(label => (int)label)], classNames, normalization);
    }

    /// <summary>Whether a folder holds IDX files, be they all that are needed or not.</summary>
    public static bool IsFolder(string folder) => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*-idx?-ubyte*").Any();

    /// <summary>How many classes the two files of labels of a folder have: one more than the largest label.</summary>
    /// <exception cref="DataFormatException">A file is missing or not what it should be.</exception>
    public static int CountClasses(string folder)
    {
        int largest = 0;
        foreach (string prefix in (string[])["train", "t10k"])
        {
            string path = Find(folder, $"{prefix}-labels-idx1-ubyte");
            using FileStream stream = File.OpenRead(path);
            largest = Math.Max(largest, ReadBytes(stream, path, LabelsMagic).Data.Max());
        }
        return largest + 1;
    }

    private static string Find(string folder, string file)
    {
        foreach (string path in (string[])[Path.Combine(folder, file + ".gz"), Path.Combine(folder, file)])
        {
            if (File.Exists(path)) return path;
        }
        throw new DataFormatException($"{folder}: there is no {file}.gz and no {file}. Give the folder that holds the IDX files.");
    }

    private static (byte[] Data, int[] Sizes) ReadBytes(Stream stream, string path, int expectedMagic)
    {
        try
        {
            var buffered = new BufferedStream(stream, 1 << 16);
            return IsGzip(buffered)
                ? ReadBytes(new GZipStream(buffered, CompressionMode.Decompress), path, expectedMagic, stream.Length, LargestCompression)
                : ReadBytes(buffered, path, expectedMagic, stream.Length, compression: 1);
        }
        catch (InvalidDataException exception)
        {
            throw new DataFormatException($"{path}: the gzip data are damaged: {exception.Message} Copy the file anew.", exception);
        }
    }

    private static bool IsGzip(Stream stream)
    {
        bool gzip = stream.ReadByte() == 0x1F && stream.ReadByte() == 0x8B;
        stream.Position = 0;
        return gzip;
    }

    private static (byte[] Data, int[] Sizes) ReadBytes(Stream source, string path, int expectedMagic, long fileLength, long compression)
    {
        int rank = expectedMagic & 0xFF;
        byte[] header = new byte[4 + 4 * rank];
        int read = source.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (read < 4) throw new DataFormatException($"{path}: {read} bytes are too few for an IDX file. The file is truncated: copy it anew.");
        int magic = BinaryPrimitives.ReadInt32BigEndian(header);
        if (magic != expectedMagic)
            throw new DataFormatException($"{path}: expected the magic number {expectedMagic} of {Kind(expectedMagic)}, got {magic}{Hint(magic)}.");
        if (read < header.Length) throw new DataFormatException($"{path}: the header ends after {read} of {header.Length} bytes. The file is truncated: copy it anew.");
        int[] sizes = [.. Enumerable.Range(0, rank).Select(i => BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4 + 4 * i)))];
        long expected = 1;
        foreach (int size in sizes)
        {
            if (size < 1 || (expected *= size) > Array.MaxLength)
                throw new DataFormatException($"{path}: the header's sizes {string.Join(" x ", sizes)} are not those of an IDX file of {Kind(expectedMagic)}.");
        }
        // Before memory is taken for it.
        if (expected / compression > fileLength)
            throw new DataFormatException($"{path}: expected {string.Join(" x ", sizes)} = {expected} bytes after the header, more than a file of {fileLength} bytes can hold. The file is truncated: copy it anew.");

        byte[] data = new byte[expected];
        int length = source.ReadAtLeast(data, data.Length, throwOnEndOfStream: false);
        if (length < data.Length)
            throw new DataFormatException($"{path}: expected {string.Join(" x ", sizes)} = {expected} bytes after the header, got {length}. The file is truncated: copy it anew.");
        if (source.ReadByte() >= 0) throw new DataFormatException($"{path}: there are bytes left after {string.Join(" x ", sizes)} = {expected}. The header does not belong to these data.");
        return (data, sizes);
    }

    private static string Kind(int magic) => magic == ImagesMagic ? "images" : "labels";

    private static string Hint(int magic) => magic switch
    {
        ImagesMagic => ", which is that of images: the files are mislabelled or swapped",
        LabelsMagic => ", which is that of labels: the files are mislabelled or swapped",
        _ => ": this is not an IDX file",
    };
}
