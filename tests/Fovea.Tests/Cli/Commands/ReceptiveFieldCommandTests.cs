using System.Text.Json;

namespace Fovea.Tests;

public class ReceptiveFieldCommandTests
{
    [Fact]
    public void Size_jump_start_and_view_of_each_layer_are_printed()
    {
        // 5x5, stride 2, padding 2, then 5x5 with stride 2: size 5 + 4 * 2, jump 4; output (2, 2) of 5 sees -2 + 2 * 4 = 6 to 6 + 12.
        string output = CommandLineRun.OutputOf("receptive-field", "stride2");
        Assert.Matches(@"MaxPool2d-3 +maxpool 5 s2 +32x5x5 +13 +4 +-2 +\(2, 2\) +6 to 18 +6 to 18", output);
        Assert.Matches(@"MaxPool2d-3 .*\(4, 0\) +14 to 26 +-2 to 10", CommandLineRun.OutputOf("receptive-field", "stride2", "--at", "4x0"));
    }

    [Fact]
    public void The_working_is_shown() =>
        Assert.Contains("r′ = r + d(k - 1)j\n         = 14 + 1 · (2 - 1) · 2\n         = 16\n",
            CommandLineRun.OutputOf("receptive-field", "lenet5", "--explain"));

    [Fact]
    public void The_effective_field_is_drawn()
    {
        string output = CommandLineRun.OutputOf("receptive-field", "conv 2 k3 | conv 2 k3", "--input", "1x9x9", "--effective", "--draws",
            "2");
        Assert.Contains("Conv2d-2, output (2, 2): of 5.0 x 5.0 pixels,", output);
        Assert.Contains("count: their gradient reaches 4.55% of the largest (root mean square over 2 random weights and inputs).", output);
        // Rows 2 to 6 and columns 2 to 6 of 9, two characters a pixel.
        string[] map = output.TrimEnd('\n').Split('\n')[^5..];
        Assert.All(map, line => Assert.Matches("^ {4}[^ ]{10}$", line));
    }

    [Fact]
    public void The_effective_field_of_another_output_is_measured()
    {
        // Output (0, 4) of 5x5 sees rows 0 to 4 and columns 4 to 8 of 9.
        string output = CommandLineRun.OutputOf("receptive-field", "conv 2 k3 | conv 2 k3", "--input", "1x9x9", "--effective", "--draws", "2", "--at", "0x4");
        Assert.Contains("Conv2d-2, output (0, 4): of 5.0 x 5.0 pixels,", output);
        string[] map = output.TrimEnd('\n').Split('\n')[^5..];
        Assert.All(map, line => Assert.Matches("^ {8}[^ ]{10}$", line));
    }

    [Fact]
    public void Json_holds_the_layers_and_what_was_measured()
    {
        using JsonDocument json = JsonDocument.Parse(CommandLineRun.OutputOf("receptive-field", "conv 2 k3", "--input", "1x5x5",
            "--effective", "--draws", "1", "--json"));
        JsonElement layer = json.RootElement.GetProperty("layers")[0];
        Assert.Equal((3, 1, 0), (layer.GetProperty("rows").GetProperty("size").GetInt32(), layer.GetProperty("rows").GetProperty("jump")
            .GetInt32(), layer.GetProperty("rows").GetProperty("start").GetInt32()));
        Assert.Equal(25, json.RootElement.GetProperty("effective").GetProperty("map").GetArrayLength());
    }

    [Theory]
    [InlineData("there is no layer 20; the model has 13 layers.", "lenet5", "--effective", "--layer", "20")]
    [InlineData("receptive-field: --layer says what to measure. Add --effective.", "lenet5", "--layer", "2")]
    [InlineData("receptive-field: --draws says what to measure. Add --effective.", "lenet5", "--draws", "2")]
    [InlineData("receptive-field: --seed says what to measure. Add --effective.", "lenet5", "--seed", "2")]
    [InlineData("no layer has an output (28, 0): in the largest the rows are 0 to 27, the columns 0 to 27.", "lenet5", "--at", "28x0")]
    [InlineData("MaxPool2d-6 has no output (5, 2): its rows are 0 to 4, its columns 0 to 4.", "lenet5", "--effective", "--layer", "6", "--at", "5x2")]
    [InlineData("the output of Linear-10 is a flat vector of 84, without rows and columns.", "lenet5", "--effective", "--layer", "10", "--at", "0x0")]
    [InlineData("a receptive field needs an image, but the input is a flat vector of 10.", "linear 2", "--input", "10")]
    [InlineData("layer 1 conv2d(filters 2, kernel 9)", "conv 2 k9", "--input", "1x5x5")]
    public void Wrong_input_is_refused(string message, params string[] options) => CommandLineRun.AssertRefused(message,
        ["receptive-field", .. options]);
}
