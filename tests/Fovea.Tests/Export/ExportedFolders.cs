using Fovea.Tests.Laws;

namespace Fovea.Tests.Export;

/// <summary>Networks of every kind of layer, with random weights, to be exported.</summary>
internal static class ExportedFolders
{
    private static readonly string[] s_stacks =
    [
        "1x12x10 conv 5 k3 p1 nobias | batchnorm | relu | conv 6 k3 s2 p1 nobias | batchnorm momentum=0.4 | leakyrelu | globalavgpool | flatten | linear 4",
        "3x9x8 conv 4 k3 p1 | relu | maxpool 2 | flatten | dropout | linear 7 | tanh | linear 5 | logsoftmax",
        "2x5x4 conv 3 k3 | flatten | softmax",
        "2x5x4 flatten | prelu perchannel | linear 3",
        "3x9x8 concat(conv 2 k3 | flatten | relu ; conv 3 k5 | relu | flatten | linear 4 ; flatten) | linear 3",
        "2x6x5 flatten | flatten | sigmoid | linear 4 | residual(linear 5 | relu | linear 4 ; ; tanh) | linear 2",
    ];

    /// <summary>Each example of the laws, and rows of layers.</summary>
    public static IEnumerable<string> Lines => Examples.Layers.Select(row => row.Data).Concat(s_stacks);

    /// <summary>A network of a line such as "3x7x5 conv 4 k3".</summary>
    public static TrainedNetwork Of(string line)
    {
        string[] parts = line.Split(' ', 2);
        var network = new Network(ModelSpec.Parse(parts[1], Shape.Parse(parts[0])));
        Numbers.Randomize(network);
        return Of(network);
    }

    /// <summary>A network with classes whose names are as awkward as can be.</summary>
    public static TrainedNetwork Of(Network network) => new(network, new TrainingSettings(),
        new DataDescription("data", network.Input, 1, new Normalization([0.5f], [0.25f]), ["\"\"\"\nraise SystemExit(\"executed\")\n\"\"\"", "back\\slash\u2028", "äöü😀{}"]), []);

    /// <summary>Writes files into a folder that is made.</summary>
    public static void Write(string folder, IEnumerable<ExportedFile> files)
    {
        Directory.CreateDirectory(folder);
        foreach (ExportedFile file in files) File.WriteAllBytes(Path.Combine(folder, file.Name), file.Bytes);
    }

    /// <summary>Writes an export of each line into a folder of its own and runs all their checks, in one process of Python.</summary>
    /// <param name="python">The program.</param>
    /// <param name="lines">The networks.</param>
    /// <param name="export">What makes files of them.</param>
    /// <param name="modules">A folder of modules that the checks may import, if any.</param>
    public static void Check(string python, IEnumerable<string> lines, Func<TrainedNetwork, IReadOnlyList<ExportedFile>> export, string? modules = null)
    {
        using var folder = new TemporaryFolder();
        string root = folder.Path;
        int count = 0;
        foreach (string line in lines)
        {
            string name = $"{count++:D3} {line}";
            Write(folder[name[..Math.Min(60, name.Length)]], export(Of(line)));
        }
        string driver = Path.Combine(root, "driver.py");
        File.WriteAllText(driver, """
            import os, runpy, sys, traceback
            root, modules = sys.argv[1:3]
            if modules:
                sys.path.insert(0, modules)
            for name in sorted(os.listdir(root)):
                folder = os.path.join(root, name)
                if not os.path.isdir(folder):
                    continue
                sys.modules.pop("model", None)
                sys.path.insert(0, folder)
                try:
                    runpy.run_path(os.path.join(folder, "check.py"), run_name="__main__")
                except SystemExit as end:
                    print("==", name, "passed" if end.code == 0 else "FAILED")
                except BaseException:
                    traceback.print_exc(file=sys.stdout)
                    print("==", name, "FAILED")
                sys.path.remove(folder)
            """);
        var (code, output) = Python.Run(python, driver, root, modules ?? "");
        string[] passed = [.. output.Split('\n').Where(line => line.EndsWith(" passed", StringComparison.Ordinal))];
        Assert.True(code == 0 && passed.Length == count, $"{count - passed.Length} of {count} failed:\n{output}");
    }
}
