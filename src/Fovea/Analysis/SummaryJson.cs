using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Fovea;

/// <summary>Summaries in JSON. They are written and never read: what is computed is written too, other than by <see cref="FoveaJson"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ModelSummary))]
internal sealed partial class SummaryJson : JsonSerializerContext
{
    /// <summary>The metadata of a type, from the generated code.</summary>
    public static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Default.GetTypeInfo(typeof(T))!;
}
