using Fovea.Tests.Training;

namespace Fovea.Tests.Losses;

public class ClassWeightsTests
{
    private static readonly TrainingSettings s_settings = new() { Epochs = 3, BatchSize = 8, ValidationFraction = 0.2, Seed = 4, Loss = new NllLoss { ClassWeights = ClassWeights.Of(0.5, 3, 1) } };

    [Fact]
    public void They_are_read_from_text_and_json()
    {
        Assert.Equal(ClassWeights.Balanced, ClassWeights.Parse("balanced"));
        Assert.Equal(ClassWeights.Of(1, 20.5), ClassWeights.Parse("1:20.5"));
        Assert.Equal(ClassWeights.Of(1, 20.5), ClassWeights.Parse("1,20.5"));
        Assert.NotEqual(ClassWeights.Of(1, 20), ClassWeights.Of(1, 20, 1));
        Assert.NotEqual(ClassWeights.Balanced, ClassWeights.Of(1, 1));
        Assert.Equal(new CrossEntropyLoss { ClassWeights = ClassWeights.Of(1, 2) }, new TrainingSettings().With("loss", "cross-entropy").With("class-weights", "1:2").Loss);
        Assert.Equal("1:2", new TrainingSettings().With("class-weights", "1:2").Describe()["class-weights"]);
        Assert.Equal("bce with class weights balanced", new BceLoss { ClassWeights = ClassWeights.Balanced }.Described);
    }

    [Theory]
    [InlineData("1", "expected a class weight for each of at least two classes, got 1.")]
    [InlineData("1:-2", "expected class weights of at least 0, got -2.")]
    [InlineData("0:0", "all class weights are 0, so that no sample counts. Give at least one class a weight.")]
    [InlineData("1:few", "expected class weights as in balanced or 1:20, got \"1:few\".")]
    public void What_is_none_is_refused(string text, string message)
    {
        Assert.Equal(message, Assert.Throws<FoveaException>(() => ClassWeights.Parse(text)).Message);
        if (text.Contains(':')) Assert.Equal($"class-weights: {message}", Assert.Throws<FoveaException>(() => new TrainingSettings().With("class-weights", text)).Message);
    }

    [Fact]
    public void What_they_do_not_fit_is_refused()
    {
        Assert.Equal("bars has 3 classes, but there are 2 class weights (1:2). Give one for each class.",
            Assert.Throws<FoveaException>(() => new Trainer(Problems.Model, Problems.Bars(20), s_settings with { Loss = new NllLoss { ClassWeights = ClassWeights.Of(1, 2) } })).Message);
        Assert.Contains("bars: balanced class weights follow from training samples",
            Assert.Throws<FoveaException>(() => Trainer.Evaluate(new Network(Problems.Model, 1), Problems.Bars(20), new NllLoss { ClassWeights = ClassWeights.Balanced })).Message);
        Assert.Contains("lines has target values, not classes", Assert.Throws<FoveaException>(() => new Trainer(ModelSpec.Parse("linear 2 | sigmoid", Shape.Flat(1)), Problems.Lines(20),
            new TrainingSettings { Loss = new BceLoss { ClassWeights = ClassWeights.Balanced } })).Message);
    }

    [Fact]
    public void Balanced_weights_make_all_classes_count_the_same()
    {
        // 6, 3 and 1 of 10 samples: 10 / (3 * 6), 10 / (3 * 3), 10 / (3 * 1).
        Dataset data = Dataset.FromTensor(new Tensor(10, Shape.Flat(1), new float[10]), [0, 0, 0, 0, 0, 0, 1, 1, 1, 2], classes: 3);
        var trainer = new Trainer(ModelSpec.Parse("linear 3 | logsoftmax", Shape.Flat(1)), data, s_settings with { ValidationFraction = 0, Loss = new NllLoss { ClassWeights = ClassWeights.Balanced } });
        var loss = Assert.IsType<NllLoss>(trainer.Settings.Loss);
        Assert.Equal([10.0 / 18, 10.0 / 9, 10.0 / 3], loss.ClassWeights!.Values!);
        Assert.Equal(ClassWeights.Of(10.0 / 18, 10.0 / 9, 10.0 / 3), loss.ClassWeights);
    }

    [Theory]
    [InlineData("nll", "linear 3 | logsoftmax")]
    [InlineData("cross-entropy", "linear 3")]
    public void A_weight_of_two_is_a_class_whose_samples_come_twice(string loss, string model)
    {
        ModelSpec spec = ModelSpec.Parse($"flatten | {model}", new Shape(2, 7, 6));
        Dataset bars = Problems.Bars(30);
        int[] twice = [.. Enumerable.Range(0, 30).Concat(Enumerable.Range(0, 30).Where(i => bars.Label(i) == 1))];
        TrainingSettings settings = new() { Epochs = 5, BatchSize = 100, ValidationFraction = 0, Optimizer = new Sgd(0.1f), Loss = Loss.Named(loss) };
        var weighted = new Trainer(spec, bars, settings.With("class-weights", "1:2:1"));
        var doubled = new Trainer(spec, bars.Subset(twice), settings);
        weighted.Run();
        doubled.Run();
        Assert.Equal(doubled.Network.GetParameter("1.weight"), weighted.Network.GetParameter("1.weight"), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(doubled.History[^1].TrainLoss, weighted.History[^1].TrainLoss, 6);
        Assert.Equal(doubled.Evaluate(bars.Subset(twice)).Loss, weighted.Evaluate(bars).Loss, 6);
    }

    [Fact]
    public void An_interrupted_training_goes_on_to_the_same_bits()
    {
        var whole = new Trainer(Problems.Model, Problems.Bars(60), s_settings);
        whole.Run();
        using var folder = new TemporaryFolder();
        var part = new Trainer(Problems.Model, Problems.Bars(60), s_settings);
        using var stop = new CancellationTokenSource();
        // In the middle of the second epoch.
        part.Run(_ => { if (part.Updates == 9) stop.Cancel(); }, cancellation: stop.Token);
        part.Save(folder.Path);
        var resumed = Trainer.Resume(folder.Path, Problems.Bars(60));
        resumed.Run();
        Assert.Equal(whole.Network.GetParameter("0.weight"), resumed.Network.GetParameter("0.weight"));
        Assert.Equal(whole.History.Select(epoch => (epoch.TrainLoss, epoch.ValidationLoss)), resumed.History.Select(epoch => (epoch.TrainLoss, epoch.ValidationLoss)));
    }

    [Fact]
    public void A_batch_of_which_no_sample_counts_changes_nothing()
    {
        Dataset bars = Problems.Bars(30);
        Dataset first = bars.Subset([.. Enumerable.Range(0, 30).Where(i => bars.Label(i) == 0)]);
        var trainer = new Trainer(ModelSpec.Parse("flatten | linear 3 | logsoftmax", new Shape(2, 7, 6)), first,
            s_settings with { ValidationFraction = 0, Optimizer = new Sgd(0.1f), Loss = new NllLoss { ClassWeights = ClassWeights.Of(0, 1, 1) } });
        float[] before = trainer.Network.GetParameter("1.weight");
        trainer.Run();
        Assert.Equal(before, trainer.Network.GetParameter("1.weight"));
        Assert.Equal(0, trainer.History[^1].TrainLoss);
    }

    [Theory]
    [InlineData("nll", "linear 3 | logsoftmax")]
    [InlineData("cross-entropy", "linear 3")]
    public void An_ignored_class_is_one_whose_samples_are_not_there(string loss, string model)
    {
        ModelSpec spec = ModelSpec.Parse($"flatten | {model}", new Shape(2, 7, 6));
        Dataset bars = Problems.Bars(30);
        int[] others = [.. Enumerable.Range(0, 30).Where(i => bars.Label(i) != 1)];
        TrainingSettings settings = new() { Epochs = 5, BatchSize = 100, ValidationFraction = 0, Optimizer = new Sgd(0.1f), Loss = Loss.Named(loss) };
        var ignoring = new Trainer(spec, bars, settings.With("ignore-index", "1"));
        var without = new Trainer(spec, bars.Subset(others), settings);
        ignoring.Run();
        without.Run();
        Assert.Equal(without.Network.GetParameter("1.weight"), ignoring.Network.GetParameter("1.weight"), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(without.History[^1].TrainLoss, ignoring.History[^1].TrainLoss, 6);
        Assert.Equal(without.Evaluate(bars.Subset(others)).Loss, ignoring.Evaluate(bars).Loss, 6);
        Assert.Equal($"{loss} without class 1", ignoring.Settings.Loss.Described);
        Assert.Equal("bars has 3 classes: the one to ignore must be from 0 to 2, got 3.", Assert.Throws<FoveaException>(() => new Trainer(spec, bars, settings.With("ignore-index", "3"))).Message);
    }
}
