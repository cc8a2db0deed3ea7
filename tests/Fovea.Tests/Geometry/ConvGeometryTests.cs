using CsCheck;

namespace Fovea.Tests.Geometry;

public class ConvGeometryTests
{
    [Fact]
    public void Six_by_six_under_a_kernel_of_three_gives_four_by_four()
    {
        var geometry = new ConvGeometry(new Shape(1, 6, 6), filters: 1, kernel: 3, stride: 1, padding: 0, dilation: 1, groups: 1);
        Assert.Equal(new Shape(1, 4, 4), geometry.Output);
        // Nine multiply-adds for each of 16 outputs.
        Assert.Equal(144, geometry.MultiplyAdds);
    }

    [Fact]
    public void Height_and_width_are_kept_apart()
    {
        // floor((9 + 2 - 3) / 2) + 1 = 5 rows, floor((8 - 2 (2 - 1) - 1) / 3) + 1 = 2 columns.
        var geometry = new ConvGeometry(new Shape(4, 9, 8), filters: 6, new Size2D(3, 2), new Size2D(2, 3), new Size2D(1, 0), new Size2D(1, 2), groups: 2);
        Assert.Equal(new Shape(6, 5, 2), geometry.Output);
        Assert.Equal(2, geometry.GroupChannels);
        Assert.Equal(3, geometry.GroupFilters);
        Assert.Equal(2 * 3 * 2, geometry.PatchSize);
        Assert.Equal(12 * 6 * 5 * 2, geometry.MultiplyAdds);
    }

    [Theory]
    [InlineData(0, 1, 1, 0, 1, 1, "filters must be at least 1, got 0. Ask for at least one filter.")]
    [InlineData(4, 0, 1, 0, 1, 1, "kernel must be at least 1, got 0. Use a kernel of 1 or more.")]
    [InlineData(4, 3, 0, 0, 1, 1, "stride must be at least 1, got 0. Use a stride of 1 or more.")]
    [InlineData(4, 3, 1, -1, 1, 1, "padding must not be negative, got -1. Use a padding of 0 or more.")]
    [InlineData(4, 3, 1, 0, 0, 1, "dilation must be at least 1, got 0. Use a dilation of 1 or more.")]
    [InlineData(4, 3, 1, 0, 1, 0, "groups 0 must divide the 3 input channels and the 4 filters. Choose groups that divide both numbers.")]
    [InlineData(4, 3, 1, 0, 1, 2, "groups 2 must divide the 3 input channels and the 4 filters. Choose groups that divide both numbers.")]
    [InlineData(4, 3, 1, 0, 1, 3, "groups 3 must divide the 3 input channels and the 4 filters. Choose groups that divide both numbers.")]
    [InlineData(4, 8, 1, 0, 1, 1, "kernel 8x8 does not fit input 3x7x5 with padding 0. Use padding 2 or a smaller kernel.")]
    [InlineData(4, 3, 1, 0, 3, 1, "kernel 3x3 with dilation 3 (covering 7x7) does not fit input 3x7x5 with padding 0. Use padding 1 or a smaller kernel.")]
    public void What_does_not_fit_is_refused(int filters, int kernel, int stride, int padding, int dilation, int groups, string message)
    {
        var exception = Assert.Throws<ShapeException>(() => new ConvGeometry(new Shape(3, 7, 5), filters, kernel, stride, padding, dilation, groups));
        Assert.Equal(message, exception.Message);
        Assert.Null(exception.LayerIndex);
    }

    [Fact]
    public void A_flat_input_is_refused()
    {
        var exception = Assert.Throws<ShapeException>(() => new ConvGeometry(Shape.Flat(75), 4, 3, 1, 0, 1, 1));
        Assert.Equal("a convolution needs an image, but its input is a flat vector of 75. Place convolutions before the flatten layer.", exception.Message);
    }

    [Fact]
    public void The_padding_that_a_message_advises_is_the_least_that_fits() =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9], Gen.Int[1, 12], Gen.Int[1, 12], Gen.Int[1, 3]).Sample((height, width, down, across, dilation) =>
        {
            Shape input = new(1, height, width);
            Size2D kernel = new(down, across);
            ShapeException? refusal = Refusal(padding: 0);
            if (refusal is null) return;
            string advice = refusal.Remedy.Split(' ')[2];
            int padding = int.Parse(advice, System.Globalization.CultureInfo.InvariantCulture);
            Assert.Null(Refusal(padding));
            Assert.NotNull(Refusal(padding - 1));

            ShapeException? Refusal(int padding)
            {
                try
                {
                    _ = new ConvGeometry(input, 1, kernel, 1, padding, dilation, 1);
                    return null;
                }
                catch (ShapeException exception)
                {
                    return exception;
                }
            }
        });
}
