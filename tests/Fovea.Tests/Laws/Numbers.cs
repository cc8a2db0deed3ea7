using Fovea.Kernels;

namespace Fovea.Tests.Laws;

/// <summary>Numbers to try laws on, and how they are compared.</summary>
internal static class Numbers
{
    /// <summary>
    /// Numbers between -1 and 1 in random order, all different and none at 0, further apart than a finite difference reaches: no maximum is
    /// tied and no kink is crossed.
    /// </summary>
    public static float[] Distinct(int count, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new Philox(seed, RandomPurpose.Shuffle).Shuffle(order, step: 0);
        return [.. order.Select(i => (2 * i + 1 - count + (count % 2 == 0 ? 0 : 0.5f)) / count)];
    }

    /// <summary>Numbers uniform in [-bound, bound).</summary>
    public static float[] Uniform(int count, ulong seed, float bound = 1)
    {
        float[] values = new float[count];
        new Philox(seed, RandomPurpose.Initialize).Uniform(values, bound);
        return values;
    }

    /// <summary>Gives all parameters and buffers random values, other than those that a training begins with; variances stay positive.</summary>
    public static void Randomize(Network network)
    {
        ulong seed = 1;
        foreach (ParameterArena.Entry entry in network.ParameterMemory.Entries)
            network.SetParameter(entry.Name, Uniform(entry.Spec.Count, seed++, bound: Math.Min(1, 2 / MathF.Sqrt(entry.Spec.FanIn))));
        foreach (ParameterArena.Entry entry in network.BufferMemory.Entries)
            network.SetParameter(entry.Name, [.. Uniform(entry.Spec.Count, seed++, bound: 0.5f).Select(value => 0.75f + value)]);
    }

    /// <summary>Fails unless the numbers agree to a tolerance, relative to each number and to the largest of all; or to the size of what they
    /// are differences of, where that is larger.</summary>
    public static void AssertClose(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double tolerance, string what, double size = 0)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: expected {expected.Length} numbers, got {actual.Length}");
        double largest = size;
        foreach (double value in expected) largest = Math.Max(largest, Math.Abs(value));
        for (int i = 0; i < expected.Length; i++)
        {
            double allowed = tolerance * (Math.Abs(expected[i]) + largest);
            if (!(Math.Abs(expected[i] - actual[i]) <= allowed))
                Assert.Fail($"{what}: number {i} of {expected.Length} should be {expected[i]:R} to within {allowed:G3}, but is {actual[i]:R}");
        }
    }

    /// <summary>Fails unless all bits are the same.</summary>
    public static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: expected {expected.Length} numbers, got {actual.Length}");
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                Assert.Fail($"{what}: number {i} of {expected.Length} should be {expected[i]:R} to the bit, but is {actual[i]:R}");
        }
    }

    public static double[] ToDouble(this ReadOnlySpan<float> values)
    {
        double[] result = new double[values.Length];
        for (int i = 0; i < result.Length; i++) result[i] = values[i];
        return result;
    }
}
