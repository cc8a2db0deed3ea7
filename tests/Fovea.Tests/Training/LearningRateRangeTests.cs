namespace Fovea.Tests.Training;

public class LearningRateRangeTests
{
    private static readonly TrainingSettings s_settings = new() { BatchSize = 4, Optimizer = new Sgd(1), Loss = new MseLoss(), Seed = 3 };

    // y = w x with x = 1 and the targets 9 and 11: the mean loss of w is (w - 10)^2 + 1, its derivative 2 (w - 10).
    private static readonly Dataset s_data = Dataset.FromTensor(new Tensor(4, Shape.Flat(1), [1, 1, 1, 1]), new Tensor(4, Shape.Flat(1), [9, 11, 9, 11]), "parabola");

    private static readonly ModelSpec s_model = ModelSpec.Parse("linear 1 nobias", Shape.Flat(1));

    [Fact]
    public void The_rate_rises_by_the_same_factor_from_update_to_update()
    {
        LearningRateRange range = LearningRateRange.Run(s_model, s_data, s_settings, lowest: 1e-6, highest: 1e-3, updates: 31);
        Assert.Null(range.Divergence);
        Assert.Equal(31, range.Points.Count);
        // Ten updates for each power of ten.
        Assert.All(range.Points.Index(), point => Assert.Equal(1e-6 * Math.Pow(10, point.Index / 10.0), point.Item.LearningRate, 1e-6 * point.Item.LearningRate));
    }

    [Fact]
    public void Every_loss_is_that_of_gradient_descent_by_hand()
    {
        LearningRateRange range = LearningRateRange.Run(s_model, s_data, s_settings, lowest: 1e-3, highest: 1, updates: 40);
        // From the first loss (w - 10)^2 + 1 on, with w below 10.
        double distance = Math.Sqrt(range.Points[0].Loss - 1);
        foreach (LearningRatePoint point in range.Points)
        {
            Assert.Equal(distance * distance + 1, point.Loss, 1e-3 * point.Loss);
            distance *= 1 - 2 * point.LearningRate;
        }
    }

    [Fact]
    public void The_loss_of_a_parabola_diverges_above_a_rate_of_1_and_falls_fastest_below()
    {
        // A step multiplies the distance from its sample's target by 1 - 2 lr: it grows where lr is above 1, and it is large already where lr is near.
        LearningRateRange range = LearningRateRange.Run(s_model, s_data, s_settings with { BatchSize = 1 }, lowest: 1e-4, highest: 100, updates: 200);
        Assert.InRange(range.Divergence!.Value, 0.5, 3);
        Assert.True(range.Points.Count < 200);
        Assert.InRange(range.Steepest!.Value, 1e-3, 1);
        Assert.Equal(range.Divergence / 10, range.TenthOfDivergence);
        Assert.Equal(Math.Min(range.Steepest.Value, range.Divergence.Value / 10), range.Suggested);
    }

    [Fact]
    public void Loss_that_falls_around_a_rate_is_found_steepest_there_without_a_lag()
    {
        // From 2 to 1 along a logistic curve, half way at 1e-3; rates from 1e-6 to 1, of 120 updates.
        StepResult[] steps = [.. Enumerable.Range(0, 121).Select(i => -6 + i / 20.0).Select((power, i) =>
            new StepResult(i + 1, 1 + 1 / (1 + Math.Exp(4 * (power + 3))), 0, (float)Math.Pow(10, power)))];
        double steepest = LearningRateRange.Of(steps, null).Steepest!.Value;
        Assert.InRange(Math.Log10(steepest), -3.1, -2.9);
        Assert.Null(LearningRateRange.Of([.. steps.Select(step => step with { Loss = 1 })], null).Suggested);
        Assert.Equal(0.05, LearningRateRange.Of([.. steps.Select(step => step with { Loss = 1 })], 0.5).Suggested);
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_the_test_as_a_divergence()
    {
        Dataset data = Problems.Bars(60);
        ModelSpec model = ModelSpec.Parse("flatten | linear 8 | relu | linear 3 | logsoftmax", data.Shape);
        LearningRateRange range = LearningRateRange.Run(model, data, s_settings with { Loss = new NllLoss() }, lowest: 1e30, highest: 1e38, updates: 20);
        Assert.NotNull(range.Divergence);
    }

    [Fact]
    public void Rates_and_updates_that_make_no_sense_are_refused()
    {
        Assert.Equal("the learning rate rises from a number above 0 to a larger one, got 1 and 0.1.",
            Assert.Throws<FoveaException>(() => LearningRateRange.Run(s_model, s_data, s_settings, lowest: 1, highest: 0.1)).Message);
        Assert.Equal("a range test needs at least 10 updates, got 9.", Assert.Throws<FoveaException>(() => LearningRateRange.Run(s_model, s_data, s_settings, updates: 9)).Message);
    }
}
