using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Fovea.Lab;

/// <summary>
/// A study as it is written down: a model and settings, what varies, seeds and budgets. Every combination of the axes' values is a variant.
/// The files of the presets are such plans.
/// </summary>
public sealed record StudyPlan
{
    private static readonly StudyPlan s_plain = new() { Name = "" };

    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>Its headline; made of what varies unless given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Title { get; init; }

    /// <summary>What it is to find out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Question { get; init; }

    /// <summary>The dataset, as <see cref="Datasets.Load"/> takes it.</summary>
    public string Data { get; init; } = "mnist";

    /// <summary>The model: a name of the zoo, the path of a JSON file, or a line of text.</summary>
    public string Model { get; init; } = "stride2";

    /// <summary>The shape of a sample; of a line of text that of the data unless given, otherwise the model's own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Input { get; init; }

    /// <summary>The settings of all variants, by the names that axes have too.</summary>
    public IReadOnlyDictionary<string, JsonElement> Settings { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>What varies.</summary>
    public IReadOnlyList<StudyAxis> Vary { get; init; } = [];

    /// <summary>Each variant is trained once with every seed.</summary>
    public IReadOnlyList<ulong> Seeds { get; init; } = [1, 2, 3];

    /// <summary>What a run may spend, as <see cref="StudyBudget.Parse"/> takes it; each has a panel of its own.</summary>
    public IReadOnlyList<string> Budgets { get; init; } = ["epochs=5"];

    /// <summary>How the learning rate follows the batch size, against the first variant's: "fixed", "linear" or "sqrt".</summary>
    public string LearningRateRule { get; init; } = "fixed";

    /// <summary>Where a run may stop, as <see cref="StudyTarget.Parse"/> takes it; null spends the budget.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Until { get; init; }

    /// <summary>Trains on the first so many samples alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Limit { get; init; }

    /// <summary>Where the files of a named dataset are, when not at their usual place.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DataFolder { get; init; }

    /// <summary>The command that the plan came with; kept for the report.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Command { get; init; }

    /// <summary>Reads a plan's JSON.</summary>
    /// <param name="json">The text.</param>
    /// <param name="place">Where it is from, for messages.</param>
    /// <exception cref="FoveaException">It is no plan.</exception>
    public static StudyPlan FromJson(string json, string place)
    {
        try
        {
            JsonNode? node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
                AllowDuplicateProperties = false,
            });
            if (node is not JsonObject plan) throw new JsonException("it is no object");
            // The generated code would leave what is absent at null, not at its default.
            foreach (var (property, value) in JsonSerializer.SerializeToNode(s_plain, LabJson.Readable.StudyPlan)!.AsObject())
            {
                if (property != "name" && !plan.ContainsKey(property)) plan[property] = value?.DeepClone();
            }
            CheckNames(plan, LabJson.Strict.StudyPlan, "a study");
            CheckList(plan, "budgets");
            foreach (JsonNode? axis in plan["vary"] as JsonArray ?? [])
            {
                if (axis is not JsonObject given) throw new JsonException("what varies is a list of objects");
                CheckNames(given, LabJson.Strict.StudyAxis, "what varies");
                CheckList(given, "settings");
                CheckList(given, "values");
                if (given.ContainsKey("labels")) CheckList(given, "labels");
            }
            StudyPlan read = plan.Deserialize(LabJson.Strict.StudyPlan)!;
            // The folder of the study is called so.
            if (string.IsNullOrWhiteSpace(read.Name) || read.Name.AsSpan().ContainsAny(['/', '\\', ':']) || read.Name.All(letter => letter == '.'))
                throw new JsonException($"the name \"{read.Name}\" cannot be that of a folder");
            return read;
        }
        catch (JsonException exception)
        {
            throw new FoveaException($"{place}: the study cannot be read: {exception.Message.Split('\n')[0].Split(" Path:")[0].TrimEnd('.')}. "
                + "Expected {\"name\":\"...\",\"model\":\"stride2\",\"vary\":[{\"settings\":[\"batch-size\"],\"values\":[32,1000]}],\"seeds\":[1,2,3],\"budgets\":[\"epochs=5\"]}.", exception);
        }
    }

    private static void CheckList(JsonObject record, string property)
    {
        if (record[property] is not JsonArray list || list.Any(item => item is null)) throw new JsonException($"expected a list of {property}");
    }

    // In words that name no type of a program.
    private static void CheckNames(JsonObject record, JsonTypeInfo type, string what)
    {
        string[] names = [.. type.Properties.Select(property => property.Name)];
        if (record.FirstOrDefault(property => !names.Contains(property.Key)).Key is { } unknown)
            throw new JsonException($"{what} has no \"{unknown}\". {Nearest.Hint(unknown, names)}It has {string.Join(", ", names)}");
        if (type.Type == typeof(StudyPlan) && !record.ContainsKey("name")) throw new JsonException("it has no name");
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FoveaException">It is not there, or holds no plan.</exception>
    public static StudyPlan Load(string path) => File.Exists(path)
        ? FromJson(TextFile.Read(path), path)
        : throw new FoveaException($"{path}: there is no such file.");

    /// <summary>The same plan with a setting of all variants, as on a command line.</summary>
    public StudyPlan With(string setting, string value) =>
        this with { Settings = new Dictionary<string, JsonElement>(Settings) { [setting] = StudyAxis.Element(value) } };

    /// <summary>Whether another plan makes the same study; the command that began it counts for nothing.</summary>
    internal bool IsSameAs(StudyPlan other) => (this with { Command = null }).ToJson() == (other with { Command = null }).ToJson();

    /// <summary>The plan as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, LabJson.Readable.StudyPlan);

    /// <summary>The study: all variants under all budgets.</summary>
    /// <exception cref="FoveaException">A setting, layer or value is not there, or does not fit.</exception>
    public Study ToStudy()
    {
        foreach (StudyAxis axis in Vary) axis.Check();
        if (Budgets.Count == 0) throw new FoveaException($"study {Name}: there is no budget: give at least one, as in epochs=5.");
        StudyBudget[] budgets = [.. Budgets.Select(StudyBudget.Parse)];
        int[][] choices = [.. Choices()];
        int? referenceBatch = null;
        var variants = new List<StudyVariant>();
        foreach (StudyBudget budget in budgets)
        {
            foreach (int[] choice in choices)
            {
                StudyVariant variant = VariantOf(choice);
                referenceBatch ??= variant.Settings.BatchSize;
                TrainingSettings settings = budget.Limit(Scale(variant.Settings, referenceBatch.Value));
                variants.Add(variant with { Settings = settings, Budget = budgets.Length > 1 ? budget.ToString() : null });
            }
        }
        string[] axes = [.. Vary.SelectMany(axis => axis.Settings)];
        string varied = axes.Length > 1 ? $"{string.Join(", ", axes[..^1])} and {axes[^1]}" : axes.FirstOrDefault("");
        return new Study(Name, Title ?? (varied.Length > 0 ? $"The effect of {varied}" : Name),
            Question ?? (varied.Length > 0 ? $"What {(axes.Length > 1 ? "do" : "does")} {varied} do to accuracy, loss, time and memory?" : "How well does the network do?"),
            Data, variants, Seeds)
        {
            Limit = Limit,
            DataFolder = DataFolder,
            Until = Until is { } until ? StudyTarget.Parse(until) : null,
            Plan = this,
        };
    }

    // The last axis changes fastest.
    private IEnumerable<int[]> Choices() => Vary.Aggregate<StudyAxis, IEnumerable<int[]>>([[]], (chosen, axis) =>
        from before in chosen
        from value in Enumerable.Range(0, axis.Values.Count)
        select (int[])[.. before, value]);

    private StudyVariant VariantOf(int[] choice)
    {
        var values = Settings.ToDictionary(setting => setting.Key, setting => StudyAxis.Text(setting.Value));
        for (int i = 0; i < choice.Length; i++)
        {
            foreach (var (setting, value) in Vary[i].SettingsOf(choice[i])) values[setting] = value;
        }
        string name = NameOf(choice);
        Shape? input = Input is null ? null : Shape.TryParse(Input, out Shape shape) ? shape
            : throw new FoveaException($"study {Name}: expected an input such as 1x28x28, got \"{Input}\".");
        // Of several axes, the first is the question: a variant is compared with the one that differs in it alone.
        string? against = choice.Length > 1 && choice[0] > 0 ? NameOf([0, .. choice[1..]]) : null;
        return VariantSettings.Build(name, Model, input, Data, DataFolder, values) with { Against = against };
    }

    private string NameOf(int[] choice) => choice.Length == 0 ? Name : string.Join(", ", choice.Select((value, i) => Vary[i].Label(value)));

    private TrainingSettings Scale(TrainingSettings settings, int referenceBatch)
    {
        double ratio = (double)settings.BatchSize / referenceBatch;
        double factor = LearningRateRule switch
        {
            "fixed" => 1,
            "linear" => ratio,
            "sqrt" => Math.Sqrt(ratio),
            _ => throw new FoveaException($"expected a rule of the learning rate among fixed, linear and sqrt, got \"{LearningRateRule}\"."),
        };
        return settings with
        {
            Optimizer = settings.Optimizer with { LearningRate = (float)(settings.Optimizer.LearningRate * factor) },
        };
    }
}
