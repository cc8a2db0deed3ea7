namespace Fovea.Tests.Analysis;

public class WeightHistogramTests
{
    [Fact]
    public void Weights_are_counted_and_biases_are_not()
    {
        var network = new Network(ModelSpec.Parse("linear 2 initialBias=9", Shape.Flat(2)));
        network.SetParameter("0.weight", [0, 0.012f, -0.3f, 0.004f]);
        WeightHistogram histogram = WeightHistogram.Of(network);
        // Bins of 0.005 around -0.25 ... 0.25: 0.012 is in the second above the middle, 0.004 in the first, -0.3 in the outermost.
        Assert.Equal([(0, 1), (50, 1), (51, 1), (52, 1)], histogram.Counts.Index().Where(bin => bin.Item > 0));
        Assert.Equal((1, 4), (histogram.Zeros, histogram.Weights));
        Assert.Equal(0.316 / 4, histogram.MeanSize, 1e-7);
        Assert.Equal(Math.Sqrt((0.000144 + 0.09 + 0.000016) / 4), histogram.RootMeanSquare, 1e-7);
    }

    [Fact]
    public void An_L1_penalty_makes_weights_zero()
    {
        WeightHistogram Trained(float l1)
        {
            var settings = new TrainingSettings { Epochs = 20, BatchSize = 20, Optimizer = new Sgd(0.1f) { L1 = l1 }, ValidationFraction = 0 };
            var trainer = new Trainer(Training.Problems.Model, Training.Problems.Bars(120), settings);
            trainer.Run();
            return WeightHistogram.Of(trainer.Network);
        }

        // A weight stays at 0 while its gradient is smaller than the penalty.
        WeightHistogram with = Trained(0.02f), without = Trained(0);
        Assert.Equal(0, without.Zeros);
        Assert.InRange(with.Zeros, with.Weights / 4, with.Weights - 10);
        Assert.True(with.MeanSize < without.MeanSize);
    }
}
