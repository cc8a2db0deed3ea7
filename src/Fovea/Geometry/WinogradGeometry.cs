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

    // In multiply-adds of one vector: what a tile costs to be transformed, for each channel and filter, beside its products.
    private const int TransformCost = 200;

    private WinogradGeometry(Shape input, int filters, int kernel, Size2D padding)
    {
        (Input, Filters, Kernel, Padding) = (input, filters, kernel, padding);
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

    /// <summary>The tiles of a convolution that is quicker this way than window by window; null for others.</summary>
    public static WinogradGeometry? Of(in ConvGeometry convolution)
    {
        WindowAxis vertical = convolution.Vertical, horizontal = convolution.Horizontal;
        int kernel = vertical.Kernel;
        bool fits = convolution.Groups == 1 && kernel is 3 or 5 && horizontal.Kernel == kernel && vertical.Stride == 1 && horizontal.Stride == 1
            && vertical.Dilation == 1 && horizontal.Dilation == 1 && vertical.Padding < kernel && horizontal.Padding < kernel;
        if (!fits) return null;
        var tiles = new WinogradGeometry(convolution.Input, convolution.Filters, kernel, new Size2D(vertical.Padding, horizontal.Padding));
        long products = (long)convolution.Input.Channels * convolution.Filters;
        long cost = tiles.Tiles * (Positions * products + TransformCost * (convolution.Input.Channels + convolution.Filters));
        return 3 * cost <= 2 * products * kernel * kernel * tiles.Output.Height * tiles.Output.Width ? tiles : null;
    }

    /// <summary>The convolution that takes the gradient of the output to that of the input: with the kernel turned by 180 degrees.</summary>
    public WinogradGeometry Transposed() =>
        new(Output, Input.Channels, Kernel, new Size2D(Kernel - 1 - Padding.Height, Kernel - 1 - Padding.Width));

    /// <summary>The first output of a tile.</summary>
    public (int Row, int Column) Origin(int tile) => (tile / TileColumns * Outputs, tile % TileColumns * Outputs);
}
