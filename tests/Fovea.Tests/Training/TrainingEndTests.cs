namespace Fovea.Tests;

public class TrainingEndTests
{
    private static readonly ModelSpec s_model = ModelSpec.Parse("flatten | linear 3", new Shape(1, 2, 2));

    // 20 samples to train on, batches of 8: updates of 8, 8 and 4.
    private static readonly TrainingSettings s_settings = new() { BatchSize = 8, ValidationFraction = 0, Loss = new CrossEntropyLoss(), Optimizer = new Sgd(0.05f) };

    private static Dataset Data()
    {
        const int samples = 20;
        float[] values = [.. Enumerable.Range(0, samples * 4).Select(i => MathF.Sin(i * 1.7f))];
        return Dataset.FromTensor(new Tensor(samples, new Shape(1, 2, 2), values), [.. Enumerable.Range(0, samples).Select(i => i % 3)], 3);
    }

    [Fact]
    public void A_budget_of_updates_ends_in_the_middle_of_an_epoch()
    {
        var trainer = new Trainer(s_model, Data(), s_settings with { Epochs = TrainingSettings.Unlimited, Updates = 5 });
        Assert.True(trainer.Run());
        Assert.Equal((5, 36, true), (trainer.Updates, trainer.SamplesSeen, trainer.IsFinished));
        Assert.Equal([3, 5], trainer.History.Select(epoch => epoch.Updates));
    }

    [Theory]
    [InlineData(20, 8, 3)]
    [InlineData(16, 8, 2)]
    [InlineData(20, 100, 1)]
    [InlineData(20, int.MaxValue, 1)]
    public void An_epoch_has_a_smaller_last_batch_where_samples_do_not_come_out_even(int samples, int batchSize, int updates) =>
        Assert.Equal(updates, new EpochSize(samples, batchSize).Updates);

    [Fact]
    public void A_batch_of_any_size_is_at_most_all_samples()
    {
        var trainer = new Trainer(s_model, Data(), s_settings with { Epochs = 2, BatchSize = int.MaxValue });
        Assert.True(trainer.Run());
        Assert.Equal((2, 40), (trainer.Updates, trainer.SamplesSeen));
    }

    [Fact]
    public void A_budget_of_updates_gives_the_bits_of_the_epochs_that_it_makes()
    {
        var one = new Trainer(s_model, Data(), s_settings with { Epochs = 2 });
        var other = new Trainer(s_model, Data(), s_settings with { Epochs = TrainingSettings.Unlimited, Updates = 6 });
        one.Run();
        other.Run();
        Assert.Equal(one.Network.GetParameter("1.weight"), other.Network.GetParameter("1.weight"));
    }

    [Fact]
    public void A_budget_of_seconds_ends_with_the_update_that_spends_it()
    {
        var trainer = new Trainer(s_model, Data(), s_settings with { Epochs = TrainingSettings.Unlimited, Seconds = 1e-9 });
        Assert.True(trainer.Run());
        Assert.Equal(1, trainer.Updates);
    }

    [Fact]
    public void Early_stopping_waits_for_its_patience()
    {
        // Labels that follow from nothing: what is learnt of 15 samples does not hold for the others, and their loss rises.
        var trainer = new Trainer(s_model, Data(), s_settings with { Epochs = 1000, ValidationFraction = 0.25, Patience = 3, Optimizer = new Sgd(0.5f) });
        Assert.True(trainer.Run());
        double[] losses = [.. trainer.History.Select(epoch => epoch.ValidationLoss!.Value)];
        Assert.InRange(losses.Length, 4, 999);
        Assert.Equal(losses.Length - 4, losses.IndexOf(losses.Min()));
    }

    [Fact]
    public void A_training_saved_between_the_last_update_of_an_epoch_and_its_end_goes_on_to_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        var straight = new Trainer(s_model, Data(), s_settings with { Epochs = 2 });
        straight.Run(progress =>
        {
            if (straight.EpochPosition == 20 && straight.Updates == 3) straight.Save(folder.Path);
        });
        Trainer resumed = Trainer.Resume(folder.Path, Data());
        Assert.Equal(20, resumed.EpochPosition);
        Assert.True(resumed.Run());
        Assert.Equal(straight.Network.GetParameter("1.weight"), resumed.Network.GetParameter("1.weight"));
        Assert.Equal(straight.History.Select(epoch => epoch.TrainLoss), resumed.History.Select(epoch => epoch.TrainLoss));
    }

    [Theory]
    [InlineData("lr", "0.25")]
    [InlineData("optimizer.learningRate", "0.25")]
    public void A_setting_is_changed_by_name(string name, string value) =>
        Assert.Equal(s_settings with { Optimizer = new Sgd(0.25f) }, s_settings.With(name, value));

    [Fact]
    public void A_training_without_an_end_is_refused() =>
        Assert.StartsWith("settings: the training has no end", Assert.Throws<FoveaException>((s_settings with { Epochs = TrainingSettings.Unlimited }).Check).Message);
}
