using System.Text.Json;

namespace Fovea.Tests;

public sealed class LearningRateCommandTests : IDisposable
{
    private const string Tiny = "conv 2 k5 s2 | relu | flatten | linear 10";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rates_losses_and_a_suggestion_are_printed_and_drawn()
    {
        string output = CommandLineRun.OutputOf("lr-find", Tiny, "--limit", "1000", "--optimizer", "sgd", "--to", "1000", "--steps", "100", "--plot", _folder["rates.svg"]);
        Assert.StartsWith($"{Tiny} on mnist: sgd, batches of 64, loss cross-entropy, seed 1\n", output);
        Assert.Matches(@"update\s+learning rate\s+loss\s+smoothed", output);
        Assert.Matches(@"the loss falls fastest at \S+\nit diverges at \S+; a tenth of that is \S+\ntry --lr \S+, ", output);
        string svg = File.ReadAllText(_folder["rates.svg"]);
        Assert.Contains("falls fastest: ", svg);
        Assert.Contains("diverges: ", svg);
    }

    [Fact]
    public void Json_is_one_document_of_all_updates()
    {
        using JsonDocument document = JsonDocument.Parse(CommandLineRun.OutputOf("lr-find", Tiny, "--limit", "200", "--from", "1e-5", "--to", "1e-3", "--steps", "21", "--json"));
        JsonElement report = document.RootElement;
        Assert.Equal(["model", "data", "settings", "suggested", "steepest", "divergence", "points"], report.EnumerateObject().Select(property => property.Name));
        Assert.Equal(21, report.GetProperty("points").GetArrayLength());
        Assert.Equal(1e-4, report.GetProperty("points")[10].GetProperty("learningRate").GetDouble(), 1e-9);
        Assert.Equal(JsonValueKind.Null, report.GetProperty("divergence").ValueKind);
    }

    [Theory]
    [InlineData("lr-find: MODEL is missing.")]
    [InlineData("lr-find: --steps: expected a whole number of at least 10, got \"5\".", Tiny, "--steps", "5")]
    [InlineData("the learning rate rises from a number above 0 to a larger one, got 1 and 0.1.", Tiny, "--from", "1", "--to", "0.1")]
    [InlineData("rates.gif: a chart is an SVG or a PNG. ", Tiny, "--plot", "rates.gif")]
    [InlineData("--momentum: adam has none. Use --optimizer sgd or rmsprop.", Tiny, "--momentum", "0.9")]
    public void Wrong_input_is_refused(string message, params string[] args) => CommandLineRun.AssertRefused(message, ["lr-find", .. args]);
}
