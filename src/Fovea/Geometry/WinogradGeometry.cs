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

    /// <summary>Whether the pass forward is quicker in tiles than window by window, at such costs.</summary>
    public bool IsForwardQuicker(WinogradCosts costs) => IsQuicker(Forward(costs, transforms: 1));

    /// <summary>Whether the gradient of the weights is.</summary>
    public bool IsFilterGradientQuicker(WinogradCosts costs) =>
        IsQuicker(Positions * Products + costs.TurnedInput * Input.Channels + (Outputs == 4 ? costs.WideGradient : costs.NarrowGradient) * Filters);

    /// <summary>Whether a single image is, all of whose weights are transformed for it, and whose inputs for each block of <see cref="ImageFilters"/>.</summary>
    public bool IsImageQuicker(WinogradCosts costs) =>
        IsQuicker(WeightCost * Products / Math.Min(Tiles, ImageTiles) + Forward(costs, transforms: Math.Ceiling((double)Filters / ImageFilters)));

    // Of a tile, whose inputs are transformed so many times.
    private double Forward(WinogradCosts costs, double transforms) =>
        Positions * Products * (1 + costs.Overhead / Input.Channels) + costs.Input * Input.Channels * transforms
            + (Outputs == 4 ? costs.WideOutput : costs.NarrowOutput) * Filters;

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
}
