namespace Fovea.Tests.Analysis;

public class ModelSummaryTests
{
    [Fact]
    public void LeNet5_is_summed_up_as_by_hand()
    {
        ModelSummary summary = ModelSummary.Of(Zoo.Get("lenet5"), hide: ["flatten"]);
        // Worked example 6, with multiply-adds = weights of a filter x outputs, and what one output sees of the 32x32 input.
        (string Name, string Shape, long Parameters, long MultiplyAdds, int View)[] expected =
        [
            ("Conv2d-1", "6x28x28", 156, 25 * 6 * 28 * 28, 5),
            ("ReLU-2", "6x28x28", 0, 0, 5),
            ("MaxPool2d-3", "6x14x14", 0, 0, 6),
            ("Conv2d-4", "16x10x10", 2_416, 150 * 16 * 10 * 10, 14),
            ("ReLU-5", "16x10x10", 0, 0, 14),
            ("MaxPool2d-6", "16x5x5", 0, 0, 16),
            ("Conv2d-7", "120x1x1", 48_120, 400 * 120, 32),
            ("ReLU-8", "120x1x1", 0, 0, 32),
            ("Linear-9", "84", 10_164, 120 * 84, 32),
            ("ReLU-10", "84", 0, 0, 32),
            ("Linear-11", "10", 850, 84 * 10, 32),
            ("LogSoftmax-12", "10", 0, 0, 32),
        ];
        Assert.Equal(expected, summary.Layers.Select(l => (l.Name, l.OutputShape.ToString(), l.Parameters, l.MultiplyAdds, l.ReceptiveField.Height)));
        Assert.Equal(61_706, summary.TotalParameters);
        Assert.Equal(61_706, summary.TrainableParameters);
        Assert.Equal(117_600 + 240_000 + 48_000 + 10_080 + 840, summary.TotalMultiplyAdds);
    }

    [Theory]
    // Worked example 3, without a row for flatten: the table's figures in MB.
    [InlineData("stride1", "0.00", "0.53", "9.01", "9.54")]
    [InlineData("stride2", "0.00", "0.10", "0.40", "0.51")]
    public void Sizes_are_those_of_the_worked_example(string model, string input, string passes, string parameters, string total)
    {
        string table = ModelSummary.Of(Zoo.Get(model), hide: ["flatten"]).ToTorchSummary();
        Assert.Contains($"Input size (MB): {input}\nForward/backward pass size (MB): {passes}\nParams size (MB): {parameters}\nEstimated Total Size (MB): {total}\n", table);
    }

    [Fact]
    public void The_table_of_torchsummary_is_printed_to_the_byte()
    {
        string table = ModelSummary.Of(ModelSpec.Parse("conv 32 k5 p2 | relu | flatten | linear 128", new Shape(1, 28, 28))).ToTorchSummary();
        // 832 + 25088 x 128 + 128 = 3,212,224 parameters. Outputs: 2 x 25088 + 25088 + 128 = 75,392.
        Assert.Equal(
            """
            ----------------------------------------------------------------
                    Layer (type)               Output Shape         Param #
            ================================================================
                        Conv2d-1           [-1, 32, 28, 28]             832
                          ReLU-2           [-1, 32, 28, 28]               0
                       Flatten-3                [-1, 25088]               0
                        Linear-4                  [-1, 128]       3,211,392
            ================================================================
            Total params: 3,212,224
            Trainable params: 3,212,224
            Non-trainable params: 0
            ----------------------------------------------------------------
            Input size (MB): 0.00
            Forward/backward pass size (MB): 0.58
            Params size (MB): 12.25
            Estimated Total Size (MB): 12.83
            ----------------------------------------------------------------

            """.ReplaceLineEndings("\n"), table);
    }

    [Fact]
    public void Totals_are_the_sums_of_what_is_shown()
    {
        foreach (var (name, _) in Zoo.Models)
        {
            ModelSpec model = Zoo.Get(name);
            long parameters = new Network(model).Parameters.Sum(p => p.Shape.Aggregate(1L, (a, b) => a * b));
            foreach (int? batch in (int?[])[null, 1, 64])
            {
                ModelSummary summary = ModelSummary.Of(model, batch);
                double samples = batch ?? 1;
                Assert.Equal(parameters, summary.TotalParameters);
                Assert.Equal(summary.Layers.Sum(l => l.MultiplyAdds), summary.TotalMultiplyAdds);
                Assert.Equal(model.Input.Count * 4 * samples / (1 << 20), summary.InputMegabytes, 12);
                Assert.Equal(2 * summary.Layers.Sum(l => (double)l.OutputShape.Count) * 4 * samples / (1 << 20), summary.ForwardBackwardMegabytes, 12);
                Assert.Equal(summary.TotalParameters * 4.0 / (1 << 20), summary.ParametersMegabytes, 12);
                Assert.Equal(summary.InputMegabytes + summary.ForwardBackwardMegabytes + summary.ParametersMegabytes, summary.TotalMegabytes, 12);
            }
        }
    }

    [Theory]
    // n x 1024 numbers of 4 bytes are n / 256 MB: exact halves of a hundredth go to the even digit, as Python's %0.2f has it.
    [InlineData(32, "0.12")]
    [InlineData(96, "0.38")]
    [InlineData(160, "0.62")]
    [InlineData(224, "0.88")]
    [InlineData(33, "0.13")]
    public void Halves_are_rounded_to_even(int channels, string expected) =>
        Assert.Contains($"Input size (MB): {expected}\n", ModelSummary.Of(ModelSpec.Parse("relu", new Shape(channels, 32, 32))).ToTorchSummary());

    [Fact]
    public void A_batch_is_named_in_the_shapes() =>
        Assert.Contains("[64, 32, 28, 28]", ModelSummary.Of(Zoo.Get("stride1"), batch: 64).ToTorchSummary());

    [Fact]
    public void A_linear_layer_sees_all_of_the_image_before_it()
    {
        // Outputs of the pooling see 3 + 1 = 4 pixels, 2 apart; all 5x4 of them see 4 + 4 x 2 = 12 by 4 + 3 x 2 = 10.
        ModelSummary summary = ModelSummary.Of(ModelSpec.Parse("conv 2 k3 | maxpool 2 | flatten | relu | linear 3 | linear 2", new Shape(1, 12, 10)));
        Assert.Equal([new Size2D(3, 3), new(4, 4), new(4, 4), new(4, 4), new(12, 10), new(12, 10)], summary.Layers.Select(l => l.ReceptiveField));
    }

    [Fact]
    public void Global_pooling_sees_the_whole_image() =>
        Assert.Equal(new Size2D(12, 10), ModelSummary.Of(ModelSpec.Parse("conv 2 k3 | globalavgpool", new Shape(1, 12, 10))).Layers[1].ReceptiveField);

    [Fact]
    public void A_model_that_does_not_fit_is_refused() =>
        Assert.Equal(0, Assert.Throws<ShapeException>(() => ModelSummary.Of(ModelSpec.Parse("linear 3", new Shape(1, 12, 10)))).LayerIndex);
}
