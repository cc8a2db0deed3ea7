using System.CommandLine;
using Fovea.Lab;
using Fovea.Onnx;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea import</c>: makes a folder of an ONNX or safetensors file that the other verbs read.</summary>
internal static class ImportCommand
{
    public static Verb Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "An ONNX file, or weights as a safetensors file, such as a state_dict of PyTorch." };
        var folder = new Option<string>("--out") { Description = "The folder to write: model.json, and the weights as after a training.", HelpName = "DIR", Required = true };
        var model = new Option<string?>("--model") { Description = "The model that a safetensors file has the weights of, where the file does not tell it: a name, a JSON file or a line of text.", HelpName = "MODEL" };
        Option<Shape?> input = Options.Shape("--input", "The shape of a sample, where the file does not say it.");
        var data = new Option<string?>("--data") { Description = "The data that the network was trained on, where the file does not tell them: their normalization and classes are taken.", HelpName = "DATA" };
        Option<bool> json = Options.Json();
        var verb = new Verb("import", "Make a folder of an ONNX or safetensors file that evaluate, predict and export read.") { file, folder, model, input, data, json };
        verb.Examples = ["fovea import lenet5.onnx --out runs/imported", "fovea import state_dict.safetensors --model lenet5 --data mnist --out runs/imported"];
        verb.SetAction(result =>
        {
            string path = result.GetRequiredValue(file), to = result.GetRequiredValue(folder);
            TrainedNetwork imported = Read(path, result.GetValue(model), result.GetValue(input), result.GetValue(data));
            ModelSpec spec = imported.Network.Model;
            OutputFolder.Prepare(to);
            imported.Save(to);
            string specFile = Path.Combine(to, "model.json");
            File.WriteAllText(specFile, spec.ToJson());
            var report = new ImportReport(spec.ToText(), to, imported.Network.ParameterCount);
            if (result.GetValue(json)) terminal.Out.WriteLine(CliJson.Write(report));
            else
            {
                terminal.WriteLine($"{report.Model}: {spec.Input} -> {spec.Output}, {Format.Number(report.Parameters)} parameters");
                terminal.WriteLine($"the layers are in {specFile}, for summary and train (--weights {to}); the network is in {to}, for evaluate, predict and export");
            }
        });
        return verb;
    }

    private static TrainedNetwork Read(string path, string? model, Shape? input, string? data)
    {
        bool isSafetensors = path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);
        if (!isSafetensors && model is not null) throw new FoveaException($"--model: {path} is read as an ONNX file, which tells its model itself. Leave it out, or give a file that ends in .safetensors.");
        TrainedNetwork imported = isSafetensors ? SafetensorsModel.Read(path, Model(model, input, data)) : ReadOnnx(path, input);
        return data is null ? imported
            : imported with { Data = DataDescription.Of(Datasets.Load(data, DatasetPart.Test, imported.Network.Input)) };
    }

    private static TrainedNetwork ReadOnnx(string path, Shape? input)
    {
        OnnxNetwork imported = OnnxImport.Of(OnnxModel.Read(path), input);
        ModelSpec model = imported.Network.Model;
        var data = new DataDescription(imported.Data ?? "unknown", model.Input, 0, imported.Normalization, imported.ClassNames);
        return new TrainedNetwork(imported.Network, new TrainingSettings { Loss = Loss.For(model) }, data, []);
    }

    private static ModelSpec? Model(string? text, Shape? input, string? data)
    {
        if (text is null) return null;
        bool needsInput = input is null && ModelArgument.IsLine(text);
        if (needsInput && data is null) throw new FoveaException($"--model {text}: a line of text does not say the shape of a sample. Give --input, or --data.");
        return ModelArgument.Read(text, input, needsInput ? Datasets.ShapeOf(data!) : default);
    }
}

/// <summary>What <c>fovea import --json</c> prints.</summary>
/// <param name="Model">Its layers as text.</param>
/// <param name="Folder">Where it is.</param>
/// <param name="Parameters">How many numbers it learned.</param>
internal sealed record ImportReport(string Model, string Folder, long Parameters);
