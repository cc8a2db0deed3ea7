using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea data</c>: which datasets there are, and how to have one.</summary>
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
        return new Verb("data", "Show which datasets there are, get one, or make one.")
        {
            Examples = ["fovea data list", GetExample, MakeExample],
            Subcommands = { list, Get(terminal), new Verb("make", "Draw a dataset.") { Examples = [MakeExample], Subcommands = { MakeShapes(terminal) } } },
        };
    }

    private const string GetExample = "fovea data get cifar-10";

    private static Verb Get(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = $"Which: {string.Join(", ", Datasets.Catalogue.Where(entry => entry.Files.Count > 0).Select(entry => entry.Name))}." };
        var output = new Option<string?>("--out") { Description = "The folder for the files; a folder of yours below $FOVEA_DATA, or below your own place for data, unless given.", HelpName = "DIR" };
        var mirror = new Option<string?>("--mirror") { Description = "An address to fetch the files from instead of the published ones.", HelpName = "URL" };
        Option<bool> json = Options.Json();
        var verb = new Verb("get", "Fetch a dataset: resumable, checked by its SHA-256; what is there already is only checked.") { name, output, mirror, json };
        verb.Examples = [GetExample, "fovea data get emnist-letters --out big-disk/emnist"];
        verb.SetAction(result =>
        {
            string wanted = result.GetRequiredValue(name);
            string[] names = [.. Datasets.Catalogue.Select(entry => entry.Name)];
            DatasetEntry entry = Datasets.Catalogue.FirstOrDefault(entry => entry.Name == wanted)
                ?? throw new FoveaException($"there is no dataset \"{wanted}\" to get. {Nearest.Hint(wanted, names)}There are: {string.Join(", ", names)}.");
            if (entry.Files.Count == 0)
            {
                if (result.GetValue(json)) terminal.Out.WriteLine(JsonSerializer.Serialize(new DatasetFetched(entry.Name, null, 0, []), CatalogueJson.Default.DatasetFetched));
                else terminal.WriteLine($"{entry.Name} comes with the program: there is nothing to get");
                return Program.Done;
            }
            using var interruption = new Interruption();
            long total = entry.Files.Sum(file => file.Bytes);
            var (folder, fetched) = terminal.WithBar(result.GetValue(json), bar =>
            {
                try
                {
                    return DatasetDownload.Get(entry, result.GetValue(output), result.GetValue(mirror),
                        (file, bytes) => bar?.Show(() => file.Name, (double)(bytes + entry.Files.TakeWhile(other => other != file).Sum(other => other.Bytes)) / total), interruption.Token);
                }
                catch (OperationCanceledException)
                {
                    return ("", -1);
                }
            });
            if (fetched < 0)
            {
                terminal.Error.WriteLine("fovea: interrupted; what came is kept, and the same command goes on from there.");
                return Program.Interrupted;
            }
            if (result.GetValue(json)) terminal.Out.WriteLine(JsonSerializer.Serialize(new DatasetFetched(entry.Name, folder, fetched, entry.Files), CatalogueJson.Default.DatasetFetched));
            else if (fetched == 0) terminal.WriteLine($"{entry.Name} is in {folder} already, whole");
            else terminal.WriteLine($"{entry.Name} is in {folder}: {Format.Number(fetched)} bytes were fetched, the check sums are right");
            if (!result.GetValue(json) && result.GetValue(output) is not null) terminal.WriteLine($"use it with: --data {entry.Name} --data-folder {folder}");
            return Program.Done;
        });
        return verb;
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
            // The name of a dataset is never taken for a folder.
            terminal.WriteLine($"train on them with: --data {(Datasets.IsNamed(folder) ? $"./{folder}" : folder)}");
        });
        return verb;
    }

    private static void Write(Terminal terminal)
    {
        TextTable table = new TextTable().AddColumns("name", "what", "samples of", "classes", "training", "test", "available");
        foreach (DatasetEntry entry in Datasets.Catalogue)
        {
            table.AddRow(entry.Name, entry.Title, entry.Shape.ToString(), Format.Number(entry.ClassNames.Count), Format.Number(entry.TrainingSamples),
                Format.Number(entry.TestSamples), entry.IsAvailable ? "yes" : "no");
        }
        terminal.Write(table);
        foreach (DatasetEntry entry in Datasets.Catalogue)
        {
            string package = entry.Package is null ? "" : $" (Debian package {entry.Package})", how = entry.IsAvailable ? "" : $"; fovea data get {entry.Name}";
            terminal.WriteLine($"{entry.Name}: {entry.Where}{package}{how}. {entry.Source}, {entry.Licence}.");
        }
        terminal.WriteLine("--data also takes a table of pixels (.csv), an archive of NumPy's arrays (.npz), or a folder: one sub-folder of PNG or JPEG images for each class, four");
        terminal.WriteLine("IDX files, the binary files of CIFAR, or train.csv and test.csv.");
    }
}

/// <summary>What <c>fovea data list --json</c> prints.</summary>
internal sealed record DatasetList(IReadOnlyList<DatasetEntry> Datasets);

/// <summary>What <c>fovea data get --json</c> prints.</summary>
/// <param name="Name">The dataset.</param>
/// <param name="Folder">Where its files are; null of a dataset that comes with the program.</param>
/// <param name="Fetched">Bytes that were fetched; 0 where all was there.</param>
/// <param name="Files">The files, and what they were checked by.</param>
internal sealed record DatasetFetched(string Name, string? Folder, long Fetched, IReadOnlyList<DatasetFile> Files);

/// <summary>The catalogue in JSON, with what is computed: where a dataset is, and whether it is there.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DatasetList))]
[JsonSerializable(typeof(DatasetFetched))]
internal sealed partial class CatalogueJson : JsonSerializerContext;
