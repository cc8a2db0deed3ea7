using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Fovea;

/// <summary>
/// How the learning rate changes in the course of a training. The optimizer's own rate is the largest; a schedule is a function of where the
/// training stands and of nothing else, so that a resumed training goes on with the same rates.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ConstantSchedule), "constant")]
[JsonDerivedType(typeof(StepSchedule), "step")]
[JsonDerivedType(typeof(CosineSchedule), "cosine")]
[JsonDerivedType(typeof(ExponentialSchedule), "exponential")]
[JsonDerivedType(typeof(OneCycleSchedule), "one-cycle")]
[JsonDerivedType(typeof(PlateauSchedule), "plateau")]
public abstract record Schedule
{
    private protected Schedule()
    {
    }

    /// <summary>The names of the schedules: "constant", "step", ...</summary>
    public static IReadOnlyList<string> Names => FoveaJson.Names<Schedule>();

    /// <summary>Its name, as in JSON.</summary>
    [JsonIgnore]
    public string Name => FoveaJson.NameOf(this);

    /// <summary>Epochs (or a part of one) in which the rate rises linearly: by update t of W, counted from 1, what the schedule says is
    /// multiplied by t / W.</summary>
    public double WarmUp { get; init; }

    /// <summary>Reads a name and properties: <c>cosine</c>, <c>step every=5 factor=0.5</c>, <c>one-cycle threePhases riseShare=0.2</c>.</summary>
    /// <exception cref="FoveaException">The text is not a schedule's.</exception>
    public static Schedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || FoveaJson.Kinds<Schedule>().FirstOrDefault(kind => kind.Name == words[0])?.Type is not { } type)
        {
            string given = words.Length == 0 ? "" : words[0];
            throw new FoveaException($"there is no schedule \"{given}\". {Nearest.Hint(given, Names)}There are: {string.Join(", ", Names)}.");
        }
        var json = new JsonObject { ["type"] = words[0] };
        JsonPropertyInfo[] properties = [.. FoveaJson.Default.GetTypeInfo(type)!.Properties.Where(property => property.AssociatedParameter is not null)];
        foreach (string word in words[1..])
        {
            string[] pair = word.Split('=', 2);
            JsonPropertyInfo property = properties.FirstOrDefault(p => p.Name.Equals(pair[0], StringComparison.OrdinalIgnoreCase))
                ?? throw new FoveaException($"schedule {words[0]}: \"{pair[0]}\" is none of its properties. It has {string.Join(", ", properties.Select(p => p.Name))}.");
            try
            {
                JsonNode value = JsonNode.Parse(pair.Length == 2 ? pair[1] : "true")!;
                _ = value.Deserialize(FoveaJson.Default.GetTypeInfo(property.PropertyType)!);
                if (!json.TryAdd(property.Name, value)) throw new FoveaException($"schedule {words[0]}: {property.Name} is given twice.");
            }
            catch (JsonException exception)
            {
                string expected = property.PropertyType == typeof(bool) ? "true or false" : property.PropertyType == typeof(int) ? "a whole number" : "a number";
                throw new FoveaException($"schedule {words[0]}: {property.Name} must be {expected}, got \"{(pair.Length == 2 ? pair[1] : "")}\".", exception);
            }
        }
        return JsonDefaults.Read<Schedule>(json);
    }

    /// <summary>The learning rate of the next update.</summary>
    /// <param name="rate">The optimizer's rate.</param>
    /// <param name="context">Where the training stands.</param>
    public float LearningRate(float rate, in ScheduleContext context)
    {
        double steps = Math.Round(WarmUp * context.UpdatesPerEpoch);
        double warm = context.Update < steps ? (context.Update + 1) / steps : 1;
        return (float)(warm * Rate(rate, context));
    }

    /// <summary>The momentum of the next update (Adam's beta1), for optimizers that have one; null where the schedule leaves it alone.</summary>
    public virtual float? Momentum(in ScheduleContext context) => null;

    /// <summary>The rate without the warm-up.</summary>
    internal abstract double Rate(double rate, in ScheduleContext context);

    /// <summary>What is wrong with the settings: a number that is out of its range; null when there is nothing.</summary>
    internal virtual string? Problem() =>
        WarmUp is >= 0 and < double.PositiveInfinity ? null : $"the warm-up must be a number of epochs that is not negative, got {WarmUp}";
}

/// <summary>Where a training stands before an update.</summary>
/// <param name="Update">Updates done so far.</param>
/// <param name="Updates">Updates of the whole training.</param>
/// <param name="UpdatesPerEpoch">Updates of one epoch.</param>
/// <param name="History">The finished epochs.</param>
public readonly record struct ScheduleContext(long Update, long Updates, long UpdatesPerEpoch, IReadOnlyList<EpochResult> History)
{
    /// <summary>Epochs done.</summary>
    public long Epoch => Update / UpdatesPerEpoch;
}
