using System.Text.Json.Nodes;

namespace Fovea.Tests;

public sealed class LossCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-loss-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_loss_of_three_predictions_is_explained()
    {
        var (code, output, error) = Run("loss", "bce", "--y", "1,0,0", "--p", "0.2,0.5,0.1", "--log", "2", "--explain");
        Assert.Equal((0, ""), (code, error));
        // The terms are -log2 0.2 = 2.3219, -log2 0.5 = 1 and -log2 0.9 = 0.1520; their mean begins with 1.15797.
        Assert.Contains("= -(1/3)(-2.3219 - 1 - 0.152)", output);
        Assert.Contains("= 1.157977", output);
    }

    [Fact]
    public void Without_an_explanation_there_is_a_value_and_a_table()
    {
        var (code, output, _) = Run("loss", "bce", "--y", "1,0,0", "--p", "0.2,0.5,0.1");
        Assert.Equal(0, code);
        Assert.StartsWith("binary cross-entropy, mean of 3 samples: 0.802649\n", output);
        Assert.Contains("-1.66667", output);
    }

    [Fact]
    public void Json_is_all_that_is_printed()
    {
        var (code, output, _) = Run("loss", "cross-entropy", "--y", "2", "--p", "1,2,3", "--json");
        Assert.Equal(0, code);
        Assert.Equal(0.407606, (double)JsonNode.Parse(output)!["value"]!, 1e-6);
        Assert.Equal("mae", (string)JsonNode.Parse(Run("loss", "l1", "--card", "--json").Output)!["name"]!);
    }

    [Fact]
    public void Rows_of_probabilities_can_be_targets()
    {
        // The loss of one sample with the target 0, 0, 1 is that of class 2.
        string byClass = Run("loss", "cross-entropy", "--y", "2", "--p", "1,2,3").Output;
        Assert.Equal(byClass, Run("loss", "cross-entropy", "--y", "0,0,1", "--p", "1,2,3").Output);
    }

    [Fact]
    public void The_working_is_written_in_three_formats()
    {
        string[] paths = [.. new[] { "a.tex", "a.html", "a.md" }.Select(name => Path.Combine(_folder, name))];
        var (code, _, error) = Run("loss", "mse", "--y", "1,2", "--p", "0,4", "--latex", paths[0], "--html", paths[1], "--markdown", paths[2]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains(@"\sum_i \ell_i", File.ReadAllText(paths[0]));
        Assert.Contains("<math", File.ReadAllText(paths[1]));
        Assert.Contains("$$", File.ReadAllText(paths[2]));
    }

    [Fact]
    public void A_comparison_is_a_table_and_a_picture()
    {
        string svg = Path.Combine(_folder, "a.svg"), png = Path.Combine(_folder, "a.png");
        var (code, output, error) = Run("loss", "compare", "mse,bce", "--link", "sigmoid", "--plot", svg);
        Assert.Equal((0, ""), (code, error));
        // At score 0: (0.5 - 1)^2 = 0.25, 2 * -0.5 * 0.25 = -0.25; -ln 0.5 = 0.69315, 0.5 - 1.
        Assert.Matches(@"\n +0 +0\.25 +-0\.25 +0\.69315 +-0\.5 *\n", output);
        Assert.Contains(">bce</text>", File.ReadAllText(svg));
        Assert.Equal(0, Run("loss", "compare", "mse,bce", "--link", "sigmoid", "--plot", png).Code);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(png)[..4]);
    }

    [Fact]
    public void A_fit_is_the_same_each_time_and_drawn()
    {
        string svg = Path.Combine(_folder, "fit.svg");
        var first = Run("loss", "fit", "--loss", "l1,l2,huber", "--outliers", "0,5", "--plot", svg);
        Assert.Equal((0, ""), (first.Code, first.Error));
        Assert.Equal(first.Output, Run("loss", "fit").Output);
        Assert.Contains(">5 outliers</text>", File.ReadAllText(svg));
    }

    [Theory]
    [InlineData("there is no loss \"xyz\"", "loss", "xyz", "--y", "1", "--p", "1")]
    [InlineData("loss: --y is missing", "loss", "mse", "--p", "1")]
    [InlineData("--p: expected numbers separated by commas, got \"x\" in \"1,x\"", "loss", "mse", "--y", "1,2", "--p", "1,x")]
    [InlineData("bce: prediction 1 is 0, but the label is 1: this sample costs -log p = -log(0), and log(0) is minus infinity", "loss", "bce", "--y", "1", "--p", "0")]
    [InlineData("bce: label 1 is 3, but a label must be 0 or 1", "loss", "bce", "--y", "3", "--p", "0.2")]
    [InlineData("mse: there are 2 targets, but 3 predictions", "loss", "mse", "--y", "1,2", "--p", "1,2,3")]
    [InlineData("loss: --log: expected 2, e or 10, got \"7\"", "loss", "bce", "--y", "1", "--p", "0.2", "--log", "7")]
    [InlineData("mse: it takes no logarithm", "loss", "mse", "--y", "1", "--p", "0.2", "--log", "2")]
    [InlineData("loss: a penalty needs the weights", "loss", "mse", "--y", "1", "--p", "0.2", "--l2", "2")]
    [InlineData("bce: it takes probabilities, but a score may be any number", "loss", "compare", "bce")]
    [InlineData("compare: --plot: expected a name that ends in .svg or .png, got \"a.pdf\".", "loss", "compare", "mse", "--plot", "a.pdf")]
    [InlineData("bce: a line is fitted by a loss of numbers", "loss", "fit", "--loss", "bce")]
    [InlineData("there are 40 points, so that there cannot be 41 outliers", "loss", "fit", "--outliers", "41")]
    public void Wrong_input_is_refused(string message, params string[] args) =>
        CommandLineRun.AssertRefused(message, args);

    private static CommandLineRun Run(params IReadOnlyList<string> args) => CommandLineRun.Of(args);
}
