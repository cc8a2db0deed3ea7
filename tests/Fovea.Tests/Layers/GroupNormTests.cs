namespace Fovea.Tests.Layers;

public class GroupNormTests
{
    // Of 1, 3, 5, 7 the mean is 4 and the variance (9 + 1 + 1 + 9) / 4 = 5; of 1, 3 it is 2 and 1, of 5, 7 it is 6 and 1.
    [Theory]
    [InlineData("groupnorm 1 epsilon=0", -3, -1, 1, 3, 5)]
    [InlineData("groupnorm 2 epsilon=0", -1, 1, -1, 1, 1)]
    [InlineData("instancenorm epsilon=0", -1, 1, -1, 1, 1)]
    [InlineData("layernorm epsilon=4", -3, -1, 1, 3, 9)]
    [InlineData("layernorm epsilon=4 noaffine", -3, -1, 1, 3, 9)]
    public void Each_sample_is_normalized_by_its_own_mean_and_variance(string layer, double a, double b, double c, double d, double variance)
    {
        var input = new Shape(2, 1, 2);
        var network = new Network(ModelSpec.Parse(layer, input));
        // A second sample does not matter.
        float[] output = network.Predict(new Tensor(2, input, [1, 3, 5, 7, 100, -50, 3, 8])).Values[..4];
        Assert.Equal([.. new[] { a, b, c, d }.Select(value => value / Math.Sqrt(variance))], output.Select(value => (double)value), (x, y) => Math.Abs(x - y) < 1e-6);
    }

    [Fact]
    public void Scale_and_shift_belong_to_a_channel_or_to_a_number()
    {
        var input = new Shape(2, 1, 2);
        var group = new Network(ModelSpec.Parse("groupnorm 2 epsilon=0", input));
        group.SetParameter("0.weight", [2, 3]);
        group.SetParameter("0.bias", [10, 20]);
        Assert.Equal([8, 12, 17, 23], group.Predict(new Tensor(1, input, [1, 3, 5, 7])).Values, (x, y) => Math.Abs(x - y) < 1e-5);

        // The variance of -1, 1, -1, 1 is 1 and their mean 0.
        var layer = new Network(ModelSpec.Parse("layernorm epsilon=0", input));
        Assert.Equal([2, 1, 2], layer.Parameters[0].Shape);
        layer.SetParameter("0.weight", [1, 2, 3, 4]);
        layer.SetParameter("0.bias", [10, 20, 30, 40]);
        Assert.Equal([9, 22, 27, 44], layer.Predict(new Tensor(1, input, [-1, 1, -1, 1])).Values, (x, y) => Math.Abs(x - y) < 1e-5);
    }

    [Fact]
    public void The_features_of_a_flat_vector_are_channels()
    {
        var network = new Network(ModelSpec.Parse("groupnorm 2 epsilon=0", Shape.Flat(4)));
        Assert.Equal([-1, 1, -1, 1], network.Predict(new Tensor(1, Shape.Flat(4), [1, 3, 5, 7])).Values, (x, y) => Math.Abs(x - y) < 1e-6);
    }

    [Theory]
    [InlineData("groupnorm 4", "6x3x3", "layer 1 groupnorm(groups 4): groups 4 must divide the 6 channels. Choose groups that divide them.")]
    [InlineData("groupnorm 0", "6x3x3", "layer 1 groupnorm(groups 0): groups 0 must divide the 6 channels. Choose groups that divide them.")]
    [InlineData("instancenorm", "6x1x1", "layer 1 instancenorm2d: instancenorm2d needs more than one pixel, but its input is 6x1x1. Place it before the image has shrunk to a pixel.")]
    [InlineData("instancenorm", "6", "layer 1 instancenorm2d: instancenorm2d needs an image, but its input is a flat vector of 6. Place it before the flatten layer.")]
    [InlineData("dropout2d", "6", "layer 1 dropout2d(probability 0.5): dropout2d drops channels of an image, but its input is a flat vector of 6. Use dropout.")]
    public void What_does_not_fit_is_refused(string layer, string input, string message)
    {
        var exception = Assert.Throws<ShapeException>(() => ModelSpec.Parse(layer, Shape.Parse(input)).Output);
        Assert.Equal(message, exception.Message);
    }

    [Fact]
    public void A_negative_epsilon_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new GroupNorm(1) { Epsilon = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LayerNorm { Epsilon = float.NaN });
        var exception = Assert.Throws<ModelFormatException>(() => ModelSpec.Parse("instancenorm epsilon=-1", new Shape(1, 2, 2)));
        Assert.Equal("layer 1 \"instancenorm epsilon=-1\": instancenorm2d: epsilon must not be negative.", exception.Message);
    }
}
