using System.CommandLine;

namespace Fovea.Cli;

/// <summary>The DIR of a command line: a folder that a training wrote.</summary>
internal static class TrainedFolder
{
    /// <summary>The argument, for a verb.</summary>
    public static Argument<string> Argument() => new("DIR") { Description = "The folder that a training wrote (its --out)." };
}
