using System.CommandLine;
using System.Runtime.InteropServices;
using Fovea.Onnx;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea run</c>: evaluates an ONNX file, or compares it with the outputs that a folder of test data expects.</summary>
internal static class RunCommand
{
    // Of an output that is not written into a file.
    private const int ShownNumbers = 10;

    public static Verb Create(Terminal terminal)
    {
        var model = new Argument<string?>("MODEL") { Description = "The ONNX file.", Arity = ArgumentArity.ZeroOrOne };
        var inputs = new Option<string[]>("--input") { Description = "The values of an input, a NumPy file; NAME=FILE where there are several.", HelpName = "FILE", AllowMultipleArgumentsPerToken = false };
        var outputs = new Option<string[]>("--output") { Description = "Where an output goes, a NumPy file; NAME=FILE where there are several. Shown unless given.", HelpName = "FILE" };
        var tests = new Option<string?>("--test-data") { Description = "A folder of the ONNX project's test data, or a folder of such folders: says pass or fail, with the difference.", HelpName = "DIR" };
        Option<bool> json = Options.Json();
        var verb = new Verb("run", "Evaluate an ONNX file, or compare it with expected outputs (exit code 1 where they differ).") { model, inputs, outputs, tests, json };
        verb.Examples = ["fovea run lenet5.onnx --input digits.npy --output scores.npy", "fovea run --test-data onnx/backend/test/data/node/test_conv_with_autopad_same"];
        verb.SetAction(result =>
        {
            if (result.GetValue(tests) is { } folder) return Test(terminal, folder, result.GetValue(json));
            string path = result.GetValue(model) ?? throw new UsageException("run: MODEL is missing. Give an ONNX file, or --test-data DIR.", verb);
            Evaluate(terminal, OnnxModel.Read(path), result.GetValue(inputs) ?? [], result.GetValue(outputs) ?? [], result.GetValue(json));
            return Program.Done;
        });
        return verb;
    }

    private static void Evaluate(Terminal terminal, OnnxModel model, string[] inputs, string[] outputs, bool json)
    {
        IReadOnlyList<string> names = OnnxEvaluator.InputNames(model);
        var values = Pairs(inputs, names, "input").ToDictionary(input => input.Key, input => Read(model, input.Key, input.Value));
        if (names.FirstOrDefault(name => !values.ContainsKey(name)) is { } missing)
            throw new FoveaException($"{model.Name}: no values are given for its input {missing}, {model.DescribeInput(missing)}. Give a NumPy file, as in --input {(names.Count == 1 ? "" : $"{missing}=")}x.npy.");
        // Before anything is computed for them.
        Dictionary<string, string> files = Pairs(outputs, OnnxEvaluator.OutputNames(model), "output");
        foreach (string file in files.Values) OutputFile.At(file, "--output");
        IReadOnlyDictionary<string, OnnxTensor> results = OnnxEvaluator.Run(model, values);
        foreach (var (name, file) in files) NpyFile.Write(file, Array(results[name]));
        if (json)
        {
            terminal.Out.WriteLine(CliJson.Write(new RunReport([.. results.Select(output =>
                new RunOutput(output.Key, output.Value.Type.ToString(), output.Value.Shape, files.GetValueOrDefault(output.Key)))])));
            return;
        }
        foreach (var (name, value) in results)
        {
            string place = files.TryGetValue(name, out string? file) ? $"is in {file}"
                : $"= {string.Join(", ", Enumerable.Range(0, Math.Min(ShownNumbers, value.Count)).Select(i => Format.Decimal(Number(value, i))))}{(value.Count > ShownNumbers ? ", ..." : "")}";
            terminal.WriteLine($"{name}: {value} {place}");
        }
    }

    private static int Test(Terminal terminal, string folder, bool json)
    {
        IReadOnlyList<string> tests = OnnxTestFolder.Find(folder);
        OnnxTestResult[] results = [.. tests.SelectMany(OnnxTestFolder.Run)];
        if (json) terminal.Out.WriteLine(CliJson.Write(new OnnxTestReport(results)));
        else
        {
            foreach (OnnxTestResult result in results)
            {
                string difference = result.LargestDifference is { } largest ? $", largest difference {largest:G3}" : "";
                string message = result.Message.Length > 0 ? $": {result.Message}" : "";
                terminal.WriteLine($"{(result.Outcome == OnnxTestOutcome.Passed ? "pass" : result.Outcome == OnnxTestOutcome.Failed ? "FAIL" : "not supported")} {result.Test}{difference}{message}");
            }
            if (results.Length > 1) terminal.WriteLine($"{Count(OnnxTestOutcome.Passed)} passed, {Count(OnnxTestOutcome.Failed)} failed, {Count(OnnxTestOutcome.Unsupported)} not supported");
        }
        if (results is [{ Outcome: OnnxTestOutcome.Unsupported }]) throw new OnnxException(results[0].Message);
        return Count(OnnxTestOutcome.Failed) > 0 ? Program.Failed : Program.Done;

        int Count(OnnxTestOutcome outcome) => results.Count(result => result.Outcome == outcome);
    }

    private static Dictionary<string, string> Pairs(string[] texts, IReadOnlyList<string> names, string what)
    {
        var files = new Dictionary<string, string>();
        foreach (string text in texts)
        {
            var (name, file) = Pair(text, names, what);
            if (!files.TryAdd(name, file)) throw new FoveaException($"--{what} {text}: the {what} {name} is given twice. Give one file for each.");
        }
        return files;
    }

    private static (string Name, string File) Pair(string text, IReadOnlyList<string> names, string what)
    {
        if (text.Split('=', 2) is [var name, var file] && !name.Contains(Path.DirectorySeparatorChar) && !File.Exists(text))
            return names.Contains(name) ? (name, file) : throw new FoveaException($"--{what} {text}: the model has no {what} {name}. It has {string.Join(", ", names)}.");
        return names.Count == 1 ? (names[0], text)
            : throw new FoveaException($"--{what} {text}: the model has the {what}s {string.Join(", ", names)}. Say which is meant, as in --{what} {names.FirstOrDefault("NAME")}={text}.");
    }

    private static OnnxTensor Read(OnnxModel model, string name, string file)
    {
        NumpyArray array = NpyFile.Read(file);
        float[] values = array.ToSingles();
        OnnxElement type = model.InputType(name);
        if (type == OnnxElement.Float) return new OnnxTensor(array.Shape, values);
        foreach (float value in values)
            if (!IsOf(type, value)) throw new FoveaException($"{file}: its number {Format.Decimal(value)} is none of type {type}, which the input {name} takes.");
        return new OnnxTensor(array.Shape, [.. values.Select(value => (long)value)], type);
    }

    private static bool IsOf(OnnxElement type, float value) => float.IsInteger(value) && type switch
    {
        OnnxElement.Bool => value is 0 or 1,
        OnnxElement.UInt8 => value is >= byte.MinValue and <= byte.MaxValue,
        OnnxElement.Int8 => value is >= sbyte.MinValue and <= sbyte.MaxValue,
        // The largest are no floats; one more is.
        OnnxElement.Int32 => value is >= int.MinValue and < 1L << 31,
        _ => value is >= long.MinValue and < 1UL << 63,
    };

    private static NumpyArray Array(OnnxTensor tensor) => tensor.Type == OnnxElement.Float
        ? NumpyArray.Of(tensor.Shape, tensor.Floats)
        : new NumpyArray("i8", tensor.Shape, [.. MemoryMarshal.AsBytes(tensor.Integers)]);

    private static double Number(OnnxTensor tensor, int index) => tensor.Type == OnnxElement.Float ? tensor.Floats[index] : tensor.Integers[index];
}

/// <summary>What <c>fovea run --json</c> prints.</summary>
internal sealed record RunReport(IReadOnlyList<RunOutput> Outputs);

/// <summary>An output: its name, its type and shape, and the file that it is in, if any.</summary>
internal sealed record RunOutput(string Name, string Type, IReadOnlyList<int> Shape, string? File);

/// <summary>What <c>fovea run --test-data DIR --json</c> prints.</summary>
internal sealed record OnnxTestReport(IReadOnlyList<OnnxTestResult> Results);
