using System.Text.Json;

namespace Fovea.Tests;

public class SummaryCommandTests
{
    // The tables of two networks on 28x28 digits, stride 1 and stride 2, in which flattening was a reshape.
    private const string Stride1 = """
        ----------------------------------------------------------------
                Layer (type)               Output Shape         Param #
        ================================================================
                    Conv2d-1           [-1, 32, 28, 28]             832
                      ReLU-2           [-1, 32, 28, 28]               0
                 MaxPool2d-3           [-1, 32, 24, 24]               0
                    Linear-4                  [-1, 128]       2,359,424
                      ReLU-5                  [-1, 128]               0
                    Linear-6                   [-1, 10]           1,290
                LogSoftmax-7                   [-1, 10]               0
        ================================================================
        Total params: 2,361,546
        Trainable params: 2,361,546
        Non-trainable params: 0
        ----------------------------------------------------------------
        Input size (MB): 0.00
        Forward/backward pass size (MB): 0.53
        Params size (MB): 9.01
        Estimated Total Size (MB): 9.54
        ----------------------------------------------------------------

        """;

    private const string Stride2 = """
        ----------------------------------------------------------------
                Layer (type)               Output Shape         Param #
        ================================================================
                    Conv2d-1           [-1, 32, 14, 14]             832
                      ReLU-2           [-1, 32, 14, 14]               0
                 MaxPool2d-3             [-1, 32, 5, 5]               0
                    Linear-4                  [-1, 128]         102,528
                      ReLU-5                  [-1, 128]               0
                    Linear-6                   [-1, 10]           1,290
                LogSoftmax-7                   [-1, 10]               0
        ================================================================
        Total params: 104,650
        Trainable params: 104,650
        Non-trainable params: 0
        ----------------------------------------------------------------
        Input size (MB): 0.00
        Forward/backward pass size (MB): 0.10
        Params size (MB): 0.40
        Estimated Total Size (MB): 0.51
        ----------------------------------------------------------------

        """;

    // Outputs: 2 x 4,704 + 1,176 + 2 x 1,600 + 400 + 2 x 120 + 2 x 84 + 2 x 10 = 14,612 numbers; x 2 x 4 bytes / 2^20 = 0.1115.
    // Input: 1,024 x 4 / 2^20 = 0.0039. Parameters: 61,706 x 4 / 2^20 = 0.2354. Total: 0.3508.
    private const string LeNet5 = """
        ----------------------------------------------------------------
                Layer (type)               Output Shape         Param #
        ================================================================
                    Conv2d-1            [-1, 6, 28, 28]             156
                      ReLU-2            [-1, 6, 28, 28]               0
                 MaxPool2d-3            [-1, 6, 14, 14]               0
                    Conv2d-4           [-1, 16, 10, 10]           2,416
                      ReLU-5           [-1, 16, 10, 10]               0
                 MaxPool2d-6             [-1, 16, 5, 5]               0
                    Conv2d-7            [-1, 120, 1, 1]          48,120
                      ReLU-8            [-1, 120, 1, 1]               0
                    Linear-9                   [-1, 84]          10,164
                     ReLU-10                   [-1, 84]               0
                   Linear-11                   [-1, 10]             850
               LogSoftmax-12                   [-1, 10]               0
        ================================================================
        Total params: 61,706
        Trainable params: 61,706
        Non-trainable params: 0
        ----------------------------------------------------------------
        Input size (MB): 0.00
        Forward/backward pass size (MB): 0.11
        Params size (MB): 0.24
        Estimated Total Size (MB): 0.35
        ----------------------------------------------------------------

        """;

    [Theory]
    [InlineData("stride1", Stride1)]
    [InlineData("stride2", Stride2)]
    [InlineData("lenet5", LeNet5)]
    public void The_tables_of_torchsummary_are_printed_to_the_byte(string model, string table) =>
        Assert.Equal(table.ReplaceLineEndings("\n"), CommandLineRun.OutputOf("summary", model, "--style", "torchsummary", "--hide", "flatten"));

    [Fact]
    public void A_flatten_layer_is_a_row_of_its_own_unless_it_is_hidden()
    {
        string[] lines = CommandLineRun.OutputOf("summary", "stride2", "--style", "torchsummary").Split('\n');
        Assert.Equal("           Flatten-4                  [-1, 800]               0", lines[6]);
        Assert.Equal("            Linear-5                  [-1, 128]         102,528", lines[7]);
        // 800 more numbers, twice: 0.1039 + 0.0061 = 0.1100.
        Assert.Contains("Forward/backward pass size (MB): 0.11", lines);
    }

    [Fact]
    public void Our_table_adds_cost_and_receptive_field()
    {
        string[] lines = CommandLineRun.OutputOf("summary", "stride2", "--batch", "2").Split('\n');
        Assert.Equal("stride2: 1x28x28 -> 10, batch 2", lines[0]);
        // 32 x 14 x 14 outputs of 25 taps; 32 x 14 x 14 numbers of 4 bytes, for two samples.
        Assert.Equal(["Conv2d-1", "conv", "32", "k5", "s2", "p2", "32x14x14", "832", "0.80%", "156,800", "5x5", "50,176"],
            Words(lines.Single(line => line.Contains("Conv2d-1", StringComparison.Ordinal))));
        // A window of 5 windows that lie 2 apart: 5 + 4 x 2.
        Assert.Equal(["MaxPool2d-3", "maxpool", "5", "s2", "32x5x5", "0", "0", "13x13", "6,400"],
            Words(lines.Single(line => line.Contains("MaxPool2d-3", StringComparison.Ordinal))));
        // 156,800 + 800 x 128 + 128 x 10.
        Assert.Contains("104,650 parameters, 260,480 multiply-adds per sample.", lines);
    }

    [Fact]
    public void Json_has_the_names_that_others_rely_on()
    {
        using JsonDocument document = JsonDocument.Parse(CommandLineRun.OutputOf("summary", "stride1", "--hide", "flatten", "--json"));
        JsonElement summary = document.RootElement;
        Assert.Equal(["layers", "totalParameters", "trainableParameters", "inputMegabytes", "forwardBackwardMegabytes", "parametersMegabytes", "totalMegabytes"],
            summary.EnumerateObject().Select(property => property.Name));
        Assert.Equal((2361546, 2361546), (summary.GetProperty("totalParameters").GetInt64(), summary.GetProperty("trainableParameters").GetInt64()));
        // 2 x 4 bytes of 2 x 25,088 + 18,432 + 2 x 128 + 2 x 10 numbers.
        Assert.Equal(2 * 4 * 68884 / 1048576.0, summary.GetProperty("forwardBackwardMegabytes").GetDouble(), 1e-12);
        Assert.Equal((784 + 2361546) * 4 / 1048576.0 + 2 * 4 * 68884 / 1048576.0, summary.GetProperty("totalMegabytes").GetDouble(), 1e-9);
        JsonElement first = summary.GetProperty("layers")[0];
        Assert.Equal("""{"name":"Conv2d-1","type":"conv2d","outputShape":[32,28,28],"parameters":832,"multiplyAdds":627200,"receptiveField":5}""", first.GetRawText());
        Assert.Equal("[128]", summary.GetProperty("layers")[3].GetProperty("outputShape").GetRawText());
    }

    [Fact]
    public void A_model_is_a_line_of_text_or_a_file_too()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tiny.json"], """{"input":[1,5,7],"layers":[{"type":"conv2d","filters":2,"kernel":3},{"type":"flatten"}]}""");
        Assert.StartsWith("conv 2 k3 | flatten: 1x5x7 -> 30\n", CommandLineRun.OutputOf("summary", "conv 2 k3 | flatten", "--input", "1x5x7"));
        Assert.StartsWith("tiny: 1x5x7 -> 30\n", CommandLineRun.OutputOf("summary", folder["tiny.json"]));
        Assert.StartsWith("tiny: 3x9x9 -> 98\n", CommandLineRun.OutputOf("summary", folder["tiny.json"], "--input", "3x9x9"));
        Assert.StartsWith("flatten: 1x28x28 -> 784\n", CommandLineRun.OutputOf("summary", "flatten"));
    }

    [Theory]
    [InlineData("summary: MODEL is missing.\nTry: fovea summary --help\n")]
    [InlineData("there is no model \"lenet\" and no file of this name. Did you mean lenet5 or lenet5-classic? MODEL is one of stride1, stride2, ", "lenet")]
    [InlineData("the model is empty. MODEL is one of ", " ")]
    [InlineData("nowhere.json: there is no such file. ", "nowhere.json")]
    [InlineData("layer 2 \"dense 10\": there is no layer \"dense\". Known layers: conv, ", "relu | dense 10")]
    [InlineData("layer 1 \"conv\": it needs filters and kernel", "conv")]
    [InlineData("summary: \"32\" is one argument too many. Put a line of text in quotes", "conv", "32", "k5")]
    [InlineData("summary: there is no option --inptu. Did you mean --input?\n", "lenet5", "--inptu", "1x32x32")]
    [InlineData("summary: --input: expected CHANNELSxHEIGHTxWIDTH such as 1x28x28, or a number of features such as 128, got \"1x28\".", "lenet5", "--input", "1x28")]
    [InlineData("summary: --batch: expected a whole number of at least 1, got \"0\".", "lenet5", "--batch", "0")]
    [InlineData("summary: --style: expected torchsummary, torchinfo, keras or fovea, got \"torch\". Did you mean torchsummary", "lenet5", "--style", "torch")]
    [InlineData("there is no layer \"flaten\" to hide. ", "lenet5", "--hide", "flaten")]
    [InlineData("conv2d(filters 6, kernel 5) has 156 parameters, which the totals would miss. ", "lenet5", "--hide", "conv")]
    [InlineData("layer 1 conv2d(filters 4, kernel 5): kernel 5x5 does not fit input 2x3x3 with padding 0. Use padding 1 or a smaller kernel.\n", "conv 4 k5", "--input", "2x3x3")]
    [InlineData("layer 2 linear(features 10): a linear layer needs a flat vector, but its input is an image of 4x26x26. Add a flatten layer before it.\n", "conv 4 k3 | linear 10")]
    [InlineData("layer 1 conv2d(filters 6, kernel 1): on an input of 99999x9999x9999 it has more numbers than an array holds. ", "conv 6 k1", "--input", "99999x9999x9999")]
    [InlineData("layer 1 conv2d(filters 6, kernel 5): on an input of 1x99999x99999 it has more numbers than an array holds. ", "lenet5", "--input", "1x99999x99999")]
    public void Wrong_input_is_refused(string message, params string[] args) => CommandLineRun.AssertRefused(message, ["summary", .. args]);

    [Theory]
    [InlineData("[1,2", ": the model's JSON cannot be read: ")]
    [InlineData("""{"layers":[]}""", ": the model's JSON cannot be read: ")]
    [InlineData("""{"input":[1,28,28],"layers":[]}""", ": the model has no layers. ")]
    [InlineData("""{"input":[1,28,28],"layers":[{"type":"conv2d","filters":3,"kernel":3,"strides":2}]}""", ": layer 1 conv2d: \"strides\" is none of its properties. ")]
    public void A_file_that_is_no_model_is_refused(string json, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["model.json"], json);
        CommandLineRun.AssertRefused($"{folder["model.json"]}{message}", "summary", folder["model.json"]);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
