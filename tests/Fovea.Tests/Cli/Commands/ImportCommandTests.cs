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
        CommandLineRun.AssertRefused($"{folder["in"]}: there is a trained network already. ", "import", folder["a.onnx"], "--out", folder["in"]);
    }

    [Fact]
    public void Weights_come_in_as_safetensors()
    {
        using var folder = new TemporaryFolder();
        string file = folder["a.safetensors"], accuracy = CommandLineRun.OutputOf("evaluate", trained.Folder);
        CommandLineRun.OutputOf("export", trained.Folder, file, "--format", "safetensors");
        CommandLineRun.OutputOf("import", file, "--out", folder["in"]);
        Assert.Equal(accuracy, CommandLineRun.OutputOf("evaluate", folder["in"]));

        // A state_dict: no model, no normalization, no classes.
        using (FileStream stream = File.Create(file)) Safetensors.Write(stream, StateDict.Of(TrainedNetwork.Load(trained.Folder).Network));
        CommandLineRun.OutputOf("import", file, "--model", TrainedModel.Model, "--data", "mnist", "--out", folder["given"]);
        Assert.Equal(accuracy, CommandLineRun.OutputOf("evaluate", folder["given"]));
        // The normalization of MNIST by hand: 0.1307 and 0.3081.
        CommandLineRun.OutputOf("import", file, "--model", TrainedModel.Model, "--input", "1x28x28", "--mean", "0.1307", "--deviation", "0.3081", "--out", folder["by-hand"]);
        Assert.Equal(accuracy.Split('\n')[0], CommandLineRun.OutputOf("evaluate", folder["by-hand"], "--data", "mnist").Split('\n')[0]);
        CommandLineRun.AssertRefused("--mean: 3 numbers are given, but samples of 1x28x28 have 1 channel. ", "import", file, "--model", TrainedModel.Model, "--input", "1x28x28", "--mean", "1,2,3", "--out", folder["x"]);
        CommandLineRun.AssertRefused("import: --deviation: expected a number above 0, or one for each channel, as in 0.229,0.224,0.225, got \"0\".", "import", file, "--deviation", "0", "--out", folder["x"]);
        CommandLineRun.AssertRefused($"{file}: the file holds weights alone, and does not tell of which model. ", "import", file, "--out", folder["x"]);
        CommandLineRun.AssertRefused($"--model {TrainedModel.Model}: a line of text does not say the shape of a sample. ", "import", file, "--model", TrainedModel.Model, "--out", folder["x"]);
        CommandLineRun.AssertRefused($"{file}: the weights are not those of stride2: missing: 6.weight [10, 128], 6.bias [10]; misshapen: 0.weight is [4, 1, 5, 5] instead of [32, 1, 5, 5]", "import", file, "--model", "stride2", "--out", folder["x"]);
        CommandLineRun.AssertRefused("--model: a.onnx is read as an ONNX file", "import", "a.onnx", "--model", "stride2", "--out", folder["x"]);
        Assert.False(Directory.Exists(folder["x"]));
    }

    [Fact]
    public void Files_of_python_objects_are_never_read()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["m.pt"], [0x80, 0x02, (byte)'}', (byte)'q', 0, (byte)'.', 0, 0, 0]);
        CommandLineRun.AssertRefused($"{folder["m.pt"]}: this is a pickle, as PyTorch and Python write it.", "import", folder["m.pt"], "--out", folder["x"]);
        CommandLineRun.AssertRefused($"{folder["m.pt"]}: this is a pickle, as PyTorch and Python write it.", "import", folder["m.pt"], "--model", "lenet5", "--out", folder["x"]);
    }

    [Theory]
    [InlineData("import: FILE is missing.", "--out", "x")]
    [InlineData("there is no model \"lenet6\" and no file of this name. Did you mean lenet5? ", "w.safetensors", "--model", "lenet6", "--out", "x")]
    public void Wrong_input_is_refused(string message, params string[] args) => CommandLineRun.AssertRefused(message, ["import", .. args]);
}
