using CsCheck;
using Fovea.Kernels;

namespace Fovea.Tests.Kernels;

public class SplitTests
{
    [Fact]
    public void Parts_are_few_even_and_follow_one_another() => Gen.Select(Gen.Int[1, 500], Gen.Int[1, 60]).Sample((count, maximum) =>
    {
        var split = new Split(count, maximum);
        Assert.Equal((int)Math.Ceiling((double)count / maximum), split.Parts);
        AssertCovers(split, count);
        Assert.InRange(split.Largest, 1, maximum);
    });

    [Fact]
    public void A_count_is_cut_into_so_many_parts_or_as_many_as_there_are() => Gen.Select(Gen.Int[1, 500], Gen.Int[1, 60]).Sample((count, parts) =>
    {
        Split split = Split.Into(count, parts);
        Assert.Equal(Math.Min(count, parts), split.Parts);
        AssertCovers(split, count);
    });

    [Fact]
    public void Nothing_is_cut_into_nothing()
    {
        Assert.Equal(0, new Split(0, 5).Parts);
        Assert.Equal(0, Split.Into(0, 5).Parts);
    }

    private static void AssertCovers(Split split, int count)
    {
        int[] elements = [.. Enumerable.Range(0, split.Parts).SelectMany(part => Enumerable.Range(split.Start(part), split.Size(part)))];
        Assert.Equal(Enumerable.Range(0, count), elements);
        int[] sizes = [.. Enumerable.Range(0, split.Parts).Select(split.Size)];
        Assert.InRange(sizes.Max() - sizes.Min(), 0, 1);
        Assert.Equal(sizes.Max(), split.Largest);
        for (int part = 0; part < split.Parts; part++)
        {
            Assert.Equal(split.Start(part) + split.Size(part), split.End(part));
            Assert.All(Enumerable.Range(split.Start(part), split.Size(part)), element => Assert.Equal(part, split.PartOf(element)));
        }
    }
}
