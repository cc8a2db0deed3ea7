using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fovea.Lab;

/// <summary>What a study came to: the content of study.json, and all that the report shows.</summary>
/// <param name="Study">The study's name.</param>
/// <param name="Data">The dataset's name.</param>
/// <param name="Variants">The variants with their runs; the first is the one that the others are compared with.</param>
public sealed record StudyResult(string Study, string Data, IReadOnlyList<VariantResult> Variants)
{
    /// <summary>The headline.</summary>
    public required string Title { get; init; }

    /// <summary>What was to be found out.</summary>
    public required string Question { get; init; }

    /// <summary>What the figures say, in words: a sentence for each variant with runs that diverged, and one for each variant but the first.</summary>
    public IReadOnlyList<string> Conclusions => [.. Divergences, .. Comparisons.Select(comparison => comparison.Sentence)];

    /// <summary>Which runs could not be made and why, in words: a sentence for each.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Failures => [.. Variants.SelectMany(variant => variant.Failed.Select(run => $"{variant.Name}, seed {run.Seed}: {run.Message}"))];

    /// <summary>Which runs diverged, in words: a sentence for each variant that has some.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Divergences => [.. Variants.Where(variant => variant.Diverged.Count > 0).Select(variant => $"{variant.Name}: {variant.Divergence}")];

    /// <summary>The seeds that were asked for; a study that was interrupted has runs for fewer.</summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>Samples of the test set.</summary>
    public required int TestSamples { get; init; }

    /// <summary>Whether the peak of memory is the kernel's own figure; otherwise it is the largest of samples.</summary>
    public required bool PeakMemoryIsExact { get; init; }

    /// <summary>The command that gives the same study again; null for one that was not started from the command line.</summary>
    public required string? Command { get; init; }

    /// <summary>When it was begun; each run says where it was made.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>How the learning rate followed the batch size.</summary>
    public string LearningRateRule { get; init; } = "fixed";

    /// <summary>Where a run could stop before its budget was spent; null where there was no such target.</summary>
    public string? Until { get; init; }

    /// <summary>The study's panels: one for each budget.</summary>
    [JsonIgnore]
    public IReadOnlyList<StudyResult> Panels =>
        [.. Variants.Select(variant => variant.Budget).Distinct().Select(budget => this with { Variants = [.. Variants.Where(v => v.Budget == budget)] })];

    /// <summary>Each variant against the first of its budget, or the one that it names, over the seeds that both have finished. Where all runs of the first
    /// diverged the next takes its place.</summary>
    [JsonIgnore]
    public IReadOnlyList<StudyComparison> Comparisons => [.. Variants.GroupBy(variant => variant.Budget).SelectMany(panel => Compare([.. panel]))];

    /// <summary>Why times and memory of the runs cannot be compared, in words; null where they can.</summary>
    [JsonIgnore]
    public string? Unlike => TrainingPlace.Difference(Variants.SelectMany(variant => variant.Runs).Select(run => run.Places));

    /// <summary>Whether every variant was trained with every seed, to the end or until it diverged.</summary>
    [JsonIgnore]
    public bool IsComplete => Variants.All(variant => variant.Ended == Seeds.Count);

    /// <summary>Runs that have come to an end.</summary>
    [JsonIgnore]
    public int Ended => Variants.Sum(variant => variant.Ended);

    private static IReadOnlyList<StudyComparison> Compare(VariantResult[] panel)
    {
        VariantResult first = panel.FirstOrDefault(variant => variant.Runs.Count > 0 || variant.Diverged.Count == 0) ?? panel[0];
        return StudyComparison.Of(panel.Where(variant => variant != first)
            .Select(variant => (panel.FirstOrDefault(other => other.Name == variant.Against && other.Runs.Count > 0) ?? first, variant)));
    }

    /// <summary>The summary of a model as studies show it: without rows for flatten, which torchsummary has only where it is a
    /// module. Its place is counted all the same, so that layers are called as in <c>fovea summary</c> and in findings: layer 6 is ReLU-6.</summary>
    public static ModelSummary Summary(ModelSpec model) => ModelSummary.Of(model, hide: ["flatten"], renumber: false);

    /// <summary>The content of study.json.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, LabJson.Readable.StudyResult);

    /// <summary>Reads study.json of a folder; null where there is none yet.</summary>
    /// <exception cref="FoveaException">It cannot be read, or is no result of a study.</exception>
    public static StudyResult? Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string path = Path.Combine(folder, StudyFolder.ResultFile);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllText(path), LabJson.Readable.StudyResult) ?? throw new JsonException("it is empty") : null;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new FoveaException($"{path}: the result of the study cannot be read: {exception.Message.Split('\n')[0].TrimEnd('.')}. Run the study again to have it written anew.", exception);
        }
    }

    /// <summary>Writes study.json into a folder, whole or not at all: an earlier one stays until then.</summary>
    /// <exception cref="FoveaException">The folder cannot be written.</exception>
    public void Save(string folder) => StudyFolder.Write(folder, StudyFolder.ResultFile, ToJson() + "\n");
}

/// <summary>One variant of a study and its runs.</summary>
/// <param name="Name">What the study calls it.</param>
/// <param name="Model">The model, as the command line takes it: a name of the zoo, or a line of text.</param>
/// <param name="Parameters">Numbers that it learns.</param>
/// <param name="Summary">The model's table in the form of torchsummary, without rows for flatten.</param>
/// <param name="Runs">The finished runs, by seed.</param>
public sealed record VariantResult(string Name, string Model, long Parameters, string Summary, IReadOnlyList<RunResult> Runs)
{
    /// <summary>The layers as a line of text.</summary>
    public required string Layers { get; init; }

    /// <summary>The shape of a sample; null in results of earlier versions.</summary>
    public Shape? Input { get; init; }

    /// <summary>The summary's estimate of the total size of one sample's training in MB of 2^20 bytes.</summary>
    public required double EstimatedMegabytes { get; init; }

    /// <summary>What each run may spend, in words.</summary>
    public required string Budget { get; init; }

    /// <summary>The name of the variant that it is compared with; null for the first.</summary>
    public string? Against { get; init; }

    /// <summary>Samples of one update.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Updates of one epoch, the last, smaller batch included.</summary>
    public required int UpdatesPerEpoch { get; init; }

    /// <summary>Samples that each epoch trains on.</summary>
    public required int TrainingSamples { get; init; }

    /// <summary>Samples set aside, on which each epoch is validated.</summary>
    public required int ValidationSamples { get; init; }

    /// <summary>What was predicted of a run, where this machine had been measured (<c>--dry-run</c>); null where not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VariantCost? Predicted { get; init; }

    /// <summary>How the parameters follow their gradients.</summary>
    public required Optimizer Optimizer { get; init; }

    /// <summary>What was made small.</summary>
    public required Loss Loss { get; init; }

    /// <summary>All settings by name, as axes have them.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The runs that diverged, by seed.</summary>
    public IReadOnlyList<DivergedRun> Diverged { get; init; } = [];

    /// <summary>The runs that could not be made, by seed: they have not come to an end.</summary>
    public IReadOnlyList<FailedRun> Failed { get; init; } = [];

    /// <summary>Runs that have come to an end.</summary>
    [JsonIgnore]
    public int Ended => Runs.Count + Diverged.Count;

    /// <summary>Which of the runs diverged and where, in words; null where none did.</summary>
    [JsonIgnore]
    public string? Divergence
    {
        get
        {
            if (Diverged.Count == 0) return null;
            string seeds = string.Join(", ", Diverged.Select(run => run.Seed));
            string which = Diverged.Count < Ended ? $"seed{(Diverged.Count == 1 ? "" : "s")} {seeds} of {Ended}" : Diverged.Count == 1 ? $"seed {seeds}" : $"every seed ({seeds})";
            string where = $"{(Diverged.Count == 1 ? ":" : $"; with seed {Diverged[0].Seed}")} {Diverged[0].Message.TrimEnd('.')}";
            return $"diverged with {which}{where} ({Diverged[0].Kept}){(Runs.Count > 0 ? "; its figures are those of the other seeds" : "")}";
        }
    }

    /// <summary>A figure of the runs over the seeds; null while there is no run.</summary>
    public SeedStatistics? Statistics(Func<RunResult, double> figure) =>
        Runs.Count == 0 ? null : SeedStatistics.Of([.. Runs.Select(figure)]);
}

/// <summary>One training of a variant, with one seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="TrainSeconds">The time of all updates; validation and test are not counted.</param>
/// <param name="SamplesPerSecond">Training samples per second of that time.</param>
/// <param name="PeakMemoryMegabytes">The most memory that the whole process held meanwhile, the data included, in MB of 2^20 bytes.</param>
/// <param name="TestLoss">The trained network's mean loss on the test set.</param>
/// <param name="TestAccuracy">The share of the test set that it classifies rightly, from 0 to 1.</param>
/// <param name="History">The epochs.</param>
public sealed record RunResult(ulong Seed, double TrainSeconds, double SamplesPerSecond, double PeakMemoryMegabytes, double TestLoss,
    double TestAccuracy, IReadOnlyList<EpochResult> History)
{
    /// <summary>Updates until the end.</summary>
    public long Updates { get; init; }

    /// <summary>Samples of all its updates.</summary>
    [JsonIgnore]
    public long SamplesSeen => (long)Math.Round(SamplesPerSecond * TrainSeconds);

    /// <summary>Where it was made: more than one place where it was taken up on another machine or with another number of threads. None in results from before
    /// this was kept.</summary>
    public IReadOnlyList<TrainingPlace> Places { get; init; } = [];

    /// <summary>Whether the run ended at its target, before its budget was spent; null where there was none.</summary>
    public bool? TargetReached { get; init; }

    /// <summary>What the trained network takes test samples of each class for; null where the targets are no classes.</summary>
    public ConfusionMatrix? Confusion { get; init; }

    /// <summary>What the training suffered from at its end; null in results from before this was looked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Diagnosis? Diagnosis { get; init; }

    /// <summary>How many samples of the rarest class the batches held; null where there were no classes.</summary>
    public BatchComposition? Batches { get; init; }

    /// <summary>The weights at the end.</summary>
    public WeightHistogram? Weights { get; init; }

    /// <summary>What batch normalization sees; null for a network without.</summary>
    public BatchStatistics? BatchStatistics { get; init; }

    /// <summary>The recall of the class with the fewest test samples; null where there are no classes.</summary>
    [JsonIgnore]
    public double? RecallOfRarest => Confusion is { Counts.Count: > 0 } ? Confusion.Accuracy(Confusion.RarestClass) : null;

    /// <summary>How much larger the validation loss was than the training loss, after the last epoch; null without validation.</summary>
    [JsonIgnore]
    public double? Gap => History is [.., { ValidationLoss: { } validation } last] ? validation - last.TrainLoss : null;

    /// <summary>What the engine itself held: parameters, optimizer state, activations and their gradients, in MB of 2^20 bytes.</summary>
    public required double EngineMegabytes { get; init; }
}

/// <summary>A run of a study that a worker of a queue could not make. It can be tried again.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Message">Where and why, in words.</param>
public sealed record FailedRun(ulong Seed, string Message);

/// <summary>The laboratory's JSON: camelCase, indented, read by people too.</summary>
[JsonSerializable(typeof(StudyResult))]
[JsonSerializable(typeof(StudyPlan))]
[JsonSerializable(typeof(RunResult))]
[JsonSerializable(typeof(DivergedRun))]
[JsonSerializable(typeof(TrialOutcome))]
[JsonSerializable(typeof(StudyCost))]
[JsonSerializable(typeof(BatchLab))]
[JsonSerializable(typeof(Dictionary<string, Calibration>))]
internal sealed partial class LabJson : JsonSerializerContext
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        // ± is written as it is.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>What the laboratory writes with.</summary>
    public static LabJson Readable { get; } = new(s_options);

    /// <summary>What it reads by: an unknown property is an error.</summary>
    public static LabJson Strict { get; } = new(new JsonSerializerOptions(s_options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    });
}
