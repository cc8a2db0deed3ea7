using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
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
        // Cells of 46 pixels, six and three of them; the 22 letters of "cross-correlation, 4x4" are wider than four: 22 * 0.62 * 15 = 204.
        Assert.Equal(new Shape(3, 6 * 46 + 34 + 24 + 24, 276 + 138 + 204 + 4 * 24), Fovea.Lab.ImageFile.ReadShape(Path.Combine(_folder.Path, "convolution.png")));
        string svg = File.ReadAllText(Path.Combine(_folder.Path, "convolution.svg"));
        foreach (double value in expected) Assert.Contains($">{value}</text>", svg);
    }

    [Fact]
    public void The_picture_of_a_convolution_has_the_kernel_as_it_is_slid()
    {
        var (code, _, error) = CommandLineRun.Of("convolve", "0 0 0; 0 1 0; 0 0 0", "--kernel", "1 2; 3 4", "--mode", "convolution", "--out", _folder.Path);
        Assert.Equal((0, ""), (code, error));
        string svg = File.ReadAllText(Path.Combine(_folder.Path, "convolution.svg"));
        Assert.Contains(">kernel, turned by 180°, 2x2</text>", svg);
        // After the nine pixels: the kernel turned, then the result, which is the kernel as it was written.
        Assert.Equal(["4", "3", "2", "1", "1", "2", "3", "4"], Regex.Matches(svg, @">(\d)</text>").Select(match => match.Groups[1].Value).Skip(9));
    }

    [Fact]
    public void A_photo_is_drawn_smaller_and_said_to_be_grey()
    {
        using (var bitmap = new SkiaSharp.SKBitmap(1700, 900))
        {
            bitmap.Erase(SkiaSharp.SKColors.Orange);
            using SkiaSharp.SKData data = bitmap.Encode(SkiaSharp.SKEncodedImageFormat.Png, 100);
            File.WriteAllBytes(_folder["photo.png"], data.ToArray());
        }
        var (code, _, error) = CommandLineRun.Of("convolve", _folder["photo.png"], "--kernel", "box", "--out", _folder.Path);
        Assert.Equal((0, $"fovea: {_folder["photo.png"]} has colours; its grey values are taken. Give --channels 3 for red, green and blue.\n"), (code, error));
        // A third of 1700 x 900 and of 1698 x 898, rounded up, and the kernel: 567 + 138 or its title + 566 and four margins.
        Shape drawn = Fovea.Lab.ImageFile.ReadShape(_folder["convolution.png"]);
        Assert.Equal(300 + 34 + 24 + 24, drawn.Height);
        Assert.InRange(drawn.Width, 567 + 138 + 566 + 4 * 24, 567 + 200 + 566 + 4 * 24);
    }

    [Fact]
    public void Values_are_written_small_enough_for_their_cells()
    {
        Assert.Equal(0, CommandLineRun.Of("convolve", "7x7", "--kernel", "gabor", "--angle", "30", "--out", _folder.Path).Code);
        // "-0.123" in cells of 58 pixels: a letter is 0.62 as wide as it is high.
        var labels = Regex.Matches(File.ReadAllText(Path.Combine(_folder.Path, "convolution.svg")), @"font-size=""([\d.]+)""[^>]*>(-?0\.\d+)</text>").ToList();
        Assert.NotEmpty(labels);
        Assert.All(labels, label => Assert.InRange(double.Parse(label.Groups[1].Value, CultureInfo.InvariantCulture) * 0.62 * label.Groups[2].Length, 0, 54));
        Assert.All(labels, label => Assert.InRange(double.Parse(label.Groups[1].Value, CultureInfo.InvariantCulture), 11, 15));
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
        Assert.Contains("y(1, 1) = 2 · 10 + (-1) · 0 + (-1) · 0\n            + (-1) · 0 + 2 · 10 + (-1) · 0\n            + (-1) · 0 + (-1) · 0 + 2 · 10\n            = 60\n", output);
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
    [InlineData("--out: the name of the folder is empty. Give one.", "convolve", "4x4", "--kernel", "box", "--out", "")]
    [InlineData("the image and the kernel: the products of such numbers are too large to be added up.", "convolve", "1e200 1", "--kernel", "1e200 1", "--json")]
    [InlineData("the image and the kernel: the products of such numbers are too large to be added up.", "toeplitz", "--input", "1e200 1", "--kernel", "1e200 1", "--json")]
    [InlineData("stride must be at least 1, got 0", "convolve", "1 2; 3 4", "--kernel", "box", "--stride", "0")]
    [InlineData("toeplitz: --padding-mode: expected zeros or circular", "toeplitz", "--input", "4x4", "--kernel", "box", "--padding-mode", "ring")]
    public void Wrong_input_is_refused(string message, params string[] args) => CommandLineRun.AssertRefused(message, args);
}
