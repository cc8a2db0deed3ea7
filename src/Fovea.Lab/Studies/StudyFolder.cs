using System.Text;

namespace Fovea.Lab;

/// <summary>The folder that a study writes.</summary>
public static class StudyFolder
{
    /// <summary>The name of the file with the results.</summary>
    public const string ResultFile = "study.json";

    /// <summary>The name of the report.</summary>
    public const string ReportFile = "report.html";

    /// <summary>The name of the file with the study's plan, by which it is taken up again.</summary>
    public const string PlanFile = "plan.json";

    /// <summary>The name of the file that says, while a study's trials are in a queue, under which number they are there.</summary>
    public const string QueueFile = "queue.json";

    /// <summary>The name of the folder with the runs.</summary>
    public const string RunsFolder = "runs";

    /// <summary>The plan of a study that was begun in a folder.</summary>
    /// <exception cref="FoveaException">There is none, or it cannot be read.</exception>
    public static StudyPlan LoadPlan(string folder)
    {
        string path = Path.Combine(folder, PlanFile);
        return File.Exists(path) ? StudyPlan.Load(path)
            : throw new FoveaException($"{folder}: there is no study to go on with ({PlanFile} is missing). Give the folder that a study was begun in (its --out).");
    }

    /// <summary>Whether a study was begun in a folder and is not finished.</summary>
    public static bool IsUnfinished(string folder)
    {
        if (!File.Exists(Path.Combine(folder, PlanFile))) return false;
        Study study = LoadPlan(folder).ToStudy();
        return study.Variants.Index().Any(variant => study.Seeds.Any(seed => !TrialFolder.Of(folder, variant.Index, seed).IsEnded));
    }

    /// <summary>The folder of the study that a folder of weights is a run of; null where it is of none.</summary>
    public static string? OfTrial(string folder)
    {
        string trial = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Path.GetDirectoryName(Path.GetDirectoryName(trial)) is not { } place || !File.Exists(Path.Combine(place, PlanFile))) return null;
        Study study = LoadPlan(place).ToStudy();
        return study.Variants.Index().Any(variant => study.Seeds.Any(seed => TrialFolder.Of(place, variant.Index, seed).Path == trial)) ? place : null;
    }

    /// <summary>When the study of a folder was begun, by its result; null where there is none that can be read.</summary>
    internal static DateTimeOffset? Started(string folder)
    {
        try
        {
            return StudyResult.Load(folder)?.Started;
        }
        catch (FoveaException)
        {
            // It is written anew from the runs.
            return null;
        }
    }

    /// <summary>Whether a folder holds a study of another plan; the command that began it counts for nothing.</summary>
    /// <exception cref="FoveaException">The plan that lies there cannot be read.</exception>
    public static bool HoldsAnother(string folder, StudyPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return File.Exists(Path.Combine(folder, PlanFile)) && !LoadPlan(folder).IsSameAs(plan);
    }

    /// <summary>Removes what an earlier, finished study left in a folder. Whatever else lies there stays: trainings have a folder of the name runs, too.</summary>
    /// <exception cref="FoveaException">There are files or folders of the names that a study writes, and no plan that says that a study wrote them.</exception>
    public static void Clear(string folder)
    {
        string runs = Path.Combine(folder, RunsFolder);
        if (!File.Exists(Path.Combine(folder, PlanFile)))
        {
            if (((string[])[RunsFolder, ReportFile, ResultFile]).FirstOrDefault(name => Path.Exists(Path.Combine(folder, name))) is { } other)
                throw new FoveaException($"{folder}: there is \"{other}\" already, and no study that it is of ({PlanFile} is missing): it would be lost. Give another --out.");
            return;
        }
        Study study = LoadPlan(folder).ToStudy();
        foreach (var (variant, _) in study.Variants.Index())
        {
            foreach (ulong seed in study.Seeds)
                if (TrialFolder.Of(folder, variant, seed).Path is var trial && Directory.Exists(trial)) Directory.Delete(trial, recursive: true);
        }
        if (Directory.Exists(runs) && !Directory.EnumerateFileSystemEntries(runs).Any()) Directory.Delete(runs);
        // The plan last: interrupted, what is left is still known as a study's.
        foreach (string file in (string[])[ReportFile, ResultFile, QueueFile, PlanFile]) File.Delete(Path.Combine(folder, file));
    }

    /// <summary>Writes a file whole or not at all: under a temporary name, flushed to disk and renamed.</summary>
    /// <exception cref="FoveaException">It cannot be written.</exception>
    internal static void Write(string folder, string file, string text)
    {
        string path = Path.Combine(folder, file), temporary = path + ".tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            try
            {
                File.Delete(temporary);
            }
            catch (Exception second) when (second is IOException or UnauthorizedAccessException)
            {
                // It is written over when there is room.
            }
            throw new FoveaException($"{path}: the file cannot be written: {exception.Message.TrimEnd('.')}. What was there before is as it was: make room or the folder writable, and go on.", exception);
        }
    }
}
