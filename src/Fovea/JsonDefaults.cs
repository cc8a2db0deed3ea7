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
    private static readonly (Layer[] Layers, Loss[] Losses, Optimizer[] Optimizers, Schedule[] Schedules) s_plain =
    (
        [new Conv2D(1, 1), new ConvTranspose2D(1, 1), new MaxPool2D(1), new AvgPool2D(1), new Linear(1), new BatchNorm2D(), new GroupNorm(1), new LayerNorm(), new InstanceNorm2D(),
            new Residual([]), new Concat([]), new Branch([])],
        [new CrossEntropyLoss(), new HuberLoss(), new SmoothL1Loss(), new MultiMarginLoss(), new FocalLoss()],
        [new Sgd(), new Adam(), new AdamW(), new RmsProp(), new Adagrad(), new NAdam(), new Lion()],
        [new ConstantSchedule(), new StepSchedule(), new CosineSchedule(), new OneCycleSchedule(), new PlateauSchedule()]
    );

    private static readonly Dictionary<string, JsonObject> s_defaults = Defaults();

    /// <summary>Reads a record, its absent properties at their defaults.</summary>
    /// <exception cref="JsonException">It is not such a record's JSON.</exception>
    public static T Read<T>(JsonNode node)
    {
        FillDefaults(node);
        return node.Deserialize(FoveaJson.Of<T>())!;
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
        if (node is not JsonObject record) return;
        foreach (var (_, value) in record) FillDefaults(value);
        if (record["type"] is not JsonValue type || !type.TryGetValue(out string? name) || !s_defaults.TryGetValue(name, out JsonObject? defaults)) return;
        foreach (var (property, value) in defaults)
        {
            if (!record.ContainsKey(property)) record[property] = value?.DeepClone();
        }
    }

    private static Dictionary<string, JsonObject> Defaults()
    {
        IEnumerable<JsonObject> layers = s_plain.Layers.Select(layer => Optional(layer.GetType(), JsonSerializer.SerializeToNode(layer, FoveaJson.Of<Layer>())!));
        IEnumerable<JsonObject> losses = s_plain.Losses.Select(loss => Optional(loss.GetType(), JsonSerializer.SerializeToNode(loss, FoveaJson.Of<Loss>())!));
        IEnumerable<JsonObject> optimizers = s_plain.Optimizers.Select(optimizer => Optional(optimizer.GetType(), JsonSerializer.SerializeToNode(optimizer, FoveaJson.Of<Optimizer>())!));
        IEnumerable<JsonObject> schedules = s_plain.Schedules.Select(schedule => Optional(schedule.GetType(), JsonSerializer.SerializeToNode(schedule, FoveaJson.Of<Schedule>())!));
        return layers.Concat(losses).Concat(optimizers).Concat(schedules).ToDictionary(node => node["type"]!.GetValue<string>());
    }

    // Without the properties that must be given.
    private static JsonObject Optional(Type type, JsonNode node)
    {
        JsonObject record = node.AsObject();
        foreach (JsonPropertyInfo property in FoveaJson.Default.GetTypeInfo(type)!.Properties)
        {
            if (property.AssociatedParameter is { HasDefaultValue: false, IsMemberInitializer: false }) record.Remove(property.Name);
        }
        return record;
    }
}
