namespace Fovea.Tests.Training;

/// <summary>What batches hold, and what batch normalization sees of them.</summary>
public class BatchAnalysisTests
{
    [Fact]
    public void The_hypergeometric_distribution_is_that_by_hand()
    {
        // Four of ten samples, three of which are rare: C(7,4)/C(10,4) = 35/210, 3 x 35/210, 3 x 21/210, 7/210.
        var composition = new BatchComposition("b", Samples: 10, RareSamples: 3, LargestClass: 7, BatchSize: 4, Batches: [1, 2, 0, 1]);
        Assert.Equal([35 / 210.0, 105 / 210.0, 63 / 210.0, 7 / 210.0, 0], Enumerable.Range(0, 5).Select(composition.Expected), (a, b) => Math.Abs(a - b) < 1e-12);
        // sqrt(4 x 0.3 x 0.7 x 6/9).
        Assert.Equal(Math.Sqrt(0.56), composition.ExpectedDeviation, 1e-12);
        // As counted: 0, 1, 1 and 3 of 4; mean 1.25, deviation sqrt((1.5625 + 2 x 0.0625 + 3.0625) / 4).
        Assert.Equal(1.25 / 4, composition.MeanShare, 1e-12);
        Assert.Equal(Math.Sqrt(4.75 / 4), composition.Deviation, 1e-12);
        Assert.Equal([0.25, 0.5, 0, 0.25], composition.Shares);
        Assert.Equal(0.25, composition.ShareWithout);
    }

    [Fact]
    public void Batches_of_plain_sampling_follow_it_and_balanced_ones_do_not()
    {
        Dataset data = Dataset.FromTensor(new Tensor(10, Shape.Flat(1)), [0, 1, 0, 0, 1, 0, 0, 1, 0, 0], classes: 2);
        var settings = new TrainingSettings { BatchSize = 4, ValidationFraction = 0 };
        BatchComposition plain = BatchComposition.Of(data, settings, updates: 9000)!;
        Assert.Equal(("1", 10, 3, 7), (plain.RareClass, plain.Samples, plain.RareSamples, plain.LargestClass));
        Assert.Equal(6000, plain.Batches.Sum());
        // Deviations of such shares are below sqrt(0.25 / 3000) = 0.009.
        Assert.All(Enumerable.Range(0, 4), count => Assert.Equal(plain.Expected(count), plain.Batches[count] / 6000.0, 0.036));
        Assert.Equal([0, 0, 6000], BatchComposition.Of(data, settings with { Sampling = Sampling.Balanced }, updates: 9000)!.Batches);
        Assert.Null(BatchComposition.Of(data, settings with { BatchSize = 11 }, updates: 1));
        // Each epoch is two full batches and one of 2 samples, which is not counted: the third and the sixth update.
        Assert.Equal([0, 1, 2, 2, 3, 4, 4], Enumerable.Range(0, 7).Select(updates => BatchComposition.Of(data, settings, updates)?.Batches.Sum() ?? 0));
    }

    // Samples of two pixels with the means 1, 3, 5, 7 and the variance 1 each; all eight pixels have the mean 4 and the variance 22 - 16 = 6.
    private static readonly Dataset s_ramps = Dataset.FromTensor(new Tensor(4, new Shape(1, 1, 2), [0, 2, 2, 4, 4, 6, 6, 8]), [0, 0, 1, 1], classes: 2);

    private static Network Ramps()
    {
        var network = new Network(ModelSpec.Parse("batchnorm | flatten | linear 2", new Shape(1, 1, 2)));
        // Class 1 where the pixels' sum is above 8.
        network.SetParameter("2.weight", [-1, -1, 1, 1]);
        network.SetParameter("2.bias", [8, -8]);
        return network;
    }

    [Fact]
    public void Statistics_of_single_samples_are_off_as_by_hand()
    {
        var settings = new TrainingSettings { BatchSize = 1, Loss = new CrossEntropyLoss() };
        BatchStatistics statistics = BatchStatistics.Of(Ramps(), s_ramps, s_ramps, settings)!;
        // Means are off by 3, 1, 1 and 3, in deviations of sqrt(6); variances are 1 instead of 6.
        Assert.Equal(Math.Sqrt((9 + 1 + 1 + 9) / 4.0 / 6), statistics.MeanError, 1e-6);
        Assert.Equal(5 / 6.0, statistics.VarianceError, 1e-6);
        // The running statistics have not moved from 0 and 1.
        Assert.Equal(4 / Math.Sqrt(6), statistics.RunningMeanError, 1e-6);
        Assert.Equal(5 / 6.0, statistics.RunningVarianceError, 1e-6);
        // In evaluation mode all are right; normalized by itself, every sample is -1, 1, whose sum is 0: class 0.
        Assert.Equal(1, Trainer.Evaluate(Ramps(), s_ramps, new CrossEntropyLoss()).Accuracy);
        Assert.Equal(0.5, statistics.TrainingModeAccuracy);
    }

    [Fact]
    public void How_the_means_of_batches_are_spread_is_told_for_each_size()
    {
        BatchSpread[] spreads = [.. BatchStatistics.Spread(Ramps(), s_ramps, s_ramps, new TrainingSettings { Loss = new CrossEntropyLoss() }, [1, 4])];
        Assert.Equal([1, 4], spreads.Select(spread => spread.Statistics.BatchSize));
        // Single samples are off by -3, -1, 1 and 3; of four numbers the percentiles 0, 33, 67 and 100 are these.
        Assert.Equal([-3, -1, 1, 3], ((int[])[0, 33, 67, 100]).Select(percent => spreads[0].MeanErrors[percent] * Math.Sqrt(6)), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(101, spreads[0].MeanErrors.Count);
        Assert.All(spreads[1].MeanErrors, error => Assert.Equal(0, error, 1e-9));
        Assert.Equal(BatchStatistics.Of(Ramps(), s_ramps, s_ramps, new TrainingSettings { BatchSize = 1, Loss = new CrossEntropyLoss() }), spreads[0].Statistics);
    }

    [Fact]
    public void The_whole_population_has_its_own_statistics()
    {
        BatchStatistics statistics = BatchStatistics.Of(Ramps(), s_ramps, s_ramps, new TrainingSettings { BatchSize = 64, Loss = new CrossEntropyLoss() })!;
        Assert.Equal((4, 0.0, 0.0), (statistics.BatchSize, Math.Round(statistics.MeanError, 9), Math.Round(statistics.VarianceError, 9)));
    }

    [Fact]
    public void A_network_without_batch_normalization_has_no_statistics() =>
        Assert.Null(BatchStatistics.Of(new Network(ModelSpec.Parse("flatten | linear 2", new Shape(1, 1, 2))), s_ramps, s_ramps, new TrainingSettings()));

    [Fact]
    public void What_cannot_be_measured_is_refused()
    {
        var settings = new TrainingSettings { Loss = new CrossEntropyLoss() };
        Dataset wider = Dataset.FromTensor(new Tensor(2, new Shape(1, 1, 3)), [0, 1], 2);
        Assert.StartsWith("the model takes 1x1x2, but the samples of data are 1x1x3.", Assert.Throws<FoveaException>(() => BatchStatistics.Of(Ramps(), s_ramps, wider, settings)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchStatistics.Spread(Ramps(), s_ramps, s_ramps, settings, [0]));
        Assert.Throws<FoveaException>(() => BatchComposition.Of(s_ramps, settings with { BatchSize = 0 }, updates: 1));
    }

    [Fact]
    public void Measuring_leaves_the_network_as_it_was()
    {
        Network network = Ramps();
        BatchStatistics.Of(network, s_ramps, s_ramps, new TrainingSettings { BatchSize = 2, Loss = new CrossEntropyLoss() });
        Assert.Equal([0], network.GetParameter("0.running_mean"));
        Assert.Equal([1], network.GetParameter("0.running_var"));
    }
}
