namespace Fovea.Tests;

public class PixelImportanceTests
{
    // One output: 3 a - 4 b + 0 c + 1 d.
    private static Network Weighted()
    {
        var network = new Network(ModelSpec.Parse("flatten | linear 1", new Shape(1, 2, 2)));
        network.SetParameter("1.weight", [3, -4, 0, 1]);
        network.SetParameter("1.bias", [7]);
        return network;
    }

    [Fact]
    public void The_gradient_of_a_linear_network_is_its_weights() =>
        Assert.Equal([3.0, 4, 0, 1], PixelImportance.ByGradient(Weighted(), [1, 2, 3, 4], 0).Map);

    [Fact]
    public void What_hides_a_pixel_takes_its_share_away() =>
        // Each pixel becomes 0: 3 * 1, -4 * 2, 0 * 3 and 1 * 4 are gone.
        Assert.Equal([3.0, -8, 0, 4], PixelImportance.ByOcclusion(Weighted(), [1, 2, 3, 4], 0, side: 1, background: 0).Map);

    [Fact]
    public void A_square_hides_its_neighbours_too() =>
        // Every square of 3 x 3 covers all four: 3 - 8 + 0 + 4 = -1.
        Assert.Equal([-1.0, -1, -1, -1], PixelImportance.ByOcclusion(Weighted(), [1, 2, 3, 4], 0, side: 3, background: 0).Map);

    [Fact]
    public void An_output_or_square_that_is_none_is_refused()
    {
        Assert.Equal("there is no output 1: the network has outputs from 0 to 0.", Assert.Throws<FoveaException>(() => PixelImportance.ByGradient(Weighted(), [1, 2, 3, 4], 1)).Message);
        Assert.StartsWith("the square that hides must have an odd side", Assert.Throws<FoveaException>(() => PixelImportance.ByOcclusion(Weighted(), [1, 2, 3, 4], 0, 2, 0)).Message);
    }
}
