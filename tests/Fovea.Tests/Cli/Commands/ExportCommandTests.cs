using System.Text.Json;
using Fovea.Cli;
using Fovea.Onnx;

namespace Fovea.Tests;

public class ExportCommandTests(TrainedModel trained) : IClassFixture<TrainedModel>
{
    [Fact]
    public void A_trained_network_is_written_with_its_normalization_and_classes()
    {
        using var folder = new TemporaryFolder();
        string file = folder["digits.onnx"];
        string line = CommandLineRun.OutputOf("export", trained.Folder, file);
        Assert.Equal($"{TrainedModel.Model} is in {file}: ONNX, opset 17, {new FileInfo(file).Length:N0} bytes\n", line);
        OnnxModel model = OnnxModel.Read(file);
        Assert.Equal(["Mul", "Add", "Conv", "Relu", "MaxPool", "Flatten", "Gemm", "LogSoftmax"], model.Proto.Graph.Node.Select(node => node.OpType));
        Assert.Contains(model.Proto.MetadataProps, entry => entry is { Key: "fovea.data", Value: "mnist" });
        TrainedNetwork network = TrainedNetwork.Load(trained.Folder);
        Assert.Equal(network.Network.GetParameter("0.bias"), model.Proto.Graph.Initializer.Single(tensor => tensor.Name == "0.bias").RawData.ToByteArray()
            .Chunk(4).Select(bytes => BitConverter.ToSingle(bytes)));

        using JsonDocument report = JsonDocument.Parse(CommandLineRun.OutputOf("export", trained.Folder, file, "--normalization", "metadata", "--json"));
        Assert.Equal(("onnx", file), (report.RootElement.GetProperty("format").GetString(), report.RootElement.GetProperty("file").GetString()));
        Assert.Equal("Conv", OnnxModel.Read(file).Proto.Graph.Node[0].OpType);
    }

    [Fact]
    public void Without_a_file_it_lies_beside_the_folder()
    {
        string file = $"{trained.Folder}.onnx";
        CommandLineRun.OutputOf("export", trained.Folder + Path.DirectorySeparatorChar);
        Assert.True(File.Exists(file));
    }

    [Theory]
    [InlineData("pytorch", "model.py, check.py, weights.safetensors, input.npy, output.npy", "python3 {0}/check.py")]
    [InlineData("keras", "model.py, check.py, weights.npz, input.npy, output.npy", "python3 {0}/check.py")]
    [InlineData("csharp", "Program.cs, Network.csproj, weights.safetensors, input.npy, output.npy", "dotnet run --project {0}")]
    public void Programs_are_written_as_folders(string format, string files, string command)
    {
        string to = $"{trained.Folder}-{format}";
        string output = CommandLineRun.OutputOf("export", trained.Folder, "--format", format);
        Assert.Equal($"{TrainedModel.Model} is in {to}: {files}\ncompare it with Fovea's own outputs: {string.Format(System.Globalization.CultureInfo.InvariantCulture, command, to)}\n", output);
        Assert.Equal(files.Split(", ").Order(), Directory.EnumerateFiles(to).Select(Path.GetFileName).Order());
        // A second time the files are replaced.
        using JsonDocument report = JsonDocument.Parse(CommandLineRun.OutputOf("export", trained.Folder, to, "--format", format, "--json"));
        Assert.Equal((format, to, 5), (report.RootElement.GetProperty("format").GetString(), report.RootElement.GetProperty("file").GetString(), report.RootElement.GetProperty("files").GetArrayLength()));
    }

    [Theory, InlineData("graph"), InlineData("metadata")]
    public void Onnx_runtime_verifies_what_is_written(string normalization)
    {
        using var folder = new TemporaryFolder();
        CommandLineRun run = CommandLineRun.Of("export", trained.Folder, folder["a.onnx"], "--verify", "--normalization", normalization);
        Assert.SkipWhen(run.Error.StartsWith("fovea: --verify: ONNX Runtime is not on this machine.", StringComparison.Ordinal), run.Error);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Matches(@"\nONNX Runtime \d+\.\d+\.\d+ agrees: 16 images of random pixels, the same label for all, largest difference \S+, allowed \S+\n$", run.Output);
        using JsonDocument report = JsonDocument.Parse(CommandLineRun.OutputOf("export", trained.Folder, folder["a.onnx"], "--verify", "--normalization", normalization, "--json"));
        JsonElement verification = report.RootElement.GetProperty("verification");
        // Sums in another order, in float32: not the same bits, but nearly so.
        Assert.InRange(verification.GetProperty("largestDifference").GetDouble(), double.Epsilon, verification.GetProperty("allowed").GetDouble());
        Assert.Contains("agrees: 10,000 test samples of mnist, the same label for all, ", CommandLineRun.OutputOf("export", trained.Folder, folder["a.onnx"], "--verify", "--data", "mnist", "--normalization", normalization));
    }

    [Fact]
    public void A_verification_finds_a_file_that_is_another_networks()
    {
        using var folder = new TemporaryFolder();
        OnnxRuntime runtime;
        try
        {
            runtime = OnnxRuntime.Load(null);
        }
        catch (FoveaException exception)
        {
            Assert.Skip(exception.Message);
            return;
        }
        TrainedNetwork network = TrainedNetwork.Load(trained.Folder);
        OnnxExport.Of(new Network(network.Network.Model, seed: 99), new OnnxExportOptions { Normalization = network.Data.Normalization }).Write(folder["other.onnx"]);
        OnnxVerification verification = OnnxVerification.Of(runtime, network, folder["other.onnx"], takesBytes: true);
        Assert.False(verification.Agrees);
        Assert.Contains(" DIFFERS: 16 images", verification.ToString());
        File.WriteAllText(folder["none.onnx"], "no model");
        Assert.StartsWith("--verify: ONNX Runtime ", Assert.Throws<FoveaException>(() => OnnxVerification.Of(runtime, network, folder["none.onnx"], takesBytes: true)).Message);
    }

    [Theory]
    [InlineData("export: DIR is missing.")]
    [InlineData("export: --format: expected onnx, safetensors, pytorch, keras or csharp, got \"pyorch\". Did you mean", "nowhere", "--format", "pyorch")]
    [InlineData("export: --normalization is for ONNX files alone, not for keras. Leave it out.", "nowhere", "--format", "keras", "--normalization", "graph")]
    [InlineData("export: --verify is for ONNX files alone, not for safetensors. Leave it out.", "nowhere", "--format", "safetensors", "--verify")]
    [InlineData("export: --data says how --verify compares, which is not asked for. ", "nowhere", "--data", "mnist")]
    [InlineData("--onnxruntime: there is no file no.so. ", "nowhere", "--verify", "--onnxruntime", "no.so")]
    [InlineData("nowhere: there is no checkpoint. ", "nowhere")]
    [InlineData("export: --format: expected ", "nowhere", "--format", "docx")]
    public void Wrong_input_is_refused(string message, params string[] args) => CommandLineRun.AssertRefused(message, ["export", .. args]);

    [Fact]
    public void A_file_that_cannot_be_written_is_named() =>
        CommandLineRun.AssertRefused($"FILE: there is no folder {Path.Combine(trained.Folder, "no", "such")} for a.onnx. Make it first, ", "export", trained.Folder, Path.Combine(trained.Folder, "no", "such", "a.onnx"));

    [Fact]
    public void The_ending_of_a_file_says_its_format()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(": safetensors, ", CommandLineRun.OutputOf("export", trained.Folder, folder["a.safetensors"]));
        Assert.Contains("0.weight", Safetensors.Read(folder["a.safetensors"]).Keys);
        Assert.Contains(": ONNX, ", CommandLineRun.OutputOf("export", trained.Folder, folder["a.safetensors"], "--format", "onnx"));
        CommandLineRun.AssertRefused("export: FILE ends in .pt, which says no format. Let it end in .onnx or .safetensors, or give --format.", "export", trained.Folder, folder["a.pt"]);
    }
}
