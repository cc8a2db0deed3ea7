using System.CommandLine;

namespace Fovea.Cli;

/// <summary>The DIR of a command line: a folder that a training wrote.</summary>
internal static class TrainedFolder
{
    /// <summary>The argument, for a verb.</summary>
    public static Argument<string> Argument() => new("DIR") { Description = "The folder that a training wrote (its --out)." };

    /// <summary>The network of a folder; where its newest checkpoint is damaged, that of the one before it, which is said.</summary>
    public static TrainedNetwork Load(Terminal terminal, string folder)
    {
        TrainedNetwork trained = TrainedNetwork.Load(folder);
        if (trained.CheckpointWarning is { } warning) terminal.Error.WriteLine($"fovea: {warning}");
        return trained;
    }
}
