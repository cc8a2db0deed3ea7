using System.Formats.Tar;
using System.IO.Compression;

namespace Fovea.Tests.Data;

public sealed class CifarFileTests : IDisposable
{
    private static readonly string[] s_ten = [.. Enumerable.Range(0, 10).Select(i => $"{i}")], s_hundred = [.. Enumerable.Range(0, 100).Select(i => $"{i}")];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // A record whose channels begin with 10, 20 and 30 times the label.
    private static byte[] Record(params byte[] labels)
    {
        byte[] record = new byte[labels.Length + 3072];
        labels.CopyTo(record, 0);
        for (int channel = 0; channel < 3; channel++) record[labels.Length + channel * 1024] = (byte)((channel + 1) * 10 + labels[^1]);
        return record;
    }

    private static void AssertRead(Dataset data, params int[] labels)
    {
        Assert.Equal((labels.Length, new Shape(3, 32, 32)), (data.Count, data.Shape));
        Assert.Equal(labels, Enumerable.Range(0, data.Count).Select(data.Label));
        float[] pixels = new float[3072];
        data.CopySample(1, pixels);
        Assert.Equal([10 + labels[1], 20 + labels[1], 30 + labels[1]], ((int[])[0, 1024, 2048]).Select(i => (int)Math.Round(pixels[i] * 255)));
    }

    private string Archive(string name, params (string Name, byte[] Content)[] files)
    {
        using FileStream stream = File.Create(_folder[name]);
        using var gzip = new GZipStream(stream, CompressionLevel.Fastest);
        using var tar = new TarWriter(gzip, TarEntryFormat.Ustar);
        foreach (var (file, content) in files)
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, file) { DataStream = new MemoryStream(content) });
        return _folder[name];
    }

    private Dataset Read(bool training, string[] names) => CifarFile.ReadFolder(_folder.Path, "cifar", training, names, Normalization.None);

    private string Refusal(bool training, string[] names) => Assert.Throws<DataFormatException>(() => Read(training, names)).Message;

    [Fact]
    public void Files_are_read_in_their_order()
    {
        for (byte i = 1; i <= 5; i++) File.WriteAllBytes(_folder[$"data_batch_{i}.bin"], [.. Record(i), .. Record((byte)(i + 3))]);
        File.WriteAllBytes(_folder["test_batch.bin"], [.. Record(9), .. Record(0)]);
        AssertRead(Read(true, s_ten), 1, 4, 2, 5, 3, 6, 4, 7, 5, 8);
        AssertRead(Read(false, s_ten), 9, 0);
        Assert.Equal(10, CifarFile.ClassesOf(_folder.Path));
    }

    [Fact]
    public void The_fine_labels_of_the_hundred_are_read_from_the_archive_and_nothing_is_unpacked()
    {
        Archive("cifar-100-binary.tar.gz", ("cifar-100-binary/train.bin", [.. Record(7, 99), .. Record(3, 42)]), ("../../../etc/test.bin", [.. Record(19, 0), .. Record(1, 1)]), ("cifar-100-binary/fine_label_names.txt", [65]));
        AssertRead(Read(true, s_hundred), 99, 42);
        AssertRead(Read(false, s_hundred), 0, 1);
        Assert.Equal(100, CifarFile.ClassesOf(_folder.Path));
        Assert.Equal(["cifar-100-binary.tar.gz"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void What_is_not_whole_is_refused()
    {
        Assert.Equal($"{_folder.Path}: there is no cifar-10-binary.tar.gz, and no test_batch.bin. Give the folder that holds the binary version of CIFAR-10.", Refusal(false, s_ten));
        File.WriteAllBytes(_folder["test_batch.bin"], Record(1)[..^1]);
        Assert.Equal($"{_folder["test_batch.bin"]}: expected records of 1 label and 3072 pixels, 3073 bytes each, but there are 3,072 bytes. The file is truncated, or of the other CIFAR: get it anew.", Refusal(false, s_ten));
        File.WriteAllBytes(_folder["test_batch.bin"], [.. Record(1), .. Record(10)]);
        Assert.Equal($"{_folder["test_batch.bin"]}: the label of record 1 is 10, but cifar has 10 classes: labels go from 0 to 9.", Refusal(false, s_ten));
        string archive = Archive("cifar-10-binary.tar.gz", ("x/data_batch_1.bin", Record(1)), ("x/data_batch_1.bin", Record(1)));
        Assert.Equal($"{archive}: there is no test_batch.bin in it. Get the archive anew.", Refusal(false, s_ten));
        Assert.Equal($"{archive}: two files are named data_batch_1.bin. Get the archive anew.", Refusal(true, s_ten));
        byte[] whole = File.ReadAllBytes(archive);
        File.WriteAllBytes(archive, whole[..(whole.Length / 2)]);
        Assert.StartsWith($"{archive}: ", Refusal(true, s_ten));
        File.WriteAllText(archive, "no archive");
        Assert.StartsWith($"{archive}: the gzip data are damaged: ", Refusal(true, s_ten));
    }

    [Fact]
    public void An_archive_that_promises_far_more_than_it_holds_is_refused_before_memory_is_taken()
    {
        string archive = Archive("cifar-10-binary.tar.gz", ("test_batch.bin", new byte[200 << 20]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("test_batch.bin would have 209,715,200 bytes, too many for an archive of ", Refusal(false, s_ten));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }
}
