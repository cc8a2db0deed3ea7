namespace Fovea.Tests.Models;

public class ZooTests
{
    [Theory]
    // Worked example 3: 832 + (18432 x 128 + 128) + (128 x 10 + 10), and with stride 2: 832 + (800 x 128 + 128) + 1290.
    [InlineData("stride1", 832 + 2_359_424 + 1_290, 2_361_546)]
    [InlineData("stride2", 832 + 102_528 + 1_290, 104_650)]
    // Worked example 6.
    [InlineData("lenet5", 156 + 2_416 + 48_120 + 10_164 + 850, 61_706)]
    [InlineData("lenet5-classic", 156 + 2_416 + 48_120 + 10_164 + 850, 61_706)]
    // (3 x 9 + 1) 64 + (64 x 9 + 1) 64 + (64 x 9 + 1) 128 + (128 x 8 x 8 + 1) 256 + (256 + 1) 10.
    [InlineData("vgg-small", 1_792 + 36_928 + 73_856 + 2_097_408 + 2_570, 2_212_554)]
    public void Models_have_the_parameters_of_the_worked_examples(string name, int byLayer, int total)
    {
        Assert.Equal(total, byLayer);
        ModelSpec model = Zoo.Get(name);
        Assert.Equal(name, model.Name);
        Assert.Equal(total, new Network(model).Parameters.Sum(p => p.Shape.Aggregate(1, (a, b) => a * b)));
        Assert.Equal(Shape.Flat(10), model.Output);
    }

    [Theory]
    // https://docs.pytorch.org/vision/stable/models.html lists them.
    [InlineData("alexnet", 61_100_840)]
    [InlineData("vgg11", 132_863_336)]
    [InlineData("vgg16", 138_357_544)]
    [InlineData("resnet18", 11_689_512)]
    [InlineData("mobilenet-v2", 3_504_872)]
    [InlineData("squeezenet", 1_235_496)]
    [InlineData("squeezenet1.0", 1_248_424)]
    public void Models_of_torchvision_have_its_parameters(string name, int total)
    {
        ModelSummary summary = ModelSummary.Of(Zoo.Get(name));
        Assert.Equal(total, summary.TotalParameters);
        Assert.Equal(Shape.Flat(1000), Zoo.Get(name).Output);
    }

    [Fact]
    public void The_small_models_have_the_parameters_that_are_worked_out_by_hand()
    {
        // A convolution of f filters without bias on c channels and the two numbers a channel of its batch normalization.
        static int Conv(int c, int f, int taps) => taps * c * f + 2 * f;

        // He and others, section 4.2, with a projection where the channels double: 0.27 million parameters.
        int stage1 = 6 * Conv(16, 16, 9), stage2 = Conv(16, 32, 9) + 5 * Conv(32, 32, 9) + Conv(16, 32, 1), stage3 = Conv(32, 64, 9) + 5 * Conv(64, 64, 9) + Conv(32, 64, 1);
        Assert.Equal(272_474, Conv(3, 16, 9) + stage1 + stage2 + stage3 + 65 * 10);
        Assert.Equal(272_474, new Network(Zoo.Get("resnet20")).ParameterCount);

        Assert.Equal(9_034, Conv(1, 16, 9) + Conv(1, 16, 9) + Conv(16, 32, 1) + Conv(1, 32, 9) + Conv(32, 64, 1) + Conv(1, 64, 9) + Conv(64, 64, 1) + 65 * 10);
        Assert.Equal(9_034, new Network(Zoo.Get("depthwise")).ParameterCount);

        // A layer normalizes its c channels, makes 48 of them, normalizes these and makes 12.
        static int Dense(int c) => 2 * c + 48 * c + 2 * 48 + 9 * 48 * 12;
        int Block(int c) => Enumerable.Range(0, 6).Sum(layer => Dense(c + 12 * layer));
        static int Transition(int c) => 2 * c + c * c / 2;
        int dense = 9 * 3 * 24 + Block(24) + Transition(96) + Block(48) + Transition(120) + Block(60) + 2 * 132 + 133 * 10;
        Assert.Equal(dense, new Network(Zoo.Get("densenet-small")).ParameterCount);
    }

    [Fact]
    public void All_models_can_be_got_and_have_a_description()
    {
        Assert.Distinct(Zoo.Models.Select(model => model.Name));
        Assert.All(Zoo.Models, model =>
        {
            Assert.NotEmpty(model.Description);
            Assert.True(Zoo.Get(model.Name).Output.IsFlat);
        });
    }

    [Fact]
    public void An_unknown_model_is_refused_with_the_known_ones()
    {
        Assert.Null(Zoo.Find("stride3"));
        var exception = Assert.Throws<ModelFormatException>(() => Zoo.Get("stride3"));
        Assert.StartsWith("there is no model \"stride3\". Did you mean stride1 or stride2? Known models: stride1, stride2, lenet5,", exception.Message);
    }
}
