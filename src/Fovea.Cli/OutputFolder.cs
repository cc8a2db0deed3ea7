using Fovea.Lab;

namespace Fovea.Cli;

/// <summary>The folder that a training or a study writes into.</summary>
internal static class OutputFolder
{
    /// <summary>The first of runs/NAME-1, runs/NAME-2, ... that does not exist.</summary>
    public static string Next(string name)
    {
        string safe = string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '-'));
        return Enumerable.Range(1, int.MaxValue).Select(number => Path.Combine("runs", $"{safe}-{number}")).First(path => !Path.Exists(path));
    }

    /// <summary>Makes the folder of a new training.</summary>
    /// <exception cref="FoveaException">It cannot be written, or it holds a trained network already.</exception>
    public static void Prepare(string folder)
    {
        if (TrainedNetwork.Exists(folder))
            throw new FoveaException($"{folder}: there is a trained network already. Give another --out, or continue a training with {ResumeCommand(folder)}.");
        MakeWritable(folder);
    }

    /// <summary>Makes a folder, if need be, and sees that it can be written, so that nobody learns it after the training.</summary>
    /// <exception cref="FoveaException">It cannot.</exception>
    public static void MakeWritable(string folder, string option = "--out")
    {
        if (string.IsNullOrWhiteSpace(folder)) throw new FoveaException($"{option}: the name of the folder is empty. Give one.");
        if (File.Exists(folder)) throw new FoveaException($"{folder}: this is a file, not a folder. Give another {option}.");
        string probe = Path.Combine(folder, $".probe-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new FoveaException($"{folder}: the folder cannot be written: {exception.Message} Give another {option}.", exception);
        }
    }

    /// <summary>How a training is continued, to be typed as it is: one of a study by the study.</summary>
    public static string ResumeCommand(string folder) => StudyFolder.OfTrial(folder) is { } study ? $"fovea study --resume {Quoted(study)}" : $"fovea train --resume {Quoted(folder)}";

    private static string Quoted(string folder) => folder.Any(char.IsWhiteSpace) ? $"\"{folder}\"" : folder;
}
