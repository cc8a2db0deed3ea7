namespace Fovea.Tests.Analysis;

public class ConfidentMistakesTests
{
    // The logits are the samples themselves.
    private static readonly Dataset s_data = Dataset.FromTensor(new Tensor(3, Shape.Flat(1), [-4, 4, -1]), [1, 1, 0], classes: 2);

    private static ConfidentMistakes Of(Loss loss)
    {
        var network = new Network(ModelSpec.Parse("linear 1 nobias | sigmoid", Shape.Flat(1)));
        network.SetParameter("0.weight", [1]);
        return ConfidentMistakes.Of(network, s_data, loss);
    }

    [Fact]
    public void The_gradient_of_squares_vanishes_where_that_of_cross_entropy_does_not()
    {
        // sigmoid(-4) = 0.017986: the true class has less than 0.1. Cross-entropy: 1 - p. Squares: 2 (1 - p) p (1 - p).
        const double p = 0.01798621;
        ConfidentMistakes entropy = Of(new BceLoss()), squares = Of(new MseLoss());
        Assert.Equal((3, 1), (entropy.Samples, entropy.Wrong));
        Assert.Equal(1 - p, entropy.WrongGradient!.Value, 1e-6);
        Assert.Equal(2 * (1 - p) * p * (1 - p), squares.WrongGradient!.Value, 1e-6);
        // The others: sigmoid(4) = 0.982014 of class 1, sigmoid(-1) = 0.268941 of class 0.
        Assert.Equal((0.982014 + 0.017986 + 0.268941) / 3, entropy.Gradient, 1e-5);
    }

    [Fact]
    public void It_is_watched_where_a_sigmoid_ends_the_network()
    {
        EpochResult Epoch(string model, Loss loss)
        {
            var trainer = new Trainer(ModelSpec.Parse(model, Shape.Flat(1)), s_data, new TrainingSettings { Epochs = 1, Loss = loss, ValidationFraction = 0 });
            trainer.Run();
            return trainer.History[0];
        }

        Assert.Equal(3, Epoch("linear 1 | sigmoid", new MseLoss()).Mistakes!.Samples);
        Assert.Null(Epoch("linear 1", new BceWithLogitsLoss()).Mistakes);
        Assert.Null(Epoch("linear 2 | softmax", new BceLoss()).Mistakes);
    }
}
