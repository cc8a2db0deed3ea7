namespace Fovea.Tests;

public class ConvolutionWindowTests
{
    private static readonly Planes s_image = Planes.Parse("1 2 3; 4 5 6; 7 8 9", 1, "image"), s_kernel = Planes.Parse("1 10; 100 1000", 1, "kernel");

    [Fact]
    public void A_window_names_its_pixels_weights_and_sum()
    {
        ConvolutionWindow window = ConvolutionWindow.Of(new ImageConvolution(s_image, s_kernel), 3);
        Assert.Equal((1, 1), (window.Row, window.Column));
        Assert.Equal([4, 5, 7, 8], window.Taps.Select(tap => tap.Pixel));
        // 5 + 60 + 800 + 9000.
        Assert.Equal(9865, window.Sum);
    }

    [Fact]
    public void Padding_has_no_pixel_but_a_ring_has()
    {
        var padded = new ImageConvolution(s_image, s_kernel) { Padding = 1 };
        ConvolutionWindow corner = ConvolutionWindow.Of(padded, 0);
        Assert.Equal([(-1, -1), (-1, 0), (0, -1), (0, 0)], corner.Taps.Select(tap => (tap.Row, tap.Column)));
        Assert.Equal([null, null, null, 0], corner.Taps.Select(tap => tap.Pixel));
        Assert.Equal(1000, corner.Sum);
        // Around a ring, the pixels before the first are the last: 9, 7 and 3.
        ConvolutionWindow ring = ConvolutionWindow.Of(padded with { PaddingMode = PaddingMode.Circular }, 0);
        Assert.Equal([8, 6, 2, 0], ring.Taps.Select(tap => tap.Pixel));
        Assert.Equal(9 + 70 + 300 + 1000, ring.Sum);
    }

    [Fact]
    public void Every_window_sums_up_to_the_result()
    {
        var convolution = new ImageConvolution(s_image, s_kernel) { Padding = 2, Stride = 2, Dilation = 2, Mode = ConvolutionMode.Convolution };
        Assert.Equal(convolution.Apply().Values, Enumerable.Range(0, convolution.Geometry.Output.Count).Select(index => ConvolutionWindow.Of(convolution, index).Sum));
    }
}
