using System.Text.Json;

namespace Fovea.Tests;

public class ShapeCommandTests
{
    [Theory]
    // floor((6 + 0 - 3) / 1) + 1 = 4; floor((28 + 4 - 5) / 2) + 1 = 14; floor((14 - 5) / 2) + 1 = 5; ceil((28 - 3) / 2) + 1 = 14;
    // 13 * 2 - 4 + 5 + 1 = 28; rows floor((28 - 5) / 2) + 1 = 12, columns floor((30 - 3) / 2) + 1 = 14.
    [InlineData("6 -> 4", "--in", "6", "--kernel", "3")]
    [InlineData("28 -> 14", "--in", "28", "--kernel", "5", "--stride", "2", "--padding", "2")]
    [InlineData("14 -> 5", "--layer", "pooling", "--in", "14", "--kernel", "5", "--stride", "2")]
    [InlineData("28 -> 14", "--layer", "pooling", "--in", "28", "--kernel", "3", "--stride", "2", "--ceil")]
    [InlineData("28 -> 14", "--layer", "pooling", "--in", "28", "--kernel", "2")]
    [InlineData("14 -> 28", "--layer", "transposed", "--in", "14", "--kernel", "5", "--stride", "2", "--padding", "2", "--output-padding",
        "1")]
    [InlineData("28x30 -> 12x14", "--in", "28x30", "--kernel", "5x3", "--stride", "2")]
    public void The_size_of_an_output_is_printed(string expected, params string[] options) =>
        Assert.StartsWith(expected + "\n", CommandLineRun.OutputOf(["shape", .. options]));

    [Fact]
    public void All_solutions_are_listed_with_the_pixels_that_are_thrown_away() => Assert.Equal("""
        2 solutions with kernel at most 11

          kernel   stride   padding   output   border pixels thrown away
        ───────────────────────────────────────────────────────────────────────────
               5        2         0       14                           1   likely
               6        2         0       14                           0


        """, Trimmed(CommandLineRun.OutputOf("shape", "--in", "32", "--out", "14", "--stride", "2", "--solve", "kernel")));

    [Fact]
    public void The_kernels_of_lenet5_are_found_with_their_derivation()
    {
        string output = CommandLineRun.OutputOf("shape",
            "conv 6 k? | relu | maxpool 2 | conv 16 k? | relu | maxpool 2 | conv 120 k? | relu | flatten "
            + "| linear 84 | relu | linear 10 | logsoftmax",
            "--input", "1x32x32", "--outputs", "28,14,10,5,1", "--explain");
        Assert.Contains(Zoo.Get("lenet5").ToText(), output);
        Assert.Contains("= 32 + 2 · 0 - 28 + 1\n        = 5\n", output);
        Assert.Contains("= 14 + 2 · 0 - 10 + 1\n        = 5\n", output);
        Assert.Contains("= 5 + 2 · 0 - 1 + 1\n        = 5\n", output);
    }

    [Fact]
    public void Several_networks_are_counted() =>
        Assert.Contains("4 networks have these sizes; the likely one is\nconv 32 k5 s2 p2 | relu | maxpool 5 s2\n",
        CommandLineRun.OutputOf("shape", "conv 32 k? s2 p2 | relu | maxpool ? s2", "--outputs", "14,5"));

    [Fact]
    public void The_sizes_of_a_whole_network_are_printed()
    {
        string output = CommandLineRun.OutputOf("shape", "stride2", "--explain");
        Assert.Contains("maxpool 5 s2       32x5x5", output);
        Assert.Contains("= ⌊(14 + 2 · 0 - 5) / 2⌋ + 1", output);
    }

    [Fact]
    public void Without_a_solution_the_exit_code_is_1_and_the_nearest_are_listed()
    {
        CommandLineRun run = CommandLineRun.Of("shape", "--in", "32", "--out", "40", "--solve", "kernel");
        Assert.Equal((1, ""), (run.Code, run.Error));
        Assert.StartsWith("There is no solution: no kernel gives an output of 40 with kernel at most 11; "
            + "the outputs within reach lie from 22 to 32.\nnearest:\n", run.Output);
        run = CommandLineRun.Of("shape", "conv 6 k? | maxpool 2", "--input", "1x32x32", "--outputs", "28,13");
        Assert.Equal((1, ""), (run.Code, run.Error));
        Assert.Contains("Layer 2, maxpool 2, gives 14 on 6x28x28, not 13.\n", run.Output);
    }

    [Fact]
    public void The_input_of_a_transposed_convolution_may_have_no_solution_but_has_neighbours()
    {
        // 2 (n - 1) + 3 is odd: 7 for n = 3, 9 for n = 4.
        CommandLineRun run = CommandLineRun.Of("shape", "--layer", "transposed", "--out", "8", "--kernel", "3", "--stride", "2");
        Assert.Equal(1, run.Code);
        Assert.StartsWith("There is no solution: no input gives an output of 8.\nnearest:\n", run.Output);
        Assert.Matches(@"\n +3 +3 +2 +0 +0 +7 *\n +4 +3 +2 +0 +0 +9 *\n", run.Output);
    }

    [Fact]
    public void The_usual_one_of_many_networks_is_named()
    {
        // Of all windows that make 14 of 28, among them a kernel of 1 with stride 2, people use 3 with padding 1, and 2 in a pooling.
        string output = CommandLineRun.OutputOf("shape", "conv 8 k? s2 p? | relu | maxpool ? s?", "--outputs", "14,7");
        Assert.Contains("networks have these sizes; the likely one is\nconv 8 k3 s2 p1 | relu | maxpool 2 s2\n", output);
        Assert.Contains("likely conv 8 k3 s2 p1; or conv 8 k1 s2 p0, ", output);
    }

    [Fact]
    public void Json_holds_solutions_and_derivation()
    {
        using JsonDocument json = JsonDocument.Parse(CommandLineRun.OutputOf("shape", "--in", "32", "--out", "28", "--json"));
        Assert.Equal([5, 7, 9, 11], json.RootElement.GetProperty("rows").GetProperty("solutions").EnumerateArray()
            .Select(s => s.GetProperty("kernel").GetInt32()));
        Assert.Equal("Convolution", json.RootElement.GetProperty("derivation").GetProperty("title").GetString());
        using JsonDocument network = JsonDocument.Parse(CommandLineRun.OutputOf("shape", "conv 6 k?", "--outputs", "24", "--json"));
        Assert.Equal("conv 6 k5", network.RootElement.GetProperty("model").GetString());
    }

    [Fact]
    public void The_working_is_written_to_files()
    {
        using var folder = new TemporaryFolder();
        string[] paths = [.. ((string[])["a.md", "a.tex", "a.html"]).Select(name => Path.Combine(folder.Path, name))];
        CommandLineRun.OutputOf("shape", "--in", "6", "--kernel", "3", "--markdown", paths[0], "--latex", paths[1], "--html", paths[2]);
        Assert.StartsWith("## Convolution\n", File.ReadAllText(paths[0]));
        Assert.StartsWith("\\subsection*{Convolution}\n", File.ReadAllText(paths[1]));
        Assert.Contains("<h1>Convolution</h1>", File.ReadAllText(paths[2]));
    }

    [Theory]
    [InlineData("kernel 5 with dilation 1 does not fit input 3 with padding 0. Use a larger padding or a smaller kernel.", "--in", "3",
        "--kernel", "5")]
    [InlineData("padding 5 takes all of the output away. Use a smaller padding.", "--layer", "transposed", "--in", "3", "--kernel", "2",
        "--padding", "5")]
    [InlineData("padding 2 is more than half of the kernel 3.", "--layer", "pooling", "--in", "9", "--kernel", "3", "--padding", "2")]
    [InlineData("input must be 1 to 100000, got 0.", "--in", "0", "--kernel", "5")]
    [InlineData("shape: --output-padding is for a transposed convolution. Add --layer transposed, or leave it out.", "--in", "9", "--kernel", "5", "--output-padding", "1")]
    [InlineData("shape: give --in and --kernel", "--in", "9")]
    [InlineData("neither the input nor the output is known.", "--kernel", "9")]
    [InlineData("shape: --solve needs the output that is wanted. Give --out.", "--in", "9", "--solve", "kernel")]
    [InlineData("shape: --solve: expected names of input, kernel, stride, padding, dilation, output-padding, got \"kernle\". Did you mean k",
        "--in", "9", "--out", "3", "--solve", "kernle")]
    [InlineData("shape: the kernel is not known. Give --kernel, or --solve kernel.", "--in", "9", "--out", "3", "--solve", "stride")]
    [InlineData("shape: --in: expected a whole number such as 5, or HEIGHTxWIDTH such as 5x3, got \"5x\".", "--in", "5x", "--kernel", "3")]
    [InlineData("shape: --in is for one window, but MODEL is a network.", "lenet5", "--in", "5")]
    [InlineData("shape: --outputs is for a network.", "--in", "5", "--kernel", "3", "--outputs", "4")]
    [InlineData("shape: the network has blanks. Give --outputs", "conv 6 k?")]
    [InlineData("shape: --outputs: expected sizes such as 28 or 28x30 between commas, got \"a\".", "conv 6 k?", "--outputs", "a")]
    [InlineData("the network has 1 convolutions and poolings (conv 6 k?), but 2 outputs are given.", "conv 6 k?", "--outputs", "24,12")]
    // 99,999 * 100,000 + 99,999 + 1; (100,000 - 1) * 100,000 + 99,999 * 100,000 + 1.
    [InlineData("the output would have 10,000,000,000 pixels, and more than 2,147,483,647 cannot be.", "--layer", "transposed", "--in", "100000", "--kernel",
        "100000", "--stride", "100000")]
    [InlineData("an output of 100,000 would need an input of 19,999,800,001 pixels, and more than 2,147,483,647 cannot be.", "--out", "100000", "--kernel",
        "100000", "--stride", "100000", "--dilation", "100000")]
    [InlineData("kernel 100000 with dilation 100000 does not fit input 100000 with padding 0.", "--in", "100000", "--kernel", "100000", "--dilation", "100000")]
    [InlineData("shape: --ceil rounds the size of a pooling.", "--in", "9", "--kernel", "3", "--layer", "transposed", "--ceil")]
    [InlineData("shape: --ceil rounds the size of a pooling.", "--in", "9", "--kernel", "3", "--ceil")]
    [InlineData("shape: --dilation is not for a pooling", "--in", "9", "--kernel", "3", "--layer", "pooling", "--dilation", "2")]
    [InlineData("shape: --output-padding is for a transposed convolution.", "--in", "9", "--kernel", "3", "--layer", "pooling", "--output-padding", "0")]
    [InlineData("shape: --solve dilation: a pooling has none.", "--in", "9", "--out", "3", "--layer", "pooling", "--solve", "kernel,dilation")]
    [InlineData("shape: --solve output-padding: a convolution has none.", "--in", "9", "--out", "3", "--solve", "kernel,output-padding")]
    [InlineData("shape: --solve kernel: it is given already.", "--in", "9", "--out", "3", "--kernel", "3", "--solve", "kernel,stride")]
    [InlineData("shape: --max-kernel says how far to look for the kernel, which is known.", "--in", "9", "--kernel", "3", "--max-kernel", "3")]
    [InlineData("shape: --max-stride says how far to look for the stride, which is known.", "--in", "9", "--out", "7", "--solve", "kernel", "--max-stride", "3")]
    [InlineData("shape: --max-kernel says how far to look for blanks, but MODEL has none.", "lenet5", "--max-kernel", "3")]
    [InlineData("there is too much to try.", "--in", "100", "--out", "50", "--max-kernel", "9999", "--max-stride", "9999")]
    public void Wrong_input_is_refused(string message, params string[] options) => CommandLineRun.AssertRefused(message,
        ["shape", .. options]);

    private static string Trimmed(string text) => string.Join('\n', text.Split('\n').Select(line => line.TrimEnd()));
}
