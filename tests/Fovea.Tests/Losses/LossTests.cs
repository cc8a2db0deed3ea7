namespace Fovea.Tests.Losses;

public class LossTests
{
    private static ModelSpec Model(string text) => ModelSpec.Parse(text, Shape.Flat(3));

    [Theory]
    [InlineData("linear 2 | logsoftmax", "nll")]
    [InlineData("linear 2", "cross-entropy")]
    [InlineData("linear 2 | relu", "cross-entropy")]
    [InlineData("linear 2 | softmax", "bce")]
    [InlineData("linear 1 | sigmoid", "bce")]
    [InlineData("linear 1", "bce-with-logits")]
    public void The_loss_suits_what_the_model_ends_with(string model, string loss)
    {
        Assert.Equal(loss, Loss.For(Model(model)).Name);
        Loss.For(Model(model)).CheckEnd(Model(model));
    }

    [Fact]
    public void A_flatten_layer_at_the_end_changes_nothing()
    {
        ModelSpec model = ModelSpec.Parse("conv 2 k2 | logsoftmax | flatten", new Shape(1, 2, 2));
        Assert.Equal(new NllLoss(), Loss.For(model));
    }

    [Theory]
    [InlineData("linear 2", "nll", "the model ends with linear(features 2), but the loss nll takes log-probabilities: end the model with logsoftmax, or use the loss cross-entropy.")]
    [InlineData("linear 2 | softmax", "cross-entropy", "the model ends with softmax, but the loss cross-entropy takes logits: end the model without it, or with logsoftmax.")]
    [InlineData("linear 2 | relu", "bce", "the model ends with relu, but the loss bce takes probabilities: end the model with sigmoid, or use the loss bce-with-logits.")]
    [InlineData("linear 2", "kl", "the model ends with linear(features 2), but the loss kl takes log-probabilities: end the model with logsoftmax.")]
    [InlineData("linear 1 | sigmoid", "focal", "the model ends with sigmoid, but the loss focal takes logits: end the model without it.")]
    [InlineData("linear 2 | logsoftmax", "hinge", "the model ends with logsoftmax, but the loss hinge takes scores of any size: end the model without it.")]
    [InlineData("linear 1 | sigmoid", "bce-with-logits", "the model ends with sigmoid, but the loss bce-with-logits takes logits: end the model without it, or use the loss bce.")]
    [InlineData("linear 2 | logsoftmax", "mse", "the model ends with logsoftmax, but the loss mse takes numbers like its targets, 0 and 1 for classes, not log-probabilities: end the model with softmax, or use the loss nll.")]
    [InlineData("linear 2 | logsoftmax", "mae", "the model ends with logsoftmax, but the loss mae takes numbers like its targets, 0 and 1 for classes, not log-probabilities: end the model with softmax, or use the loss nll.")]
    [InlineData("linear 2 | logsoftmax", "huber", "the model ends with logsoftmax, but the loss huber takes numbers like its targets, 0 and 1 for classes, not log-probabilities: end the model with softmax, or use the loss nll.")]
    [InlineData("linear 2 | logsoftmax", "smooth-l1", "the model ends with logsoftmax, but the loss smooth-l1 takes numbers like its targets, 0 and 1 for classes, not log-probabilities: end the model with softmax, or use the loss nll.")]
    [InlineData("linear 2 | logsoftmax", "log-cosh", "the model ends with logsoftmax, but the loss log-cosh takes numbers like its targets, 0 and 1 for classes, not log-probabilities: end the model with softmax, or use the loss nll.")]
    public void A_loss_of_the_wrong_kind_is_refused(string model, string loss, string message) =>
        Assert.Equal(message, Assert.Throws<FoveaException>(() => Loss.Named(loss).CheckEnd(Model(model))).Message);

    [Theory]
    [InlineData("mse")]
    [InlineData("mae")]
    [InlineData("huber")]
    [InlineData("smooth-l1")]
    [InlineData("log-cosh")]
    public void A_distance_is_taken_of_outputs_of_any_kind_but_log_probabilities(string loss) =>
        Assert.All(["linear 2", "linear 2 | relu", "linear 2 | softmax", "linear 1 | sigmoid"], model => Loss.Named(loss).CheckEnd(Model(model)));

    [Fact]
    public void Losses_and_optimizers_have_names()
    {
        Assert.Equal(["nll", "cross-entropy", "mse", "mae", "bce", "bce-with-logits", "huber", "smooth-l1", "log-cosh", "hinge", "multi-margin",
            "focal", "kl"], Loss.Names);
        Assert.Equal(["sgd", "adam", "adamw", "rmsprop", "adagrad", "nadam", "lion"], Optimizer.Names);
        foreach (string name in Loss.Names) Assert.Equal(name, Loss.Named(name).Name);
        Assert.Equal(new Sgd(), Optimizer.Named("sgd"));
        Assert.Equal(new Adam(), Optimizer.Named("adam"));
        Assert.Equal(new AdamW(), Optimizer.Named("adamw"));
        Assert.Equal(new RmsProp(), Optimizer.Named("rmsprop"));
        Assert.Equal("there is no optimizer \"adma\". Did you mean adam? There are: sgd, adam, adamw, rmsprop, adagrad, nadam, lion.",
            Assert.Throws<FoveaException>(() => Optimizer.Named("adma")).Message);
    }

    [Fact]
    public void Outputs_become_probabilities()
    {
        // The softmax of (0, ln 3): 1 and 3 of 4. That of logarithms of probabilities: the probabilities.
        Assert.Equal([0.25f, 0.75f], new CrossEntropyLoss().Probabilities([0, MathF.Log(3)]), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([0.2f, 0.8f], new NllLoss().Probabilities([MathF.Log(0.2f), MathF.Log(0.8f)]), (a, b) => Math.Abs(a - b) < 1e-6);
        // Large logits do not overflow.
        Assert.Equal([1, 0], new CrossEntropyLoss().Probabilities([1000, 0]));
        Assert.Equal([0.25f, 0.75f], new BceLoss().Probabilities([0.75f]));
        // The sigmoid of ln 3 is 3 / 4.
        Assert.Equal([0.25f, 0.75f], new BceWithLogitsLoss().Probabilities([MathF.Log(3)]), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([0.5f, 0.75f], new BceWithLogitsLoss().Probabilities([0, MathF.Log(3)]), (a, b) => Math.Abs(a - b) < 1e-6);
    }
}
