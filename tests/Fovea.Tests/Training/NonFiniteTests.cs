namespace Fovea.Tests.Training;

/// <summary>A training whose numbers are no longer finite stops, says where that began, and keeps what was good.</summary>
public class NonFiniteTests
{
    private static readonly TrainingSettings s_settings = new() { Epochs = 2, BatchSize = 10, Optimizer = new Sgd(0.01f), ValidationFraction = 0, Seed = 3 };

    private static Trainer Start(string model, Dataset? data = null)
    {
        data ??= Problems.Bars(40);
        return new Trainer(ModelSpec.Parse(model, data.Shape), data, s_settings, threads: 1);
    }

    private static TrainingFailedException Failure(Trainer trainer) => Assert.Throws<TrainingFailedException>(() => trainer.Run());

    [Fact]
    public void The_first_layer_whose_output_overflows_is_named()
    {
        Trainer trainer = Start("flatten | linear 4 | relu | linear 4 | linear 3 | logsoftmax");
        float[] large = [.. trainer.Network.GetParameter("3.weight").Select(_ => 1e30f)];
        trainer.Network.SetParameter("1.weight", [.. trainer.Network.GetParameter("1.weight").Select(_ => 1e20f)]);
        trainer.Network.SetParameter("3.weight", large);
        TrainingFailedException failure = Failure(trainer);
        Assert.StartsWith("the loss of update 1 (epoch 1) is NaN: layer 4 linear(features 4) is the first whose output is not finite, for 10 of the 10 samples of the batch; it was given numbers of up to ", failure.Message);
        Assert.EndsWith(": the training has diverged. Use a smaller learning rate than 0.01, a warm-up, or normalization.", failure.Message);
        Assert.Equal((Finding.NotFinite, "layer 4 linear(features 4)", 10), (failure.Finding!.Kind, failure.Finding.Where, failure.Finding.Figure));
        // Nothing was updated: what it failed on can be looked at.
        Assert.Equal(large, trainer.Network.GetParameter("3.weight"));
        Assert.Equal(0, trainer.Updates);
    }

    [Fact]
    public void A_parameter_that_overflowed_is_named_with_its_update()
    {
        Trainer trainer = Start("flatten | linear 4 | tanh | linear 3 | logsoftmax");
        using var stop = new CancellationTokenSource();
        trainer.Run(progress => { if (progress.Step.Update == 2) stop.Cancel(); }, cancellation: stop.Token);
        float[] bias = trainer.Network.GetParameter("3.bias");
        trainer.Network.SetParameter("3.bias", [bias[0], float.PositiveInfinity, float.NaN]);
        string named = "layer 4 linear(features 3): 2 of the 3 numbers of its bias are Infinity after update 2, the first that are not finite: the training has diverged. Use a smaller learning rate than 0.01, a warm-up, or normalization.";
        Assert.Equal(named, Assert.Single(Diagnosis.Of(trainer).Findings).ToString());
        Assert.Equal($"the loss of update 3 (epoch 1) is NaN: {named}", Failure(trainer).Message);
    }

    [Fact]
    public void Samples_that_are_no_numbers_are_named()
    {
        float[] values = Laws.Numbers.Uniform(40 * 4, seed: 2, bound: 1);
        values[4 * 17 + 2] = float.NaN;
        Dataset data = Dataset.FromTensor(new Tensor(40, Shape.Flat(4), values), [.. Enumerable.Range(0, 40).Select(i => i % 2)], classes: 2, "sensors");
        Assert.EndsWith(" is NaN: sensors: 1 of the numbers of sample 17 are not finite. Remove the sample, or mend it.", Failure(Start("linear 2 | logsoftmax", data)).Message);
    }

    [Fact]
    public void A_checkpoint_is_not_replaced_by_one_that_holds_no_numbers()
    {
        using var folder = new TemporaryFolder();
        Trainer trainer = Start("flatten | linear 3 | logsoftmax");
        using var stop = new CancellationTokenSource();
        trainer.Run(progress => { if (progress.Step.Update == 2) stop.Cancel(); }, cancellation: stop.Token);
        trainer.Save(folder.Path);
        float[] good = trainer.Network.GetParameter("1.bias");
        trainer.Network.SetParameter("1.bias", [0, float.NaN, 0]);
        Assert.StartsWith("layer 2 linear(features 3): 1 of the 3 numbers of its bias are NaN after update 2", Assert.Throws<TrainingFailedException>(() => trainer.Save(folder.Path)).Message);
        Trainer resumed = Trainer.Resume(folder.Path, Problems.Bars(40), threads: 1);
        Assert.Equal(good, resumed.Network.GetParameter("1.bias"));
        Assert.Equal(2, resumed.Updates);
    }
}
