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
