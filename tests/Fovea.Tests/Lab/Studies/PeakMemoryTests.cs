using Fovea.Lab;

namespace Fovea.Tests;

[CollectionDefinition(nameof(PeakMemoryTests), DisableParallelization = true)]
[Collection(nameof(PeakMemoryTests))]
public class PeakMemoryTests
{
    private const int Bytes = 200_000_000;

    [Fact]
    public void The_peak_counts_what_was_held_meanwhile_and_is_set_back_after()
    {
        long before = PeakMemory.Measure(_ => 0).Bytes;
        var (length, during) = PeakMemory.Measure(_ => Fill(Bytes).Length);
        long after = PeakMemory.Measure(_ => 0).Bytes;
        Assert.Equal(Bytes, length);
        Assert.True(during - before > 0.8 * Bytes, $"{before} bytes before, {during} with {Bytes} more");
        Assert.True(during - after > 0.8 * Bytes, $"{during} bytes with the array, {after} after");
    }

    [Fact]
    public void What_is_done_apart_is_not_counted()
    {
        long before = PeakMemory.Measure(_ => 0).Bytes;
        var (lengths, during) = PeakMemory.Measure(peak => (Fill(Bytes / 4).Length, peak.Apart(() => Fill(Bytes).Length)));
        Assert.Equal((Bytes / 4, Bytes), lengths);
        Assert.InRange(during - before, 0.2 * Bytes, 0.5 * Bytes);
    }

    // Pages that nobody has written to are not resident.
    private static byte[] Fill(int bytes)
    {
        byte[] array = new byte[bytes];
        array.AsSpan().Fill(1);
        return array;
    }
}
