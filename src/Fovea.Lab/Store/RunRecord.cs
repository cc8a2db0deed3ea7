using System.Globalization;

namespace Fovea.Lab;

/// <summary>A run, as the store of a workspace keeps it.</summary>
/// <param name="Id">Its number in the store; 0 before it is stored.</param>
/// <param name="Study">The study that it belongs to; null for a training by itself.</param>
/// <param name="Name">The variant's name, or that of the training's folder.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Model">The model, as the command line takes it.</param>
/// <param name="Data">The dataset.</param>
/// <param name="Folder">The folder with its weights, in full: what tells it apart from all others.</param>
/// <param name="Settings">The settings, by name.</param>
/// <param name="TestLoss">The loss on the test samples; null before it is finished.</param>
/// <param name="TestAccuracy">The share of them classified rightly; null before it is finished.</param>
/// <param name="History">The epochs.</param>
public sealed record RunRecord(long Id, string? Study, string Name, ulong Seed, string Model, string Data, string Folder,
    IReadOnlyDictionary<string, string> Settings, double? TestLoss, double? TestAccuracy, IReadOnlyList<EpochResult> History)
{
    /// <summary>Where it was made: more than one place where it was taken up on another machine or with another number of threads; none before its first
    /// update.</summary>
    public IReadOnlyList<TrainingPlace> Places { get; init; } = [];

    /// <summary>When it was stored last.</summary>
    public required DateTimeOffset Stored { get; init; }

    /// <summary>Updates so far.</summary>
    public required long Updates { get; init; }

    /// <summary>Seconds of the updates of its epochs.</summary>
    public double Seconds => History.Sum(epoch => epoch.Seconds);

    /// <summary>Samples of the updates of its epochs; null where its settings do not tell how these were cut.</summary>
    public long? SamplesSeen => int.TryParse(Setting("samples"), CultureInfo.InvariantCulture, out int samples) && int.TryParse(Setting("batch-size"), CultureInfo.InvariantCulture, out int batch)
        && double.TryParse(Setting("validation"), CultureInfo.InvariantCulture, out double validation)
        ? EpochSize.Of(samples, validation, batch).SamplesOf(History.Count > 0 ? History[^1].Updates : 0) : null;

    /// <summary>Whether it came to its end.</summary>
    public bool IsFinished => TestLoss is not null;

    /// <summary>Where its numbers were no longer finite, in words; null where they were.</summary>
    public string? Divergence { get; init; }

    /// <summary>What it suffered from: at its end; before, what was found so far; where it diverged, that first.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>The record of a study's finished run.</summary>
    /// <param name="study">The study.</param>
    /// <param name="variant">The variant's number, from 0.</param>
    /// <param name="samples">Samples to train and to validate on.</param>
    /// <param name="run">The figures.</param>
    /// <param name="folder">The folder with the weights.</param>
    public static RunRecord Of(Study study, int variant, int samples, RunResult run, string folder)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(run);
        StudyVariant chosen = study.Variants[variant];
        return Of(study.Name, NameOf(chosen), chosen.Model, study.Data, samples, chosen.Settings with { Seed = run.Seed }, folder) with
        {
            TestLoss = run.TestLoss,
            TestAccuracy = run.TestAccuracy,
            History = run.History,
            Updates = run.Updates,
            Places = run.Places,
            Findings = run.Diagnosis?.Findings ?? [],
        };
    }

    /// <summary>The record of a study's run that diverged.</summary>
    /// <param name="study">The study.</param>
    /// <param name="variant">The variant's number, from 0.</param>
    /// <param name="samples">Samples to train and to validate on.</param>
    /// <param name="run">Where it diverged.</param>
    /// <param name="folder">The folder with what is kept of it.</param>
    public static RunRecord Of(Study study, int variant, int samples, DivergedRun run, string folder)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(run);
        StudyVariant chosen = study.Variants[variant];
        return Of(study.Name, NameOf(chosen), chosen.Model, study.Data, samples, chosen.Settings with { Seed = run.Seed }, folder) with
        {
            History = run.History,
            Updates = run.Updates,
            Places = run.Places,
            Divergence = run.Message,
            Findings = run.Findings,
        };
    }

    /// <summary>The record of a training, as far as it is.</summary>
    /// <param name="trainer">The training.</param>
    /// <param name="folder">The folder with its weights.</param>
    /// <param name="test">The figures of its end; null before.</param>
    /// <param name="study">The study that it belongs to, and the name of the variant there; null for a training by itself, which is called by
    /// its folder.</param>
    public static RunRecord Of(Trainer trainer, string folder, Evaluation? test, (string Name, string Variant)? study)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(folder);
        string name = study?.Variant ?? Path.GetFileName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar));
        return Of(study?.Name, name, trainer.Model, trainer.Data.Name, trainer.Data.Count, trainer.Settings, folder) with
        {
            TestLoss = test?.Loss,
            TestAccuracy = test?.Accuracy,
            History = [.. trainer.History],
            Updates = trainer.Updates,
            Places = [.. trainer.Places],
            Findings = Finding.Of(trainer.History),
        };
    }

    /// <summary>What a variant is called in the store: with its budget, where a study has several.</summary>
    internal static string NameOf(StudyVariant variant) => variant.Budget is null ? variant.Name : $"{variant.Name}, {variant.Budget}";

    /// <summary>A model as the command line takes it.</summary>
    internal static string TextOf(ModelSpec model) => model.Name is { } name && model.Equals(Zoo.Find(name)) ? name : model.ToText();

    /// <summary>The settings that are not the same in all of some runs, by name; the model and the data among them. What only one kind of
    /// optimizer, schedule or loss has counts where runs of that kind differ.</summary>
    public static IReadOnlyList<string> Differing(IReadOnlyCollection<RunRecord> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return [.. runs.SelectMany(run => run.All.Keys).Distinct().Where(name => runs.Where(run => run.All.ContainsKey(name) || !IsOfAKind(name))
            .Select(run => run.Setting(name)).Distinct().Count() > 1)];

        static bool IsOfAKind(string name) => name.Contains('.') || name == "momentum";
    }

    /// <summary>Runs that differ in nothing but their seed, together: those of a variant of a study, or with the same model, data and settings. A run
    /// that repeats a seed is no further seed: it begins a group of its own. In the order of the runs.</summary>
    public static IReadOnlyList<IReadOnlyList<RunRecord>> Alike(IEnumerable<RunRecord> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return [.. runs.GroupBy(run => (run.Study, Place: run.Study is null ? null : Path.GetDirectoryName(run.Folder), Variant: run.Study is null ? null : run.Name,
                Settings: string.Join('\n', run.All.OrderBy(setting => setting.Key, StringComparer.Ordinal).Select(setting => $"{setting.Key}={setting.Value}"))))
            .SelectMany(alike => alike.GroupBy(run => run.Seed).SelectMany(same => same.Index()).GroupBy(run => run.Index, run => run.Item))
            .Select(group => (IReadOnlyList<RunRecord>)[.. group])];
    }

    /// <summary>The value of a setting; an empty text where the run has none of this name.</summary>
    public string Setting(string name) => All.GetValueOrDefault(name, "");

    private Dictionary<string, string> All => new(Settings) { ["model"] = Model, ["data"] = Data };

    private static RunRecord Of(string? study, string name, ModelSpec model, string data, int samples, TrainingSettings settings, string folder)
    {
        var described = settings.Describe().Where(setting => setting.Key != "seed").ToDictionary();
        described["samples"] = samples.ToString(CultureInfo.InvariantCulture);
        return new RunRecord(0, study, name, settings.Seed, TextOf(model), data, Path.GetFullPath(folder), described, null, null, [])
        {
            Stored = DateTimeOffset.UtcNow,
            Updates = 0,
        };
    }
}
