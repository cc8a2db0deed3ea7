using Fovea.Kernels;

namespace Fovea.Tests.Kernels;

public class PhiloxTests
{
    // The known answers of Philox4x32-10 that Random123 is distributed with: counter, key, result. Our counter's last word holds the
    // purpose in its upper byte and the stream below.
    [Theory]
    [InlineData(0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x00000000u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Blocks_are_the_known_answers(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint a, uint b, uint c, uint d)
    {
        var philox = new Philox(((ulong)k1 << 32) | k0, (RandomPurpose)(c3 >> 24), c3 & 0xFFFFFF);
        Assert.Equal((a, b, c, d), philox.Block(c0, c1, c2));
    }

    [Fact]
    public void Units_go_from_zero_to_below_one()
    {
        Assert.Equal(0, Philox.Unit(0));
        Assert.Equal(0.5f, Philox.Unit(0x80000000));
        Assert.Equal(MathF.BitDecrement(1), Philox.Unit(uint.MaxValue));
    }

    [Fact]
    public void Uniform_numbers_fill_their_interval_evenly()
    {
        float[] values = new float[40_000];
        new Philox(7, RandomPurpose.Initialize).Uniform(values, bound: 0.25f);
        Assert.All(values, value => Assert.InRange(value, -0.25f, 0.25f));
        int[] counts = new int[8];
        foreach (float value in values) counts[(int)((value + 0.25f) / 0.5f * 8)]++;
        // Each of 8 bins is binomial with mean 5000 and deviation 66: five deviations.
        Assert.All(counts, count => Assert.InRange(count, 5000 - 331, 5000 + 331));
    }

    [Fact]
    public void A_shuffle_is_a_permutation_that_seed_and_step_decide()
    {
        int[] Shuffled(ulong seed, uint step)
        {
            int[] values = [.. Enumerable.Range(0, 100)];
            new Philox(seed, RandomPurpose.Shuffle).Shuffle(values, step);
            return values;
        }

        Assert.Equal(Enumerable.Range(0, 100), Shuffled(1, 0).Order());
        Assert.Equal(Shuffled(1, 0), Shuffled(1, 0));
        Assert.NotEqual(Shuffled(1, 0), Shuffled(1, 1));
        Assert.NotEqual(Shuffled(1, 0), Shuffled(2, 0));
        Assert.NotEqual(Enumerable.Range(0, 100), Shuffled(1, 0));
    }

    [Fact]
    public void All_permutations_of_three_are_equally_likely()
    {
        var counts = new Dictionary<(int, int, int), int>();
        for (uint step = 0; step < 6000; step++)
        {
            int[] values = [0, 1, 2];
            new Philox(3, RandomPurpose.Shuffle).Shuffle(values, step);
            counts[(values[0], values[1], values[2])] = counts.GetValueOrDefault((values[0], values[1], values[2])) + 1;
        }
        Assert.Equal(6, counts.Count);
        // Binomial with mean 1000 and deviation 29: five deviations.
        Assert.All(counts.Values, count => Assert.InRange(count, 1000 - 144, 1000 + 144));
    }

    [Fact]
    public void Purposes_and_streams_do_not_share_numbers()
    {
        var blocks = from purpose in Enum.GetValues<RandomPurpose>()
                     from stream in (uint[])[0, 1, 2]
                     from index in (uint[])[0, 1]
                     select new Philox(1, purpose, stream).Block(index);
        Assert.Distinct(blocks);
    }
}
