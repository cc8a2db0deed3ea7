namespace Fovea.Tests.Analysis;

public class NetworkSolverTests
{
    private const string LeNet = "conv 6 k? | relu | maxpool 2 | conv 16 k? | relu | maxpool 2 | conv 120 k? | relu | flatten | linear 84 | relu | linear 10 | logsoftmax";

    [Fact]
    public void The_kernels_of_lenet5_are_found_from_its_sizes()
    {
        NetworkAnswer answer = NetworkSolver.Solve(LeNet, new Shape(1, 32, 32), [28, 14, 10, 5, 1]);
        Assert.Equal(Zoo.Get("lenet5").ToText(), answer.Model);
        Assert.Equal(1, answer.Networks);
        // 32 - 28 + 1, 14 - 10 + 1 and 5 - 1 + 1.
        Assert.Equal([5, 5, 5], answer.Layers.Where(layer => layer.Sizes is not null).Select(layer => Assert.Single(layer.Sizes!.Rows.Solutions).Kernel));
    }

    [Fact]
    public void With_a_stride_all_solutions_are_given()
    {
        // floor((28 + 4 - k) / 2) + 1 = 14 for k = 5 and 6; floor((14 - k) / 2) + 1 = 5 for k = 5 and 6.
        NetworkAnswer answer = NetworkSolver.Solve("conv 32 k? s2 p2 | relu | maxpool ? s2", new Shape(1, 28, 28), [14, 5]);
        Assert.Equal(["conv 32 k5 s2 p2", "conv 32 k6 s2 p2"], answer.Layers[0].Choices);
        Assert.Equal(["maxpool 5 s2", "maxpool 6 s2"], answer.Layers[2].Choices);
        Assert.Equal(4, answer.Networks);
    }

    [Fact]
    public void A_blank_is_one_number_for_rows_and_columns_where_it_can_be()
    {
        // Rows: 20 - k + 1 = 18 for k = 3; columns: 30 - k + 1 = 28 for k = 3, or with stride 2: no.
        NetworkAnswer square = NetworkSolver.Solve("conv 4 k?", new Shape(1, 20, 30), [new Size2D(18, 28)]);
        Assert.Equal(["conv 4 k3"], square.Layers[0].Choices);
        NetworkAnswer oblong = NetworkSolver.Solve("conv 4 k?", new Shape(1, 20, 30), [new Size2D(18, 26)]);
        Assert.Equal(["conv 4 k3x5"], oblong.Layers[0].Choices);
    }

    [Fact]
    public void Stride_and_padding_can_be_blank_too()
    {
        NetworkAnswer answer = NetworkSolver.Solve("conv 4 k5 s? p? | maxpool ?", new Shape(1, 28, 28), [14, 7]);
        // 28 + 2p - 5 between 13 s and 14 s - 1: s = 2 with p = 2 alone, as p is at most 4.
        Assert.Equal(["conv 4 k5 s2 p2"], answer.Layers[0].Choices);
        Assert.Equal(["maxpool 2"], answer.Layers[1].Choices);
    }

    [Fact]
    public void Without_a_solution_the_nearest_are_given_and_nothing_is_invented_after_it()
    {
        NetworkAnswer answer = NetworkSolver.Solve("conv 6 k? | maxpool 2 | conv 16 k?", new Shape(1, 32, 32), [40, 20, 10]);
        Assert.Null(answer.Model);
        Assert.Equal(0, answer.Networks);
        Assert.Empty(answer.Layers[0].Choices);
        Assert.Equal(32, answer.Layers[0].Sizes!.Rows.Nearest[0].Output);
        Assert.All(answer.Layers.Skip(1), layer => Assert.Null(layer.Output));
        Assert.Contains("the outputs within reach lie from 22 to 32", answer.Derivation.ToText(200));
    }

    [Fact]
    public void A_layer_without_blanks_that_gives_another_size_is_no_solution()
    {
        NetworkAnswer answer = NetworkSolver.Solve("conv 6 k? | maxpool 2", new Shape(1, 32, 32), [28, 13]);
        Assert.Null(answer.Model);
        Assert.Contains("maxpool 2: output 13, but it gives 14", answer.Derivation.ToText());
    }

    [Fact]
    public void Every_choice_gives_the_sizes()
    {
        Size2D[] outputs = [new(13, 9), new(6, 4), new(3, 2)];
        NetworkAnswer answer = NetworkSolver.Solve("conv 2 k? s? p? d? | avgpool ? s? p? ceil | conv 3 k? s2", new Shape(1, 27, 19), outputs);
        Assert.All(answer.Layers, layer => Assert.NotEmpty(layer.Choices));
        Shape input = new(1, 27, 19);
        for (int i = 0; i < outputs.Length; i++)
        {
            Assert.All(answer.Layers[i].Choices, choice =>
            {
                Shape output = ModelSpec.Parse(choice, input).Output;
                Assert.Equal((outputs[i].Height, outputs[i].Width), (output.Height, output.Width));
            });
            input = answer.Layers[i].Output!.Value;
        }
    }

    [Fact]
    public void Dots_at_the_end_leave_the_rest_open()
    {
        NetworkAnswer answer = NetworkSolver.Solve("conv 6 k? | relu | maxpool 2 | ...", new Shape(1, 32, 32), [28, 14]);
        Assert.Equal("conv 6 k5 | relu | maxpool 2", answer.Model);
        Assert.Contains("there is no layer \"...\"", Assert.Throws<ModelFormatException>(() => NetworkSolver.Solve("conv 6 k? | ... | relu", new Shape(1, 32, 32), [28])).Message);
    }

    [Theory]
    [InlineData("conv ? k5", "layer 1 \"conv ? k5\": \"?\" cannot be found from sizes")]
    [InlineData("conv 6 k5 g?", "\"g?\" cannot be found from sizes")]
    [InlineData("linear ?", "\"?\" cannot be found from sizes")]
    [InlineData("conv 6 k? | maxpool 2", "the network has 2 convolutions and poolings (conv 6 k?, maxpool 2), but 1 outputs are given")]
    [InlineData("conv 6 k? | what 2", "there is no layer \"what\"")]
    public void A_network_that_cannot_be_asked_about_is_refused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<ModelFormatException>(() => NetworkSolver.Solve(text, new Shape(1, 32, 32), [28])).Message);

    [Fact]
    public void A_layer_that_does_not_fit_says_where() => Assert.StartsWith("layer 2 linear(features 10): a linear layer needs a flat vector",
        Assert.Throws<ShapeException>(() => NetworkSolver.Solve("conv 6 k? | linear 10", new Shape(1, 32, 32), [28])).Message);
}
