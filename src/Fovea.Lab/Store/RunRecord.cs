namespace Fovea.Lab;

/// <summary>A finished run, as the store of a workspace keeps it.</summary>
/// <param name="Id">Its number in the store; 0 before it is stored.</param>
/// <param name="Study">The study that it belongs to; null for a training by itself.</param>
/// <param name="Name">The variant's name, or the model's.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Model">The model, as the command line takes it.</param>
/// <param name="Data">The dataset.</param>
/// <param name="Folder">The folder with its weights, in full: what tells it apart from all others.</param>
/// <param name="Settings">The settings, by name.</param>
/// <param name="TestLoss">The loss on the test samples.</param>
/// <param name="TestAccuracy">The share of them classified rightly.</param>
/// <param name="History">The epochs.</param>
public sealed record RunRecord(long Id, string? Study, string Name, ulong Seed, string Model, string Data, string Folder,
    IReadOnlyDictionary<string, string> Settings, double TestLoss, double TestAccuracy, IReadOnlyList<EpochResult> History)
{
    /// <summary>Where it ran.</summary>
    public required Machine Machine { get; init; }

    /// <summary>When it was stored.</summary>
    public required DateTimeOffset Stored { get; init; }

    /// <summary>Seconds of all its updates.</summary>
    public double Seconds => History.Sum(epoch => epoch.Seconds);

    /// <summary>The record of a study's run.</summary>
    public static RunRecord Of(Study study, StudyVariant variant, string model, RunResult run, string folder)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(variant);
        ArgumentNullException.ThrowIfNull(run);
        return new RunRecord(0, study.Name, variant.Budget is null ? variant.Name : $"{variant.Name}, {variant.Budget}", run.Seed, model, study.Data,
            Path.GetFullPath(folder), variant.Settings.Describe(), run.TestLoss, run.TestAccuracy, run.History)
        {
            Machine = run.Machine ?? Machine.This,
            Stored = DateTimeOffset.UtcNow,
        };
    }

    /// <summary>The settings that are not the same in all of some runs, by name; the model and the data among them.</summary>
    public static IReadOnlyList<string> Differing(IReadOnlyCollection<RunRecord> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return [.. runs.SelectMany(run => run.All.Keys).Distinct().Where(name => runs.Select(run => run.Setting(name)).Distinct().Count() > 1)];
    }

    /// <summary>The value of a setting; an empty text where the run has none of this name.</summary>
    public string Setting(string name) => All.GetValueOrDefault(name, "");

    private Dictionary<string, string> All => new(Settings) { ["model"] = Model, ["data"] = Data };
}
