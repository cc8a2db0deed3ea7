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
        Option<float[]> mean = Options.Numbers("--mean", "What was taken from pixels from 0 to 1 before the training, a number for each channel or one for all, where neither file nor data tell it.",
            "a number, or one for each channel, as in 0.485,0.456,0.406", _ => true);
        Option<float[]> deviation = Options.Numbers("--deviation", "By what they were divided then.", "a number above 0, or one for each channel, as in 0.229,0.224,0.225", x => x > 0);
        Option<bool> json = Options.Json();
        var verb = new Verb("import", "Turn an ONNX or safetensors file into a folder that evaluate, predict and export read.") { file, folder, model, input, data, mean, deviation, json };
        verb.Examples = ["fovea import lenet5.onnx --out runs/imported", "fovea import state_dict.safetensors --model lenet5 --data mnist --out runs/imported",
            "fovea import resnet18.safetensors --model resnet18 --mean 0.485,0.456,0.406 --deviation 0.229,0.224,0.225 --out runs/resnet18"];
        verb.SetAction(result =>
        {
            string path = result.GetRequiredValue(file), to = result.GetRequiredValue(folder);
            TrainedNetwork imported = Read(path, result.GetValue(model), result.GetValue(input), result.GetValue(data));
            ModelSpec spec = imported.Network.Model;
            float[] means = result.GetRequiredValue(mean), deviations = result.GetRequiredValue(deviation);
            if (means.Length + deviations.Length > 0) imported = imported with { Data = imported.Data with { Normalization = Normalized(spec.Input, means, deviations) } };
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
        bool isOnnx = path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
        if (isOnnx && model is not null) throw new FoveaException($"--model: {path} is read as an ONNX file, which tells its model itself. Leave it out, or give weights as a safetensors file.");
        bool isSafetensors = path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) || model is not null;
        TrainedNetwork imported = isSafetensors ? SafetensorsModel.Read(path, Model(model, input, data)) : ReadOnnx(path, input);
        return data is null ? imported
            : imported with { Data = DataDescription.Of(Datasets.Load(data, DatasetPart.Test, imported.Network.Input)) };
    }

    private static Normalization Normalized(Shape input, float[] means, float[] deviations)
    {
        foreach (var (name, numbers) in ((string, float[])[])[("--mean", means), ("--deviation", deviations)])
        {
            if (numbers.Length > 1 && numbers.Length != input.Channels) throw new FoveaException($"{name}: {numbers.Length} numbers are given, but samples of {input} have {input.Channels} channel{(input.Channels == 1 ? "" : "s")}. Give one, or as many.");
        }
        return new Normalization(means.Length > 0 ? means : [0], deviations.Length > 0 ? deviations : [1]);
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
