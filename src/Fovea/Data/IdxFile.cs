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

    /// <summary>The bytes that reading a file may take where they are more than twice its length and this.</summary>
    internal const long Allowance = 64 << 20;

    // What a label takes: its byte, and the number that it becomes.
    private const int BytesOfLabel = 1 + sizeof(int);

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

    /// <summary>
    /// A split of EMNIST (Cohen et al. 2017) from a folder with its four files (emnist-letters-train-images-idx3-ubyte[.gz], ...) or with the
    /// archive gzip.zip that holds all of them; nothing is unpacked to the disk. Its images lie column by column, and are turned upright.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">balanced, byclass, bymerge, letters, digits or mnist.</param>
    /// <param name="name">What the data are called.</param>
    /// <param name="training">The training set, or the test set.</param>
    /// <param name="classNames">The names of the classes; the labels of letters count from 1, those of the others from 0.</param>
    /// <param name="normalization">How bytes become floats.</param>
    /// <exception cref="DataFormatException">A file is missing or not what it should be.</exception>
    public static Dataset ReadEmnist(string folder, string split, string name, bool training, IReadOnlyList<string> classNames, Normalization normalization)
    {
        string prefix = $"emnist-{split}-{(training ? "train" : "test")}", archive = Path.Combine(folder, EmnistArchive);
        int first = split == "letters" ? 1 : 0;
        if (!File.Exists(archive))
        {
            string images = Find(folder, $"{prefix}-images-idx3-ubyte"), labels = Find(folder, $"{prefix}-labels-idx1-ubyte");
            using FileStream imageStream = File.OpenRead(images), labelStream = File.OpenRead(labels);
            return Join(ReadBytes(imageStream, images, ImagesMagic, LargestOfEmnist), images, ReadBytes(labelStream, labels, LabelsMagic), labels,
                name, classNames, normalization, first, transposed: true);
        }
        using FileStream zip = File.OpenRead(archive);
        return ReadEmnist(zip, archive, prefix, name, classNames, normalization, first);
    }

    // The images of byclass, which compress better than twofold.
    private const long LargestOfEmnist = 697_932L * 28 * 28;

    /// <summary>The file in which all of EMNIST is published.</summary>
    internal const string EmnistArchive = "gzip.zip";

    /// <summary>The same from the archive alone.</summary>
    internal static Dataset ReadEmnist(Stream zip, string path, string prefix, string name, IReadOnlyList<string> classNames, Normalization normalization, int first)
    {
        try
        {
            ZipDirectory.Check(zip, path);
            using var archive = new ZipArchive(zip, ZipArchiveMode.Read, leaveOpen: true);
            (byte[] Data, int[] Sizes) Content(string kind, int magic)
            {
                // By the end of its name, whatever folder the archive says that it is in.
                string file = $"{prefix}-{kind}-ubyte.gz";
                ZipArchiveEntry entry = archive.Entries.FirstOrDefault(entry => entry.Name == file)
                    ?? throw new DataFormatException($"{path}: there is no {file} in it. Get the archive anew.");
                using var content = new GZipStream(entry.Open(), CompressionMode.Decompress);
                return ReadContent(content, $"{path}: {file}", magic, zip.Length, known: 0);
            }
            return Join(Content("images-idx3", ImagesMagic), path, Content("labels-idx1", LabelsMagic), path, name, classNames, normalization, first, transposed: true);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or ArgumentException or NotSupportedException)
        {
            throw new DataFormatException($"{path}: not a whole zip archive: {exception.Message.TrimEnd('.')}. Get it anew.", exception);
        }
    }

    /// <summary>Images and their labels from two streams, plain or gzip-compressed; the paths are for messages.</summary>
    /// <exception cref="DataFormatException">A stream is not what it should be, or the two do not belong together.</exception>
    public static Dataset Read(Stream images, string imagesPath, Stream labels, string labelsPath, string name, IReadOnlyList<string> classNames, Normalization normalization)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(classNames);
        return Join(ReadBytes(images, imagesPath, ImagesMagic), imagesPath, ReadBytes(labels, labelsPath, LabelsMagic), labelsPath, name, classNames, normalization, first: 0, transposed: false);
    }

    private static Dataset Join((byte[] Data, int[] Sizes) images, string imagesPath, (byte[] Data, int[] Sizes) labels, string labelsPath, string name,
        IReadOnlyList<string> classNames, Normalization normalization, int first, bool transposed)
    {
        var (pixels, sizes) = images;
        var (classes, labelSizes) = labels;
        if (sizes[0] != labelSizes[0])
            throw new DataFormatException($"{labelsPath}: {labelSizes[0]} labels, but {imagesPath} has {sizes[0]} images. Use two files that belong together.");
        for (int i = 0; i < classes.Length; i++)
        {
            if (classes[i] < first || classes[i] - first >= classNames.Count)
            {
                throw new DataFormatException(
                    $"{labelsPath}: label {i} is {classes[i]}, but {name} has {classNames.Count} classes: labels go from {first} to {first + classNames.Count - 1}.");
            }
        }
        var shape = new Shape(1, sizes[1], sizes[2]);
        if (transposed)
        {
            Transpose(pixels, sizes[1], sizes[2]);
            shape = new Shape(1, sizes[2], sizes[1]);
        }
        int[] numbers = new int[classes.Length];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = classes[i] - first;
        return Dataset.FromBytes(name, shape, pixels, numbers, classNames, normalization);
    }

    // One image after the other, in their own memory.
    private static void Transpose(byte[] pixels, int height, int width)
    {
        byte[] image = new byte[height * width];
        for (int start = 0; start < pixels.Length; start += image.Length)
        {
            Span<byte> upright = pixels.AsSpan(start, image.Length);
            upright.CopyTo(image);
            for (int row = 0; row < height; row++)
                for (int column = 0; column < width; column++) upright[column * height + row] = image[row * width + column];
        }
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

    private static (byte[] Data, int[] Sizes) ReadBytes(Stream stream, string path, int expectedMagic, long known = 0)
    {
        try
        {
            var buffered = new BufferedStream(stream, 1 << 16);
            return IsGzip(buffered)
                ? ReadContent(new GZipStream(buffered, CompressionMode.Decompress), path, expectedMagic, stream.Length, known)
                : ReadContent(buffered, path, expectedMagic, stream.Length, known, isPlain: true);
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

    private static (byte[] Data, int[] Sizes) ReadContent(Stream source, string path, int expectedMagic, long fileLength, long known, bool isPlain = false)
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
                throw new DataFormatException($"{path}: the header's sizes {string.Join(" x ", sizes.Select(extent => $"{extent}"))} are not those of an IDX file of {Kind(expectedMagic)}.");
        }
        // Before memory is taken for it.
        if (expected / (isPlain ? 1 : LargestCompression) > fileLength)
            throw new DataFormatException($"{path}: expected {string.Join(" x ", sizes)} = {expected} bytes after the header, more than a file of {fileLength} bytes can hold. The file is truncated: copy it anew.");
        if (expected * (expectedMagic == LabelsMagic ? BytesOfLabel : 1) > Math.Max(2 * fileLength + Allowance, known))
            throw new DataFormatException($"{path}: {string.Join(" x ", sizes)} = {expected} bytes are far too many for a file of {fileLength}. The file is damaged, or made to do harm.");

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
