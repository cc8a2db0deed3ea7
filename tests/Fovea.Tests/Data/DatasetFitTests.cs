namespace Fovea.Tests.Data;

public class DatasetFitTests
{
    private static float[] Sample(Dataset data, int sample)
    {
        float[] values = new float[data.Shape.Count];
        data.CopySample(sample, values);
        return values;
    }

    private static Dataset Bytes(Shape shape, params byte[] pixels) =>
        Dataset.FromBytes("test", shape, pixels, new int[pixels.Length / shape.Count], ["a", "b"], new([0.5f], [0.5f]));

    [Fact]
    public void A_smaller_image_is_centred_and_the_odd_pixel_is_below_and_to_the_right()
    {
        // 0 becomes -1 and 255 becomes 1.
        Dataset data = Bytes(new Shape(1, 1, 2), 255, 0, 0, 255).Fit(new Shape(1, 2, 5));
        Assert.Equal([-1, 1, -1, -1, -1, -1, -1, -1, -1, -1], Sample(data, 0), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([-1, -1, 1, -1, -1, -1, -1, -1, -1, -1], Sample(data, 1), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void A_grey_image_is_seen_in_each_of_several_channels()
    {
        Dataset data = Bytes(new Shape(1, 1, 1), 255, 0).Fit(new Shape(3, 1, 2));
        Assert.Equal([1, -1, 1, -1, 1, -1], Sample(data, 0), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Channels_stay_apart()
    {
        Dataset data = Bytes(new Shape(2, 1, 1), 255, 0).Fit(new Shape(2, 1, 2));
        Assert.Equal([1, -1, -1, -1], Sample(data, 0), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Numbers_seen_flat_stay_as_they_are()
    {
        Dataset data = Bytes(new Shape(1, 2, 2), 255, 0, 0, 255).Fit(Shape.Flat(4));
        Assert.Equal(Shape.Flat(4), data.Shape);
        Assert.Equal([1, -1, -1, 1], Sample(data, 0), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Subsets_and_floats_fit_too()
    {
        Dataset data = Dataset.FromTensor(new Tensor(3, new Shape(1, 1, 1), [1, 2, 3]), [0, 1, 0], 2).Subset([2, 1]).Fit(new Shape(1, 1, 3));
        Assert.Equal((2, 1), (data.Count, data.Label(1)));
        Assert.Equal([0, 3, 0], Sample(data, 0));
    }

    [Fact]
    public void Samples_that_would_not_fit_into_an_array_are_centred_as_they_are_read()
    {
        // 3,000 samples of 3x512x512 are 2,359,296,000 bytes, more than an array holds.
        Shape small = new(1, 28, 28), large = new(3, 512, 512);
        byte[] pixels = new byte[3000 * small.Count];
        new Random(1).NextBytes(pixels);
        float[] last = Sample(Bytes(small, pixels).Fit(large), 2999);
        Assert.Equal(Sample(Bytes(small, pixels[^small.Count..]).Fit(large), 0), last);
        DataFormatException refused = Assert.Throws<DataFormatException>(() => Dataset.FromTensor(new Tensor(3000, small, new float[pixels.Length]), new int[3000], 1).Fit(large));
        Assert.Equal("data: 3,000 samples of 1x28x28, centred in 3x512x512, have more numbers than an array holds. Use a model whose input is 1x28x28, or fewer samples.", refused.Message);
    }

    [Fact]
    public void Nothing_is_lost_or_resized()
    {
        Dataset data = Bytes(new Shape(2, 2, 2), new byte[8]);
        Assert.Same(data, data.Fit(data.Shape));
        foreach (Shape shape in (Shape[])[new(2, 1, 4), new(2, 4, 1), new(1, 2, 2), new(3, 2, 2), Shape.Flat(7)])
        {
            Assert.Equal($"test: the samples are 2x2x2 and do not fit into {shape}. Use a model whose input is 2x2x2 or larger.",
                Assert.Throws<DataFormatException>(() => data.Fit(shape)).Message);
        }
        // Flat, a number no longer knows whose channel's mean is to be taken off.
        Assert.Throws<DataFormatException>(() => data.With(new([0, 1], [1, 1])).Fit(Shape.Flat(8)));
    }
}
