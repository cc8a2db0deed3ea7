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
    public void Steps_show_the_arithmetic_of_each_window_and_the_agreement_of_the_methods()
    {
        var (code, output, _) = CommandLineRun.Of("convolve", "10 0 0 0; 0 10 0 0; 0 0 10 0", "--kernel", Edge45, "--steps");
        Assert.Equal(0, code);
        Assert.Contains("y(1, 1) = 2 · 10 + (-1) · 0 + (-1) · 0 + (-1) · 0 + 2 · 10 + (-1) · 0 + (-1) · 0 + (-1) · 0 + 2", output);
        Assert.Contains("= 60\n", output);
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
    [InlineData("stride must be at least 1, got 0", "convolve", "1 2; 3 4", "--kernel", "box", "--stride", "0")]
    [InlineData("toeplitz: --padding-mode: expected zeros or circular", "toeplitz", "--input", "4x4", "--kernel", "box", "--padding-mode", "ring")]
    public void Wrong_input_is_refused(string message, params string[] args) => CommandLineRun.AssertRefused(message, args);
}
