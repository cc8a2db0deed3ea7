using System.IO.Compression;
using System.Text;
using Fovea.Bench;

namespace Fovea.Tests.Hostile;

/// <summary>Files that are as large as they may be and hold what takes the most memory.</summary>
public class LargeFileTests
{
    private static readonly Dictionary<string, string> s_pieces = new()
    {
        ["numbers"] = "1,",
        ["lists"] = "[],",
        ["texts"] = "\"\",",
        ["objects"] = "{},",
        ["lines"] = "1,1\n",
        ["blanks"] = " \n",
        ["cells"] = ",",
        ["heads"] = "a,",
    };

    public static TheoryData<string, string> Cases => new(from reader in (string[])["csv", "claim", "image-csv", "model-json", "study"] from piece in s_pieces.Keys select (reader, piece));

    [Theory, MemberData(nameof(Cases))]
    public void Text_of_many_small_pieces_takes_little_memory(string reader, string piece)
    {
        string repeated = string.Concat(Enumerable.Repeat(s_pieces[piece], (TextFile.Largest - 100) / s_pieces[piece].Length));
        string text = reader switch
        {
            "model-json" => $"{{\"input\":[1,28,28],\"layers\":[{repeated.TrimEnd(',')}]}}",
            "study" => $"{{\"name\":\"n\",\"vary\":[{repeated.TrimEnd(',')}]}}",
            _ => repeated,
        };
        Assert.Null(FuzzTargets.All.Single(target => target.Name == reader).Try(Encoding.UTF8.GetBytes(text)).Find);
    }

    [Fact]
    public void Larger_files_of_text_are_not_read()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["model.json"], new string(' ', TextFile.Largest + 1));
        string message = Assert.Throws<DataFormatException>(() => TextFile.Read(folder["model.json"])).Message;
        Assert.Equal($"{folder["model.json"]}: 1,048,577 bytes are more than the 1,048,576 that a file of text may have here. Is it the right file?", message);
        CommandLineRun.AssertRefused(message, "summary", folder["model.json"]);
        CommandLineRun.AssertRefused(message, "audit", folder["model.json"], "lenet5");
    }

    [Fact]
    public void A_device_without_an_end_is_not_read_to_it()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "there is no such device");
        CommandLineRun.AssertRefused("/dev/zero: these bytes are more than the 1,048,576 that a file of text may have here. Is it the right file?", "convolve", "/dev/zero", "--kernel", "identity");
    }

    [Fact]
    public void A_packed_array_in_Fortran_order_counts_twice_before_memory_is_taken()
    {
        // 40 MB of zeros are packed into some 40 kB: one copy is within 64 MB, the second is not.
        const int side = 1 << 20;
        string header = $"{{'descr': '|u1', 'fortran_order': True, 'shape': (40, {side}), }}".PadRight(117) + '\n';
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry("x.npy", CompressionLevel.Fastest).Open();
            entry.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(header)]);
            for (int i = 0; i < 40; i++) entry.Write(new byte[side]);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<DataFormatException>(() => NpyFile.ReadArchive(stream, "a.npz")).Message;
        Assert.StartsWith("a.npz: x.npy: an array of 41,943,040 bytes in Fortran order takes twice as many to read", message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Archives_of_very_many_files_are_refused_before_their_list_is_read()
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            for (int i = 0; i < 30_000; i++) archive.CreateEntry($"{i}", CompressionLevel.NoCompression);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("the list of the archive's files has ", Assert.Throws<DataFormatException>(() => NpyFile.ReadArchive(stream, "many.npz")).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }
}
