namespace Fovea.Tests.Training;

public class TrainedNetworkTests
{
    [Fact]
    public void Its_mistakes_come_with_the_surest_first()
    {
        // Two logits that are the two numbers of a sample.
        var network = new Network(ModelSpec.Parse("linear 2", Shape.Flat(2)), seed: 1);
        network.SetParameter("0.weight", [1, 0, 0, 1]);
        network.SetParameter("0.bias", [0, 0]);
        Dataset data = Dataset.FromTensor(new Tensor(4, Shape.Flat(2), [0, 1, 3, 0, 0, 2, 1, 0]), [0, 1, 1, 0], classes: 2);
        var trained = new TrainedNetwork(network, new TrainingSettings { Loss = new CrossEntropyLoss() }, DataDescription.Of(data), []);
        IReadOnlyList<Misclassification> mistakes = trained.Mistakes(data);
        Assert.Equal([(1, 1, 0), (0, 0, 1)], mistakes.Select(mistake => (mistake.Sample, mistake.Label, mistake.Predicted)));
        // 1 / (1 + e^-3) and 1 / (1 + e^-1).
        Assert.Equal([0.952574, 0.731059], mistakes.Select(mistake => mistake.Probability), (a, b) => Math.Abs(a - b) < 1e-5);
    }
}
