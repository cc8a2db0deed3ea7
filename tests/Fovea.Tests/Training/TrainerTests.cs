namespace Fovea.Tests.Training;

public class TrainerTests
{
    private static readonly TrainingSettings s_settings = new() { Epochs = 2, BatchSize = 8, ValidationFraction = 0.2, Seed = 4 };

    [Fact]
    public void A_network_learns_what_can_be_learned()
    {
        var trainer = new Trainer(Problems.Model, Problems.Bars(240), s_settings with { Epochs = 30, Optimizer = new Adam(0.01f) }, threads: 2);
        Assert.True(trainer.Run());
        Assert.Equal(1, trainer.History[^1].ValidationAccuracy);
        Assert.Equal(1, trainer.Evaluate(Problems.Bars(60, seed: 99)).Accuracy);
        Assert.InRange(trainer.History[^1].ValidationLoss!.Value, 0, 0.2);
    }

    [Fact]
    public void A_line_is_fitted_exactly()
    {
        var settings = new TrainingSettings { Epochs = 60, BatchSize = 10, Loss = new MseLoss(), Optimizer = new Sgd(0.3f), ValidationFraction = 0 };
        var trainer = new Trainer(ModelSpec.Parse("linear 2", Shape.Flat(1)), Problems.Lines(100), settings);
        trainer.Run();
        Assert.Equal([2, -1], trainer.Network.GetParameter("0.weight"), (a, b) => Math.Abs(a - b) < 1e-3);
        Assert.Equal([1, 3], trainer.Network.GetParameter("0.bias"), (a, b) => Math.Abs(a - b) < 1e-3);
        Assert.Null(trainer.History[^1].ValidationLoss);
        Assert.Null(trainer.History[^1].ValidationAccuracy);
    }

    [Fact]
    public void One_output_tells_two_classes_apart()
    {
        Dataset data = Dataset.FromTensor(new Tensor(40, Shape.Flat(1), Laws.Numbers.Distinct(40, seed: 2)), [.. Laws.Numbers.Distinct(40, seed: 2).Select(x => x > 0.1f ? 1 : 0)], classes: 2);
        foreach (var (loss, text) in ((Loss, string)[])[(new BceLoss(), "linear 1 | sigmoid"), (new BceWithLogitsLoss(), "linear 1"), (new MseLoss(), "linear 1 | sigmoid")])
        {
            var settings = new TrainingSettings { Epochs = 200, BatchSize = 40, Loss = loss, Optimizer = new Adam(0.3f), ValidationFraction = 0 };
            var trainer = new Trainer(ModelSpec.Parse(text, Shape.Flat(1)), data, settings);
            trainer.Run();
            Assert.Equal(1, trainer.Evaluate(data).Accuracy);
        }
    }

    [Fact]
    public void Progress_counts_all_samples_of_all_epochs()
    {
        var trainer = new Trainer(Problems.Model, Problems.Bars(50), s_settings);
        var seen = new List<TrainingProgress>();
        var epochs = new List<EpochResult>();
        Assert.True(trainer.Run(seen.Add, epochs.Add));

        // 40 samples to train on: five updates of 8 an epoch.
        Assert.Equal([8, 16, 24, 32, 40, 48, 56, 64, 72, 80], seen.Select(p => (int)p.SamplesDone));
        Assert.Equal([1, 1, 1, 1, 1, 2, 2, 2, 2, 2], seen.Select(p => p.Epoch));
        Assert.All(seen, p => Assert.Equal((2, 80), (p.Epochs, p.SamplesTotal)));
        Assert.Equal(trainer.History, epochs);
        Assert.Equal([1, 2], epochs.Select(e => e.Epoch));
        Assert.Equal(seen[4].Loss, epochs[0].TrainLoss);
        Assert.Equal(seen[9].Accuracy, epochs[1].TrainAccuracy);
        Assert.Equal(10, trainer.Updates);
        Assert.True(trainer.IsFinished);
        Assert.True(trainer.Run(_ => Assert.Fail("a finished training goes on")));
    }

    [Fact]
    public void A_last_batch_may_be_smaller()
    {
        var trainer = new Trainer(Problems.Model, Problems.Bars(50), s_settings with { BatchSize = 16, Epochs = 1 });
        var done = new List<long>();
        trainer.Run(p => done.Add(p.SamplesDone));
        Assert.Equal([16, 32, 40], done);
    }

    [Fact]
    public void Cancellation_stops_after_an_update_and_the_rest_can_be_run()
    {
        var trainer = new Trainer(Problems.Model, Problems.Bars(50), s_settings);
        using var cancellation = new CancellationTokenSource();
        Assert.False(trainer.Run(p => { if (p.SamplesDone == 24) cancellation.Cancel(); }, cancellation: cancellation.Token));
        Assert.Equal((3, 24, false), (trainer.Updates, trainer.EpochPosition, trainer.IsFinished));
        Assert.True(trainer.Run());
        Assert.Equal(10, trainer.Updates);
    }

    [Fact]
    public void The_result_depends_on_the_seed_and_not_on_the_threads()
    {
        float[] Weights(ulong seed, int threads)
        {
            var trainer = new Trainer(Problems.Model, Problems.Bars(50), s_settings with { Seed = seed }, threads);
            trainer.Run();
            return trainer.Network.GetParameter("0.weight");
        }

        Assert.Equal(Weights(1, threads: 1), Weights(1, threads: 3));
        Assert.NotEqual(Weights(1, threads: 1), Weights(2, threads: 1));
    }

    [Fact]
    public void Every_epoch_takes_all_samples_in_another_order()
    {
        // With a learning rate that changes nothing, the losses of the updates tell the samples apart.
        var trainer = new Trainer(ModelSpec.Parse("flatten | linear 3 | logsoftmax", new Shape(2, 7, 6)), Problems.Bars(30),
            new TrainingSettings { Epochs = 2, BatchSize = 1, ValidationFraction = 0, Optimizer = new Sgd(1e-30f) });
        var sums = new List<double>();
        trainer.Run(p => sums.Add(p.Loss * ((p.SamplesDone - 1) % 30 + 1)));
        double[] Losses(int epoch) => [.. Enumerable.Range(0, 30).Select(i => Math.Round(sums[epoch * 30 + i] - (i == 0 ? 0 : sums[epoch * 30 + i - 1]), 4))];
        Assert.Equal(Losses(0).Order(), Losses(1).Order());
        Assert.NotEqual(Losses(0), Losses(1));
        Assert.InRange(Losses(0).Distinct().Count(), 25, 30);
    }

    [Fact]
    public void An_evaluation_is_the_mean_over_the_predictions()
    {
        Dataset data = Problems.Bars(300);
        var network = new Network(Problems.Model, seed: 8);
        var input = new Tensor(300, data.Shape);
        for (int i = 0; i < 300; i++) data.CopySample(i, input[i]);
        Tensor output = network.Predict(input);
        double loss = Enumerable.Range(0, 300).Average(i => -(double)output[i][data.Label(i)]);
        int correct = Enumerable.Range(0, 300).Count(i => output[i].IndexOf(output[i].ToArray().Max()) == data.Label(i));

        Evaluation evaluation = Trainer.Evaluate(network, data, new NllLoss(), threads: 2);
        Assert.Equal(loss, evaluation.Loss, 1e-5);
        Assert.Equal(correct / 300.0, evaluation.Accuracy);
        Assert.Equal(300, evaluation.Samples);
    }

    [Fact]
    public void A_training_that_diverges_fails_with_advice()
    {
        var settings = s_settings with { Optimizer = new Sgd(1e38f), ValidationFraction = 0 };
        var trainer = new Trainer(Problems.Model, Problems.Bars(50), settings);
        var exception = Assert.Throws<TrainingFailedException>(() => trainer.Run());
        Assert.Matches("^the loss of update [0-9]+ \\(epoch 1\\) is (NaN|Infinity): layer .*: the training has diverged. Use a smaller learning rate than 1E\\+38, a warm-up, or normalization.$", exception.Message);
    }

    [Fact]
    public void A_training_that_diverges_with_the_last_update_of_an_epoch_fails_too()
    {
        var settings = s_settings with { BatchSize = 40, Optimizer = new Sgd(1e38f) };
        var trainer = new Trainer(Problems.Model, Problems.Bars(50), settings);
        var exception = Assert.Throws<TrainingFailedException>(() => trainer.Run());
        Assert.StartsWith("the validation loss (epoch 1) is ", exception.Message);
        Assert.Empty(trainer.History);
    }

    public static TheoryData<string> WrongSettings => [.. s_wrongSettings.Keys];

    private static readonly Dictionary<string, TrainingSettings> s_wrongSettings = new()
    {
        ["epochs must be at least 1, got 0"] = s_settings with { Epochs = 0 },
        ["the batch size must be at least 1, got 0"] = s_settings with { BatchSize = 0 },
        ["the learning rate must be positive, got 0"] = s_settings with { Optimizer = new Adam(0) },
        ["the learning rate must be positive, got -1"] = s_settings with { Optimizer = new Sgd(-1) },
        ["the learning rate must be positive, got NaN"] = s_settings with { Optimizer = new RmsProp(float.NaN) },
        ["the weight decay must not be negative, got -0.1"] = s_settings with { Optimizer = new AdamW { WeightDecay = -0.1f } },
        ["the momentum must not be negative, got -0.5"] = s_settings with { Optimizer = new Sgd { Momentum = -0.5f } },
        ["Nesterov's momentum needs a momentum above 0 and no dampening"] = s_settings with { Optimizer = new Sgd { Nesterov = true } },
        ["beta1 must be at least 0 and below 1, got 1"] = s_settings with { Optimizer = new Adam { Beta1 = 1 } },
        ["beta2 must be at least 0 and below 1, got 1.5"] = s_settings with { Optimizer = new AdamW { Beta2 = 1.5f } },
        ["epsilon must not be negative, got -1"] = s_settings with { Optimizer = new Adam { Epsilon = -1 } },
        ["alpha must be at least 0 and below 1, got 1"] = s_settings with { Optimizer = new RmsProp { Alpha = 1 } },
        ["the validation fraction must be at least 0 and below 1, got 1"] = s_settings with { ValidationFraction = 1 },
        ["the validation fraction must be at least 0 and below 1, got NaN"] = s_settings with { ValidationFraction = double.NaN },
    };

    [Theory, MemberData(nameof(WrongSettings))]
    public void Settings_out_of_range_are_refused(string problem) =>
        Assert.Equal($"settings: {problem}.", Assert.Throws<FoveaException>(() => new Trainer(Problems.Model, Problems.Bars(50), s_wrongSettings[problem])).Message);

    [Fact]
    public void Model_data_and_loss_must_fit_each_other()
    {
        string Refusal(string model, Dataset data, Loss loss) => Assert.ThrowsAny<FoveaException>(() =>
            new Trainer(ModelSpec.Parse(model, data.Shape), data, s_settings with { Loss = loss })).Message;

        Assert.Equal("the model takes 1x28x28, but the samples of bars are 2x7x6. Use another model, or resize the samples.",
            Assert.Throws<FoveaException>(() => new Trainer(Zoo.Get("stride1"), Problems.Bars(50), s_settings)).Message);
        Assert.Equal("the loss needs a flat output, but the network's output is an image of 4x5x4. Add a flatten layer at the end.",
            Refusal("conv 4 k3", Problems.Bars(50), new NllLoss()));
        Assert.Equal("the data have 3 classes, but the network has 2 outputs. End it with a linear layer of 3 features.",
            Refusal("flatten | linear 2", Problems.Bars(50), new CrossEntropyLoss()));
        Assert.Equal("the data have 3 classes, but the network has 1 outputs. End it with a linear layer of 3 features.",
            Refusal("flatten | linear 1", Problems.Bars(50), new BceLoss()));
        Assert.Equal("lines has target values, not classes: use the loss mse, mae or bce.", Refusal("linear 2", Problems.Lines(20), new NllLoss()));
        Assert.Equal("lines has 2 target values a sample, but the network has 3 outputs. End it with a linear layer of 2 features.", Refusal("linear 3", Problems.Lines(20), new MseLoss()));
        Assert.Equal("bars: 0 samples are too few: none is left to train on.", Refusal("flatten | linear 3", Problems.Bars(0), new NllLoss()));
    }

    [Fact]
    public void Network_data_and_loss_of_an_evaluation_must_fit_each_other()
    {
        var network = new Network(Problems.Model);
        Assert.Equal("the model takes 2x7x6, but the samples of lines are 1. Use the data that it was trained for.",
            Assert.Throws<FoveaException>(() => Trainer.Evaluate(network, Problems.Lines(5), new MseLoss())).Message);
        Assert.Equal("bars: there are no samples to evaluate on. Give at least one.",
            Assert.Throws<FoveaException>(() => Trainer.Evaluate(network, Problems.Bars(0), new NllLoss())).Message);
        Assert.Equal("lines has target values, not classes: use the loss mse, mae or bce.",
            Assert.Throws<FoveaException>(() => Trainer.Evaluate(new Network(ModelSpec.Parse("linear 2", Shape.Flat(1))), Problems.Lines(5), new NllLoss())).Message);
    }
}
