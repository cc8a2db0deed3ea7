namespace Fovea.Tests.Data;

public class DatasetTests
{
    /// <summary>Samples 0, 1, 2, ... of one number, which is also the sample's class but for tens.</summary>
    private static Dataset Count(int samples) => Dataset.FromTensor(
        new Tensor(samples, Shape.Flat(1), [.. Enumerable.Range(0, samples).Select(i => (float)i)]), [.. Enumerable.Range(0, samples).Select(i => i % 10)], classes: 10);

    private static float[] Samples(Dataset data)
    {
        float[] values = new float[data.Count];
        for (int i = 0; i < values.Length; i++) data.CopySample(i, values.AsSpan(i, 1));
        return values;
    }

    private static int[] Labels(Dataset data) => [.. Enumerable.Range(0, data.Count).Select(data.Label)];

    [Fact]
    public void Bytes_are_normalized_by_channel()
    {
        Dataset data = Dataset.FromBytes("colours", new Shape(2, 1, 2), [0, 51, 102, 255, 255, 0, 0, 255], [0, 1], ["a", "b"], new Normalization([0.2f, 0.5f], [0.4f, 2]));
        float[] sample = new float[4];
        data.CopySample(0, sample);
        // (0 - 0.2) / 0.4, (0.2 - 0.2) / 0.4, (0.4 - 0.5) / 2, (1 - 0.5) / 2.
        Assert.Equal([-0.5f, 0, -0.05f, 0.25f], sample, (a, b) => Math.Abs(a - b) < 1e-6);
        data.With(Normalization.None).CopySample(1, sample);
        Assert.Equal([1, 0, 0, 1], sample, (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Labels_that_are_changed_afterwards_do_not_reach_the_data()
    {
        int[] labels = [0, 1];
        Dataset data = Dataset.FromTensor(new Tensor(2, Shape.Flat(1)), labels, classes: 2);
        labels[0] = 1000;
        Assert.Equal([0, 1], Labels(data));
    }

    [Fact]
    public void Subsets_of_subsets_are_the_samples_asked_for_in_that_order()
    {
        Dataset subset = Count(20).Subset([15, 3, 3, 8]);
        Assert.Equal([15, 3, 3, 8], Samples(subset));
        Assert.Equal([5, 3, 3, 8], Labels(subset));
        Assert.Equal([8, 15], Samples(subset.Subset([3, 0])));
        Assert.Equal([8, 5], Labels(subset.Subset([3, 0])));
        Assert.Equal([15, 3], Samples(subset.Take(2)));
        Assert.Same(subset, subset.Take(4));
        Assert.Same(subset, subset.Take(100));
    }

    [Fact]
    public void Samples_that_are_not_there_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Count(5).Subset([5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Count(5).Subset([-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Count(5).Take(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Count(20).Take(5).Subset([5]));
    }

    [Fact]
    public void A_split_parts_all_samples_and_keeps_their_order()
    {
        var (kept, aside) = Count(50).Split(0.1, seed: 1);
        Assert.Equal((45, 5), (kept.Count, aside.Count));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (float)i), Samples(kept).Concat(Samples(aside)).Order());
        Assert.Equal(Samples(kept).Order(), Samples(kept));
        Assert.Equal(Samples(aside).Order(), Samples(aside));
        Assert.Equal(Samples(aside).Select(value => (int)value % 10), Labels(aside));

        Assert.Equal(Samples(aside), Samples(Count(50).Split(0.1, seed: 1).Aside));
        Assert.NotEqual(Samples(aside), Samples(Count(50).Split(0.1, seed: 2).Aside));
    }

    [Fact]
    public void A_split_of_nothing_keeps_all()
    {
        var (kept, aside) = Count(50).Split(0, seed: 1);
        Assert.Equal((50, 0), (kept.Count, aside.Count));
        Assert.Throws<ArgumentOutOfRangeException>(() => Count(5).Split(1, seed: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Count(5).Split(-0.1, seed: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Count(5).Split(double.NaN, seed: 1));
    }

    [Fact]
    public void Targets_are_the_samples_own_or_say_the_class()
    {
        var samples = new Tensor(2, Shape.Flat(1), [0, 1]);
        Dataset own = Dataset.FromTensor(samples, new Tensor(2, Shape.Flat(2), [0.1f, 0.2f, 0.3f, 0.4f])), classes = Dataset.FromTensor(samples, [2, 1], classes: 3);
        Assert.Equal(0.4f, own.Target(1, output: 1, outputs: 2));
        Assert.Equal(0.2f, own.Subset([1, 0]).Target(1, output: 1, outputs: 2));
        Assert.Equal([0, 0, 1], Enumerable.Range(0, 3).Select(i => classes.Target(0, i, outputs: 3)));
        Assert.Equal([0, 1, 0], Enumerable.Range(0, 3).Select(i => classes.Target(1, i, outputs: 3)));
        Assert.Equal(1, Dataset.FromTensor(samples, [0, 1], classes: 2).Target(1, output: 0, outputs: 1));
        Assert.Equal("data: the samples have target values, not classes.", Assert.Throws<InvalidOperationException>(() => own.Label(0)).Message);
    }

    [Fact]
    public void Data_that_do_not_fit_each_other_are_refused()
    {
        var samples = new Tensor(2, new Shape(1, 2, 1));
        Assert.Equal("data: 3 labels of samples of 1x2x1 ask for 6 numbers, but there are 4.",
            Assert.Throws<ArgumentException>(() => Dataset.FromTensor(samples, [0, 0, 0], classes: 1)).Message);
        Assert.Equal("data: the label of sample 1 is 3, but there are 3 classes: labels go from 0 to 2.",
            Assert.Throws<ArgumentException>(() => Dataset.FromTensor(samples, [0, 3], classes: 3)).Message);
        Assert.Equal("data: the label of sample 0 is -1, but there are 3 classes: labels go from 0 to 2.",
            Assert.Throws<ArgumentException>(() => Dataset.FromTensor(samples, [-1, 3], classes: 3)).Message);
        Assert.Equal("data: 2 samples, but 1 targets. (Parameter 'targets')",
            Assert.Throws<ArgumentException>(() => Dataset.FromTensor(samples, new Tensor(1, Shape.Flat(1)))).Message);
        Assert.Throws<ArgumentException>(() => Dataset.FromBytes("b", new Shape(1, 2, 2), new byte[7], [0, 0], ["a"], Normalization.None));
    }

    [Fact]
    public void Normalizations_are_equal_when_their_numbers_are()
    {
        Assert.Equal(new Normalization([0.1f, 0.2f], [1]), new Normalization([0.1f, 0.2f], [1]));
        Assert.NotEqual(new Normalization([0.1f, 0.2f], [1]), new Normalization([0.1f, 0.3f], [1]));
        Assert.NotEqual(new Normalization([0.1f], [1]), new Normalization([0.1f], [2]));
    }

    [Theory]
    [InlineData(new float[0], new float[] { 1 }, "normalization: there is no mean. Give one number for all channels, or one for each.")]
    [InlineData(new float[] { 0 }, new float[0], "normalization: there is no deviation. Give one number for all channels, or one for each.")]
    [InlineData(new float[] { 0, 0 }, new float[] { 1, 1, 1 }, "normalization: there are 2 means, but 3 deviations. Give one number for all channels, or one for each.")]
    [InlineData(new float[] { 0, float.NaN }, new float[] { 1 }, "normalization: expected means that are finite numbers, got NaN. Give those of pixels from 0 to 1.")]
    [InlineData(new float[] { float.NegativeInfinity }, new float[] { 1 }, "normalization: expected means that are finite numbers, got -Infinity. Give those of pixels from 0 to 1.")]
    [InlineData(new float[] { 0 }, new float[] { 0.5f, 0, 0.5f }, "normalization: expected deviations above 0, got 0. Where all pixels are alike, give 1.")]
    [InlineData(new float[] { 0 }, new float[] { -0.5f }, "normalization: expected deviations above 0, got -0.5. Where all pixels are alike, give 1.")]
    [InlineData(new float[] { 0 }, new float[] { float.NaN }, "normalization: expected deviations above 0, got NaN. Where all pixels are alike, give 1.")]
    [InlineData(new float[] { 0 }, new float[] { float.PositiveInfinity }, "normalization: expected deviations above 0, got Infinity. Where all pixels are alike, give 1.")]
    public void A_normalization_without_numbers_to_reckon_with_is_refused(float[] mean, float[] deviation, string message)
    {
        Assert.Equal(message, Assert.Throws<FoveaException>(() => new Normalization(mean, deviation)).Message);
        if (mean is [0]) Assert.Equal(message, Assert.Throws<FoveaException>(() => Normalization.None with { Deviation = deviation }).Message);
    }

    [Fact]
    public void A_normalization_has_a_number_for_all_channels_or_for_each()
    {
        Dataset colours = Dataset.FromBytes("colours", new Shape(3, 1, 1), [0, 51, 102], [0], ["a"], new Normalization([0, 0, 0], [1]));
        Assert.Equal("colours: the normalization is of 2 channels, but samples of 3x1x1 have 3. Give one number for all channels, or one for each.",
            Assert.Throws<FoveaException>(() => colours.With(new Normalization([0, 0], [1]))).Message);
        // Of a flat vector each number is a channel.
        Dataset flat = Dataset.FromBytes("flat", Shape.Flat(3), [0, 51, 102], [0], ["a"], Normalization.None);
        Assert.Throws<FoveaException>(() => flat.With(new Normalization([0, 0], [1, 1])));
    }
}
