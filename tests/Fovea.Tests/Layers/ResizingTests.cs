namespace Fovea.Tests.Layers;

/// <summary>Layers that make an image larger or smaller by hand-made numbers; the laws and libtorch try them on others.</summary>
public class ResizingTests
{
    [Theory]
    // Windows of 5 pixels in 3: 0-1, 1-3, 3-4. Means and largest of 1 2 | 2 3 4 | 4 5 and of ten times as much.
    [InlineData("adaptiveavgpool 1x3", "1x1x5", new float[] { 1, 2, 3, 4, 5 }, new float[] { 1.5f, 3, 4.5f })]
    [InlineData("adaptivemaxpool 1x3", "1x1x5", new float[] { 1, 2, 3, 4, 5 }, new float[] { 2, 4, 5 })]
    // More windows than pixels: 0-0, 0-1, 1-1.
    [InlineData("adaptiveavgpool 1x3", "1x1x2", new float[] { 1, 2 }, new float[] { 1, 1.5f, 2 })]
    [InlineData("globalmaxpool", "2x1x2", new float[] { 1, 7, -3, -2 }, new float[] { 7, -2 })]
    [InlineData("zeropad 0x1 right=2", "1x1x2", new float[] { 1, 2 }, new float[] { 0, 1, 2, 0, 0 })]
    [InlineData("reflectionpad 0x2", "1x1x3", new float[] { 1, 2, 3 }, new float[] { 3, 2, 1, 2, 3, 2, 1 })]
    [InlineData("replicationpad 0x2", "1x1x3", new float[] { 1, 2, 3 }, new float[] { 1, 1, 1, 2, 3, 3, 3 })]
    [InlineData("circularpad 0x2", "1x1x3", new float[] { 1, 2, 3 }, new float[] { 2, 3, 1, 2, 3, 1, 2 })]
    [InlineData("zeropad 1x0 bottom=0", "1x1x2", new float[] { 1, 2 }, new float[] { 0, 0, 1, 2 })]
    [InlineData("upsample 2", "1x1x2", new float[] { 1, 2 }, new float[] { 1, 1, 2, 2, 1, 1, 2, 2 })]
    // Centres at -1/4, 1/4, 3/4 and 5/4, which are held at the ends.
    [InlineData("upsample 1x2 bilinear", "1x1x2", new float[] { 1, 5 }, new float[] { 1, 2, 4, 5 })]
    // Places 0, 1/3, 2/3, 1.
    [InlineData("upsample 1x2 bilinear aligncorners", "1x1x2", new float[] { 1, 4 }, new float[] { 1, 2, 3, 4 })]
    public void Numbers_come_out_as_by_hand(string layer, string image, float[] x, float[] expected)
    {
        Shape input = Shape.Parse(image);
        Assert.Equal(expected, new Network(ModelSpec.Parse(layer, input)).Predict(new Tensor(1, input, x)).Values);
    }

    [Fact]
    public void A_transposed_convolution_lays_its_kernel_at_every_pixel()
    {
        // 1 [1 2 3] at 0 and 10 [1 2 3] at 2, plus the bias of 0.5: 1 2 3+10 20 30. One pixel is taken away at each end, one added at the far one.
        var network = new Network(ModelSpec.Parse("convtranspose 1 k1x3 s1x2", new Shape(1, 1, 2)));
        network.SetParameter("0.weight", [1, 2, 3]);
        network.SetParameter("0.bias", [0.5f]);
        Assert.Equal([1.5f, 2.5f, 13.5f, 20.5f, 30.5f], network.Predict(new Tensor(1, new Shape(1, 1, 2), [1, 10])).Values);
        network = new Network(ModelSpec.Parse("convtranspose 1 k1x3 s1x2 p0x1 outputPadding=0x1 nobias", new Shape(1, 1, 2)));
        network.SetParameter("0.weight", [1, 2, 3]);
        Assert.Equal([2, 13, 20, 30], network.Predict(new Tensor(1, new Shape(1, 1, 2), [1, 10])).Values);
    }

    [Theory]
    // Dumoulin and Visin, relationship 14: (4 - 1) 2 - 2 + 3 + 1.
    [InlineData("convtranspose 8 k3 s2 p1 outputPadding=1", "3x4x4", "8x8x8")]
    [InlineData("adaptiveavgpool 7", "512x9x11", "512x7x7")]
    [InlineData("reflectionpad 3x1 bottom=0", "2x5x4", "2x8x6")]
    [InlineData("upsample 2x3", "2x5x4", "2x10x12")]
    public void Shapes_follow_from_the_sizes(string layer, string input, string output) =>
        Assert.Equal(Shape.Parse(output), ModelSpec.Parse(layer, Shape.Parse(input)).Output);

    [Theory]
    [InlineData("flatten | globalmaxpool", "pooling needs an image, but its input is a flat vector of 24. Place pooling before the flatten layer.")]
    [InlineData("adaptiveavgpool 0", "the output must be at least 1x1, got 0. Ask for at least one row and column.")]
    [InlineData("reflectionpad 4x3", "4 rows are more than the 3 that 4 rows of the input can give. Use a smaller padding.")]
    [InlineData("circularpad 0 right=4", "4 columns are more than the 3 that 3 columns of the input can give. Use a smaller padding.")]
    [InlineData("upsample 0", "the scale must be at least 1, got 0. Use 2 to double rows and columns.")]
    [InlineData("upsample 2 aligncorners", "corners can be aligned only where pixels lie between others. Add bilinear, or leave out alignCorners.")]
    [InlineData("convtranspose 3 k3 s2 outputPadding=2", "the output padding 2 must be smaller than the stride 2. Use a smaller output padding.")]
    [InlineData("convtranspose 3 k3 p4", "padding 4 takes away all of the output for input 2x4x3. Use a smaller padding.")]
    [InlineData("convtranspose 3 k3 g2", "groups 2 must divide the 2 input channels and the 3 filters. Choose groups that divide both numbers.")]
    public void Layers_that_do_not_fit_say_why_and_what_to_do(string text, string message) =>
        Assert.EndsWith(message, Assert.Throws<ShapeException>(() => ModelSpec.Parse(text, new Shape(2, 4, 3)).Output).Message);

    [Fact]
    public void The_output_of_a_transposed_convolution_is_derived()
    {
        Derivation derivation = LayerExplanation.Output(new ConvTranspose2D(8, 3) { Stride = 2, Padding = 1, OutputPadding = 1 }, new Shape(3, 4, 4), "test");
        Assert.Equal(2, derivation.Parts!.Count);
        Assert.Contains("8", derivation.ToText());
    }
}
