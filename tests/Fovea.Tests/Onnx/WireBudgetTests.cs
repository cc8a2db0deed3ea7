using Fovea.Onnx;

namespace Fovea.Tests.Onnx;

/// <summary>Hostile files give the documented exception, at once and in little memory.</summary>
public class WireBudgetTests
{
    [Fact]
    public void Files_of_millions_of_empty_messages_are_refused_before_they_are_read()
    {
        // A graph (field 7) of five million nodes (field 1) of no bytes: 10 MB, which would become more than a gigabyte.
        byte[] nodes = new byte[10_000_000], header = [0x3A, 0x80, 0xAD, 0xE2, 0x04];
        for (int i = 0; i < nodes.Length; i += 2) nodes[i] = 0x0A;
        byte[] file = [.. header, .. nodes];
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<OnnxException>(() => OnnxModel.Parse(file, "f.onnx")).Message;
        Assert.Equal("f.onnx: its parts are so many and so small that they would take far more memory than the file is long. It is damaged, or made to do harm.", message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Bytes_that_become_numbers_of_64_bits_count_as_these()
    {
        // The extent (field 1) of 16,777,216, the type 2 of unsigned bytes (field 2), and as many raw bytes (field 9): numbers of 134 MB, where
        // twice the file and 64 MB are 101.
        byte[] file = [0x08, 0x80, 0x80, 0x80, 0x08, 0x10, 0x02, 0x4A, 0x80, 0x80, 0x80, 0x08, .. new byte[1 << 24]];
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<OnnxException>(() => OnnxTensor.Parse(file, "x.pb")).Message;
        Assert.Equal("x.pb: its numbers would take far more memory than the file is long. It is damaged, or made to do harm.", message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }
}
