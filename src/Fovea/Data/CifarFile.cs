using System.IO.Compression;

namespace Fovea;

/// <summary>
/// CIFAR-10 and CIFAR-100 in the binary form of their page (Krizhevsky 2009): records of a label (of a coarse label and a fine one in
/// CIFAR-100, which is used) and 3 x 32 x 32 bytes. They are read from the files, or from the archive that holds them; nothing is unpacked.
/// </summary>
public static class CifarFile
{
    private static readonly Shape s_shape = new(3, 32, 32);

    /// <summary>Images and their labels from a folder with the archive (cifar-10-binary.tar.gz, cifar-100-binary.tar.gz) or its files (data_batch_1.bin ... data_batch_5.bin
    /// and test_batch.bin; train.bin and test.bin).</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">What the data are called.</param>
    /// <param name="training">The training set, or the test set.</param>
    /// <param name="classNames">The names of the classes, label 0 first: 10 of CIFAR-10, or 100 of CIFAR-100.</param>
    /// <param name="normalization">How bytes become floats.</param>
    /// <exception cref="DataFormatException">A file is missing or not what it should be.</exception>
    public static Dataset ReadFolder(string folder, string name, bool training, IReadOnlyList<string> classNames, Normalization normalization)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        bool hundred = classNames.Count > 10;
        string[] files = Files(hundred, training);
        string archive = Path.Combine(folder, ArchiveName(hundred));
        if (File.Exists(archive))
        {
            using FileStream stream = File.OpenRead(archive);
            return ReadArchive(stream, archive, training, name, classNames, normalization);
        }
        byte[][] contents = new byte[files.Length][];
        long total = 0;
        for (int i = 0; i < files.Length; i++)
        {
            string path = Path.Combine(folder, files[i]);
            if (!File.Exists(path)) throw new DataFormatException($"{folder}: there is no {ArchiveName(hundred)}, and no {files[i]}. Give the folder that holds the binary version of CIFAR-{(hundred ? 100 : 10)}.");
            total += new FileInfo(path).Length;
            if (total > Array.MaxLength) throw new DataFormatException($"{path}: the files have {total:N0} bytes, far more than those of CIFAR. Give the folder that holds its binary version.");
            contents[i] = File.ReadAllBytes(path);
        }
        return Join([.. files.Select(file => Path.Combine(folder, file))], contents, name, classNames, normalization);
    }

    /// <summary>The same from the archive alone; the path is for messages.</summary>
    /// <exception cref="DataFormatException">The stream is not the archive, or a file is missing in it.</exception>
    public static Dataset ReadArchive(Stream stream, string path, bool training, string name, IReadOnlyList<string> classNames, Normalization normalization)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(classNames);
        string[] files = Files(classNames.Count > 10, training);
        byte[]?[] contents = new byte[files.Length][];
        try
        {
            using var content = new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true);
            var archive = new TarFile(content, path);
            // Half of it for the files, half for what they become.
            long left = stream.Length + IdxFile.Allowance / 2;
            while (archive.Next() is var (file, length))
            {
                int index = Array.IndexOf(files, file);
                if (index < 0) continue;
                if (contents[index] is not null) throw new DataFormatException($"{path}: two files are named {file}. Get the archive anew.");
                if (length > left) throw new DataFormatException($"{path}: {file} would have {length:N0} bytes, too many for an archive of {stream.Length:N0}. Get the archive anew.");
                left -= length;
                byte[] bytes = new byte[length];
                archive.Read(bytes);
                contents[index] = bytes;
            }
        }
        catch (InvalidDataException exception)
        {
            throw new DataFormatException($"{path}: the gzip data are damaged: {exception.Message} Get the archive anew.", exception);
        }
        int missing = Array.IndexOf(contents, null);
        if (missing >= 0) throw new DataFormatException($"{path}: there is no {files[missing]} in it. Get the archive anew.");
        return Join([.. files.Select(file => $"{path}: {file}")], contents!, name, classNames, normalization);
    }

    /// <summary>Which of the two a folder holds, be all of its files there or not: 10, 100, or 0 where there is none.</summary>
    public static int ClassesOf(string folder)
    {
        bool Has(string file) => File.Exists(Path.Combine(folder, file));
        return Has(ArchiveName(false)) || Has("data_batch_1.bin") || Has("test_batch.bin") ? 10
            : Has(ArchiveName(true)) || (Has("train.bin") && Has("test.bin")) ? 100 : 0;
    }

    private static string ArchiveName(bool hundred) => hundred ? "cifar-100-binary.tar.gz" : "cifar-10-binary.tar.gz";

    private static string[] Files(bool hundred, bool training) => (hundred, training) switch
    {
        (false, true) => [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")],
        (false, false) => ["test_batch.bin"],
        (true, true) => ["train.bin"],
        (true, false) => ["test.bin"],
    };

    private static Dataset Join(string[] paths, byte[][] contents, string name, IReadOnlyList<string> classNames, Normalization normalization)
    {
        bool hundred = classNames.Count > 10;
        int labels = hundred ? 2 : 1, record = labels + s_shape.Count;
        for (int i = 0; i < contents.Length; i++)
        {
            if (contents[i].Length == 0 || contents[i].Length % record != 0)
                throw new DataFormatException($"{paths[i]}: expected records of {labels} label{(hundred ? "s" : "")} and {s_shape.Count} pixels, {record} bytes each, but there are {contents[i].Length:N0} bytes. The file is truncated, or of the other CIFAR: get it anew.");
        }
        int count = contents.Sum(content => content.Length / record), sample = 0;
        byte[] pixels = new byte[count * s_shape.Count];
        int[] numbers = new int[count];
        for (int i = 0; i < contents.Length; i++)
        {
            for (int start = 0; start < contents[i].Length; start += record, sample++)
            {
                int label = contents[i][start + labels - 1];
                if (label >= classNames.Count)
                    throw new DataFormatException($"{paths[i]}: the label of record {start / record} is {label}, but {name} has {classNames.Count} classes: labels go from 0 to {classNames.Count - 1}.");
                numbers[sample] = label;
                contents[i].AsSpan(start + labels, s_shape.Count).CopyTo(pixels.AsSpan(sample * s_shape.Count));
            }
            // What has been taken over need not be kept.
            contents[i] = [];
        }
        return Dataset.FromBytes(name, s_shape, pixels, numbers, classNames, normalization);
    }
}
