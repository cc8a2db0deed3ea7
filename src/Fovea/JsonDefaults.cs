using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Fovea;

/// <summary>
/// Fills in what a record's JSON leaves out. The generated code that reads records without reflection loses the initial values of
/// init-only properties: an absent <c>bias</c> would be false.
/// </summary>
internal static class JsonDefaults
{
    /// <summary>One instance of each record whose properties have defaults.</summary>
    private static readonly Dictionary<Type, object> s_plain = ((object[])
    [
        new Conv2D(1, 1), new ConvTranspose2D(1, 1), new MaxPool2D(1), new AvgPool2D(1), new Linear(1), new BatchNorm2D(), new GroupNorm(1), new LayerNorm(), new InstanceNorm2D(),
        new Residual([]), new Concat([]), new Branch([]),
        new CrossEntropyLoss(), new HuberLoss(), new SmoothL1Loss(), new MultiMarginLoss(), new FocalLoss(),
        new Sgd(), new Adam(), new AdamW(), new RmsProp(), new Adagrad(), new NAdam(), new Lion(),
        new ConstantSchedule(), new StepSchedule(), new CosineSchedule(), new OneCycleSchedule(), new PlateauSchedule(),
    ]).ToDictionary(record => record.GetType());

    // Their properties that need not be given: worked out for a type when it is met.
    private static readonly ConcurrentDictionary<Type, JsonObject> s_defaults = new();

    // Those of records inside of other records, which say their kind by its name.
    private static readonly Lazy<Dictionary<string, Type>> s_kinds = new(() => FoveaJson.Kinds<Layer>().Concat(FoveaJson.Kinds<Loss>()).Concat(FoveaJson.Kinds<Optimizer>())
        .Concat(FoveaJson.Kinds<Schedule>()).ToDictionary(kind => kind.Name, kind => kind.Type));

    /// <summary>Reads a record, its absent properties at their defaults.</summary>
    /// <exception cref="JsonException">It is not such a record's JSON.</exception>
    public static T Read<T>(JsonNode node)
    {
        FillDefaults(node);
        return node.Deserialize(FoveaJson.Of<T>())!;
    }

    /// <summary>Reads a record of a known type: its JSON holds no "type".</summary>
    /// <exception cref="JsonException">It is not such a record's JSON.</exception>
    public static object Read(JsonObject record, JsonTypeInfo type)
    {
        FillDefaults(record, type.Type);
        return record.Deserialize(type)!;
    }

    /// <summary>Adds the properties that a record's JSON lacks, as they are in this record: those are of a later version than the file.</summary>
    public static void Complete<T>(JsonNode? node, T plain)
    {
        if (node is not JsonObject record) return;
        foreach (var (property, value) in JsonSerializer.SerializeToNode(plain, FoveaJson.Of<T>())!.AsObject())
        {
            if (!record.ContainsKey(property)) record[property] = value?.DeepClone();
        }
    }

    private static void FillDefaults(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (JsonNode? item in array) FillDefaults(item ?? throw new JsonException("a list holds null"));
        }
        if (node is JsonObject record)
            FillDefaults(record, record["type"] is JsonValue value && value.TryGetValue(out string? name) ? s_kinds.Value.GetValueOrDefault(name) : null);
    }

    private static void FillDefaults(JsonObject record, Type? type)
    {
        foreach (var (_, value) in record) FillDefaults(value);
        if (type is null || !s_plain.TryGetValue(type, out object? plain)) return;
        foreach (var (property, value) in s_defaults.GetOrAdd(type, static (_, plain) => Optional(plain), plain))
        {
            if (!record.ContainsKey(property)) record[property] = value?.DeepClone();
        }
    }

    // Without the properties that must be given.
    private static JsonObject Optional(object record)
    {
        JsonTypeInfo type = FoveaJson.Default.GetTypeInfo(record.GetType())!;
        JsonObject json = JsonSerializer.SerializeToNode(record, type)!.AsObject();
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (property.AssociatedParameter is { HasDefaultValue: false, IsMemberInitializer: false }) json.Remove(property.Name);
        }
        return json;
    }
}
