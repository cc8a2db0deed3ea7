using CsCheck;

namespace Fovea.Tests.Geometry;

public class PoolGeometryTests
{
    [Fact]
    public void Channels_stay_and_sides_shrink()
    {
        // floor((24 - 5) / 2) + 1 = 10 rows, ceil((9 + 2 - 3) / 3) + 1 = 4 columns, the last of which would start at 9 - 1 = 8, inside the input.
        var geometry = new PoolGeometry(new Shape(7, 24, 9), new Size2D(5, 3), new Size2D(2, 3), new Size2D(0, 1), ceilMode: false);
        Assert.Equal(new Shape(7, 10, 3), geometry.Output);
        geometry = new PoolGeometry(new Shape(7, 24, 9), new Size2D(5, 3), new Size2D(2, 3), new Size2D(0, 1), ceilMode: true);
        Assert.Equal(new Shape(7, 11, 4), geometry.Output);
    }

    [Fact]
    public void The_divisor_of_a_mean_counts_pixels_with_or_without_padding() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 12], Gen.Int[1, 5], Gen.Int[1, 5], Gen.Int[1, 6], Gen.Int[0, 2], Gen.Bool)
            .Where((height, width, down, across, _, padding, _) =>
                2 * padding <= Math.Min(down, across) && down <= height + 2 * padding && across <= width + 2 * padding)
            .Sample((height, width, down, across, stride, padding, ceil) =>
            {
                var geometry = new PoolGeometry(new Shape(1, height, width), new Size2D(down, across), stride, padding, ceil);
                foreach (bool countPadding in (bool[])[false, true])
                {
                    int around = countPadding ? padding : 0;
                    for (int oy = 0; oy < geometry.Output.Height; oy++)
                    {
                        for (int ox = 0; ox < geometry.Output.Width; ox++)
                        {
                            int pixels = 0;
                            for (int ky = 0; ky < down; ky++)
                            {
                                for (int kx = 0; kx < across; kx++)
                                {
                                    int row = oy * stride - padding + ky, column = ox * stride - padding + kx;
                                    if (row >= -around && row < height + around && column >= -around && column < width + around) pixels++;
                                }
                            }
                            Assert.True(pixels > 0);
                            Assert.Equal(pixels, geometry.AverageDivisor(oy, ox, countPadding));
                        }
                    }
                }
            });

    [Theory]
    [InlineData(2, 2, 2, "padding 2 is more than half of the kernel 2. Use a smaller padding, so that no window lies on padding alone.")]
    [InlineData(3, 1, 2, "padding 2 is more than half of the kernel 3. Use a smaller padding, so that no window lies on padding alone.")]
    [InlineData(2, 2, 1_500_000_000, "padding 1500000000 is more than half of the kernel 2. Use a smaller padding, so that no window lies on padding alone.")]
    [InlineData(0, 1, 0, "kernel must be at least 1, got 0. Use a kernel of 1 or more.")]
    [InlineData(2, 0, 0, "stride must be at least 1, got 0. Use a stride of 1 or more.")]
    [InlineData(2, 1, -1, "padding must not be negative, got -1. Use a padding of 0 or more.")]
    [InlineData(8, 1, 0, "kernel 8x8 does not fit input 3x7x5 with padding 0. Use padding 2 or a smaller kernel.")]
    public void What_does_not_fit_is_refused(int kernel, int stride, int padding, string message)
    {
        var exception = Assert.Throws<ShapeException>(() => new PoolGeometry(new Shape(3, 7, 5), kernel, stride, padding, ceilMode: false));
        Assert.Equal(message, exception.Message);
    }

    [Fact]
    public void A_flat_input_is_refused()
    {
        var exception = Assert.Throws<ShapeException>(() => new PoolGeometry(Shape.Flat(75), 2, 2, 0, ceilMode: false));
        Assert.Equal("pooling needs an image, but its input is a flat vector of 75. Place pooling before the flatten layer.", exception.Message);
    }
}
