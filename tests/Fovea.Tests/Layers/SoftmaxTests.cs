using Fovea.Tests.Laws;

namespace Fovea.Tests.Layers;

public class SoftmaxTests
{
    private static float[] Run(string text, Shape shape, params float[] x) => new Network(ModelSpec.Parse(text, shape)).Predict(new Tensor(1, shape, x)).Values;

    [Fact]
    public void Large_numbers_do_not_overflow()
    {
        // 1 / (1 + e) and e / (1 + e).
        Assert.Equal([0.26894142f, 0.73105858f], Run("softmax", Shape.Flat(2), 100, 101), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([-1.3132617f, -0.31326169f], Run("logsoftmax", Shape.Flat(2), 100, 101), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([1, 0, 0], Run("softmax", Shape.Flat(3), 1e4f, -1e4f, 0), (a, b) => Math.Abs(a - b) < 2e-7);
        Assert.Equal([0, -2e4f, -1e4f], Run("logsoftmax", Shape.Flat(3), 1e4f, -1e4f, 0), (a, b) => Math.Abs(a - b) < 2e-7);
        Assert.Equal([-MathF.Log(3), -MathF.Log(3), -MathF.Log(3)], Run("logsoftmax", Shape.Flat(3), -1e4f, -1e4f, -1e4f), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Every_pixel_of_an_image_is_a_distribution_over_the_channels()
    {
        // Channels 0 and 1 of two pixels: (0, ln 3) and (ln 4, 0).
        Assert.Equal([0.25f, 0.8f, 0.75f, 0.2f], Run("softmax", new Shape(2, 1, 2), 0, MathF.Log(4), MathF.Log(3), 0), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Theory]
    [InlineData("softmax")]
    [InlineData("logsoftmax")]
    public void Gradients_of_large_numbers_are_finite(string text)
    {
        Shape shape = Shape.Flat(5);
        var specimen = new Specimen(shape, ModelSpec.Parse(text, shape).Layers, samples: 19);
        for (int i = 0; i < specimen.X.Length; i++) specimen.X[i] *= 1e4f;
        double[] expected = specimen.Reference()["input gradient"];
        // Where one class has it all, the gradient is the difference of equal numbers.
        foreach (int lanes in Plans.Lanes) Numbers.AssertClose(expected, specimen.Fast(lanes)["input gradient"], 1e-6, $"{lanes} lanes", size: 1.0 / specimen.DY.Length);
    }
}
