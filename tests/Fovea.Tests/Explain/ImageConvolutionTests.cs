using CsCheck;

namespace Fovea.Tests;

public class ImageConvolutionTests
{
    // Kernels that fit: the dilated kernel is at most as large as the padded image.
    internal static readonly Gen<ImageConvolution> Convolutions =
        from height in Gen.Int[1, 9]
        from width in Gen.Int[1, 9]
        from kernel in Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4])
        from stride in Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3])
        from padding in Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3])
        from dilation in Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3])
        from groups in Gen.Int[1, 2]
        from channels in Gen.Int[1, 2]
        from filters in Gen.Int[1, 2]
        from circular in Gen.Bool
        from turned in Gen.Bool
        where dilation.Item1 * (kernel.Item1 - 1) < height + 2 * padding.Item1 && dilation.Item2 * (kernel.Item2 - 1) < width + 2 * padding.Item2
        from image in Gen.Double[-5, 5].Array[groups * channels * height * width]
        from weights in Gen.Double[-5, 5].Array[groups * filters * channels * kernel.Item1 * kernel.Item2]
        select new ImageConvolution(
            new Planes(new Shape(groups * channels, height, width), image),
            new Planes(new Shape(groups * filters * channels, kernel.Item1, kernel.Item2), weights))
        {
            Filters = groups * filters,
            Groups = groups,
            Stride = new Size2D(stride.Item1, stride.Item2),
            Padding = new Size2D(padding.Item1, padding.Item2),
            Dilation = new Size2D(dilation.Item1, dilation.Item2),
            Mode = turned ? ConvolutionMode.Convolution : ConvolutionMode.Correlation,
            PaddingMode = circular ? PaddingMode.Circular : PaddingMode.Zeros,
        };

    [Theory]
    [InlineData(ConvolutionMethod.Direct)]
    [InlineData(ConvolutionMethod.Im2Col)]
    [InlineData(ConvolutionMethod.Toeplitz)]
    [InlineData(ConvolutionMethod.Fft)]
    public void Every_method_is_the_sum_over_the_window(ConvolutionMethod method) => Convolutions.Sample(convolution =>
    {
        double[] expected = ByDefinition(convolution);
        Planes actual = convolution.Apply(method);
        Assert.Equal(expected.Length, actual.Values.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual.Values[i], 1e-9);
    }, iter: 300);

    [Fact]
    public void A_convolution_turns_the_kernel_and_a_correlation_does_not()
    {
        // The answer to a single one is the kernel itself; a correlation gives it turned.
        Planes impulse = Planes.Parse("0 0 0 0 0; 0 0 0 0 0; 0 0 1 0 0; 0 0 0 0 0; 0 0 0 0 0", 1, "test"), kernel = Planes.Parse("1 2 3; 4 5 6; 7 8 9", 1, "test");
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], new ImageConvolution(impulse, kernel) { Mode = ConvolutionMode.Convolution }.Apply().Values);
        Assert.Equal([9, 8, 7, 6, 5, 4, 3, 2, 1], new ImageConvolution(impulse, kernel).Apply().Values);
    }

    [Fact]
    public void A_kernel_larger_than_the_image_is_refused()
    {
        var convolution = new ImageConvolution(Planes.Parse("1 2; 3 4", 1, "test"), NamedKernels.Create("box"));
        string message = Assert.Throws<ShapeException>(() => convolution.Apply()).Message;
        Assert.Equal("kernel 3x3 does not fit input 1x2x2 with padding 0. Use padding 1 or a smaller kernel.", message);
    }

    [Fact]
    public void Planes_that_are_not_those_of_the_filters_are_refused()
    {
        var convolution = new ImageConvolution(Planes.Parse("1 2; 3 4; 5 6; 7 8", 2, "test"), Planes.Parse("1", 1, "test"));
        Assert.StartsWith("the kernel has 1 planes, but 1 filters over 2 channels need 2.", Assert.Throws<ShapeException>(() => convolution.Apply()).Message);
    }

    // The sum that defines a convolution, over an image that is asked for its pixels by place, padding and all.
    private static double[] ByDefinition(ImageConvolution convolution)
    {
        Shape shape = convolution.Image.Shape, kernel = convolution.Kernel.Shape;
        var (s, p, d) = (convolution.Stride, convolution.Padding, convolution.Dilation);
        int groupChannels = shape.Channels / convolution.Groups, groupFilters = convolution.Filters / convolution.Groups;
        var result = new List<double>();
        for (int f = 0; f < convolution.Filters; f++)
        {
            for (int top = -p.Height; top + d.Height * (kernel.Height - 1) < shape.Height + p.Height; top += s.Height)
            {
                for (int left = -p.Width; left + d.Width * (kernel.Width - 1) < shape.Width + p.Width; left += s.Width)
                {
                    double sum = 0;
                    for (int c = 0; c < groupChannels; c++)
                    {
                        for (int i = 0; i < kernel.Height; i++)
                        {
                            for (int j = 0; j < kernel.Width; j++)
                            {
                                var (row, column) = convolution.Mode == ConvolutionMode.Convolution ? (kernel.Height - 1 - i, kernel.Width - 1 - j) : (i, j);
                                sum += convolution.Kernel[f * groupChannels + c, row, column] * At(f / groupFilters * groupChannels + c, top + i * d.Height, left + j * d.Width);
                            }
                        }
                    }
                    result.Add(sum);
                }
            }
        }
        return [.. result];

        double At(int channel, int row, int column)
        {
            bool outside = row < 0 || row >= shape.Height || column < 0 || column >= shape.Width;
            if (outside && convolution.PaddingMode == PaddingMode.Zeros) return 0;
            return convolution.Image[channel, (row + 4 * shape.Height) % shape.Height, (column + 4 * shape.Width) % shape.Width];
        }
    }
}
