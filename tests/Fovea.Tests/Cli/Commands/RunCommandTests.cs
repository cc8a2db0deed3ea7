using System.Text.Json;
using Fovea.Onnx;
using Fovea.Tests.Onnx;

namespace Fovea.Tests;

public class RunCommandTests
{
    private static readonly OnnxTensor s_x = NodeModel.Floats("1x1x1x3", 1, -2, 3);

    // The folder of a test: a relu, its input and an output that is expected.
    private static void WriteTest(string folder, string line, params float[] expected)
    {
        string set = Path.Combine(folder, "test_data_set_0");
        Directory.CreateDirectory(set);
        NodeModel.Of(line, 14, [s_x]).Write(Path.Combine(folder, "model.onnx"));
        s_x.WriteFile(Path.Combine(set, "input_0.pb"), "x0");
        NodeModel.Floats("1x1x1x3", expected).WriteFile(Path.Combine(set, "output_0.pb"), "y0");
    }

    [Fact]
    public void An_array_goes_in_and_one_comes_out()
    {
        using var folder = new TemporaryFolder();
        NodeModel.Of("Relu", 14, [s_x]).Write(folder["m.onnx"]);
        NpyFile.Write(folder["x.npy"], NumpyArray.Of(s_x.Shape, s_x.Floats));
        Assert.Equal($"y0: float [1, 1, 1, 3] is in {folder["y.npy"]}\n", CommandLineRun.OutputOf("run", folder["m.onnx"], "--input", folder["x.npy"], "--output", folder["y.npy"]));
        NumpyArray y = NpyFile.Read(folder["y.npy"]);
        Assert.Equal([1, 1, 1, 3], y.Shape);
        Assert.Equal([1f, 0, 3], y.ToSingles());
        Assert.Equal("y0: float [1, 1, 1, 3] = 1, 0, 3\n", CommandLineRun.OutputOf("run", folder["m.onnx"], "--input", $"x0={folder["x.npy"]}"));
        using JsonDocument report = JsonDocument.Parse(CommandLineRun.OutputOf("run", folder["m.onnx"], "--input", folder["x.npy"], "--json"));
        Assert.Equal("y0", report.RootElement.GetProperty("outputs")[0].GetProperty("name").GetString());
        CommandLineRun.AssertRefused($"{folder["m.onnx"]}: no values are given for its input x0, float [1, 1, 1, 3]. Give a NumPy file, as in --input x.npy.", "run", folder["m.onnx"]);
        CommandLineRun.AssertRefused("--input x9=x.npy: the model has no input x9. It has x0.", "run", folder["m.onnx"], "--input", "x9=x.npy");
        CommandLineRun.AssertRefused("--output y9=y.npy: the model has no output y9. It has y0.", "run", folder["m.onnx"], "--input", folder["x.npy"], "--output", "y9=y.npy");
        CommandLineRun.AssertRefused($"--input {folder["x.npy"]}: the input x0 is given twice. Give one file for each.", "run", folder["m.onnx"], "--input", folder["x.npy"], "--input", folder["x.npy"]);
        CommandLineRun.AssertRefused("--output z.npy: the output y0 is given twice. Give one file for each.", "run", folder["m.onnx"], "--input", folder["x.npy"], "--output", "y0=y.npy", "--output", "z.npy");
        // More samples than the file says are taken, other images are not.
        NpyFile.Write(folder["two.npy"], NumpyArray.Of([2, 1, 1, 3], [1, -2, 3, -4, 5, -6]));
        Assert.Equal("y0: float [2, 1, 1, 3] = 1, 0, 3, 0, 5, 0\n", CommandLineRun.OutputOf("run", folder["m.onnx"], "--input", folder["two.npy"]));
        NpyFile.Write(folder["wide.npy"], NumpyArray.Of([1, 1, 1, 2], [1, -2]));
        CommandLineRun.AssertRefused($"{folder["m.onnx"]}: its input x0 is given as float [1, 1, 1, 2], but it takes float [1, 1, 1, 3].", "run", folder["m.onnx"], "--input", folder["wide.npy"]);
    }

    [Theory]
    [InlineData(OnnxElement.Int64, 1.5f, "1.5")]
    [InlineData(OnnxElement.Bool, 2, "2")]
    [InlineData(OnnxElement.UInt8, -1, "-1")]
    [InlineData(OnnxElement.Int8, 128, "128")]
    [InlineData(OnnxElement.Int32, 2147483648f, null)]
    public void Numbers_that_an_input_does_not_take_are_refused(OnnxElement type, float value, string? shown)
    {
        using var folder = new TemporaryFolder();
        NodeModel.Of("Identity", 14, [new OnnxTensor([2], new long[2], type)], type: type).Write(folder["m.onnx"]);
        NpyFile.Write(folder["x.npy"], NumpyArray.Of([2], [1, value]));
        CommandLineRun.AssertRefused(shown is null ? $"{folder["x.npy"]}: its number " : $"{folder["x.npy"]}: its number {shown} is none of type {type}, which the input x0 takes.", "run", folder["m.onnx"], "--input", folder["x.npy"]);
        NpyFile.Write(folder["x.npy"], NumpyArray.Of([2], [1, 0]));
        Assert.Equal($"y0: {type.ToString().ToLowerInvariant()} [2] = 1, 0\n", CommandLineRun.OutputOf("run", folder["m.onnx"], "--input", folder["x.npy"]));
    }

    [Fact]
    public void Test_data_pass_or_fail_with_the_difference()
    {
        using var folder = new TemporaryFolder();
        // 3.0029 differs from 3 by less than a thousandth of it, 3.004 by more.
        WriteTest(folder["a"], "Relu", 1, 0, 3.0029f);
        Assert.Equal((0, "pass a, largest difference 0.0029\n"), Run(folder["a"]));
        WriteTest(folder["b"], "Relu", 1, 0, 3.004f);
        Assert.Equal((1, "FAIL b, largest difference 0.004: y0: number 3 of float [1, 1, 1, 3] should be 3.00399995, but is 3\n"), Run(folder["b"]));
        File.WriteAllText(Path.Combine(folder["b"], "data.json"), """{"rtol": 0.01}""");
        Assert.Equal(0, Run(folder["b"]).Code);
        WriteTest(folder["c"], "Det", 1, 0, 3);
        CommandLineRun unsupported = CommandLineRun.Of("run", "--test-data", folder["c"]);
        Assert.Equal(2, unsupported.Code);
        Assert.StartsWith($"fovea: {Path.Combine(folder["c"], "model.onnx")}: node n (Det): the operator is not supported. ", unsupported.Error);
        WriteTest(folder["d"], "Add", 1, 0, 3);
        s_x.WriteFile(Path.Combine(folder["d"], "test_data_set_0", "input_1.pb"), "x0");
        OnnxModel twice = NodeModel.Of("Add", 14, [s_x, s_x]);
        twice.Proto.Graph.Input[1].Name = "x0";
        twice.Write(Path.Combine(folder["d"], "model.onnx"));
        Assert.EndsWith("model.onnx: two of its inputs are called x0.\n", CommandLineRun.Of("run", "--test-data", folder["d"]).Error);
        Directory.Delete(folder["d"], recursive: true);
        File.Delete(Path.Combine(folder["b"], "data.json"));
        var (code, output) = Run(folder.Path);
        Assert.Equal(1, code);
        Assert.EndsWith("1 passed, 1 failed, 1 not supported\n", output);

        static (int Code, string Output) Run(string path)
        {
            CommandLineRun run = CommandLineRun.Of("run", "--test-data", path);
            return (run.Code, run.Output);
        }
    }

    [Theory]
    [InlineData("run: MODEL is missing. Give an ONNX file, or --test-data DIR.")]
    [InlineData("nowhere: there is no model.onnx in it, nor in a folder in it. ", "--test-data", "nowhere")]
    [InlineData("the name of the ONNX file is empty.", "")]
    public void Wrong_input_is_refused(string message, params string[] args) => CommandLineRun.AssertRefused(message, ["run", .. args]);
}
