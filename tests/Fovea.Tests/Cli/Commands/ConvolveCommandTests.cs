using System.Text.Json.Nodes;
using Fovea.Tests.Repository;

namespace Fovea.Tests;

public sealed class ConvolveCommandTests : IDisposable
{
    private const string Edge45 = "2 -1 -1; -1 2 -1; -1 -1 2", Sobel = "-1 0 1; -2 0 2; -1 0 1", Columns = "10 10 0 0; 10 10 0 0; 10 10 0 0; 10 10 0 0";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_45_degree_edge_shines_and_a_vertical_one_fades()
    {
        // The diagonal of tens: 2+2+2 = 6 times 10 on it, -1-1 = -2 times 10 beside it, -1 times 10 two beside. The column of tens adds
        // -1-1+2 = 0 to the windows over it, but the last one shares its corner with the diagonal: 60 - 10 - 10 = 40.
        double[] expected = [60, -20, -10, 0, -20, 60, -20, -10, -10, -20, 60, -20, 0, -10, -20, 40];
        string image = Path.Combine(Source.Root, "docs", "examples", "edge-6x6.csv");
        var (code, output, error) = CommandLineRun.Of("convolve", image, "--kernel", Edge45, "--json", "--out", _folder.Path);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(expected, JsonNode.Parse(output)!["result"]!["values"]!.AsArray().Select(value => (double)value!));
        Assert.Equal("60,-20,-10,0\n-20,60,-20,-10\n-10,-20,60,-20\n0,-10,-20,40\n", File.ReadAllText(Path.Combine(_folder.Path, "result.csv")));
        Assert.Equal(new Shape(3, 0 + 6 * 46 + 34 + 24 + 24, 276 + 150 + 184 + 4 * 24), Fovea.Lab.ImageFile.ReadShape(Path.Combine(_folder.Path, "convolution.png")));
        string svg = File.ReadAllText(Path.Combine(_folder.Path, "convolution.svg"));
        foreach (double value in expected) Assert.Contains($">{value}</text>", svg);
    }

    [Fact]
    public void What_the_result_shows_is_said_in_numbers()
    {
        // The diagonal's own windows give 60 three times; the fourth has the column as well: 40. The column's three give 0, -10 and -20.
        string output = CommandLineRun.OutputOf("convolve", Path.Combine(Source.Root, "docs", "examples", "edge-6x6.csv"), "--kernel", Edge45);
        Assert.Matches(@"45° +3 +60 +60\n", output);
        Assert.Matches(@"45° and 90° +1 +40 +40\n", output);
        Assert.Matches(@"90° +3 +-10 +0\n", output);
        Assert.Contains("Lines at 45° shine, with 60 on average; those at 90° fade, with -10.", output);
        Assert.Contains("All four methods agree.", output);
    }

    [Fact]
    public void Channels_are_filtered_each_on_its_own_and_it_is_said()
    {
        string output = CommandLineRun.OutputOf("convolve", "1 2; 3 4; 5 6; 7 8", "--channels", "2", "--kernel", "1 1; 1 1");
        // 1+2+3+4 and 5+6+7+8.
        Assert.Contains("y₁ = [ 10 ]", output);
        Assert.Contains("y₂ = [ 26 ]", output);
        Assert.Contains("Each of the 2 channels is filtered on its own, by the same kernel", output);
    }

    [Fact]
    public void No_line_is_wider_than_a_terminal()
    {
        foreach (string[] args in (string[][])
            [["convolve", "16x16", "--kernel", "gabor", "--kernel-size", "15", "--steps"], ["toeplitz", "--input", "6x6", "--kernel", "gabor", "--kernel-size", "5", "--steps"],
             ["toeplitz", "--input", "16x16", "--kernel", "box", "--padding", "1", "--padding-mode", "circular", "--steps"], ["toeplitz", "--input", "40x1", "--kernel", "1;2;3"]])
        {
            Assert.All(CommandLineRun.OutputOf(args).Split('\n'), line => Assert.InRange(line.Length, 0, 140));
        }
    }

    [Fact]
    public void Steps_show_the_arithmetic_of_each_window_and_the_agreement_of_the_methods()
    {
        var (code, output, _) = CommandLineRun.Of("convolve", "10 0 0 0; 0 10 0 0; 0 0 10 0", "--kernel", Edge45, "--steps");
        Assert.Equal(0, code);
        Assert.Contains("y(1, 1) = 2 · 10 + (-1) · 0 + (-1) · 0 + (-1) · 0 + 2 · 10 + (-1) · 0\n            + (-1) · 0 + (-1) · 0 + 2 · 10\n            = 60\n", output);
        // --explain is another name of --steps; the working is printed once, without a blank line before it.
        Assert.Equal(output, CommandLineRun.OutputOf("convolve", "10 0 0 0; 0 10 0 0; 0 0 10 0", "--kernel", Edge45, "--explain"));
        Assert.StartsWith("The cross-correlation of 1 × 3 × 4", output);
        Assert.Contains("looks the same turned by 180 degrees", string.Join(' ', output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        foreach (string method in (string[])["im2col", "toeplitz", "fft"]) Assert.Matches($"{method} +the same", output);
    }

    [Fact]
    public void The_product_with_the_toeplitz_matrix_is_forty_below_zero_four_times()
    {
        var (code, output, error) = CommandLineRun.Of("toeplitz", "--input", Columns, "--kernel", Sobel, "--steps", "--out", _folder.Path);
        Assert.Equal((0, ""), (code, error));
        // The first window: -1·10 - 2·10 - 1·10 on its first column, weights of 0 on the second, pixels of 0 under the third.
        Assert.Contains("(-1) · 10 + 1 · 0 + (-2) · 10 + 2 · 0 + (-1) · 10 + 1 · 0 = -40", output);
        Assert.Contains("W v(x) = (-40, -40, -40, -40)", output);
        Assert.Contains("4 × 16", output);
        Assert.Contains("= 0.625\n", output);
        Assert.Contains("Check: the direct convolution gives the same.", output);
        Assert.Contains("Check: the engine's gradient of the image is the same.", output);
        Assert.Equal(["matrix.csv", "matrix.mtx", "matrix.png", "matrix.svg", "matrix.tex", "result.csv"], Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("there is no kernel \"sobel-z\". Did you mean sobel-x or sobel-y? Kernels: identity, ", "convolve", "1 2; 3 4", "--kernel", "sobel-z")]
    [InlineData("the image: expected rows of numbers, got nothing.", "convolve", "", "--kernel", "box")]
    [InlineData("kernel 3x3 does not fit input 1x2x2 with padding 0.", "convolve", "1 2; 3 4", "--kernel", "box")]
    [InlineData("the image, row 2: expected 2 numbers as in row 1, got 1.", "convolve", "1 2; 3", "--kernel", "box")]
    [InlineData("the image, row 1, column 2: expected a number, got \"x\".", "toeplitz", "--input", "1 x; 3 4", "--kernel", "box")]
    [InlineData("missing.csv: there is no such file.", "convolve", "missing.csv", "--kernel", "box")]
    [InlineData("the image of 1x100000x100000 has 10,000,000,000 numbers, more than 50,000,000.", "toeplitz", "--input", "100000x100000", "--kernel", "box")]
    [InlineData("kernel box: the size must be at most 999, got 99999.", "convolve", "4x4", "--kernel", "box", "--kernel-size", "99999")]
    [InlineData("--filters and --channels: 1,000,000,000 kernels are more than 1,000,000.", "toeplitz", "--input", "4x4", "--kernel", "box", "--filters", "1000000000")]
    [InlineData("the kernel of 1000000x9x9 has 81,000,000 numbers, more than 50,000,000. Use a smaller kernel, or fewer channels and filters.", "toeplitz", "--input", "4x4", "--kernel", "box", "--kernel-size", "9", "--filters", "1000000")]
    [InlineData("--padding-mode circular: there is no padding to hold anything.", "toeplitz", "--input", "4x4", "--kernel", "box", "--padding-mode", "circular")]
    [InlineData(".: this is a folder.", "convolve", ".", "--kernel", "box")]
    [InlineData("--kernel: . is a folder.", "convolve", "4x4", "--kernel", ".")]
    [InlineData("stride must be at least 1, got 0", "convolve", "1 2; 3 4", "--kernel", "box", "--stride", "0")]
    [InlineData("toeplitz: --padding-mode: expected zeros or circular", "toeplitz", "--input", "4x4", "--kernel", "box", "--padding-mode", "ring")]
    public void Wrong_input_is_refused(string message, params string[] args) => CommandLineRun.AssertRefused(message, args);
}
