using System.Text;

namespace Fovea.Tests.Export;

public class PyTorchExportTests
{
    [Fact]
    public void The_program_is_plain_code()
    {
        TrainedNetwork trained = ExportedFolders.Of(new Network(ModelSpec.Parse("conv 4 k3x2 s2 p1x0 nobias | batchnorm | relu | residual(conv 4 k1 ; ; silu) | concat( ; conv 2 k1) | flatten | linear 3", new Shape(1, 9, 8)) with { Name = "mine" }));
        IReadOnlyList<ExportedFile> files = PyTorchExport.Of(trained);
        Assert.Equal(["model.py", "check.py", "weights.safetensors", "input.npy", "output.npy"], files.Select(file => file.Name));
        string model = Encoding.UTF8.GetString(files[0].Bytes);
        Assert.Contains("\nNAME = \"mine\"\n", model);
        Assert.Contains("""

            class Network(nn.Sequential):
                "\""Takes N x 1 x 9 x 8, normalized; gives N x 3."\""

                def __init__(self):
                    super().__init__(
                        nn.Conv2d(1, 4, (3, 2), stride=2, padding=(1, 0), bias=False),  # 4x5x4
                        nn.BatchNorm2d(4),  # 4x5x4
                        nn.ReLU(),  # 4x5x4
                        Residual(
                            nn.Sequential(
                                nn.Conv2d(4, 4, 1),  # 4x5x4
                            ),
                            activation=nn.SiLU(),
                        ),  # 4x5x4
                        Concat([
                            nn.Sequential(),
                            nn.Sequential(
                                nn.Conv2d(4, 2, 1),  # 2x5x4
                            ),
                        ]),  # 6x5x4
                        nn.Flatten(),  # 120
                        nn.Linear(120, 3),  # 3
                    )

            """.Replace("\\", ""), model);
        Assert.DoesNotContain("CircularPad", model);
    }

    [Fact]
    public void Python_accepts_the_programs_of_all_layers()
    {
        Assert.SkipWhen(Python.Program is null, "there is no Python on this machine");
        using var folder = new TemporaryFolder();
        var paths = new List<string>();
        foreach (var (i, line) in ExportedFolders.Lines.Index())
        {
            string path = folder[$"{i}.py"];
            File.WriteAllBytes(path, PyTorchExport.Of(ExportedFolders.Of(line))[0].Bytes);
            paths.Add(path);
        }
        // Compiled, not run. What stands in texts is a text: nothing else calls SystemExit.
        var (code, output) = Python.Run(Python.Program, ["-c", "import ast, sys\nfor path in sys.argv[1:]:\n    tree = ast.parse(open(path, encoding='utf-8').read(), path)\n    assert not any(isinstance(node, ast.Raise) for node in ast.walk(tree)), path", .. paths]);
        Assert.True(code == 0, output);
    }

    [Fact]
    public void Pytorch_gives_the_numbers_of_the_network_for_all_layers()
    {
        string? python = Python.With("torch, numpy");
        Assert.SkipWhen(python is null, "there is no Python with PyTorch and NumPy on this machine (apt-get install python3-torch)");
        ExportedFolders.Check(python!, ExportedFolders.Lines, PyTorchExport.Of);
    }
}
