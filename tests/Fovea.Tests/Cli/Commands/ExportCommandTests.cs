using System.Text.Json;
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
        Assert.Equal($"{TrainedModel.Model} is in {file}: ONNX, operators of version 17, {new FileInfo(file).Length:N0} bytes\n", line);
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
    [InlineData("export: DIR is missing.")]
    [InlineData("nowhere: there is no checkpoint. ", "nowhere")]
    [InlineData("export: --format: expected ", "nowhere", "--format", "docx")]
    public void Wrong_input_is_refused(string message, params string[] args) => CommandLineRun.AssertRefused(message, ["export", .. args]);

    [Fact]
    public void A_file_that_cannot_be_written_is_named() =>
        CommandLineRun.AssertRefused("Could not find a part of the path", "export", trained.Folder, Path.Combine(trained.Folder, "no", "such", "a.onnx"));
}
