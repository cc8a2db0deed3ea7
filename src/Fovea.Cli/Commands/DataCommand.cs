using System.CommandLine;
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
            if (result.GetValue(json)) terminal.Out.WriteLine(CliJson.Write(new DatasetList(Datasets.Catalogue)));
            else Write(terminal);
        });
        return new Verb("data", "Show which datasets there are.") { Examples = ["fovea data list"], Subcommands = { list } };
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
