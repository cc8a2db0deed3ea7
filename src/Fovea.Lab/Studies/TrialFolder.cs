using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Fovea.Lab;

/// <summary>The folder of one run of a study: its last checkpoint while it is under way, its weights and figures when it is finished.</summary>
internal sealed class TrialFolder
{
    /// <summary>How often a checkpoint is written unless told otherwise.</summary>
    public const double UsualCheckpointSeconds = 30;

    private const string RunFile = "run.json";

    private readonly TimeSpan _interval;
    private long _saved = Stopwatch.GetTimestamp();

    private TrialFolder(string path, double checkpointSeconds) => (Path, _interval) = (path, TimeSpan.FromSeconds(checkpointSeconds));

    /// <summary>Called before each checkpoint; null tells nobody.</summary>
    public Action? Saving { get; set; }

    /// <summary>Called after each checkpoint; null tells nobody.</summary>
    private Action? Saved { get; init; }

    /// <summary>The folder of a variant, by its number, and a seed.</summary>
    public static TrialFolder Of(string study, int variant, ulong seed, double checkpointSeconds = UsualCheckpointSeconds, Action? saved = null) => new(
        System.IO.Path.Combine(study, StudyFolder.RunsFolder, string.Create(CultureInfo.InvariantCulture, $"{variant + 1}-seed{seed}")), checkpointSeconds)
    {
        Saved = saved,
    };

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Whether the run is finished.</summary>
    public bool IsFinished => File.Exists(System.IO.Path.Combine(Path, RunFile));

    /// <summary>The figures, when the run is finished; null before.</summary>
    /// <exception cref="FoveaException">The file is damaged.</exception>
    public RunResult? Finished()
    {
        string path = System.IO.Path.Combine(Path, RunFile);
        if (!IsFinished) return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), LabJson.Readable.RunResult);
        }
        catch (JsonException exception)
        {
            throw new FoveaException($"{path}: the run's figures cannot be read: {exception.Message.Split('\n')[0].TrimEnd('.')}. Remove the file: the run is then done again from its last checkpoint.", exception);
        }
    }

    /// <summary>The training as its last checkpoint left it; null where there is none.</summary>
    public Trainer? Resume(Dataset training, int threads) => TrainedNetwork.Exists(Path) ? Trainer.Resume(Path, training, threads) : null;

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
        _saved = Stopwatch.GetTimestamp();
        Saved?.Invoke();
    }

    /// <summary>Writes the figures: the run is then finished.</summary>
    public void Finish(RunResult run) => StudyFolder.Write(Path, RunFile, JsonSerializer.Serialize(run, LabJson.Readable.RunResult) + "\n");
}
