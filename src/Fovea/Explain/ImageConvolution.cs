using System.Numerics;
using System.Text.Json.Serialization;
using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>What is slid over the image.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConvolutionMode>))]
public enum ConvolutionMode
{
    /// <summary>The kernel as it is written: what networks call a convolution.</summary>
    [JsonStringEnumMemberName("correlation")]
    Correlation,

    /// <summary>The kernel turned by 180 degrees: what mathematics calls a convolution.</summary>
    [JsonStringEnumMemberName("convolution")]
    Convolution,
}

/// <summary>What lies outside of the image.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PaddingMode>))]
public enum PaddingMode
{
    /// <summary>Zeros.</summary>
    [JsonStringEnumMemberName("zeros")]
    Zeros,

    /// <summary>The image again, as on a ring.</summary>
    [JsonStringEnumMemberName("circular")]
    Circular,
}

/// <summary>How a convolution is computed; the result is the same.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConvolutionMethod>))]
public enum ConvolutionMethod
{
    /// <summary>Window by window.</summary>
    [JsonStringEnumMemberName("direct")]
    Direct,

    /// <summary>The windows become the columns of a matrix, which the kernel, as a row, is multiplied with.</summary>
    [JsonStringEnumMemberName("im2col")]
    Im2Col,

    /// <summary>The kernel becomes a sparse matrix, which the image, as a column, is multiplied with.</summary>
    [JsonStringEnumMemberName("toeplitz")]
    Toeplitz,

    /// <summary>The product of the Fourier transforms.</summary>
    [JsonStringEnumMemberName("fft")]
    Fft,
}

/// <summary>A convolution of given numbers, in double, for the working to be shown.</summary>
/// <param name="Image">The image.</param>
/// <param name="Kernel">The kernels, filter by filter: (filters x channels of a group) x height x width.</param>
public sealed record ImageConvolution(Planes Image, Planes Kernel)
{
    /// <summary>How many filters the kernel's planes are.</summary>
    public int Filters { get; init; } = 1;

    /// <summary>Into how many groups channels and filters are divided; as many as channels where each is convolved on its own.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Pixels from one window to the next.</summary>
    public Size2D Stride { get; init; } = 1;

    /// <summary>Pixels added at each side.</summary>
    public Size2D Padding { get; init; }

    /// <summary>Pixels from one tap of the kernel to the next.</summary>
    public Size2D Dilation { get; init; } = 1;

    /// <summary>Whether the kernel is turned before it is slid.</summary>
    public ConvolutionMode Mode { get; init; }

    /// <summary>What the padding holds.</summary>
    public PaddingMode PaddingMode { get; init; }

    /// <summary>All sizes.</summary>
    /// <exception cref="ShapeException">The kernel does not fit the image, or not its channels.</exception>
    [JsonIgnore]
    public ConvGeometry Geometry
    {
        get
        {
            var geometry = new ConvGeometry(Image.Shape, Filters, new Size2D(Kernel.Shape.Height, Kernel.Shape.Width), Stride, Padding, Dilation, Groups);
            Planes.RequireCount("the result", Filters, geometry.Vertical.Output, geometry.Horizontal.Output);
            if (PaddingMode == PaddingMode.Circular)
                Planes.RequireCount("the padded image", Image.Shape.Channels, Places(geometry.Vertical).Output, Places(geometry.Horizontal).Output);
            if (Kernel.Shape.Channels == Filters * geometry.GroupChannels) return geometry;
            throw new ShapeException($"the kernel has {Kernel.Shape.Channels} planes, but {Filters} filters over {geometry.GroupChannels} channels need {Filters * geometry.GroupChannels}",
                "Give a plane for each channel of each filter");
        }
    }

    /// <summary>What is slid over the image: the kernel, turned for a convolution in the sense of mathematics.</summary>
    [JsonIgnore]
    public Planes Weights => Mode == ConvolutionMode.Convolution ? Kernel.Turned() : Kernel;

    /// <summary>How large the numbers of a sum can be, to which rounding is in proportion: the largest pixel times the weights of a filter.</summary>
    internal double Magnitude => Image.Values.Max(Math.Abs) * Kernel.Values.Sum(Math.Abs) / Filters;

    /// <summary>Asserts that no sum can grow beyond what a number can hold.</summary>
    /// <exception cref="FoveaException">One can.</exception>
    internal void RequireFiniteSums()
    {
        // A Fourier transform adds up all pixels of the image, not those of a window alone.
        if (!double.IsFinite(Magnitude * Image.Values.Length))
            throw new FoveaException("the image and the kernel: the products of such numbers are too large to be added up. Divide one of them by a power of ten.");
    }

    /// <summary>Convolves.</summary>
    /// <exception cref="ShapeException">The kernel does not fit the image.</exception>
    public Planes Apply(ConvolutionMethod method = ConvolutionMethod.Direct)
    {
        ConvGeometry geometry = Geometry;
        return new Planes(geometry.Output, method switch
        {
            ConvolutionMethod.Direct => Direct(),
            ConvolutionMethod.Im2Col => ByPatches(geometry),
            ConvolutionMethod.Toeplitz => ToeplitzMatrix.Of(this).Multiply(Image.Values),
            _ => ByFourier(geometry),
        });
    }

    /// <summary>The gradient of the image from that of the result, by the engine's own backward pass.</summary>
    /// <param name="gradient">Of the result.</param>
    public Planes Backward(Planes gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        (Planes padded, ConvGeometry geometry) = Padded();
        double[] result = new double[padded.Values.Length];
        ReferenceConvolution.Backward<double>(geometry, 1, padded.Values, Weights.Values, gradient.Values, result, [], []);
        if (PaddingMode == PaddingMode.Zeros) return new Planes(Image.Shape, result);
        // A pixel of a ring is seen at several places, whose gradients add up.
        double[] folded = new double[Image.Values.Length];
        foreach (var (at, pixel) in Ring()) folded[pixel] += result[at];
        return new Planes(Image.Shape, folded);
    }

    /// <summary>
    /// Whether the matrix of a stride of one is circulant along an axis: on a ring whose padding keeps the size, every window is the one
    /// before it moved on around the ring. Otherwise it is Toeplitz.
    /// </summary>
    internal bool IsCirculant(WindowAxis axis) => PaddingMode == PaddingMode.Circular && axis.Slack + 1 == axis.Input;

    /// <summary>Whether the matrix is block circulant with circulant blocks: with one channel and filter, circular padding that keeps the size, and a stride of one.</summary>
    internal bool IsDoublyCirculant => Geometry is { Input.Channels: 1, Filters: 1, Vertical: { Stride: 1 } vertical, Horizontal: { Stride: 1 } horizontal }
        && IsCirculant(vertical) && IsCirculant(horizontal);

    /// <summary>The input pixel of a tap, or -1 in a padding of zeros.</summary>
    internal int Pixel(WindowAxis axis, int output, int tap)
    {
        int pixel = axis.Pixel(output, tap);
        if (PaddingMode == PaddingMode.Circular) return ((pixel % axis.Input) + axis.Input) % axis.Input;
        return pixel < axis.Input ? Math.Max(pixel, -1) : -1;
    }

    private double[] Direct()
    {
        (Planes padded, ConvGeometry geometry) = Padded();
        double[] result = new double[geometry.Output.Count];
        ReferenceConvolution.Forward<double>(geometry, 1, padded.Values, Weights.Values, [], result);
        return result;
    }

    // A row of windows at a time: the matrix of all windows need not be held.
    private double[] ByPatches(in ConvGeometry geometry)
    {
        Shape output = geometry.Output;
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        double[] weights = Weights.Values, result = new double[output.Count], patches = new double[geometry.PatchSize * output.Width];
        for (int group = 0; group < geometry.Groups; group++)
        {
            for (int row = 0; row < output.Height; row++)
            {
                for (int tap = 0; tap < geometry.PatchSize; tap++)
                {
                    int channel = group * geometry.GroupChannels + tap / (vertical.Kernel * horizontal.Kernel);
                    int y = Pixel(vertical, row, tap / horizontal.Kernel % vertical.Kernel);
                    for (int column = 0; column < output.Width; column++)
                    {
                        int x = Pixel(horizontal, column, tap % horizontal.Kernel);
                        patches[tap * output.Width + column] = y < 0 || x < 0 ? 0 : Image[channel, y, x];
                    }
                }
                for (int filter = group * geometry.GroupFilters; filter < (group + 1) * geometry.GroupFilters; filter++)
                {
                    Span<double> sums = result.AsSpan((filter * output.Height + row) * output.Width, output.Width);
                    for (int tap = 0; tap < geometry.PatchSize; tap++)
                    {
                        double weight = weights[filter * geometry.PatchSize + tap];
                        for (int column = 0; column < output.Width; column++) sums[column] += weight * patches[tap * output.Width + column];
                    }
                }
            }
        }
        return result;
    }

    // In the frequencies, correlation is a product with the conjugate. The transform runs around a ring that is as long as the padded image:
    // a window that fits the image does not run around it.
    private double[] ByFourier(in ConvGeometry geometry)
    {
        Shape output = geometry.Output;
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        WindowAxis rows = Places(vertical), columns = Places(horizontal);
        int height = (int)BitOperations.RoundUpToPowerOf2((uint)rows.Output), width = (int)BitOperations.RoundUpToPowerOf2((uint)columns.Output);
        Complex[][] images = new Complex[geometry.Input.Channels][];
        for (int channel = 0; channel < images.Length; channel++)
        {
            images[channel] = new Complex[height * width];
            for (int y = 0; y < rows.Output; y++)
            {
                for (int x = 0; x < columns.Output; x++)
                {
                    int row = Pixel(rows, y, 0), column = Pixel(columns, x, 0);
                    if (row >= 0 && column >= 0) images[channel][y * width + x] = Image[channel, row, column];
                }
            }
            Fourier.Transform(images[channel], height, width, inverse: false);
        }
        double[] result = new double[output.Count];
        Planes weights = Weights;
        for (int filter = 0; filter < output.Channels; filter++)
        {
            var sum = new Complex[height * width];
            for (int c = 0; c < geometry.GroupChannels; c++)
            {
                var kernel = new Complex[height * width];
                for (int i = 0; i < vertical.Kernel; i++)
                {
                    for (int j = 0; j < horizontal.Kernel; j++)
                        kernel[At(vertical, 0, i) * width + At(horizontal, 0, j)] = weights[filter * geometry.GroupChannels + c, i, j];
                }
                Fourier.Transform(kernel, height, width, inverse: false);
                Complex[] image = images[filter / geometry.GroupFilters * geometry.GroupChannels + c];
                for (int i = 0; i < sum.Length; i++) sum[i] += image[i] * Complex.Conjugate(kernel[i]);
            }
            Fourier.Transform(sum, height, width, inverse: true);
            for (int row = 0; row < output.Height; row++)
            {
                for (int column = 0; column < output.Width; column++)
                {
                    result[(filter * output.Height + row) * output.Width + column] = sum[At(vertical, row, 0) * width + At(horizontal, column, 0)].Real;
                }
            }
        }
        return result;

        static int At(WindowAxis axis, int output, int tap) => axis.Pixel(output, tap) + axis.Padding;
    }

    // The reference knows paddings of zeros only: a ring is laid out before.
    private (Planes Image, ConvGeometry Geometry) Padded()
    {
        ConvGeometry geometry = Geometry;
        if (PaddingMode == PaddingMode.Zeros) return (Image, geometry);
        var shape = new Shape(Image.Shape.Channels, Places(geometry.Vertical).Output, Places(geometry.Horizontal).Output);
        double[] values = new double[shape.Count];
        foreach (var (at, pixel) in Ring()) values[at] = Image.Values[pixel];
        return (new Planes(shape, values), (this with { Image = new Planes(shape, values), Padding = 0 }).Geometry);
    }

    // Each place of the padded image with the pixel that it shows.
    private IEnumerable<(int At, int Pixel)> Ring()
    {
        ConvGeometry geometry = Geometry;
        WindowAxis vertical = Places(geometry.Vertical), horizontal = Places(geometry.Horizontal);
        int at = 0;
        for (int channel = 0; channel < Image.Shape.Channels; channel++)
        {
            for (int y = 0; y < vertical.Output; y++)
            {
                for (int x = 0; x < horizontal.Output; x++)
                    yield return (at++, (channel * vertical.Input + Pixel(vertical, y, 0)) * horizontal.Input + Pixel(horizontal, x, 0));
            }
        }
    }

    // The padded image itself: a window of one tap sees every place of it.
    private static WindowAxis Places(WindowAxis axis) => new(axis.Input, 1, 1, axis.Padding);
}
