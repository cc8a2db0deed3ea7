using Fovea.Studio.State;

namespace Fovea.Studio.Pages.Convolution;

/// <summary>An image, a kernel and how it is slid, as the address of a page holds them.</summary>
public sealed record ConvolutionState(PageState State)
{
    /// <summary>A step from dark to bright at 45 degrees, and one beside it that is upright.</summary>
    private const string UsualImage = "9 1 1 1 1 1; 9 9 1 1 1 1; 9 9 9 1 1 1; 9 9 9 9 1 1; 9 9 9 9 9 1; 9 9 9 9 9 9";

    /// <summary>Rows and columns of an image whose cells can still be told apart.</summary>
    public const int LargestSide = 32;

    /// <summary>Rows and columns of an image whose matrix is still shown: only what is seen of it is in the page.</summary>
    public const int LargestSideOfMatrix = 128;

    public string Image => State.Text("image", UsualImage);

    /// <summary>The name of a kernel, or its numbers.</summary>
    public string Kernel => State.Text("kernel", "edge-45");

    public double Angle => State.Number("angle", 0, -360, 360);

    public int Size => State.Whole("size", 0, 1, 15);

    public int Stride => State.Whole("stride", 1, 1, 9);

    public int Padding => State.Whole("padding", 0, 0, 9);

    public int Dilation => State.Whole("dilation", 1, 1, 9);

    public ConvolutionMode Mode => State.Text("mode") == "convolution" ? ConvolutionMode.Convolution : ConvolutionMode.Correlation;

    public PaddingMode PaddingMode => State.Text("around") == "circular" ? PaddingMode.Circular : PaddingMode.Zeros;

    public bool IsNamed => NamedKernels.Names.Contains(Kernel);

    /// <summary>Whether the kernel's size can be chosen.</summary>
    public bool HasSize => Kernel is "identity" or "box" or "gaussian" or "gabor";

    /// <summary>The convolution.</summary>
    /// <exception cref="FoveaException">Image or kernel are none, do not fit, or are too large to be shown.</exception>
    public ImageConvolution Read(int largest = LargestSide)
    {
        Planes image = Planes.Parse(Image, 1, "the image");
        if (image.Shape.Height > largest || image.Shape.Width > largest)
            throw new FoveaException($"the image has {image.Shape.Height} rows and {image.Shape.Width} columns, but at most {largest} of each can be shown here. Use fovea convolve for larger ones.");
        Planes kernel = IsNamed ? NamedKernels.Create(Kernel, HasSize && Size > 0 ? Size : null, Kernel == "gabor" ? Angle : null) : Planes.Parse(Kernel, 1, "the kernel");
        var convolution = new ImageConvolution(image, kernel) { Stride = Stride, Padding = Padding, Dilation = Dilation, Mode = Mode, PaddingMode = PaddingMode };
        _ = convolution.Geometry;
        return convolution;
    }

    /// <summary>The options of a command for it.</summary>
    public string Arguments(string image) => $"{image}{Snippet.Argument(Image)} --kernel {Snippet.Argument(Kernel)}{(HasSize && Size > 0 ? $" --kernel-size {Size}" : "")}{(Kernel == "gabor" ? $" --angle {Angle}" : "")} --stride {Stride} --padding {Padding} --dilation {Dilation} --mode {(Mode == ConvolutionMode.Convolution ? "convolution" : "correlation")} --padding-mode {(PaddingMode == PaddingMode.Circular ? "circular" : "zeros")}";

    /// <summary>The lines of C# that make it.</summary>
    public string CSharp
    {
        get
        {
            string kernel = !IsNamed ? $"Planes.Parse({Snippet.Text(Kernel)}, 1, \"kernel\")"
                : $"NamedKernels.Create({Snippet.Text(Kernel)}{(HasSize && Size > 0 ? $", size: {Size}" : "")}{(Kernel == "gabor" ? $", angle: {Angle}" : "")})";
            return $$"""
                var convolution = new ImageConvolution(Planes.Parse({{Snippet.Text(Image)}}, 1, "image"), {{kernel}})
                {
                    Stride = {{Stride}}, Padding = {{Padding}}, Dilation = {{Dilation}},
                    Mode = ConvolutionMode.{{Mode}}, PaddingMode = PaddingMode.{{PaddingMode}},
                };
                """;
        }
    }
}
