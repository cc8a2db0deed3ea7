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
    public void All_pixels_of_an_image_are_hidden_in_turn_and_who_waits_is_told_and_can_stop_it()
    {
        // 13 x 11 pixels: more than are hidden at once. The output is the sum of i times pixel i, each of them 1: where it becomes 0, i is gone.
        var network = new Network(ModelSpec.Parse("flatten | linear 1 nobias", new Shape(1, 13, 11)));
        float[] weights = [.. Enumerable.Range(0, 143).Select(i => (float)i)], ones = [.. Enumerable.Repeat(1f, 143)];
        network.SetParameter("1.weight", weights);
        List<double> shares = [];
        Assert.Equal(Enumerable.Range(0, 143).Select(i => (double)i), PixelImportance.ByOcclusion(network, ones, 0, side: 1, background: 0, shares.Add).Map);
        Assert.Equal(shares.Order(), shares);
        Assert.InRange(shares[0], 0.1, 0.9);
        Assert.Equal(1, shares[^1]);
        using var stop = new CancellationTokenSource();
        shares.Clear();
        Assert.Throws<OperationCanceledException>(() => PixelImportance.ByOcclusion(network, ones, 0, 1, 0, share => { shares.Add(share); stop.Cancel(); }, stop.Token));
        Assert.Single(shares);
    }

    [Fact]
    public void An_output_or_square_that_is_none_is_refused()
    {
        Assert.Equal("there is no output 1: the network has outputs from 0 to 0.", Assert.Throws<FoveaException>(() => PixelImportance.ByGradient(Weighted(), [1, 2, 3, 4], 1)).Message);
        Assert.StartsWith("the square that hides must have an odd side", Assert.Throws<FoveaException>(() => PixelImportance.ByOcclusion(Weighted(), [1, 2, 3, 4], 0, 2, 0)).Message);
    }
}
