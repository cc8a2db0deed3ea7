namespace Fovea;

/// <summary>
/// A convolution of stride 1 cut into tiles for Winograd's algorithm, F(m x m, k x k): a tile of m x m outputs is made from 6 x 6 inputs, m = 7 - k, with 36
/// multiplications where the windows one by one take (m k)^2. Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016.
/// </summary>
internal readonly record struct WinogradGeometry
{
    /// <summary>Inputs of a tile, and products, along each axis.</summary>
    public const int Size = 6;

    /// <summary>Products of a tile.</summary>
    public const int Positions = Size * Size;

    /// <summary>Of a single image: the filters whose weights are transformed at once, and the fewest tiles that they are transformed for.</summary>
    public const int ImageFilters = 32, ImageTiles = 16;

    // As measured with AVX-512, and with AVX2, whose registers do not hold what a transform works on.
    private static readonly Costs ManyRegisters = new(Input: 160, WideOutput: 145, NarrowOutput: 110, WideGradient: 430, NarrowGradient: 200, Overhead: 3.3);
    private static readonly Costs FewRegisters = new(Input: 350, WideOutput: 420, NarrowOutput: 330, WideGradient: 700, NarrowGradient: 190, Overhead: 4);

    // What the weights of a channel and a filter cost to transform, in multiply-adds of one vector.
    private const double WeightCost = 200;

    // What it may cost of the multiply-adds window by window: an algorithm that rounds more must gain something.
    private const double LargestShare = 0.9;

    private readonly double _multiplyAdds;

    private WinogradGeometry(Shape input, int filters, int kernel, Size2D padding, double multiplyAdds)
    {
        (Input, Filters, Kernel, Padding, _multiplyAdds) = (input, filters, kernel, padding, multiplyAdds);
        Outputs = Size + 1 - kernel;
        Output = new Shape(filters, input.Height + 2 * padding.Height - kernel + 1, input.Width + 2 * padding.Width - kernel + 1);
        TileRows = (Output.Height + Outputs - 1) / Outputs;
        TileColumns = (Output.Width + Outputs - 1) / Outputs;
    }

    public Shape Input { get; }
    public Shape Output { get; }
    public int Filters { get; }
    public int Kernel { get; }
    public Size2D Padding { get; }

    /// <summary>Outputs of a tile along each axis.</summary>
    public int Outputs { get; }
    public int TileRows { get; }
    public int TileColumns { get; }
    public int Tiles => TileRows * TileColumns;

    /// <summary>Whether the pass forward is quicker in tiles than window by window, on a processor with so many registers for vectors.</summary>
    public bool IsForwardQuicker(int registers) => IsQuicker(Forward(registers, transforms: 1));

    /// <summary>Whether the gradient of the weights is.</summary>
    public bool IsFilterGradientQuicker(int registers)
    {
        Costs costs = CostsOf(registers);
        return IsQuicker(Positions * Products + costs.Input * Input.Channels + (Outputs == 4 ? costs.WideGradient : costs.NarrowGradient) * Filters);
    }

    /// <summary>Whether a single image is, all of whose weights are transformed for it, and whose inputs for each block of <see cref="ImageFilters"/>.</summary>
    public bool IsImageQuicker(int registers) =>
        IsQuicker(WeightCost * Products / Math.Min(Tiles, ImageTiles) + Forward(registers, transforms: Math.Ceiling((double)Filters / ImageFilters)));

    // Of a tile, whose inputs are transformed so many times.
    private double Forward(int registers, double transforms)
    {
        Costs costs = CostsOf(registers);
        return Positions * Products * (1 + costs.Overhead / Input.Channels) + costs.Input * Input.Channels * transforms
            + (Outputs == 4 ? costs.WideOutput : costs.NarrowOutput) * Filters;
    }

    private static Costs CostsOf(int registers) => registers >= 32 ? ManyRegisters : FewRegisters;

    private double Products => (double)Input.Channels * Filters;

    private bool IsQuicker(double tile) => tile * Tiles <= LargestShare * _multiplyAdds;

    /// <summary>The tiles of a convolution that can be done so; null for others.</summary>
    public static WinogradGeometry? Of(in ConvGeometry convolution)
    {
        WindowAxis vertical = convolution.Vertical, horizontal = convolution.Horizontal;
        int kernel = vertical.Kernel;
        bool fits = convolution.Groups == 1 && kernel is 3 or 5 && horizontal.Kernel == kernel && vertical.Stride == 1 && horizontal.Stride == 1
            && vertical.Dilation == 1 && horizontal.Dilation == 1 && vertical.Padding < kernel && horizontal.Padding < kernel;
        if (!fits) return null;
        double multiplyAdds = (double)convolution.Input.Channels * convolution.Filters * kernel * kernel * vertical.Output * horizontal.Output;
        return new WinogradGeometry(convolution.Input, convolution.Filters, kernel, new Size2D(vertical.Padding, horizontal.Padding), multiplyAdds);
    }

    /// <summary>The convolution that takes the gradient of the output to that of the input: with the kernel turned by 180 degrees.</summary>
    public WinogradGeometry Transposed() =>
        new(Output, Input.Channels, Kernel, new Size2D(Kernel - 1 - Padding.Height, Kernel - 1 - Padding.Width), _multiplyAdds);

    /// <summary>The first output of a tile.</summary>
    public (int Row, int Column) Origin(int tile) => (tile / TileColumns * Outputs, tile % TileColumns * Outputs);

    /// <summary>What a pass costs, in multiply-adds of one vector: to transform a tile of a channel's input; to transform a tile of a filter's output, or its gradient and
    /// turn that, for 4 x 4 and for 2 x 2 outputs; and what products of matrices lose, which are summed over few channels.</summary>
    private sealed record Costs(double Input, double WideOutput, double NarrowOutput, double WideGradient, double NarrowGradient, double Overhead);
}
