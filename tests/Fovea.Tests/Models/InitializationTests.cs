namespace Fovea.Tests.Models;

public class InitializationTests
{
    [Theory]
    [InlineData("pytorch", "pytorch")]
    [InlineData("kaiming-normal", "kaiming-normal")]
    [InlineData("kaiming-normal fan-in relu", "kaiming-normal")]
    [InlineData("kaiming-uniform,fan-out,tanh", "kaiming-uniform fan-out tanh")]
    [InlineData("xavier-uniform relu", "xavier-uniform relu")]
    public void Text_is_read_and_written(string text, string expected)
    {
        Assert.Equal(expected, Initialization.Parse(text).ToString());
        Assert.Equal(Initialization.Parse(expected), Initialization.Parse(text));
        Assert.Equal(expected, new TrainingSettings().With("init", text).Initialization.ToString());
    }

    [Theory]
    [InlineData("he-normal", "there is no initialization \"he-normal\". There are: pytorch, kaiming-uniform, kaiming-normal, xavier-uniform, xavier-normal.")]
    [InlineData("kaiming", "there is no initialization \"kaiming\". Did you mean")]
    [InlineData("kaiming-normal elu", "kaiming-normal: \"elu\" is none of its properties. It has fan-in, fan-out, or an activation: linear, sigmoid, tanh, relu, leaky-relu, selu.")]
    [InlineData("xavier-normal fan-out", "xavier-normal: \"fan-out\" is none of its properties. It has an activation: linear,")]
    [InlineData("pytorch relu", "pytorch: \"relu\" is none of its properties. It has none.")]
    public void Text_that_is_no_initialization_is_refused(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<FoveaException>(() => Initialization.Parse(text)).Message);

    [Theory]
    // torch.nn.init: gains 1, 5/3, sqrt(2), sqrt(2 / (1 + 0.01^2)), 3/4.
    [InlineData("kaiming-uniform linear", 1)]
    [InlineData("kaiming-uniform tanh", 1.6666666666666667)]
    [InlineData("kaiming-uniform", 1.4142135623730951)]
    [InlineData("kaiming-uniform leaky-relu", 1.4141428569978354)]
    [InlineData("kaiming-uniform selu", 0.75)]
    [InlineData("xavier-uniform", 1)]
    public void Gains_are_those_that_pytorch_recommends(string text, double gain) => Assert.Equal(gain, Initialization.Parse(text).Gain, 15);

    [Fact]
    public void Biases_and_constants_do_not_change_and_weights_follow_the_seed()
    {
        ModelSpec model = ModelSpec.Parse("conv 8 k3 | batchnorm | prelu 0.1 | flatten | linear 3", new Shape(2, 5, 4));
        var plain = new Network(model, seed: 4);
        var drawn = new Network(model, seed: 4, Initialization.Parse("xavier-normal"));
        foreach (string name in (string[])["0.bias", "1.weight", "1.bias", "2.weight", "4.bias"]) Assert.Equal(plain.GetParameter(name), drawn.GetParameter(name));
        Assert.NotEqual(plain.GetParameter("0.weight"), drawn.GetParameter("0.weight"));
        Assert.Equal(drawn.GetParameter("4.weight"), new Network(model, seed: 4, Initialization.Parse("xavier-normal")).GetParameter("4.weight"));
        Assert.NotEqual(drawn.GetParameter("4.weight"), new Network(model, seed: 5, Initialization.Parse("xavier-normal")).GetParameter("4.weight"));
    }

    [Fact]
    public void A_training_begins_with_what_its_settings_say_and_its_checkpoint_keeps_it()
    {
        var settings = new TrainingSettings { Initialization = Initialization.Parse("kaiming-normal fan-out"), BatchSize = 4 };
        var data = Dataset.FromTensor(new Tensor(40, new Shape(1, 4, 3)), new int[40], classes: 10);
        var trainer = new Trainer(ModelSpec.Parse("flatten | linear 10 | logsoftmax", data.Shape), data, settings);
        Assert.Equal(new Network(trainer.Model, settings.Seed, settings.Initialization).GetParameter("1.weight"), trainer.Network.GetParameter("1.weight"));
        using var folder = new TemporaryFolder();
        trainer.Save(folder["run"]);
        Assert.Equal(settings.Initialization, Trainer.Resume(folder["run"], data).Settings.Initialization);
    }
}
