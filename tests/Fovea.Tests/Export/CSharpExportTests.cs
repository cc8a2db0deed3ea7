using System.Text;

namespace Fovea.Tests.Export;

public class CSharpExportTests
{
    [Fact]
    public void The_program_builds_loads_and_runs_the_network()
    {
        TrainedNetwork trained = ExportedFolders.Of(new Network(ModelSpec.Parse("conv 2 k3 p1 | residual(conv 2 k1 ; ; relu) | flatten | linear 3", new Shape(1, 5, 4)) with { Name = "mine" }, seed: 2));
        IReadOnlyList<ExportedFile> files = CSharpExport.Of(trained);
        Assert.Equal(["Program.cs", "Network.csproj", "weights.safetensors", "input.npy", "output.npy"], files.Select(file => file.Name));
        string program = Encoding.UTF8.GetString(files[0].Bytes), project = Encoding.UTF8.GetString(files[1].Bytes);
        Assert.Contains("""

            ModelSpec model = ModelSpec.Parse(
                '''
                  conv 2 k3 p1
                | residual(conv 2 k1 ; ; relu)
                | flatten
                | linear 3
                ''',
                new Shape(1, 5, 4));
            var network = new Network(model);
            StateDict.Load(network, Path.Combine(AppContext.BaseDirectory, "weights.safetensors"));

            """.Replace("'''", "\"\"\""), program);
        // Text that would end a literal does not.
        Assert.Contains("""["\"\"\"\u000araise SystemExit(\"executed\")\u000a\"\"\"", "back\\slash\u2028", "äöü😀{}"]""", program);
        Assert.Contains("new Normalization(Mean: [0.5f], Deviation: [0.25f])", program);
        Assert.Contains("""<PackageReference Include="Fovea" Version="0.1.0" />""", project);

        // What the program reads is there: the weights by their names, and an input with its output.
        using var folder = new TemporaryFolder();
        ExportedFolders.Write(folder.Path, files);
        var network = new Network(trained.Network.Model);
        StateDict.Load(network, folder["weights.safetensors"]);
        NumpyArray input = NpyFile.Read(folder["input.npy"]);
        Assert.Equal([4, 1, 5, 4], input.Shape);
        Assert.Equal(NpyFile.Read(folder["output.npy"]).ToSingles(), network.Predict(new Tensor(4, network.Input, input.ToSingles())).Values);
    }
}
