namespace Fovea.Tests;

/// <summary>Which convolutions are done by Winograd's algorithm. What it gives is under the laws of all layers, by the examples that are named here.</summary>
public class WinogradGeometryTests
{
    [Theory]
    [InlineData("20x7x6 conv 24 k3", 4, 2, 1)]
    [InlineData("16x6x10 conv 20 k3 p1", 4, 2, 3)]
    [InlineData("40x13x11 conv 33 k3 p2x0", 4, 4, 3)]
    [InlineData("16x9x6 conv 20 k5 p2x1", 2, 5, 2)]
    [InlineData("16x8x12 conv 20 k3 p1", 4, 2, 3)]
    [InlineData("16x8x12 conv 16 k3 p1", 4, 2, 3)]
    [InlineData("16x8x12 conv 16 k5 p2", 2, 4, 6)]
    [InlineData("16x8x12 conv 18 k3", 4, 2, 3)]
    public void Tiles_cover_the_output(string example, int outputs, int rows, int columns)
    {
        WinogradGeometry tiles = Of(example)!.Value;
        Assert.Equal((outputs, rows, columns), (tiles.Outputs, tiles.TileRows, tiles.TileColumns));
    }

    [Theory]
    [InlineData("16x8x8 conv 16 k3 p1 s2")]
    [InlineData("16x8x8 conv 16 k3 d2")]
    [InlineData("16x8x8 conv 16 k3 p1 g2")]
    [InlineData("16x8x8 conv 16 k3 p3")]
    [InlineData("16x8x8 conv 16 k5x3")]
    [InlineData("16x8x8 conv 16 k1")]
    public void Others_go_window_by_window(string example) => Assert.Null(Of(example));

    /// <summary>A pass is done so where it is quicker: not for few channels, which do not pay for the transforms, nor where most of a tile lies outside.</summary>
    [Theory]
    [InlineData("16x8x8 conv 16 k3 p1", true, true, true)]
    [InlineData("64x8x8 conv 64 k3 p1", true, true, true)]
    [InlineData("1x28x28 conv 32 k3", false, false, false)]
    [InlineData("6x14x14 conv 16 k5", true, true, false)]
    [InlineData("16x4x4 conv 16 k3", false, false, false)]
    // Examples of the laws.
    [InlineData("18x9x7 conv 17 k5 p2", true, true, true)]
    [InlineData("17x8x10 conv 18 k5 p2", true, true, true)]
    [InlineData("16x9x6 conv 20 k5 p2x1", true, true, false)]
    [InlineData("3x8x12 conv 40 k3 p1", true, false, true)]
    [InlineData("7x4x8 conv 3 k3 p1", true, false, false)]
    [InlineData("2x4x8 conv 3 k3 p2", false, false, true)]
    // Three channels: the products are few, and the gradient of 64 filters is dear to transform.
    [InlineData("3x32x32 conv 64 k3 p1", true, false, true)]
    // The input is more than twice as large as the output: 36 tiles cover the one, 16 the other.
    [InlineData("24x12x12 conv 32 k5", true, true, false)]
    // With 16 registers the transforms take about twice as long.
    [InlineData("16x8x8 conv 16 k3 p1", true, true, true, nameof(WinogradCosts.FewRegisters))]
    [InlineData("32x16x16 conv 32 k3 p1", true, true, true, nameof(WinogradCosts.FewRegisters))]
    [InlineData("24x12x12 conv 32 k5", true, true, false, nameof(WinogradCosts.FewRegisters))]
    [InlineData("6x14x14 conv 16 k5", false, true, false, nameof(WinogradCosts.FewRegisters))]
    [InlineData("3x32x32 conv 64 k3 p1", false, false, false, nameof(WinogradCosts.FewRegisters))]
    [InlineData("40x13x11 conv 33 k3 p2x0", true, true, true, nameof(WinogradCosts.FewRegisters))]
    [InlineData("17x8x10 conv 18 k5 p2", true, true, true, nameof(WinogradCosts.FewRegisters))]
    [InlineData("20x7x6 conv 24 k3", true, false, false, nameof(WinogradCosts.FewRegisters))]
    [InlineData("16x9x6 conv 20 k5 p2x1", false, true, false, nameof(WinogradCosts.FewRegisters))]
    // Where multipliers are the adders, windows go twice as quickly.
    [InlineData("16x32x32 conv 16 k3 p1", true, true, true, nameof(WinogradCosts.SharedAdders))]
    [InlineData("32x16x16 conv 32 k3 p1", true, true, true, nameof(WinogradCosts.SharedAdders))]
    [InlineData("6x14x14 conv 16 k5", false, false, false, nameof(WinogradCosts.SharedAdders))]
    [InlineData("8x32x32 conv 8 k3 p1", false, false, false, nameof(WinogradCosts.SharedAdders))]
    [InlineData("16x14x14 conv 16 k5", true, false, false, nameof(WinogradCosts.SharedAdders))]
    [InlineData("32x14x14 conv 32 k5 p2", true, true, true, nameof(WinogradCosts.SharedAdders))]
    [InlineData("40x13x11 conv 33 k3 p2x0", true, true, true, nameof(WinogradCosts.SharedAdders))]
    [InlineData("17x8x10 conv 18 k5 p2", true, false, true, nameof(WinogradCosts.SharedAdders))]
    [InlineData("20x7x6 conv 24 k3", false, false, false, nameof(WinogradCosts.SharedAdders))]
    public void Passes_are_done_so_where_they_are_quicker(string example, bool forward, bool filterGradient, bool inputGradient,
        string costs = nameof(WinogradCosts.OwnAdders))
    {
        WinogradGeometry tiles = Of(example)!.Value;
        WinogradCosts chosen = Costs(costs);
        Assert.Equal((forward, filterGradient, inputGradient),
            (tiles.IsForwardQuicker(chosen), tiles.IsFilterGradientQuicker(chosen), tiles.Transposed().IsForwardQuicker(chosen)));
    }

    /// <summary>A single image has to pay for the transformed weights as well.</summary>
    [Theory]
    [InlineData("64x32x32 conv 64 k3 p1", true)]
    [InlineData("64x16x16 conv 128 k3 p1", true)]
    [InlineData("16x13x18 conv 40 k3 p1", true)]
    [InlineData("40x13x18 conv 48 k3", true)]
    [InlineData("48x11x16 conv 48 k5 p2x1", true)]
    [InlineData("32x29x31 conv 16 k3 p2x0", true)]
    [InlineData("16x31x29 conv 64 k5", true)]
    [InlineData("512x4x4 conv 512 k3 p1", false)]
    [InlineData("6x14x14 conv 16 k5", false)]
    [InlineData("64x32x32 conv 64 k3 p1", true, nameof(WinogradCosts.FewRegisters))]
    [InlineData("32x16x16 conv 32 k3 p1", true, nameof(WinogradCosts.FewRegisters))]
    [InlineData("512x4x4 conv 512 k3 p1", false, nameof(WinogradCosts.FewRegisters))]
    [InlineData("8x16x16 conv 8 k3 p1", false, nameof(WinogradCosts.FewRegisters))]
    [InlineData("64x32x32 conv 64 k3 p1", true, nameof(WinogradCosts.SharedAdders))]
    [InlineData("6x14x14 conv 16 k5", false, nameof(WinogradCosts.SharedAdders))]
    public void A_single_image_is_done_so_where_it_is_quicker(string example, bool expected, string costs = nameof(WinogradCosts.OwnAdders)) =>
        Assert.Equal(expected, Of(example)!.Value.IsImageQuicker(Costs(costs)));

    private static WinogradCosts Costs(string name) => name switch
    {
        nameof(WinogradCosts.FewRegisters) => WinogradCosts.FewRegisters,
        nameof(WinogradCosts.SharedAdders) => WinogradCosts.SharedAdders,
        _ => WinogradCosts.OwnAdders,
    };

    /// <summary>The gradient of the input of a k x k convolution with padding p is a convolution with padding k - 1 - p.</summary>
    [Fact]
    public void The_transposed_convolution_gives_the_input_again()
    {
        WinogradGeometry tiles = Of("16x9x6 conv 20 k5 p2x1")!.Value, transposed = tiles.Transposed();
        Assert.Equal((new Shape(16, 9, 6), 16, new Size2D(2, 3)), (transposed.Output, transposed.Filters, transposed.Padding));
    }

    private static WinogradGeometry? Of(string example)
    {
        var (input, layer) = Laws.Examples.Read(example);
        return WinogradGeometry.Of(((Conv2D)layer).Geometry(input));
    }
}
