using System.CommandLine;
using System.Globalization;
using Fovea.Lab;

namespace Fovea.Cli;

/// <summary>The options of the verbs that slide a kernel over an image, and how both are read.</summary>
internal sealed class KernelOptions
{
    // As many as any layer has.
    private const long MostPlanes = 1_000_000;

    private readonly Option<string> _kernel = new("--kernel")
    {
        Description = $"Numbers such as \"1 0 -1; 2 0 -2; 1 0 -1\", a CSV file, or a name: {string.Join(", ", NamedKernels.Names)}.",
        HelpName = "KERNEL",
        Required = true,
    };

    private readonly Option<int?> _size = Options.Whole("--kernel-size", "The size of identity, box, gaussian and gabor; odd, up to 999. 3 unless given, gabor 7.", least: 1);
    private readonly Option<double?> _angle = Options.Number("--angle", "The angle of the lines that gabor answers to, as that of edge-45: in degrees from the rows, clockwise. 0 unless given.", "a number", _ => true);
    private readonly Option<Size2D?> _stride = Options.Size("--stride", "Pixels from one window to the next.", usual: 1);
    private readonly Option<Size2D?> _padding = Options.Size("--padding", "Pixels added at each side.", usual: 0);
    private readonly Option<Size2D?> _dilation = Options.Size("--dilation", "Pixels from one tap of the kernel to the next.", usual: 1);
    private readonly Option<string> _mode = Options.Choice("--mode", "Whether the kernel is turned by 180 degrees before it is slid (convolution) or not.", "correlation", "correlation", "convolution");
    private readonly Option<string> _paddingMode = Options.Choice("--padding-mode", "What --padding holds: zeros, or the image again as on a ring.", "zeros", "zeros", "circular");
    private readonly Option<int?> _channels = Options.Whole("--channels", "Channels of the image: of a CSV file, as many lie below each other in its rows; of a photo 1, its grey values (0.299 red + 0.587 green + 0.114 blue), or 3, its colours.", least: 1, usual: 1);

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Verb verb)
    {
        foreach (Option option in (Option[])[_kernel, _size, _angle, _stride, _padding, _dilation, _mode, _paddingMode, _channels]) verb.Add(option);
    }

    /// <summary>Reads image and kernel.</summary>
    /// <param name="result">What was typed.</param>
    /// <param name="terminal">Where it is told what is made of the image.</param>
    /// <param name="imageText">A file, numbers, or a size such as 64x64.</param>
    /// <param name="filters">How many filters there are; null where each channel is convolved on its own, all by the same kernel.</param>
    /// <exception cref="FoveaException">One of them cannot be read, or they do not fit.</exception>
    public ImageConvolution Read(ParseResult result, Terminal terminal, string imageText, int? filters)
    {
        int channels = result.GetValue(_channels)!.Value;
        if ((filters ?? 1L) * channels > MostPlanes) throw new FoveaException($"--filters and --channels: {(filters ?? 1L) * channels:N0} kernels are more than {MostPlanes:N0}. Use fewer.");
        bool isRing = result.GetValue(_paddingMode) == "circular";
        if (isRing && result.GetValue(_padding) == (Size2D)0) throw new FoveaException("--padding-mode circular: there is no padding to hold anything. Give --padding, or leave the mode out.");
        Planes image = ReadImage(imageText, channels, terminal, isAskedFor: result.GetResult(_channels) is { Implicit: false });
        Planes kernel = ReadKernel(result, filters is { } count ? count * channels : 1);
        return new ImageConvolution(image, filters is null ? kernel.Repeated(channels) : kernel)
        {
            Filters = filters ?? channels,
            Groups = filters is null ? channels : 1,
            Stride = result.GetValue(_stride)!.Value,
            Padding = result.GetValue(_padding)!.Value,
            Dilation = result.GetValue(_dilation)!.Value,
            Mode = result.GetValue(_mode) == "convolution" ? ConvolutionMode.Convolution : ConvolutionMode.Correlation,
            PaddingMode = isRing ? PaddingMode.Circular : PaddingMode.Zeros,
        };
    }

    private static Planes ReadImage(string text, int channels, Terminal terminal, bool isAskedFor)
    {
        if (Directory.Exists(text)) throw new FoveaException($"{text}: this is a folder. Give an image in it: a PNG, JPEG or CSV file.");
        if (Path.GetExtension(text).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg")
        {
            if (channels is not (1 or 3)) throw new FoveaException($"--channels: a photo has 1 (grey) or 3, got {channels}.");
            Shape shape = ImageFile.ReadShape(text);
            if (shape.Channels == 3 && !isAskedFor) terminal.Error.WriteLine($"fovea: {text} has colours; its grey values are taken. Give --channels 3 for red, green and blue.");
            shape = new Shape(channels, shape.Height, shape.Width);
            return new Planes(shape, [.. ImageFile.Read(text, shape).Select(value => (double)value)]);
        }
        if (IsNumbers(text)) return Planes.Parse(text, channels, "the image");
        if (!File.Exists(text) && Shape.TryParse($"{channels}x{text}", out Shape ones)) return Planes.Ones(ones);
        return Planes.ReadCsv(text, channels);
    }

    private Planes ReadKernel(ParseResult result, int planes)
    {
        string text = result.GetRequiredValue(_kernel);
        int? size = result.GetValue(_size);
        double? angle = result.GetValue(_angle);
        if (Directory.Exists(text)) throw new FoveaException($"--kernel: {text} is a folder. Give a CSV file, numbers or a name.");
        bool isNumbers = IsNumbers(text);
        if (!isNumbers && !Path.HasExtension(text) && !File.Exists(text)) return NamedKernels.Create(text, size, angle).Repeated(planes);
        if (size is not null || angle is not null) throw new FoveaException("--kernel-size and --angle are for kernels with a name. Leave them out.");
        return isNumbers ? Planes.Parse(text, planes, "--kernel") : Planes.ReadCsv(text, planes);
    }

    // Rows need a blank, a comma or a semicolon, unless they are one number.
    private static bool IsNumbers(string text) =>
        !File.Exists(text) && (string.IsNullOrWhiteSpace(text) || text.Contains(';') || text.Trim().Contains(' ') && !Path.HasExtension(text)
            || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
}
