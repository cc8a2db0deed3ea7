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
    [InlineData("""{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}}""", 2, "f.safetensors: tensor a has the type F16; only F32 is supported. Convert it to float32.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 1, "f.safetensors: not a whole safetensors file: tensor a of shape [2] has 4 bytes instead of 8.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 1, "f.safetensors: not a whole safetensors file: tensor a lies at 0 to 8, expected it to start at 0 and to end by 4.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 3, "f.safetensors: not a whole safetensors file: tensor a lies at 4 to 12, expected it to start at 0 and to end by 12.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 3, "f.safetensors: not a whole safetensors file: 4 bytes after the last tensor belong to none.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 1, "f.safetensors: not a whole safetensors file: tensor b lies at 0 to 4, expected it to start at 4 and to end by 4.")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647],"data_offsets":[0,8]}}""", 2, "f.safetensors: not a whole safetensors file: tensor a has the impossible shape [2147483647, 2147483647].")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 2, "f.safetensors: not a whole safetensors file: tensor a has the impossible shape [-2].")]
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
