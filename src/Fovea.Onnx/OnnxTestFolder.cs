using System.Text.Json;
using Proto = Fovea.OnnxProto;

namespace Fovea.Onnx;

/// <summary>How a set of test data came out.</summary>
public enum OnnxTestOutcome
{
    /// <summary>All outputs agree.</summary>
    Passed,

    /// <summary>An output differs by more than is allowed.</summary>
    Failed,

    /// <summary>The model has something that is not supported.</summary>
    Unsupported,
}

/// <summary>One set of test data.</summary>
/// <param name="Test">The folder, and the set where it has several.</param>
/// <param name="Outcome">How it came out.</param>
/// <param name="LargestDifference">The largest difference of two numbers; null where none could be compared.</param>
/// <param name="Message">What differs, or what is not supported; empty where all is well.</param>
public sealed record OnnxTestResult(string Test, OnnxTestOutcome Outcome, double? LargestDifference, string Message);

/// <summary>
/// The folders in which the ONNX project publishes its tests: <c>model.onnx</c>, and in <c>test_data_set_0</c> and so on the inputs
/// (<c>input_0.pb</c>, ...) and the outputs that are expected. Numbers agree when they differ by at most atol + rtol times the expected one:
/// 1e-7 and 1e-3, unless a file <c>data.json</c> in the folder says otherwise.
/// </summary>
public static class OnnxTestFolder
{
    private const string ModelFile = "model.onnx";

    /// <summary>The tests of a folder: its own, or those of the folders in it.</summary>
    /// <exception cref="OnnxException">There are none.</exception>
    public static IReadOnlyList<string> Find(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (File.Exists(Path.Combine(folder, ModelFile))) return [folder];
        string[] tests = Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder).Where(test => File.Exists(Path.Combine(test, ModelFile))).Order(StringComparer.Ordinal)] : [];
        return tests.Length > 0 ? tests : throw new OnnxException($"{folder}: there is no {ModelFile} in it, nor in a folder in it. Give a folder of the ONNX project's test data.");
    }

    /// <summary>Runs all sets of test data of a test.</summary>
    public static IReadOnlyList<OnnxTestResult> Run(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        string[] sets = [.. Directory.EnumerateDirectories(folder, "test_data_set_*").Order(StringComparer.Ordinal)];
        if (sets.Length == 0) return [new OnnxTestResult(name, OnnxTestOutcome.Unsupported, null, $"{folder}: there is no folder test_data_set_0")];
        try
        {
            var (relative, absolute) = Tolerances(folder);
            OnnxModel model = OnnxModel.Read(Path.Combine(folder, ModelFile));
            return [.. sets.Select(set => Run(model, set, sets.Length == 1 ? name : $"{name}/{Path.GetFileName(set)}", relative, absolute))];
        }
        catch (OnnxException exception)
        {
            return [new OnnxTestResult(name, OnnxTestOutcome.Unsupported, null, exception.Message)];
        }
    }

    private static OnnxTestResult Run(OnnxModel model, string set, string name, double relative, double absolute)
    {
        try
        {
            IReadOnlyList<string> inputs = OnnxEvaluator.InputNames(model);
            foreach (Proto.Value value in model.Proto.Graph.Input.Concat(model.Proto.Graph.Output))
            {
                if (value.Type?.ValueCase != Proto.Type.ValueOneofCase.TensorType) throw new OnnxException($"{model.Name}: {value.Name} is no tensor, which is not supported.");
            }
            // Of two inputs with one name the evaluator tells.
            var given = new Dictionary<string, OnnxTensor>();
            for (int i = 0; i < inputs.Count; i++) given[inputs[i]] = OnnxTensor.ReadFile(Path.Combine(set, $"input_{i}.pb"));
            IReadOnlyDictionary<string, OnnxTensor> outputs = OnnxEvaluator.Run(model, given);
            double largest = 0;
            for (int i = 0; i < model.Proto.Graph.Output.Count; i++)
            {
                string output = model.Proto.Graph.Output[i].Name;
                var (difference, problem) = Compare(OnnxTensor.ReadFile(Path.Combine(set, $"output_{i}.pb")), outputs[output], relative, absolute);
                largest = Math.Max(largest, difference);
                if (problem is not null) return new OnnxTestResult(name, OnnxTestOutcome.Failed, difference, $"{output}: {problem}");
            }
            return new OnnxTestResult(name, OnnxTestOutcome.Passed, largest, "");
        }
        catch (OnnxException exception)
        {
            return new OnnxTestResult(name, OnnxTestOutcome.Unsupported, null, exception.Message);
        }
    }

    /// <summary>The largest difference of two tensors, and what of them differs by more than is allowed.</summary>
    internal static (double Largest, string? Problem) Compare(OnnxTensor expected, OnnxTensor actual, double relative, double absolute)
    {
        if (expected.Type != actual.Type || !expected.Shape.SequenceEqual(actual.Shape)) return (double.NaN, $"expected {expected}, got {actual}");
        double largest = 0;
        string? problem = null;
        for (int i = 0; i < expected.Count; i++)
        {
            double wanted = expected[i], got = actual[i];
            if (wanted.Equals(got)) continue;
            double difference = Math.Abs(wanted - got);
            largest = Math.Max(largest, difference);
            if (problem is null && !(difference <= absolute + relative * Math.Abs(wanted)) || double.IsInfinity(wanted))
                problem ??= $"number {i + 1} of {expected} should be {wanted:G9}, but is {got:G9}";
        }
        return (largest, problem);
    }

    private static (double Relative, double Absolute) Tolerances(string folder)
    {
        string file = Path.Combine(folder, "data.json");
        if (!File.Exists(file)) return (1e-3, 1e-7);
        try
        {
            using JsonDocument document = JsonDocument.Parse(TextFile.Read(file));
            double Number(string name, double usual) => document.RootElement.TryGetProperty(name, out JsonElement value) ? value.GetDouble() : usual;
            return (Number("rtol", 1e-3), Number("atol", 1e-7));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new OnnxException($"{file}: expected an object with numbers rtol and atol: {exception.Message}", exception);
        }
    }
}
