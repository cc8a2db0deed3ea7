using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fovea.Lab;
using Spectre.Console;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea data</c>: which datasets there are.</summary>
internal static class DataCommand
{
    public static Verb Create(Terminal terminal)
    {
        Option<bool> json = Options.Json();
        var list = new Verb("list", "List the datasets that have a name, and whether they are on this machine.") { json };
        list.Examples = ["fovea data list"];
        list.SetAction(result =>
        {
            if (result.GetValue(json)) terminal.Out.WriteLine(JsonSerializer.Serialize(new DatasetList(Datasets.Catalogue), CatalogueJson.Default.DatasetList));
            else Write(terminal);
        });
        return new Verb("data", "Show which datasets there are, or make one.")
        {
            Examples = ["fovea data list", MakeExample],
            Subcommands = { list, new Verb("make", "Draw a dataset.") { Examples = [MakeExample], Subcommands = { MakeShapes(terminal) } } },
        };
    }

    private const string MakeExample = "fovea data make shapes --count 4000 --seed 1 --noise 0.1 --imbalance 9:1 --out shapes";

    private static Verb MakeShapes(Terminal terminal)
    {
        var plain = new ShapeImages();
        Option<string> classes = Options.Choice("--classes", "The classes that are drawn.", string.Join(',', ShapeImages.Classes), [string.Join(',', ShapeImages.Classes)]);
        Option<int?> count = Options.Whole("--count", "How many images.", least: 10, plain.Count), size = Options.Whole("--size", "Height and width.", least: 16, plain.Size);
        Option<ulong?> seed = Options.Seed("--seed", "What everything is drawn by.", plain.Seed);
        Option<double?> noise = Options.Number("--noise", "The deviation of the noise, as a share of white.", "a number from 0 to 1", x => x is >= 0 and <= 1, plain.Noise);
        var imbalance = new Option<double?>("--imbalance")
        {
            Description = "How many round ones there are for how many odd ones; 1:1 unless given.",
            HelpName = "N:N",
            CustomParser = result =>
            {
                string[] sides = result.Tokens[0].Value.Split(':');
                if (sides.Length == 2 && int.TryParse(sides[0], out int round) && int.TryParse(sides[1], out int odd) && round > 0 && odd > 0) return (double)round / odd;
                result.AddError($"--imbalance: expected two numbers above 0 as in 9:1, got \"{result.Tokens[0].Value}\".");
                return null;
            },
        };
        var output = new Option<string>("--out") { Description = "The folder, one sub-folder for each class.", HelpName = "DIR", DefaultValueFactory = _ => Datasets.Shapes };
        var verb = new Verb("shapes", "Draw silhouettes of fruit, round ones and odd ones, as PNG files.") { classes, count, seed, noise, imbalance, size, output };
        verb.Examples = ["fovea data make shapes --classes round,odd --size 48 --out big-shapes", MakeExample];
        verb.SetAction(result =>
        {
            var images = new ShapeImages
            {
                Count = result.GetValue(count)!.Value,
                Size = result.GetValue(size)!.Value,
                Seed = result.GetValue(seed)!.Value,
                Noise = result.GetValue(noise)!.Value,
                Imbalance = result.GetValue(imbalance) ?? plain.Imbalance,
            };
            images.Check();
            string folder = result.GetRequiredValue(output);
            if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
                throw new FoveaException($"{folder}: the folder is not empty. Give another --out.");
            OutputFolder.MakeWritable(folder);
            string sheet = images.Save(folder);
            int odd = Enumerable.Range(0, images.Count).Sum(images.Label);
            terminal.WriteLine($"{Format.Number(images.Count - odd)} round and {Format.Number(odd)} odd images in {folder}; a sheet of samples: {sheet}");
        });
        return verb;
    }

    private static void Write(Terminal terminal)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns("name", "what", "samples of", "classes", "training", "test", "available");
        foreach (DatasetEntry entry in Datasets.Catalogue)
        {
            table.AddRow(entry.Name, entry.Title, entry.Shape.ToString(), Format.Number(entry.ClassNames.Count), Format.Number(entry.TrainingSamples),
                Format.Number(entry.TestSamples), entry.IsAvailable ? "yes" : "no");
        }
        terminal.Write(table);
        foreach (DatasetEntry entry in Datasets.Catalogue)
        {
            string where = entry.Package is null ? entry.Where : $"{entry.Where} (Debian package {entry.Package})";
            terminal.WriteLine($"{entry.Name}: {where}. {entry.Source}, {entry.Licence}.");
        }
        terminal.WriteLine("--data also takes a folder: one sub-folder of PNG or JPEG images for each class, or four IDX files.");
    }
}

/// <summary>What <c>fovea data list --json</c> prints.</summary>
internal sealed record DatasetList(IReadOnlyList<DatasetEntry> Datasets);

/// <summary>The catalogue in JSON, with what is computed: where a dataset is, and whether it is there.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DatasetList))]
internal sealed partial class CatalogueJson : JsonSerializerContext;
