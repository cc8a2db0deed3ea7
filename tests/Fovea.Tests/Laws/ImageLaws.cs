using Fovea.Kernels;

namespace Fovea.Tests.Laws;

/// <summary>What holds for the plan that answers for a single image.</summary>
public class ImageLaws
{
    public static TheoryData<string, string> Networks => new()
    {
        { "1x7x5", "conv 4 k3 | relu | maxpool 2 | flatten | linear 3 | logsoftmax" },
        { "19x9x7", "conv 33 k3x2 s2x1 p1 | tanh | conv 18 k3 p2 d2 nobias | flatten | linear 21 | sigmoid | dropout 0.5 | linear 10 | softmax" },
        { "3x11x6", "conv 17 k5 p2 | relu | avgpool 2 | conv 40 k1 | relu | globalavgpool | flatten | linear 5" },
        { "2x8x9", "maxpool 3 s2 p1 | conv 3 k4x3 s3 p3x1 | gelu" },
        { "37", "linear 50 | relu | linear 16 nobias | relu | linear 1 | sigmoid" },
        { "18x4x3", "flatten | linear 7" },
        { "2x4x3", "flatten | relu | logsoftmax" },
        // Large enough to be cut, along the rows and along the filters.
        { "3x9x10", "conv 20 k3 p1 nobias | batchnorm | relu | conv 20 k3x4 s2x1 p1x2 g20 | batchnorm | conv 20 k2 d2 g20 nobias | relu | globalmaxpool | flatten | linear 3" },
        { "18x7x8", "residual(conv 18 k3 p1 | batchnorm | relu | conv 18 k3 p1 | batchnorm ; ; relu) | residual(conv 22 k3 s2 p1 | residual(conv 22 k3 p1) | tanh ; conv 22 k1 s2 | batchnorm)"
            + " | relu | adaptiveavgpool 3 | dropout | flatten | linear 5 | softmax" },
        { "17x6x5", "zeropad 1 | conv 17 k3 g17 | upsample 2 bilinear | batchnorm | residual(leakyrelu 0.1 ; ; tanh) | reflectionpad 1 | adaptivemaxpool 4 | dropout2d | conv 3 k1" },
        // By Winograd's algorithm: in tiles of 4 x 4 and of 2 x 2, that reach over the border and do not, in strips, cut into blocks of filters and areas.
        { "16x13x18", "conv 40 k3 p1 | relu | conv 48 k3 | tanh | conv 48 k5 p2x1 nobias | maxpool 2 | flatten | linear 6" },
        { "32x29x31", "conv 16 k3 p2x0 | relu | conv 64 k5 | relu | conv 33 k3 p1 | globalavgpool | flatten | linear 4" },
        // A last block with fewer filters, by each width of vectors.
        { "16x32x32", "conv 48 k3 p1 | globalavgpool | flatten | linear 2" },
        { "8x36x36", "conv 40 k3 p1 | globalavgpool | flatten | linear 2" },
        { "4x40x40", "conv 36 k3 p1 | globalavgpool | flatten | linear 2" },
        { "3x32x33", "conv 40 k5 p2 | relu | conv 35 k3 | relu | maxpool 2 | flatten | linear 300 | relu | linear 10 | logsoftmax" },
    };

    [Theory, MemberData(nameof(Networks))]
    public void One_image_gives_what_the_reference_gives(string input, string layers)
    {
        var network = new Network(ModelSpec.Parse(layers, Shape.Parse(input)), seed: 5);
        // Normalizations that do something.
        foreach (NetworkParameter parameter in network.Parameters.Concat(network.Buffers).Where(parameter => parameter.Shape.Count == 1))
        {
            float[] numbers = Numbers.Uniform(parameter.Shape[0], seed: 7);
            network.SetParameter(parameter.Name, parameter.Name.EndsWith("running_var", StringComparison.Ordinal) ? [.. numbers.Select(x => x * x + 0.5f)] : numbers);
        }
        float[] images = Numbers.Uniform(2 * network.Input.Count, seed: 6);
        double[] expected = new ReferenceNetwork<double>(network, samples: 2, training: false).Forward(images.AsSpan().ToDouble());
        // The examples are chosen by these costs: on every processor, and with vectors of any width.
        WinogradCosts costs = WinogradCosts.OwnAdders;
        ImagePlan[] plans = [new ImagePlan<Lanes4>(network, threads: 1, costs), new ImagePlan<Lanes8>(network, threads: 2, costs), new ImagePlan<Lanes16>(network, threads: 3, costs)];
        float[] output = new float[network.Output.Count];
        foreach (ImagePlan plan in plans)
        {
            for (int image = 0; image < 2; image++)
            {
                plan.Predict(images.AsSpan(image * network.Input.Count, network.Input.Count), output);
                Numbers.AssertClose(expected.AsSpan(image * output.Length, output.Length), output.ToDouble(), 1e-5, $"{plan.GetType().GenericTypeArguments[0].Name}, image {image}");
            }
        }
        Assert.Equal(network.Output.Count, network.Predict(new Tensor(2, network.Input, images)).Shape.Count);
    }

    [Fact]
    public void The_bits_do_not_depend_on_the_number_of_threads()
    {
        var network = new Network(Zoo.Get("vgg-small"), seed: 1);
        float[] image = Numbers.Uniform(network.Input.Count, seed: 2), one = new float[10], many = new float[10];
        new ImagePlan<Lanes16>(network, threads: 1, WinogradCosts.OwnAdders).Predict(image, one);
        foreach (int threads in (int[])[2, 3, 8])
        {
            new ImagePlan<Lanes16>(network, threads, WinogradCosts.OwnAdders).Predict(image, many);
            Numbers.AssertSameBits(one, many, $"{threads} threads");
        }
    }

    [Theory]
    [InlineData("conv 4 k3 g2 | relu")]
    [InlineData("concat(conv 2 k3 p1 ; conv 3 k1)")]
    [InlineData("residual(conv 2 k3 p1 g2 | groupnorm 2)")]
    [InlineData("flatten | residual(linear 40)")]
    [InlineData("logsoftmax | flatten | linear 3")]
    public void Networks_of_other_layers_have_no_such_plan(string layers) =>
        Assert.Null(ImagePlan.Create(new Network(ModelSpec.Parse(layers, new Shape(2, 5, 4))), threads: 1));
}
