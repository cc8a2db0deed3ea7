namespace Fovea.Tests;

public class ImportCommandTests(TrainedModel trained) : IClassFixture<TrainedModel>
{
    [Fact]
    public void A_network_that_went_out_comes_back_with_the_same_accuracy()
    {
        using var folder = new TemporaryFolder();
        CommandLineRun.OutputOf("export", trained.Folder, folder["a.onnx"]);
        string output = CommandLineRun.OutputOf("import", folder["a.onnx"], "--out", folder["in"]);
        Assert.StartsWith($"{TrainedModel.Model}: 1x28x28 -> 10, ", output);
        Assert.Equal(CommandLineRun.OutputOf("evaluate", trained.Folder).Split('\n')[1..], CommandLineRun.OutputOf("evaluate", folder["in"]).Split('\n')[1..]);
        Assert.Contains("conv 4 k5 s2 p2", CommandLineRun.OutputOf("summary", Path.Combine(folder["in"], "model.json")));
        CommandLineRun.AssertRefused($"{folder["in"]}: there is a training already. ", "import", folder["a.onnx"], "--out", folder["in"]);
    }

    [Theory]
    [InlineData("import: MODEL is missing.", "--out", "x")]
    public void Wrong_input_is_refused(string message, params string[] args) => CommandLineRun.AssertRefused(message, ["import", .. args]);
}
