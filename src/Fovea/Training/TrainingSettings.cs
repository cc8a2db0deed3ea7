using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>How a model is trained. Everything that the weights depend on, besides the model and the data, is here.</summary>
public sealed record TrainingSettings
{
    // The names of the command line for what the records call otherwise.
    private static readonly Dictionary<string, string> s_names = new()
    {
        ["batch-size"] = "batchSize",
        ["validation"] = "validationFraction",
        ["augment"] = "augmentation",
        ["init"] = "initialization",
        ["lr"] = "optimizer.learningRate",
        ["momentum"] = "optimizer.momentum",
        ["weight-decay"] = "optimizer.weightDecay",
        ["l1"] = "optimizer.l1",
        ["ema"] = "optimizer.emaDecay",
        ["lars"] = "optimizer.trustCoefficient",
        ["clip-norm"] = "optimizer.clipNorm",
        ["clip-value"] = "optimizer.clipValue",
        ["label-smoothing"] = "loss.labelSmoothing",
        ["ignore-index"] = "loss.ignoreIndex",
        ["class-weights"] = "loss.classWeights",
        ["warm-up"] = "schedule.warmUp",
    };

    /// <summary>How often each sample is seen. <see cref="Unlimited"/> leaves the end to updates, seconds or patience.</summary>
    public int Epochs { get; init; } = 5;

    /// <summary>The number of epochs of a training that ends by something else.</summary>
    public const int Unlimited = int.MaxValue;

    /// <summary>The training ends after so many updates, in the middle of an epoch too; null leaves them to the epochs.</summary>
    public long? Updates { get; init; }

    /// <summary>The training ends with the update that completes so many seconds of updates: how many updates these are depends on the
    /// machine. Null sets no such end.</summary>
    public double? Seconds { get; init; }

    /// <summary>The training ends early when the validation loss has not become smaller for so many epochs; null goes on.</summary>
    public int? Patience { get; init; }

    /// <summary>Samples of one update.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Which samples the updates take.</summary>
    public Sampling Sampling { get; init; } = Sampling.Plain;

    /// <summary>How the images are changed at random; validation and tests take them as they are.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.None;

    /// <summary>How the parameters follow their gradients.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>How its learning rate changes on the way.</summary>
    public Schedule Schedule { get; init; } = new ConstantSchedule();

    /// <summary>What is made small.</summary>
    public Loss Loss { get; init; } = new NllLoss();

    /// <summary>How the weights begin.</summary>
    public Initialization Initialization { get; init; } = Initialization.PyTorch;

    /// <summary>A safetensors file with the weights that a training begins with, by the names of <see cref="StateDict"/>, or the folder of a training or
    /// an import; null draws them.</summary>
    public string? Weights { get; init; }

    /// <summary>What initial weights, the order of the samples, their augmentation, the validation split and dropout are drawn by.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The share of the samples that is set aside for validation.</summary>
    public double ValidationFraction { get; init; } = 0.05;

    /// <summary>Throws when a number is out of its range.</summary>
    /// <exception cref="FoveaException">It says which.</exception>
    public void Check()
    {
        Require(Epochs >= 1, $"epochs must be at least 1, got {Epochs}");
        Require(BatchSize >= 1, $"the batch size must be at least 1, got {BatchSize}");
        if (Optimizer.Problem() is { } problem) Require(false, problem);
        if (Augmentation.Problem() is { } strange) Require(false, strange);
        if (Loss.Problem() is { } unfit) Require(false, unfit);
        if (Schedule.Problem() is { } wrong) Require(false, wrong);
        Require(ValidationFraction is >= 0 and < 1, $"the validation fraction must be at least 0 and below 1, got {ValidationFraction}");
        Require(Updates is null or >= 1, $"updates must be at least 1, got {Updates}");
        Require(Seconds is null or (> 0 and < double.PositiveInfinity), $"seconds must be above 0, got {Seconds}");
        Require(Patience is null or >= 1, $"the patience must be at least 1 epoch, got {Patience}");
        Require(Patience is null || ValidationFraction > 0, "early stopping watches the validation loss: set a share of the samples aside");
        Require(Epochs < Unlimited || Updates is not null || Seconds is not null || Patience is not null,
            "the training has no end: give epochs, updates, seconds or a patience");
        Require(Schedule is not (CosineSchedule or ExponentialSchedule or OneCycleSchedule) || Epochs < Unlimited || Updates is not null,
            $"the schedule {Schedule.Name} must know the number of updates: give epochs or updates");
    }

    /// <summary>
    /// The settings with one of them changed, by its name on the command line ("lr", "batch-size", "optimizer") or its path in JSON
    /// ("optimizer.beta1").
    /// </summary>
    /// <exception cref="FoveaException">There is no such setting, or this is no value of it.</exception>
    public TrainingSettings With(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        switch (name)
        {
            case "optimizer": return this with { Optimizer = Optimizer.Named(value) };
            case "augment" or "augmentation": return this with { Augmentation = Augmentation.Parse(value) };
            case "init" or "initialization": return this with { Initialization = Initialization.Parse(value) };
            case "loss": return this with { Loss = Loss.Named(value) };
            case "schedule": return this with { Schedule = Schedule.Parse(value) };
        }
        JsonObject json = JsonSerializer.SerializeToNode(this, FoveaJson.Of<TrainingSettings>())!.AsObject();
        string[] path = s_names.GetValueOrDefault(name, name).Split('.');
        JsonObject? owner = path.Length == 1 ? json : path.Length == 2 ? json[path[0]] as JsonObject : null;
        if (path.Length == 2 && owner is not null)
        {
            // What is null may have been left out of the JSON, and can still be set.
            object part = FoveaJson.Of<TrainingSettings>().Properties.First(property => property.Name == path[0]).Get!(this)!;
            foreach (var property in FoveaJson.Default.GetTypeInfo(part.GetType())!.Properties.Where(property => property is { Get: not null, Set: not null }))
                owner.TryAdd(property.Name, null);
        }
        string? key = owner?.Select(property => property.Key)
            .FirstOrDefault(property => property != "type" && property == path[^1]);
        if (key is null || owner![key] is JsonObject)
        {
            if (path.Length == 2 && owner is not null)
            {
                string[] properties = [.. owner.Select(property => property.Key).Where(property => property != "type")];
                throw new FoveaException($"{path[0]} {owner["type"]}: it has no {path[1]}. {Nearest.Hint(path[1], properties)}It has {(properties.Length > 0 ? string.Join(", ", properties) : "no properties")}.");
            }
            string[] names = [.. s_names.Keys, .. json.Select(property => property.Key).Where(property => !s_names.ContainsValue(property))];
            throw new FoveaException($"there is no setting \"{name}\". {Nearest.Hint(name, names)}Settings: {string.Join(", ", names)}.");
        }
        try
        {
            bool isNumber = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number);
            // JSON has no infinity: such a setting could not be written again.
            if (isNumber && !float.IsFinite((float)number)) throw new FoveaException($"{name}: \"{value}\" is not a value of this setting.");
            if (key == "sampling" && !Enum.TryParse<Sampling>(value, ignoreCase: true, out _))
                throw new FoveaException($"{name}: expected plain, weighted or balanced, got \"{value}\".");
            owner[key] = isNumber || value is "true" or "false" or "null" ? JsonNode.Parse(value) : JsonValue.Create(value);
            return JsonDefaults.Read<TrainingSettings>(json);
        }
        catch (JsonException exception)
        {
            throw new FoveaException(exception.InnerException is FoveaException why ? $"{name}: {why.Message}" : $"{name}: \"{value}\" is not a value of this setting.", exception);
        }
    }

    /// <summary>The settings by the names that <see cref="With"/> takes, those of optimizer, schedule and loss included; what is not set is
    /// left out.</summary>
    public IReadOnlyDictionary<string, string> Describe()
    {
        var result = new Dictionary<string, string>();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(this, FoveaJson.Of<TrainingSettings>())!.AsObject())
        {
            if (value is not JsonObject record)
            {
                if (value is not null && !(name == "epochs" && Epochs == Unlimited)) result[Name(name)] = value.ToString();
                continue;
            }
            foreach (var (property, inner) in record) if (inner is not null) result[property == "type" ? name : Name($"{name}.{property}")] = Text(inner);
        }
        return result;

        // Numbers of a list as on a command line.
        static string Text(JsonNode value) => value is JsonArray list ? string.Join(':', list.Select(number => ((double)number!).ToString("G4", CultureInfo.InvariantCulture))) : value.ToString();

        static string Name(string path) => s_names.FirstOrDefault(pair => pair.Value == path).Key ?? path;
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition) throw new FoveaException($"settings: {problem}.");
    }
}

/// <summary>What one epoch came to.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="TrainLoss">The mean loss over the epoch's updates, each before its update.</param>
/// <param name="TrainAccuracy">The share of samples classified rightly on the way, from 0 to 1.</param>
/// <param name="ValidationLoss">The mean loss on the samples set aside, after the epoch; null when there are none.</param>
/// <param name="ValidationAccuracy">The share of these classified rightly.</param>
/// <param name="Seconds">The time of the updates, validation not counted.</param>
public sealed record EpochResult(int Epoch, double TrainLoss, double TrainAccuracy, double? ValidationLoss, double? ValidationAccuracy, double Seconds)
{
    /// <summary>Updates of the training up to its end.</summary>
    public long Updates { get; init; }

    /// <summary>What it could still learn from where it is confidently wrong, after the epoch; null but for one output through a sigmoid.</summary>
    public ConfidentMistakes? Mistakes { get; init; }

    /// <summary>What a <see cref="TrainingMonitor"/> found after it for the first time; null where that is nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Finding>? Findings { get; init; }
}

/// <summary>How far a training is, after an update.</summary>
/// <param name="Epoch">The current epoch, from 1.</param>
/// <param name="Epochs">How many there will be.</param>
/// <param name="SamplesDone">Samples seen, of all epochs.</param>
/// <param name="SamplesTotal">Samples to be seen, of all epochs.</param>
/// <param name="Loss">The mean loss of the current epoch so far.</param>
/// <param name="Accuracy">The share classified rightly in the current epoch so far.</param>
/// <param name="SamplesPerSecond">The speed of this session so far.</param>
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, long SamplesDone, long SamplesTotal, double Loss, double Accuracy, double SamplesPerSecond)
{
    /// <summary>The update itself.</summary>
    public StepResult Step { get; init; }

    /// <summary>The share of the samples that are done, from 0 to 1.</summary>
    public double Share => (double)SamplesDone / SamplesTotal;

    /// <summary>How long the rest takes at this speed, validation not counted.</summary>
    public double SecondsLeft => (SamplesTotal - SamplesDone) / SamplesPerSecond;
}

/// <summary>What one update came to.</summary>
/// <param name="Update">Its number, from 1.</param>
/// <param name="Loss">The mean loss of its batch, before the update.</param>
/// <param name="Accuracy">The share of its batch classified rightly, from 0 to 1.</param>
/// <param name="LearningRate">The learning rate that it was made with.</param>
public readonly record struct StepResult(long Update, double Loss, double Accuracy, float LearningRate);

/// <summary>The loss and accuracy of a network on a dataset.</summary>
/// <param name="Loss">The mean loss.</param>
/// <param name="Accuracy">The share of samples classified rightly, from 0 to 1; 0 where the targets are not classes.</param>
/// <param name="Samples">How many samples there were.</param>
public sealed record Evaluation(double Loss, double Accuracy, int Samples);
