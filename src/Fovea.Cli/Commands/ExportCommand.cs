using System.CommandLine;
using Fovea.Onnx;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea export</c>: writes a trained network in the format of other programs.</summary>
internal static class ExportCommand
{
    private const string InGraph = "graph";

    public static Verb Create(Terminal terminal)
    {
        Argument<string> folder = TrainedFolder.Argument();
        var file = new Argument<string?>("FILE") { Description = "The file to write; DIR.onnx unless given.", Arity = ArgumentArity.ZeroOrOne };
        Option<string> format = Options.Choice("--format", "What is written.", "onnx", "onnx");
        Option<string> normalization = Options.Choice("--normalization",
            "Where pixels are normalized as in the training: in the graph, which then takes pixels from 0 to 255, or by who uses it, told by the file's metadata.", InGraph, InGraph, "metadata");
        Option<bool> json = Options.Json();
        var verb = new Verb("export", "Write a trained network in the format of other programs.") { folder, file, format, normalization, json };
        verb.Examples = ["fovea export runs/lenet5-1 lenet5.onnx", "fovea export runs/lenet5-1 --format onnx --normalization metadata"];
        verb.SetAction(result =>
        {
            string from = result.GetRequiredValue(folder), to = result.GetValue(file) ?? $"{Path.TrimEndingDirectorySeparator(from)}.onnx";
            TrainedNetwork trained = TrainedNetwork.Load(from);
            OnnxModel model = OnnxExport.Of(trained.Network, new OnnxExportOptions
            {
                Normalization = trained.Data.Normalization,
                NormalizeInGraph = result.GetValue(normalization) == InGraph,
                Data = trained.Data.Name,
                ClassNames = trained.Data.ClassNames,
            });
            model.Write(to);
            var report = new ExportReport(trained.Network.Model.ToString(), "onnx", to, new FileInfo(to).Length);
            if (result.GetValue(json)) terminal.Out.WriteLine(CliJson.Write(report));
            else terminal.WriteLine($"{report.Model} is in {report.File}: ONNX, operators of version {model.Opset}, {Format.Number(report.Bytes)} bytes");
        });
        return verb;
    }
}

/// <summary>What <c>fovea export --json</c> prints.</summary>
/// <param name="Model">Its name, or its layers as text.</param>
/// <param name="Format">The format of the file.</param>
/// <param name="File">Where it is.</param>
/// <param name="Bytes">How long it is.</param>
internal sealed record ExportReport(string Model, string Format, string File, long Bytes);
