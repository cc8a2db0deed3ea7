using System.Diagnostics;
using System.Text.Json;

namespace Fovea.Lab;

/// <summary>The folder of one run of a study: its last checkpoint while it is under way, its weights and figures when it is finished.</summary>
internal sealed class TrialFolder
{
    /// <summary>How often a checkpoint is written unless told otherwise.</summary>
    public const double UsualCheckpointSeconds = 30;

    private const string RunFile = "run.json", DivergedFile = "diverged.json";

    private readonly TimeSpan _interval;
    private long _saved = Stopwatch.GetTimestamp();

    private TrialFolder(string path, double checkpointSeconds) => (Path, _interval) = (path, TimeSpan.FromSeconds(checkpointSeconds));

    /// <summary>Called before each checkpoint; null tells nobody.</summary>
    public Action? Saving { get; set; }

    /// <summary>Called after each checkpoint; null tells nobody.</summary>
    private Action? Saved { get; init; }

    /// <summary>The folder of a variant, by its number, and a seed.</summary>
    public static TrialFolder Of(string study, int variant, ulong seed, double checkpointSeconds = UsualCheckpointSeconds, Action? saved = null) => new(
        System.IO.Path.Combine(study, StudyFolder.RunsFolder, $"{variant + 1}-seed{seed}"), checkpointSeconds)
    {
        Saved = saved,
    };

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The update of the checkpoint in it, of those that this program knows of; null where there is none.</summary>
    public long? LastUpdate { get; private set; }

    /// <summary>Whether the run is finished, with figures.</summary>
    public bool IsFinished => File.Exists(System.IO.Path.Combine(Path, RunFile));

    /// <summary>Whether the run has come to an end: it is finished or has diverged.</summary>
    public bool IsEnded => IsFinished || File.Exists(System.IO.Path.Combine(Path, DivergedFile));

    /// <summary>How the run ended; null before.</summary>
    /// <exception cref="FoveaException">The file is damaged.</exception>
    public TrialOutcome? Outcome()
    {
        if (!IsEnded) return null;
        string path = System.IO.Path.Combine(Path, IsFinished ? RunFile : DivergedFile);
        try
        {
            string text = File.ReadAllText(path);
            return IsFinished ? new TrialOutcome(JsonSerializer.Deserialize(text, LabJson.Readable.RunResult), null)
                : new TrialOutcome(null, JsonSerializer.Deserialize(text, LabJson.Readable.DivergedRun));
        }
        catch (JsonException exception)
        {
            throw new FoveaException($"{path}: the run's figures cannot be read: {exception.Message.Split('\n')[0].TrimEnd('.')}. Remove the file: the run is then done again from its last checkpoint.", exception);
        }
    }

    /// <summary>The training as its last checkpoint left it; null where there is none.</summary>
    public Trainer? Resume(Dataset training, int threads)
    {
        if (!TrainedNetwork.Exists(Path)) return null;
        Trainer trainer = Trainer.Resume(Path, training, threads);
        LastUpdate = trainer.Updates;
        return trainer;
    }

    /// <summary>Writes a checkpoint when the last is old enough.</summary>
    public void SaveNowAndThen(Trainer trainer)
    {
        if (Stopwatch.GetElapsedTime(_saved) >= _interval) Save(trainer);
    }

    /// <summary>Writes a checkpoint.</summary>
    public void Save(Trainer trainer)
    {
        Saving?.Invoke();
        trainer.Save(Path);
        LastUpdate = trainer.Updates;
        _saved = Stopwatch.GetTimestamp();
        Saved?.Invoke();
    }

    /// <summary>Writes how the run ended: it is not done again.</summary>
    public void End(TrialOutcome outcome)
    {
        // One that diverges at once has written no checkpoint.
        Directory.CreateDirectory(Path);
        if (outcome.Run is { } run) StudyFolder.Write(Path, RunFile, JsonSerializer.Serialize(run, LabJson.Readable.RunResult) + "\n");
        else StudyFolder.Write(Path, DivergedFile, JsonSerializer.Serialize(outcome.Diverged!, LabJson.Readable.DivergedRun) + "\n");
    }
}
