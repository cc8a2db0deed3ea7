namespace Fovea.Tests;

public class NetworkTraceTests
{
    [Fact]
    public void A_sample_is_followed_through_every_layer()
    {
        // 1x2x2 pixels, one filter of 2x2 that adds them up, less 5; ReLU; a linear layer that doubles.
        var network = new Network(ModelSpec.Parse("conv 1 k2 | relu | flatten | linear 1", new Shape(1, 2, 2)));
        network.SetParameter("0.weight", [1, 1, 1, 1]);
        network.SetParameter("0.bias", [-5]);
        network.SetParameter("3.weight", [2]);
        network.SetParameter("3.bias", [0.5f]);
        NetworkTrace trace = NetworkTrace.Of(network, [1, 2, 3, 4]);
        // 1 + 2 + 3 + 4 - 5 = 5, and 2 * 5 + 0.5.
        Assert.Equal([5f, 5f, 5f, 10.5f], trace.Layers.Select(layer => Assert.Single(layer.Values)));
        Assert.Equal(["Conv2d-1", "ReLU-2", "Flatten-3", "Linear-4"], trace.Layers.Select(layer => layer.Name));
        Assert.Equal([1f, 2, 3, 4], trace.Sample);
    }

    [Fact]
    public void A_sample_of_another_size_is_refused()
    {
        var network = new Network(ModelSpec.Parse("flatten | linear 1", new Shape(1, 2, 2)));
        Assert.Equal("the network takes 1x2x2, 4 numbers, but the sample has 3. Give a sample of this shape.",
            Assert.Throws<FoveaException>(() => NetworkTrace.Of(network, [1, 2, 3])).Message);
    }
}
