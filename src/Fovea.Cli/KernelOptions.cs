using System.CommandLine;
using System.Globalization;
using Fovea.Lab;

namespace Fovea.Cli;

/// <summary>The options of the verbs that slide a kernel over an image, and how both are read.</summary>
internal sealed class KernelOptions
{
    private readonly Option<string> _kernel = new("--kernel")
    {
        Description = $"Numbers such as \"1 0 -1; 2 0 -2; 1 0 -1\", a CSV file, or a name: {string.Join(", ", NamedKernels.Names)}.",
        HelpName = "KERNEL",
        Required = true,
    };

    private readonly Option<int?> _size = Options.Whole("--kernel-size", "The size of identity, box, gaussian and gabor; odd. 3 unless given, gabor 7.", least: 1);
    private readonly Option<double?> _angle = Options.Number("--angle", "The angle of gabor in degrees.", "a number", _ => true);
    private readonly Option<Size2D?> _stride = Options.Size("--stride", "Pixels from one window to the next.", usual: 1);
    private readonly Option<Size2D?> _padding = Options.Size("--padding", "Pixels added at each side.", usual: 0);
    private readonly Option<Size2D?> _dilation = Options.Size("--dilation", "Pixels from one tap of the kernel to the next.", usual: 1);
    private readonly Option<string> _mode = Options.Choice("--mode", "Whether the kernel is turned by 180 degrees before it is slid (convolution) or not.", "correlation", "correlation", "convolution");
    private readonly Option<string> _paddingMode = Options.Choice("--padding-mode", "What the padding holds: zeros, or the image again as on a ring.", "zeros", "zeros", "circular");
    private readonly Option<int?> _channels = Options.Whole("--channels", "Channels of the image: of a CSV file, as many lie below each other in its rows; a photo has 1 (grey) or 3.", least: 1, usual: 1);

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Verb verb)
    {
        foreach (Option option in (Option[])[_kernel, _size, _angle, _stride, _padding, _dilation, _mode, _paddingMode, _channels]) verb.Add(option);
    }

    /// <summary>Reads image and kernel.</summary>
    /// <param name="result">What was typed.</param>
    /// <param name="imageText">A file, numbers, or a size such as 64x64.</param>
    /// <param name="filters">How many filters there are; null where each channel is convolved on its own, all by the same kernel.</param>
    /// <exception cref="FoveaException">One of them cannot be read, or they do not fit.</exception>
    public ImageConvolution Read(ParseResult result, string imageText, int? filters)
    {
        int channels = result.GetValue(_channels)!.Value, planes = filters is { } count ? checked(count * channels) : 1;
        Planes image = ReadImage(imageText, channels), kernel = ReadKernel(result, planes);
        return new ImageConvolution(image, filters is null ? kernel.Repeated(channels) : kernel)
        {
            Filters = filters ?? channels,
            Groups = filters is null ? channels : 1,
            Stride = result.GetValue(_stride)!.Value,
            Padding = result.GetValue(_padding)!.Value,
            Dilation = result.GetValue(_dilation)!.Value,
            Mode = result.GetValue(_mode) == "convolution" ? ConvolutionMode.Convolution : ConvolutionMode.Correlation,
            PaddingMode = result.GetValue(_paddingMode) == "circular" ? PaddingMode.Circular : PaddingMode.Zeros,
        };
    }

    private static Planes ReadImage(string text, int channels)
    {
        if (Path.GetExtension(text).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg")
        {
            if (channels is not (1 or 3)) throw new FoveaException($"--channels: a photo has 1 (grey) or 3, got {channels}.");
            Shape shape = ImageFile.ReadShape(text);
            shape = new Shape(channels, shape.Height, shape.Width);
            return new Planes(shape, [.. ImageFile.Read(text, shape).Select(value => (double)value)]);
        }
        if (IsNumbers(text)) return Planes.Parse(text, channels, "the image");
        if (!File.Exists(text) && Shape.TryParse($"{channels}x{text}", out Shape ones)) return new Planes(ones, [.. Enumerable.Repeat(1.0, ones.Count)]);
        return Planes.ReadCsv(text, channels);
    }

    private Planes ReadKernel(ParseResult result, int planes)
    {
        string text = result.GetRequiredValue(_kernel);
        int? size = result.GetValue(_size);
        double? angle = result.GetValue(_angle);
        bool isNumbers = IsNumbers(text);
        if (!isNumbers && !Path.HasExtension(text) && !File.Exists(text)) return NamedKernels.Create(text, size, angle).Repeated(planes);
        if (size is not null || angle is not null) throw new FoveaException("--kernel-size and --angle are for kernels with a name. Leave them out.");
        return isNumbers ? Planes.Parse(text, planes, "--kernel") : Planes.ReadCsv(text, planes);
    }

    // Rows need a blank, a comma or a semicolon, unless they are one number.
    private static bool IsNumbers(string text) =>
        !File.Exists(text) && (string.IsNullOrWhiteSpace(text) || text.Contains(';') || text.Trim().Contains(' ') && !Path.HasExtension(text) || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
}
