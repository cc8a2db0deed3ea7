using System.CommandLine;
using Fovea.Lab;

namespace Fovea.Cli;

/// <summary>The options that say which data a verb works on.</summary>
internal sealed class DataOptions
{
    /// <summary>What to load.</summary>
    public Option<string?> Data { get; }

    /// <summary>Where a named dataset is.</summary>
    public Option<string?> Folder { get; } = new("--data-folder") { Description = "Where the files of a named dataset are, when not at their usual place.", HelpName = "DIR" };

    /// <summary>How much memory images may take.</summary>
    public Option<int?> Memory { get; } = Options.Whole("--data-memory", "Megabytes that the images of a folder may take; those of a larger one are read from the disk as they are needed. A quarter of the machine's memory unless given.", least: 0);

    /// <summary>How many samples to use.</summary>
    public Option<int?> Limit { get; } = Options.Whole("--limit", "Use only the first N samples.", least: 1);

    /// <param name="usual">What is taken where nothing is given, in words.</param>
    public DataOptions(string usual) => Data = new("--data")
    {
        Description = $"{string.Join(", ", Datasets.Catalogue.Select(entry => entry.Name))}, {Datasets.Shapes} (drawn), a .csv or .npz file, or a folder: of images by class, of IDX files, of CIFAR's binary files, or of train.csv and test.csv; {usual}.",
        HelpName = "DATA",
    };

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command command)
    {
        command.Add(Data);
        command.Add(Folder);
        command.Add(Memory);
        command.Add(Limit);
    }

    /// <summary>Loads what was asked for.</summary>
    public Dataset Load(ParseResult result, string usual, DatasetPart part, Shape? shape) =>
        Datasets.Load(result.GetValue(Data) ?? usual, part, shape, result.GetValue(Folder), result.GetValue(Memory) is { } megabytes ? (long)megabytes << 20 : null);
}
