using System.Buffers.Binary;
using System.IO.Compression;

namespace Fovea.Tests.Data;

public class IdxFileTests
{
    private const int ImagesMagic = 2051, LabelsMagic = 2049;
    private static readonly string[] s_names = ["zero", "one", "two"];

    // Two images of 2 rows x 3 columns, and their labels.
    private static readonly byte[] s_images = File(ImagesMagic, [2, 2, 3], [0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255]);
    private static readonly byte[] s_labels = File(LabelsMagic, [2], [2, 0]);

    private static byte[] File(int magic, int[] sizes, byte[] data)
    {
        byte[] file = new byte[4 + 4 * sizes.Length + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(file, magic);
        for (int i = 0; i < sizes.Length; i++) BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + 4 * i), sizes[i]);
        data.CopyTo(file, 4 + 4 * sizes.Length);
        return file;
    }

    private static byte[] Compress(byte[] data)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal)) gzip.Write(data);
        return compressed.ToArray();
    }

    private static Dataset Read(byte[] images, byte[] labels) =>
        IdxFile.Read(new MemoryStream(images), "i", new MemoryStream(labels), "l", "test", s_names, Normalization.None);

    private static string Refusal(byte[] images, byte[] labels) => Assert.Throws<DataFormatException>(() => Read(images, labels)).Message;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Images_and_labels_are_read_plain_or_compressed(bool compressed)
    {
        Dataset data = compressed ? Read(Compress(s_images), Compress(s_labels)) : Read(s_images, s_labels);
        Assert.Equal((2, new Shape(1, 2, 3), "test"), (data.Count, data.Shape, data.Name));
        Assert.Equal((2, 0), (data.Label(0), data.Label(1)));
        float[] pixels = new float[6];
        data.CopySample(1, pixels);
        Assert.Equal([250 / 255f, 251 / 255f, 252 / 255f, 253 / 255f, 254 / 255f, 1], pixels, (a, b) => Math.Abs(a - b) < 1e-7);
    }

    [Fact]
    public void Files_that_are_swapped_or_none_are_refused()
    {
        Assert.Equal("i: expected the magic number 2051 of images, got 2049, which is that of labels: the files are mislabelled or swapped.", Refusal(s_labels, s_images));
        Assert.Equal("l: expected the magic number 2049 of labels, got 2051, which is that of images: the files are mislabelled or swapped.", Refusal(s_images, s_images));
        Assert.Equal("i: expected the magic number 2051 of images, got 1212501068: this is not an IDX file.", Refusal("HELLO, WORLD, HERE"u8.ToArray(), s_labels));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Files_that_end_too_soon_are_refused(bool compressed)
    {
        string Cut(int length) => compressed ? Refusal(Compress(s_images[..length]), s_labels) : Refusal(s_images[..length], s_labels);
        Assert.Equal("i: 3 bytes are too few for an IDX file. The file is truncated: copy it anew.", Cut(3));
        Assert.Equal("i: the header ends after 15 of 16 bytes. The file is truncated: copy it anew.", Cut(15));
        Assert.Equal("i: expected 2 x 2 x 3 = 12 bytes after the header, got 11. The file is truncated: copy it anew.", Cut(27));
        Assert.Equal("i: 0 bytes are too few for an IDX file. The file is truncated: copy it anew.", Refusal([], s_labels));
    }

    [Fact]
    public void Bytes_left_over_are_refused() =>
        Assert.Equal("l: there are bytes left after 2 = 2. The header does not belong to these data.", Refusal(s_images, [.. s_labels, 1]));

    [Theory]
    [InlineData(0, 28, 28)]
    [InlineData(-1, 28, 28)]
    [InlineData(60_000, 0, 28)]
    [InlineData(int.MaxValue, int.MaxValue, int.MaxValue)]
    [InlineData(60_000, 28, 100_000)]
    public void Absurd_sizes_are_refused(int images, int rows, int columns) =>
        Assert.Equal($"i: the header's sizes {images} x {rows} x {columns} are not those of an IDX file of images.",
            Refusal(File(ImagesMagic, [images, rows, columns], [1, 2, 3]), s_labels));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sizes_that_no_file_of_this_length_can_hold_are_refused_before_memory_is_taken(bool compressed)
    {
        byte[] file = File(ImagesMagic, [60_000, 28, 28], [1, 2, 3]);
        file = compressed ? Compress(file) : file;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal($"i: expected 60000 x 28 x 28 = 47040000 bytes after the header, more than a file of {file.Length} bytes can hold. The file is truncated: copy it anew.",
            Refusal(file, s_labels));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void Compressed_files_that_would_take_far_more_memory_than_they_are_long_are_refused()
    {
        // Zeros compress a thousandfold: 300 MB of labels in 300 KB would become 1.5 GB.
        byte[] head = File(LabelsMagic, [300_000_000], []), file;
        using (var compressed = new MemoryStream())
        {
            using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            {
                gzip.Write(head);
                for (int i = 0; i < 300; i++) gzip.Write(new byte[1_000_000]);
            }
            file = compressed.ToArray();
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.StartsWith("l: 300000000 = 300000000 bytes are far too many for a file of ", Refusal(s_images, file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Images_of_emnist_are_turned_upright_and_its_letters_count_from_one(bool archive)
    {
        using var folder = new TemporaryFolder();
        (string Name, byte[] Content)[] files =
        [
            ("emnist-letters-train-images-idx3-ubyte.gz", Compress(s_images)),
            ("emnist-letters-train-labels-idx1-ubyte.gz", Compress(File(LabelsMagic, [2], [3, 1]))),
        ];
        foreach (var (name, content) in files)
        {
            if (!archive) System.IO.File.WriteAllBytes(folder[name], content);
            else
            {
                // A name that would lead out of any folder that the archive were unpacked to.
                using ZipArchive zip = ZipFile.Open(folder["gzip.zip"], ZipArchiveMode.Update);
                using Stream entry = zip.CreateEntry("../../gzip/" + name).Open();
                entry.Write(content);
            }
        }
        Dataset data = IdxFile.ReadEmnist(folder.Path, "letters", "test", training: true, s_names, Normalization.None);
        Assert.Equal((2, new Shape(1, 3, 2)), (data.Count, data.Shape));
        Assert.Equal((2, 0), (data.Label(0), data.Label(1)));
        float[] pixels = new float[6];
        data.CopySample(0, pixels);
        Assert.Equal([0, 3, 1, 4, 2, 5], pixels.Select(value => (int)Math.Round(value * 255)));
        Assert.Equal(archive ? ["gzip.zip"] : files.Select(file => file.Name), Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
        string missing = Assert.Throws<DataFormatException>(() => IdxFile.ReadEmnist(folder.Path, "letters", "test", training: false, s_names, Normalization.None)).Message;
        Assert.Equal(archive ? $"{folder["gzip.zip"]}: there is no emnist-letters-test-images-idx3-ubyte.gz in it. Get the archive anew."
            : $"{folder.Path}: there is no emnist-letters-test-images-idx3-ubyte.gz and no emnist-letters-test-images-idx3-ubyte. Give the folder that holds the IDX files.", missing);
        if (archive) return;
        System.IO.File.WriteAllBytes(folder[files[1].Name], Compress(File(LabelsMagic, [2], [3, 0])));
        Assert.Contains("label 1 is 0, but test has 3 classes: labels go from 1 to 3.",
            Assert.Throws<DataFormatException>(() => IdxFile.ReadEmnist(folder.Path, "letters", "test", training: true, s_names, Normalization.None)).Message);
    }

    [Fact]
    public void Files_that_do_not_belong_together_are_refused()
    {
        Assert.Equal("l: 3 labels, but i has 2 images. Use two files that belong together.", Refusal(s_images, File(LabelsMagic, [3], [0, 1, 2])));
        Assert.Equal("l: label 1 is 3, but test has 3 classes: labels go from 0 to 2.", Refusal(s_images, File(LabelsMagic, [2], [0, 3])));
    }

    [Fact]
    public void Damaged_gzip_data_are_refused_or_change_nothing()
    {
        byte[] file = Compress(s_images);
        int refused = 0;
        for (int place = 2; place < file.Length; place++)
        {
            byte[] damaged = [.. file];
            damaged[place] ^= 0x55;
            try
            {
                Assert.Equal(2, Read(damaged, s_labels).Count);
            }
            catch (DataFormatException exception)
            {
                Assert.StartsWith("i: ", exception.Message);
                refused++;
            }
        }
        Assert.InRange(refused, file.Length / 2, file.Length);
        Assert.StartsWith("i: ", Refusal(file[..^12], s_labels));
    }

    [Fact]
    public void A_folder_is_read_by_the_names_of_its_files()
    {
        using var folder = new TemporaryFolder();
        System.IO.File.WriteAllBytes(folder["train-images-idx3-ubyte.gz"], Compress(s_images));
        System.IO.File.WriteAllBytes(folder["train-labels-idx1-ubyte"], s_labels);
        Assert.Equal(2, IdxFile.ReadFolder(folder.Path, "test", training: true, s_names, Normalization.None).Count);
        Assert.Equal($"{folder.Path}: there is no t10k-images-idx3-ubyte.gz and no t10k-images-idx3-ubyte. Give the folder that holds the IDX files.",
            Assert.Throws<DataFormatException>(() => IdxFile.ReadFolder(folder.Path, "test", training: false, s_names, Normalization.None)).Message);
    }
}
