using System.CommandLine;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea predict</c>: what a trained network takes images for.</summary>
internal static class PredictCommand
{
    private const string Digits = "mnist";

    public static Verb Create(Terminal terminal)
    {
        Argument<string> folder = TrainedFolder.Argument();
        var images = new Argument<string[]>("IMAGE") { Description = "PNG or JPEG files.", Arity = ArgumentArity.OneOrMore };
        var asIs = new Option<bool>("--as-is")
        {
            Description = "Only resize the images. Otherwise a network of MNIST digits sees them as MNIST's makers would have made them: light on dark, cropped, centred.",
        };
        Option<bool> json = Options.Json();
        var verb = new Verb("predict", "Show which classes a trained network gives images, with probabilities.") { folder, images, asIs, json };
        verb.Examples = ["fovea predict runs/stride2-1 seven.png", "fovea predict runs/stride2-1 photos/*.jpg --json"];
        verb.SetAction(result =>
        {
            TrainedNetwork trained = TrainedFolder.Load(terminal, result.GetRequiredValue(folder));
            bool isDigit = trained.Data.Name == Digits && !result.GetValue(asIs);
            Prediction[] predictions = [.. result.GetRequiredValue(images).Select(path => Predict(trained, path, isDigit))];
            if (result.GetValue(json)) terminal.Out.WriteLine(CliJson.Write(new PredictionReport(predictions)));
            else Write(terminal, predictions);
        });
        return verb;
    }

    private static Prediction Predict(TrainedNetwork trained, string path, bool isDigit)
    {
        DigitImage? digit = isDigit ? DigitImage.Read(path) : null;
        Shape shape = digit is null ? trained.Data.Shape : DigitImage.Shape;
        Dataset sample = Dataset.FromBytes(path, shape, digit?.Pixels ?? ImageFile.Read(path, shape), [0], trained.Data.ClassNames, trained.Data.Normalization);
        Classification found = trained.Classify(sample)[0];
        var probabilities = new OrderedDictionary<string, float>();
        for (int i = 0; i < found.Probabilities.Count; i++) probabilities.Add(trained.Data.ClassName(i), found.Probabilities[i]);
        return new Prediction(path, digit?.Steps ?? [], trained.Data.ClassName(found.Label), probabilities);
    }

    private static void Write(Terminal terminal, Prediction[] predictions)
    {
        TextTable table = new TextTable().AddColumns("image", "class").AddNumbers("probability").AddColumn("then");
        foreach (Prediction prediction in predictions)
        {
            string[] ranked = [.. prediction.Probabilities.Where(p => p.Key != prediction.Class).OrderByDescending(p => p.Value).Take(2).Select(p => $"{p.Key} {Format.Percent(p.Value)}")];
            table.AddRow(prediction.Image, prediction.Class, Format.Percent(prediction.Probabilities[prediction.Class]), string.Join(", ", ranked));
        }
        terminal.Write(table);
        foreach (Prediction prediction in predictions.Where(p => p.Prepared.Count > 0))
            terminal.WriteLine($"{prediction.Image} was {string.Join(", ", prediction.Prepared)}.");
    }
}

/// <summary>What <c>fovea predict --json</c> prints.</summary>
internal sealed record PredictionReport(IReadOnlyList<Prediction> Predictions);

/// <summary>What an image was taken for.</summary>
/// <param name="Image">The file.</param>
/// <param name="Prepared">What was done to it before, in words.</param>
/// <param name="Class">The most probable class.</param>
/// <param name="Probabilities">Of each class.</param>
internal sealed record Prediction(string Image, IReadOnlyList<string> Prepared, string Class, IReadOnlyDictionary<string, float> Probabilities);
