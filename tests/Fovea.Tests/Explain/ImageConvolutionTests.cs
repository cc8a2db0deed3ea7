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

    [Fact]
    public void Methods_that_would_take_too_long_are_left_out_of_the_comparison()
    {
        // Nine windows far apart on a padded image that is so large that its transform is not for this world: (6 + 20000)^2 pixels.
        var convolution = new ImageConvolution(Planes.Ones(new Shape(1, 6, 6)), NamedKernels.Create("box")) { Padding = 10_000, Stride = 10_000 };
        ConvolutionAnswer answer = ConvolutionAnswer.Of(convolution, ConvolutionMethod.Direct);
        Assert.Equal([ConvolutionMethod.Im2Col, ConvolutionMethod.Toeplitz, ConvolutionMethod.Fft], answer.Agreement.Select(method => method.Method));
        // 2^15 x 2^15 numbers, three transforms of n log n: 3 x 2^30 x 30 = 96,636,764,160.
        Assert.Equal([null, null, "96,636,764,160 steps, more than 200,000,000"], answer.Agreement.Select(method => method.LeftOut));
        Assert.Equal([0.0, 0.0, null], answer.Agreement.Select(method => method.LargestDifference));
        Assert.DoesNotContain("All four methods agree", answer.Derivation.ToText());
        Assert.Equal("the method fft would take 96,636,764,160 steps, more than 5,000,000,000. Use the method direct, a smaller image, padding or kernel, or a greater stride.",
            Assert.Throws<FoveaException>(() => ConvolutionAnswer.Of(convolution, ConvolutionMethod.Fft)).Message);
    }

    [Theory]
    [InlineData(100_000, 1, 1, PaddingMode.Zeros, "the result of 1x200004x200004 has 40,001,600,016 numbers, more than 50,000,000. Use a smaller image or padding, or a greater stride.")]
    [InlineData(10_000, 10_000, 1, PaddingMode.Circular, "the padded image of 1x20006x20006 has 400,240,036 numbers, more than 50,000,000. Use a smaller image or padding, or a greater stride.")]
    [InlineData(int.MaxValue, 1, 1, PaddingMode.Zeros, "kernel 3, dilation 1 and padding 2147483647 reach over 4,294,967,300 pixels, more than 2,147,483,647. Use smaller ones.")]
    [InlineData(0, 1, int.MaxValue, PaddingMode.Zeros, "kernel 3, dilation 2147483647 and padding 0 reach over 4,294,967,295 pixels, more than 2,147,483,647. Use smaller ones.")]
    public void What_is_too_large_is_refused_at_once(int padding, int stride, int dilation, PaddingMode mode, string message)
    {
        var convolution = new ImageConvolution(Planes.Ones(new Shape(1, 6, 6)), NamedKernels.Create("box")) { Padding = padding, Stride = stride, Dilation = dilation, PaddingMode = mode };
        Assert.Equal(message, Assert.Throws<ShapeException>(() => ConvolutionAnswer.Of(convolution, ConvolutionMethod.Direct)).Message);
    }

    [Fact]
    public void Numbers_that_are_rounded_to_zero_have_no_sign()
    {
        // The sums of each window are zero: what a transform leaves of them is rounding.
        var convolution = new ImageConvolution(Planes.Ones(new Shape(1, 5, 7)), NamedKernels.Create("laplacian"));
        string text = ConvolutionAnswer.Of(convolution, ConvolutionMethod.Fft, windows: 100).Derivation.ToText();
        Assert.DoesNotMatch(@"-0[^.\d]", text);
        Assert.Equal("0,0\n0,1\n", new Planes(new Shape(1, 2, 2), [-0.0, 0, -0.0, 1]).ToCsv());
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
