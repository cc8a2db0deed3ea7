using System.CommandLine;
using Fovea.Onnx;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea import</c>: makes a folder of an ONNX file that the other verbs read.</summary>
internal static class ImportCommand
{
    public static Verb Create(Terminal terminal)
    {
        var file = new Argument<string>("MODEL") { Description = "The ONNX file." };
        var folder = new Option<string>("--out") { Description = "The folder to write: model.json, and the weights as after a training.", HelpName = "DIR", Required = true };
        Option<Shape?> input = Options.Shape("--input", "The shape of a sample, where the file does not say it.");
        Option<bool> json = Options.Json();
        var verb = new Verb("import", "Make a folder of an ONNX file that summary, evaluate, predict and export read.") { file, folder, input, json };
        verb.Examples = ["fovea import lenet5.onnx --out runs/imported"];
        verb.SetAction(result =>
        {
            string path = result.GetRequiredValue(file), to = result.GetRequiredValue(folder);
            OutputFolder.Prepare(to);
            OnnxNetwork imported = OnnxImport.Of(OnnxModel.Read(path), result.GetValue(input));
            ModelSpec model = imported.Network.Model;
            var data = new DataDescription(imported.Data ?? "unknown", model.Input, 0, imported.Normalization, imported.ClassNames);
            new TrainedNetwork(imported.Network, new TrainingSettings { Loss = Loss.For(model) }, data, []).Save(to);
            string spec = Path.Combine(to, "model.json");
            File.WriteAllText(spec, model.ToJson());
            var report = new ImportReport(model.ToText(), to, imported.Network.ParameterCount);
            if (result.GetValue(json)) terminal.Out.WriteLine(CliJson.Write(report));
            else
            {
                terminal.WriteLine($"{report.Model}: {model.Input} -> {model.Output}, {Format.Number(report.Parameters)} parameters");
                terminal.WriteLine($"the layers are in {spec}, for summary and train; the network is in {to}, for evaluate, predict and export");
            }
        });
        return verb;
    }
}

/// <summary>What <c>fovea import --json</c> prints.</summary>
/// <param name="Model">Its layers as text.</param>
/// <param name="Folder">Where it is.</param>
/// <param name="Parameters">How many numbers it learned.</param>
internal sealed record ImportReport(string Model, string Folder, long Parameters);
