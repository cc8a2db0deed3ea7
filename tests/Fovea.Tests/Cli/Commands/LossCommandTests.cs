using System.Text.Json;
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
    public void A_base_that_is_none_of_the_three_is_refused_without_a_guess()
    {
        var (code, _, error) = Run("loss", "bce", "--y", "1", "--p", "0.5", "--log", "1");
        Assert.Equal((2, "fovea: --log: expected 2, e or 10, got \"1\".\n"), (code, error.Split("Try:")[0].Replace("loss: ", "")));
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
        foreach (string word in (string[])["5 outliers", "true line", "outlier", "x", "y"])
            Assert.Contains($">{word}</text>", File.ReadAllText(svg));
        // As words, from the figures: the worked example's conclusion.
        Assert.Contains("L1 is the more robust of the two. L2 squares an error", first.Output.ReplaceLineEndings(" "));
    }

    [Fact]
    public void A_kink_is_shown_as_an_interval_and_drawn_as_a_jump()
    {
        string svg = Path.Combine(_folder, "kink.svg"), smooth = Path.Combine(_folder, "smooth.svg");
        var (code, output, error) = Run("loss", "compare", "mae,mse", "--target", "0", "--plot", svg);
        Assert.Equal((0, ""), (code, error));
        Assert.Matches(@"\n +0 +0 +-1 to 1 +0 +0 *\n", output);
        Assert.Contains("mae has a kink at score 0: the slope is -1 to the left and 1 to the right.", output);
        // Two open circles at the ends of the jump, from -1 to 1, above each other: the middle of the second panel.
        Assert.True(Run("loss", "compare", "huber,mse", "--target", "0", "--plot", smooth).Code == 0);
        Assert.Equal(2, Circles(svg) - Circles(smooth));

        static int Circles(string file) => File.ReadAllText(file).Split("<ellipse", StringSplitOptions.None).Length - 1;
    }

    [Fact]
    public void A_comparison_takes_the_base_of_logarithms()
    {
        using var comparison = JsonDocument.Parse(CommandLineRun.OutputOf("loss", "compare", "mse,bce", "--link", "sigmoid", "--log", "2", "--json"));
        double[] scores = [.. comparison.RootElement.GetProperty("scores").EnumerateArray().Select(score => score.GetDouble())];
        // At the score 0 the prediction is a half: -log2(1 / 2) = 1.
        Assert.Equal(1, comparison.RootElement.GetProperty("curves")[1].GetProperty("values")[Array.IndexOf(scores, 0.0)].GetDouble(), 1e-12);
    }

    [Theory]
    [InlineData("compare", "mse,bce", "--link", "sigmoid")]
    [InlineData("fit")]
    public void A_comparison_and_a_fit_are_explained_in_documents_with_their_pictures(params string[] what)
    {
        string[] paths = [.. new[] { "a.tex", "a.html", "a.md" }.Select(name => Path.Combine(_folder, name))];
        var (code, output, error) = Run(["loss", .. what, "--explain", "--latex", paths[0], "--html", paths[1], "--markdown", paths[2]]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("ℓ", output);
        Assert.Contains(@"\frac", File.ReadAllText(paths[0]));
        Assert.Contains("<img", File.ReadAllText(paths[1]));
        Assert.Contains("<math", File.ReadAllText(paths[1]));
        Assert.Contains("![", File.ReadAllText(paths[2]));
    }

    [Theory]
    [InlineData(1, "The claim surrogate = no of mean absolute error is wrong", "mae", "surrogate=no")]
    [InlineData(1, "The claim local-minima = yes of binary cross-entropy is wrong", "bce", "local-minima=yes")]
    [InlineData(1, "The claim minus-sign = no of categorical cross-entropy is wrong", "categorical", "minus-sign=no")]
    [InlineData(0, "The claim convex = yes of mean squared error is right", "mse", "convex=yes")]
    public void A_claim_is_answered_by_the_exit_code_too(int expected, string title, string name, string claim)
    {
        var (code, output, error) = Run("loss", name, "--claim", claim);
        Assert.Equal((expected, ""), (code, error));
        Assert.StartsWith(title + "\n", output);
        Assert.Equal(expected == 0, (bool)JsonNode.Parse(Run("loss", name, "--claim", claim, "--json").Output)!["holds"]!);
    }

    [Fact]
    public void Lines_stay_within_140_characters()
    {
        string classes = string.Join(',', Enumerable.Range(0, 12).Select(i => "1." + i));
        string[][] commands = [["loss"], ["loss", "cross-entropy", "--y", "3", "--p", classes, "--label-smoothing", "0.1", "--explain"],
            ["loss", "compare", "mse,mae,huber,smooth-l1,log-cosh"], ["loss", "fit", "--explain"], ["loss", "focal", "--card"]];
        foreach (string[] command in commands)
            Assert.All(Run(command).Output.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 140, line));
    }

    [Theory]
    [InlineData("there is no loss \"xyz\"", "loss", "xyz", "--y", "1", "--p", "1")]
    [InlineData("loss: --y is missing", "loss", "mse", "--p", "1")]
    [InlineData("--p: expected numbers separated by commas, got \"x\" in \"1,x\"", "loss", "mse", "--y", "1,2", "--p", "1,x")]
    [InlineData("bce: prediction 1 is 0, but the label is 1: this sample costs -log p = -log(0), and log(0) is minus infinity", "loss", "bce", "--y", "1", "--p", "0")]
    [InlineData("bce: label 1 is 3, but a label must be 0 or 1", "loss", "bce", "--y", "3", "--p", "0.2")]
    [InlineData("mse: there are 2 targets, but 3 predictions", "loss", "mse", "--y", "1,2", "--p", "1,2,3")]
    [InlineData("loss: --log: expected 2, e or 10, got \"7\"", "loss", "bce", "--y", "1", "--p", "0.2", "--log", "7")]
    [InlineData("mse: it takes no logarithm whose base", "loss", "mse", "--y", "1", "--p", "0.2", "--log", "2")]
    [InlineData("loss: a penalty needs the weights", "loss", "mse", "--y", "1", "--p", "0.2", "--l2", "2")]
    [InlineData("--delta is a constant of huber, which bce is not. Leave it out.", "loss", "bce", "--y", "1", "--p", "0.2", "--delta", "2")]
    [InlineData("--gamma is a constant of focal, which mse and mae are not. Leave it out.", "loss", "compare", "mse,mae", "--gamma", "1")]
    [InlineData("--beta is a constant of smooth-l1", "loss", "fit", "--beta", "1")]
    [InlineData("mse: it takes no logarithm whose base could be chosen. Leave --log out.", "loss", "mse", "--y", "1", "--p", "0.2", "--log", "e")]
    [InlineData("mse and mae: they take no logarithm whose base could be chosen. Leave --log out.", "loss", "compare", "mse,mae", "--log", "2")]
    [InlineData("loss: --m is for a penalty on weights.", "loss", "mse", "--y", "1", "--p", "0.2", "--m", "2")]
    [InlineData("loss: --y is for a value, but --card and --claim are about the loss itself.", "loss", "mse", "--card", "--y", "1")]
    [InlineData("loss: --y needs the name of a loss before it.", "loss", "--y", "1", "--p", "1")]
    [InlineData("bce: all class weights are 0", "loss", "bce", "--y", "1,0", "--p", "0.2,0.3", "--class-weights", "0,0")]
    [InlineData("nothing is known of \"nice\" for mse.", "loss", "mse", "--claim", "nice=yes")]
    [InlineData("compare: expected at least two losses, got mae alone. What one is like: fovea loss mae --card.", "loss", "compare", "mae")]
    [InlineData("compare: expected at least two losses, got mae alone.", "loss", "compare", "mae,l1")]
    [InlineData("--link: hinge and bce-with-logits take the score as it is", "loss", "compare", "hinge,bce-with-logits", "--link", "sigmoid")]
    [InlineData("a line is fitted to 3 to 10000 points, not to 1000000.", "loss", "fit", "--points", "1000000")]
    [InlineData("compare: --plot: the name of the file is empty.", "loss", "compare", "mse,mae", "--plot", "")]
    [InlineData("fit: --html: . is a folder.", "loss", "fit", "--html", ".")]
    [InlineData("bce: it takes probabilities, but a score may be any number", "loss", "compare", "bce,mse")]
    [InlineData("compare: --plot: expected a name that ends in .svg or .png, got \"a.pdf\".", "loss", "compare", "mse,mae", "--plot", "a.pdf")]
    [InlineData("bce: a line is fitted by a loss of numbers", "loss", "fit", "--loss", "bce")]
    [InlineData("there are 40 points, so that there cannot be 41 outliers", "loss", "fit", "--outliers", "41")]
    public void Wrong_input_is_refused(string message, params string[] args) =>
        CommandLineRun.AssertRefused(message, args);

    private static CommandLineRun Run(params IReadOnlyList<string> args) => CommandLineRun.Of(args);
}
