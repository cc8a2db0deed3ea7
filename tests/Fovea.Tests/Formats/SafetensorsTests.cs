using System.Buffers.Binary;
using System.Text;
using CsCheck;

namespace Fovea.Tests.Formats;

public class SafetensorsTests
{
    /// <summary>A file of the given header and data, put together by hand.</summary>
    private static byte[] File(string header, params float[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header), file = new byte[8 + json.Length + 4 * data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        for (int i = 0; i < data.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(8 + json.Length + 4 * i), data[i]);
        return file;
    }

    private static Dictionary<string, SafetensorsEntry> Read(byte[] file) => Safetensors.Read(new MemoryStream(file), "f.safetensors");

    [Fact]
    public void A_file_put_together_by_hand_is_read()
    {
        var tensors = Read(File("""{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"empty":{"dtype":"F32","shape":[0,3],"data_offsets":[12,12]}}   """, 1.5f, -2, 1e-40f));
        Assert.Equal(["a", "b", "empty"], tensors.Keys.Order());
        Assert.Empty(tensors["a"].Shape);
        Assert.Equal([1.5f], tensors["a"].Values);
        Assert.Equal([2, 1], tensors["b"].Shape);
        Assert.Equal([-2, 1e-40f], tensors["b"].Values);
        Assert.Empty(tensors["empty"].Values);
    }

    [Fact]
    public void A_file_is_written_byte_by_byte_as_the_format_says()
    {
        using var stream = new MemoryStream();
        Safetensors.Write(stream, new Dictionary<string, SafetensorsEntry> { ["b"] = new([2], [1, 2]), ["a"] = new([1, 1], [float.NaN]) });
        // The names in order, and spaces up to a multiple of 8.
        const string header = """{"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""";
        Assert.Equal(File(header.PadRight((header.Length + 7) / 8 * 8), float.NaN, 1, 2), stream.ToArray());
        using var told = new MemoryStream();
        Safetensors.Write(told, new Dictionary<string, SafetensorsEntry>(), new Dictionary<string, string> { ["format"] = "pt" });
        Assert.Equal(File("""{"__metadata__":{"format":"pt"}}"""), told.ToArray());
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var tensors = new Dictionary<string, SafetensorsEntry>
        {
            ["0.weight"] = new([4, 3, 2, 1], Laws.Numbers.Uniform(24, seed: 1)),
            ["ünï \"code\"\n"] = new([3], [float.NegativeInfinity, -0f, float.Epsilon]),
            ["none"] = new([0], []),
        };
        using var stream = new MemoryStream();
        Safetensors.Write(stream, tensors);
        var read = Read(stream.ToArray());
        Assert.Equal(tensors.Keys.Order(), read.Keys.Order());
        foreach (var (name, tensor) in tensors)
        {
            Assert.Equal(tensor.Shape, read[name].Shape);
            Laws.Numbers.AssertSameBits(tensor.Values, read[name].Values, name);
        }
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,8]}}""", 2, "f.safetensors: tensor a has the type F8_E4M3; F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL are read. Convert it to float32.")]
    [InlineData("""{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}}""", 2, "f.safetensors: not a whole safetensors file: tensor a of shape [2] has 8 bytes instead of 4.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 1, "f.safetensors: not a whole safetensors file: tensor a of shape [2] has 4 bytes instead of 8.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 1, "f.safetensors: not a whole safetensors file: tensor a lies at 0 to 8, expected it to start at 0 and to end by 4.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 3, "f.safetensors: not a whole safetensors file: tensor a lies at 4 to 12, expected it to start at 0 and to end by 12.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 3, "f.safetensors: not a whole safetensors file: 4 bytes after the last tensor belong to none.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 1, "f.safetensors: not a whole safetensors file: tensor b lies at 0 to 4, expected it to start at 4 and to end by 4.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647],"data_offsets":[0,8]}}""", 2, "f.safetensors: not a whole safetensors file: tensor a has the impossible shape [2147483647, 2147483647].")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 2, "f.safetensors: not a whole safetensors file: its header is not valid: tensor a has the impossible shape [-2].")]
    // A product that is small only where it overflows 64 bits: 2^32 * 2^31 * 2.
    [InlineData("""{"a":{"dtype":"F32","shape":[65536,65536,65536,65536],"data_offsets":[0,8]}}""", 2, "f.safetensors: not a whole safetensors file: tensor a has the impossible shape [65536, 65536, 65536, 65536].")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 2, "f.safetensors: not a whole safetensors file: tensor a lies at 8 to 0, expected it to start at 0 and to end by 8.")]
    public void Tensors_that_do_not_fit_the_file_are_refused(string header, int numbers, string message) =>
        Assert.Equal(message, Assert.Throws<DataFormatException>(() => Read(File(header, new float[numbers]))).Message);

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8.5]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":null,"shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3000000000],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":7}""")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"strides":[1]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"__metadata__":{"n":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"__metadata__":{"n":"1","n":"2"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"__metadata__":{},"__metadata__":{},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"__metadata__":[],"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData(""" {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}\n")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} {}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}/**/}""")]
    [InlineData("""["a"]""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""")]
    [InlineData("""{"a":""")]
    [InlineData("not json")]
    public void Headers_that_are_none_are_refused(string header)
    {
        var exception = Assert.Throws<DataFormatException>(() => Read(File(header, 1, 2)));
        Assert.StartsWith("f.safetensors: ", exception.Message);
    }

    [Fact]
    public void Other_types_of_numbers_are_read()
    {
        // By the definitions of the formats (IEEE 754, and the upper half of a float32): 1.5, -2, the smallest number of each, infinity.
        AssertReads("F64", [1.5f, -2, float.PositiveInfinity], [.. BitConverter.GetBytes(1.5), .. BitConverter.GetBytes(-2.0), .. BitConverter.GetBytes(double.PositiveInfinity)]);
        AssertReads("F16", [1.5f, -2, MathF.Pow(2, -24), float.PositiveInfinity], [0x00, 0x3e, 0x00, 0xc0, 0x01, 0x00, 0x00, 0x7c]);
        AssertReads("BF16", [1.5f, -2, MathF.Pow(2, -133), float.PositiveInfinity], [0xc0, 0x3f, 0x00, 0xc0, 0x01, 0x00, 0x80, 0x7f]);
        AssertReads("I64", [5, -2], [5, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
        AssertReads("I32", [5, -2], [5, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff]);
        AssertReads("I16", [5, -2], [5, 0, 0xfe, 0xff]);
        AssertReads("I8", [5, -2], [5, 0xfe]);
        AssertReads("U8", [5, 254], [5, 0xfe]);
        AssertReads("BOOL", [1, 0], [1, 0]);
        // More than one buffer of them.
        AssertReads("F16", [.. Enumerable.Repeat(1.5f, 5000)], [.. Enumerable.Repeat<byte[]>([0x00, 0x3e], 5000).SelectMany(bytes => bytes)]);
        string message = Assert.Throws<DataFormatException>(() => AssertReads("I32", [0], [1, 0, 0, 1])).Message;
        Assert.StartsWith("f.safetensors: tensor a: The number 16777217 is too large for float32", message);
        // The largest float32 is (2 - 2^-23) 2^127; 2^128 is the first power of two above it.
        message = Assert.Throws<DataFormatException>(() => AssertReads("F64", [0], BitConverter.GetBytes(-Math.Pow(2, 128)))).Message;
        Assert.Equal("f.safetensors: tensor a: The number -3.402823669209385E+38 is too large for float32, whose largest is 3.4028235E+38. Store smaller numbers.", message);

        static void AssertReads(string type, float[] expected, byte[] bytes)
        {
            byte[] header = File($$$"""{"a":{"dtype":"{{{type}}}","shape":[{{{expected.Length}}}],"data_offsets":[0,{{{bytes.Length}}}]}}""");
            Assert.Equal(expected, Read([.. header, .. bytes])["a"].Values);
        }
    }

    [Fact]
    public void An_empty_tensor_may_lie_anywhere_between_others()
    {
        var tensors = Read(File("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"b":{"dtype":"F32","shape":[0],"data_offsets":[4,4]},"c":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 1, 2));
        Assert.Equal([2f], tensors["a"].Values);
        Assert.Empty(tensors["b"].Values);
        Assert.Equal([1f], tensors["c"].Values);
    }

    [Fact]
    public void Files_of_python_objects_are_refused_with_what_to_do()
    {
        using var zip = new MemoryStream();
        using (var archive = new System.IO.Compression.ZipArchive(zip, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true)) archive.CreateEntry("model/data.pkl").Open().Dispose();
        // A pickle of protocol 2: the empty dictionary.
        foreach (byte[] file in (byte[][])[zip.ToArray(), [0x80, 0x02, (byte)'}', (byte)'q', 0, (byte)'.', 0, 0, 0, 0]])
        {
            string message = Assert.Throws<DataFormatException>(() => Safetensors.Read(new MemoryStream(file), "folder/m.pt")).Message;
            Assert.StartsWith("folder/m.pt: this is a", message);
            Assert.EndsWith("safetensors.torch.save_file(torch.load(\"m.pt\", weights_only=True), \"m.safetensors\").", message);
        }
    }

    [Fact]
    public void A_header_of_very_many_entries_is_refused()
    {
        var header = new StringBuilder("{");
        for (int i = 0; i <= 100_000; i++) header.Append(System.Globalization.CultureInfo.InvariantCulture, $"\"{i}\":{{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}},");
        header.Length--;
        Assert.EndsWith("it has more than 100,000 tensors.", Assert.Throws<DataFormatException>(() => Read(File(header.Append('}').ToString()))).Message);
        string name = new('n', 17 << 20);
        Assert.EndsWith("its names and texts are longer than 16,777,216 bytes.", Assert.Throws<DataFormatException>(() => Read(File($$$"""{"{{{name}}}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"""))).Message);
    }

    [Fact]
    public void Files_that_end_too_soon_are_refused()
    {
        byte[] file = File("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 1, 2);
        for (int length = 0; length < file.Length; length++)
        {
            var exception = Assert.Throws<DataFormatException>(() => Read(file[..length]));
            Assert.StartsWith("f.safetensors: not a whole safetensors file: ", exception.Message);
        }
        Assert.Equal("f.safetensors: not a whole safetensors file: it is shorter than 8 bytes.", Assert.Throws<DataFormatException>(() => Read([1, 2, 3])).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(1000)]
    [InlineData(200_000_000)]
    public void Absurd_lengths_of_the_header_are_refused(long length)
    {
        byte[] file = File("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 1, 2);
        BinaryPrimitives.WriteInt64LittleEndian(file, length);
        Assert.Equal($"f.safetensors: not a whole safetensors file: its header is said to have {length} bytes, the file has {file.Length}.",
            Assert.Throws<DataFormatException>(() => Read(file)).Message);
    }

    [Fact]
    public void A_damaged_byte_of_the_header_never_does_anything_worse()
    {
        byte[] file = File("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 1, 2, 3);
        Gen.Select(Gen.Int[0, file.Length - 13], Gen.Byte).Sample((place, value) =>
        {
            byte[] damaged = [.. file];
            damaged[place] = value;
            try
            {
                Read(damaged);
            }
            catch (DataFormatException)
            {
                // What a user shall see.
            }
        });
    }
}
