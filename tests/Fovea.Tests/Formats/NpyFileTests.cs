using System.Text;
using CsCheck;

namespace Fovea.Tests.Formats;

public class NpyFileTests
{
    /// <summary>A file of version 1.0 with the given header and data, put together by hand.</summary>
    private static byte[] File(string header, params byte[] data) =>
        [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.ASCII.GetBytes(header), .. data];

    private static NumpyArray Read(byte[] file) => NpyFile.Read(new MemoryStream(file), "x.npy");

    [Fact]
    public void An_array_is_written_byte_by_byte_as_the_format_says()
    {
        using var stream = new MemoryStream();
        NpyFile.Write(stream, NumpyArray.Of([2, 1], [1f, -2f]));
        // 10 bytes before the header, which is filled with spaces and ends with a newline: the numbers start at byte 128. 1 is 0x3F800000, -2 is 0xC0000000.
        string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }".PadRight(117) + "\n";
        Assert.Equal(128, 10 + header.Length);
        Assert.Equal(File(header, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0), stream.ToArray());
    }

    [Theory]
    [InlineData("<f4", "(1,)", new byte[] { 0, 0, 0x80, 0x3F }, new[] { 1f })]
    [InlineData(">f4", "(1,)", new byte[] { 0x3F, 0x80, 0, 0 }, new[] { 1f })]
    [InlineData("<f8", "()", new byte[] { 0, 0, 0, 0, 0, 0, 0xF0, 0x3F }, new[] { 1f })]
    [InlineData("<f2", "(1,)", new byte[] { 0, 0x3C }, new[] { 1f })]
    [InlineData("|u1", "(3,)", new byte[] { 0, 128, 255 }, new[] { 0f, 128, 255 })]
    [InlineData("|i1", "(2,)", new byte[] { 255, 128 }, new[] { -1f, -128 })]
    [InlineData("|b1", "(2,)", new byte[] { 0, 1 }, new[] { 0f, 1 })]
    [InlineData(">i2", "(1,)", new byte[] { 1, 2 }, new[] { 258f })]
    [InlineData("<u2", "(1,)", new byte[] { 255, 255 }, new[] { 65535f })]
    [InlineData("<i4", "(1,)", new byte[] { 0xFE, 0xFF, 0xFF, 0xFF }, new[] { -2f })]
    [InlineData("<u4", "(1,)", new byte[] { 7, 0, 0, 0 }, new[] { 7f })]
    [InlineData("<i8", "(1,)", new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, new[] { -1f })]
    [InlineData("<u8", "(0, 4)", new byte[0], new float[0])]
    public void Numbers_of_every_type_are_read(string descr, string shape, byte[] data, float[] expected)
    {
        NumpyArray array = Read(File($"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n", data));
        Assert.Equal(expected, array.ToSingles());
        Assert.Equal(descr[1..], array.Type);
    }

    [Fact]
    public void An_array_in_Fortran_order_is_turned()
    {
        // [[0, 1, 2], [3, 4, 5]] with the first axis running fastest is 0 3 1 4 2 5.
        NumpyArray array = Read(File("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }\n", 0, 3, 1, 4, 2, 5));
        Assert.Equal([2, 3], array.Shape);
        Assert.Equal([0f, 1, 2, 3, 4, 5], array.ToSingles());
    }

    [Fact]
    public void Later_versions_have_a_longer_length()
    {
        const string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }\n";
        byte[] file = [0x93, .. "NUMPY"u8, 2, 0, (byte)header.Length, 0, 0, 0, .. Encoding.ASCII.GetBytes(header), 9];
        Assert.Equal([9f], Read(file).ToSingles());
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 4, "x.npy: not a whole .npy file: an array of f4 and shape (2,) takes 8 bytes, but 4 follow the header.")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 9, "x.npy: not a whole .npy file: an array of f4 and shape (1,) takes 4 bytes, but 9 follow the header.")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647), }", 4, "x.npy: not a whole .npy file: the shape (2147483647, 2147483647) is impossible.")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999,), }", 4, "x.npy: not a whole .npy file: the shape (9999999999,) is impossible.")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8, "x.npy: its numbers are of type <c8; b1, f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8 are read. Convert it (array.astype('float32')).")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8, "x.npy: its numbers are of type |O; b1, f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8 are read. Convert it (array.astype('float32')).")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 4, "x.npy: not a whole .npy file: its header does not say descr, fortran_order and shape as NumPy does for an array of numbers.")]
    public void Files_that_are_none_are_refused(string header, int bytes, string message) =>
        Assert.Equal(message, Assert.Throws<DataFormatException>(() => Read(File(header, new byte[bytes]))).Message);

    [Theory]
    [InlineData("c8", 8, "there is no type \"c8\".")]
    [InlineData("f4", 7, "an array of shape (1, 2) and type f4 does not have 7 bytes.")]
    public void Arrays_that_are_none_are_not_written(string type, int bytes, string message) =>
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => NpyFile.Write(new MemoryStream(), new NumpyArray(type, [1, 2], new byte[bytes]))).Message);

    [Fact]
    public void A_number_that_float32_does_not_have_is_refused()
    {
        // 2^1023, the largest power of two of a double.
        NumpyArray large = Read(File("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", 0, 0, 0, 0, 0, 0, 0xE0, 0x7F));
        Assert.StartsWith("The number 8.98846567431158E+307 is too large for float32", Assert.Throws<DataFormatException>(large.ToSingles).Message);
        // 2^24 + 1 = 0x01000001 is the first.
        NumpyArray array = Read(File("{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }", 1, 0, 0, 1));
        Assert.StartsWith("The number 16777217 is too large for float32", Assert.Throws<DataFormatException>(array.ToSingles).Message);
    }

    [Fact]
    public void What_is_written_is_read_back() => Gen.Select(Gen.Int[0, 5].Array[0, 4], Gen.Int[0, 1000]).Sample((shape, seed) =>
    {
        float[] values = Laws.Numbers.Uniform(shape.Aggregate(1, (product, extent) => product * extent), (ulong)seed);
        using var stream = new MemoryStream();
        NpyFile.Write(stream, NumpyArray.Of(shape, values));
        NumpyArray read = Read(stream.ToArray());
        Assert.Equal(shape, read.Shape);
        Laws.Numbers.AssertSameBits(values, read.ToSingles(), "values");
    });

    [Fact]
    public void An_archive_keeps_its_arrays_by_name()
    {
        using var stream = new MemoryStream();
        NpyFile.WriteArchive(stream, new Dictionary<string, NumpyArray> { ["y"] = new("u1", [3], [1, 2, 3]), ["x"] = NumpyArray.Of([1, 2], [0.5f, 4]) });
        stream.Position = 0;
        Dictionary<string, NumpyArray> read = NpyFile.ReadArchive(stream, "a.npz");
        Assert.Equal(["x", "y"], read.Keys.Order());
        Assert.Equal([0.5f, 4], read["x"].ToSingles());
        Assert.Equal([1f, 2, 3], read["y"].ToSingles());
    }

    [Fact]
    public void An_archive_that_unpacks_to_far_more_than_it_is_long_is_refused()
    {
        using var stream = new MemoryStream();
        using (var archive = new System.IO.Compression.ZipArchive(stream, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream content = archive.CreateEntry("zeros.npy").Open();
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 80; i++) content.Write(zeros);
        }
        Assert.StartsWith("a.npz: array zeros would have 83,886,080 bytes, too many for an archive of", Assert.Throws<DataFormatException>(() => NpyFile.ReadArchive(stream, "a.npz")).Message);
    }

    [Fact]
    public void What_is_no_archive_is_refused() =>
        Assert.StartsWith("a.npz: not a whole zip archive: ", Assert.Throws<DataFormatException>(() => NpyFile.ReadArchive(new MemoryStream([1, 2, 3]), "a.npz")).Message);

    [Fact]
    public void A_damaged_byte_never_does_anything_worse_than_to_be_told()
    {
        byte[] file = File("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1), }\n", 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0);
        Gen.Select(Gen.Int[0, file.Length - 1], Gen.Byte).Sample((place, value) =>
        {
            byte[] damaged = [.. file];
            damaged[place] = value;
            try
            {
                Read(damaged).ToSingles();
            }
            catch (DataFormatException)
            {
                // What a user shall see.
            }
        });
    }
}
