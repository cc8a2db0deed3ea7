namespace Fovea;

/// <summary>One tap of a kernel at one place of the image.</summary>
/// <param name="Channel">The channel of the image.</param>
/// <param name="Row">The row of the image; outside of it on padding.</param>
/// <param name="Column">The column of the image; outside of it on padding.</param>
/// <param name="Pixel">The pixel in v(x), which on a ring may be another place than row and column say; null on a padding of zeros.</param>
/// <param name="Value">What stands there.</param>
/// <param name="Weight">What it is multiplied with.</param>
public sealed record WindowTap(int Channel, int Row, int Column, int? Pixel, double Value, double Weight)
{
    /// <summary>What it adds to the sum.</summary>
    public double Product => Value * Weight;
}

/// <summary>One number of a convolution's result and all that it is made of: a column of the matrix of im2col.</summary>
/// <param name="Filter">The channel of the result.</param>
/// <param name="Row">The row of the result.</param>
/// <param name="Column">The column of the result.</param>
/// <param name="Taps">The taps, channel by channel and row by row.</param>
public sealed record ConvolutionWindow(int Filter, int Row, int Column, IReadOnlyList<WindowTap> Taps)
{
    /// <summary>The number of the result.</summary>
    public double Sum => Taps.Sum(tap => tap.Product);

    /// <summary>The window of one number of a result.</summary>
    /// <param name="convolution">The convolution.</param>
    /// <param name="index">Which number, counted channel by channel and row by row.</param>
    /// <exception cref="ShapeException">The kernel does not fit the image.</exception>
    public static ConvolutionWindow Of(ImageConvolution convolution, int index)
    {
        ArgumentNullException.ThrowIfNull(convolution);
        ConvGeometry geometry = convolution.Geometry;
        Shape output = geometry.Output;
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, output.Count);
        int filter = index / (output.Height * output.Width), row = index / output.Width % output.Height, column = index % output.Width;
        WindowAxis vertical = geometry.Vertical, horizontal = geometry.Horizontal;
        Planes weights = convolution.Weights;
        var taps = new List<WindowTap>(geometry.PatchSize);
        for (int c = 0; c < geometry.GroupChannels; c++)
        {
            int channel = filter / geometry.GroupFilters * geometry.GroupChannels + c;
            for (int i = 0; i < vertical.Kernel; i++)
            {
                for (int j = 0; j < horizontal.Kernel; j++)
                {
                    int y = convolution.Pixel(vertical, row, i), x = convolution.Pixel(horizontal, column, j);
                    bool isOutside = y < 0 || x < 0;
                    taps.Add(new WindowTap(channel, vertical.Pixel(row, i), horizontal.Pixel(column, j),
                        isOutside ? null : (channel * vertical.Input + y) * horizontal.Input + x,
                        isOutside ? 0 : convolution.Image[channel, y, x], weights[filter * geometry.GroupChannels + c, i, j]));
                }
            }
        }
        return new ConvolutionWindow(filter, row, column, taps);
    }
}
