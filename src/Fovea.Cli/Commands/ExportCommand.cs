using System.CommandLine;
using Fovea.Onnx;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea export</c>: writes a trained network in the format of other programs.</summary>
internal static class ExportCommand
{
    private const string InGraph = "graph", Onnx = "onnx", Safetensors = "safetensors";

    // What is written as one file, and what as a folder.
    private static readonly string[] s_files = [Onnx, Safetensors], s_folders = ["pytorch", "keras", "csharp"];

    public static Verb Create(Terminal terminal)
    {
        Argument<string> folder = TrainedFolder.Argument();
        var target = new Argument<string?>("FILE")
        {
            Description = "What to write: DIR.onnx or DIR.safetensors unless given; of pytorch, keras and csharp a folder, DIR-pytorch, ...",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string> format = Options.Choice("--format", "What is written: onnx or safetensors, a file; pytorch, keras or csharp, a folder with a program, the weights, and a check of both. Unless given, what FILE ends in, .onnx or .safetensors; onnx without a FILE.", null, [.. s_files, .. s_folders]);
        Option<string> normalization = Options.Choice("--normalization",
            "Where pixels are normalized as in the training: in the graph of an ONNX file, which then takes pixels from 0 to 255, or by who uses it, told by the file's metadata.", InGraph, InGraph, "metadata");
        var verify = new Option<bool>("--verify") { Description = "Run the ONNX file in ONNX Runtime and compare: shows the largest difference, exit code 1 where it is too large." };
        var runtime = new Option<string?>("--onnxruntime") { Description = "The native library of ONNX Runtime for --verify, where it is not found by itself.", HelpName = "FILE" };
        var data = new Option<string?>("--data") { Description = "What --verify compares on: the test samples of DATA; images of random pixels unless given.", HelpName = "DATA" };
        Option<bool> json = Options.Json();
        var verb = new Verb("export", "Write a trained network in the format of other programs.") { folder, target, format, normalization, verify, data, runtime, json };
        verb.Examples =
        [
            "fovea export runs/lenet5-1 lenet5.onnx",
            "fovea export runs/lenet5-1 --normalization metadata --verify --data mnist",
            "fovea export runs/lenet5-1 lenet5.safetensors",
            "fovea export runs/lenet5-1 lenet5-pytorch --format pytorch",
        ];
        verb.SetAction(result =>
        {
            string from = result.GetRequiredValue(folder), kind = result.GetValue(format) ?? FormatOf(result.GetValue(target), verb);
            if (kind != Onnx && ((Option[])[normalization, verify, data, runtime]).FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } alone)
                throw new UsageException($"export: {alone.Name} is for ONNX files alone, not for {kind}. Leave it out.", verb);
            if (!result.GetValue(verify) && ((Option[])[data, runtime]).FirstOrDefault(option => result.GetResult(option) is not null) is { } needless)
                throw new UsageException($"export: {needless.Name} says how --verify compares, which is not asked for. Leave it out, or add --verify.", verb);
            // Before anything is written: without it there is nothing to verify by.
            OnnxRuntime? verifier = result.GetValue(verify) ? OnnxRuntime.Load(result.GetValue(runtime)) : null;
            string beside = Path.TrimEndingDirectorySeparator(from) + (s_files.Contains(kind) ? $".{kind}" : $"-{kind}");
            string to = result.GetValue(target) ?? beside;
            OutputFile? file = s_files.Contains(kind) ? OutputFile.At(to, "FILE") : null;
            TrainedNetwork trained = TrainedFolder.Load(terminal, from);
            (string Name, long Bytes)[] files = file is not null ? WriteFile(trained, kind, file, result.GetValue(normalization) == InGraph) : WriteFolder(trained, kind, to);
            OnnxVerification? verification = verifier is null ? null : OnnxVerification.Of(verifier, trained, to, result.GetValue(normalization) == InGraph, result.GetValue(data));
            var report = new ExportReport(trained.Network.Model.ToString(), kind, to, files.Sum(file => file.Bytes), [.. files.Select(file => file.Name)], verification);
            if (result.GetValue(json)) terminal.Out.WriteLine(CliJson.Write(report));
            else foreach (string line in Describe(report)) terminal.WriteLine(line);
            return verification is { Agrees: false } ? Program.Failed : Program.Done;
        });
        return verb;
    }

    private static string FormatOf(string? path, Verb verb)
    {
        string ending = Path.GetExtension(path) ?? "";
        return ending is "" or ".onnx" ? Onnx : ending == $".{Safetensors}" ? Safetensors
            : throw new UsageException($"export: FILE ends in {ending}, which says no format. Let it end in .onnx or .safetensors, or give --format.", verb);
    }

    private static (string Name, long Bytes)[] WriteFile(TrainedNetwork trained, string kind, OutputFile file, bool normalizeInGraph)
    {
        byte[] bytes = kind != Onnx ? SafetensorsModel.Write(trained) : OnnxExport.Of(trained.Network, new OnnxExportOptions
        {
            Normalization = trained.Data.Normalization,
            NormalizeInGraph = normalizeInGraph,
            Data = trained.Data.Name,
            ClassNames = trained.Data.ClassNames,
        }).ToBytes();
        file.Write(bytes);
        return [(file.Path, bytes.Length)];
    }

    private static (string Name, long Bytes)[] WriteFolder(TrainedNetwork trained, string kind, string folder)
    {
        IReadOnlyList<ExportedFile> files = kind switch
        {
            "pytorch" => PyTorchExport.Of(trained),
            "keras" => KerasExport.Of(trained),
            _ => CSharpExport.Of(trained),
        };
        OutputFolder.MakeWritable(folder, "FILE");
        foreach (ExportedFile file in files) File.WriteAllBytes(Path.Combine(folder, file.Name), file.Bytes);
        return [.. files.Select(file => (Path.Combine(folder, file.Name), (long)file.Bytes.Length))];
    }

    private static IEnumerable<string> Describe(ExportReport report)
    {
        string bytes = $"{Format.Number(report.Bytes)} bytes", files = string.Join(", ", report.Files.Select(Path.GetFileName));
        yield return report.Format switch
        {
            Onnx => $"{report.Model} is in {report.File}: ONNX, opset {OnnxExport.Opset}, {bytes}",
            Safetensors => $"{report.Model} is in {report.File}: safetensors, {bytes}",
            _ => $"{report.Model} is in {report.File}: {files}",
        };
        if (report.Verification is { } verification) yield return verification.ToString();
        if (report.Format is "pytorch" or "keras") yield return $"compare it with Fovea's own outputs: python3 {Path.Combine(report.File, "check.py")}";
        if (report.Format == "csharp") yield return $"compare it with Fovea's own outputs: dotnet run --project {report.File}";
    }
}

/// <summary>What <c>fovea export --json</c> prints.</summary>
/// <param name="Model">Its name, or its layers as text.</param>
/// <param name="Format">The format that was asked for.</param>
/// <param name="File">The file or folder.</param>
/// <param name="Bytes">How long all is that was written.</param>
/// <param name="Files">The files.</param>
/// <param name="Verification">What --verify came to; null where it was not asked for.</param>
internal sealed record ExportReport(string Model, string Format, string File, long Bytes, IReadOnlyList<string> Files, OnnxVerification? Verification);
