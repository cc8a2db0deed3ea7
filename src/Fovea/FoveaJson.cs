using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Fovea;

/// <summary>The library's JSON: camelCase, unknown properties and missing required ones are errors, every property is written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(ModelSpec))]
[JsonSerializable(typeof(Layer))]
[JsonSerializable(typeof(Loss))]
[JsonSerializable(typeof(Optimizer))]
[JsonSerializable(typeof(Checkpoint))]
[JsonSerializable(typeof(ModelSummary), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(Derivation), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ShapeAnswer), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(NetworkAnswer), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ReceptiveFields), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(EffectiveReceptiveField), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(Audit), GenerationMode = JsonSourceGenerationMode.Serialization)]
internal sealed partial class FoveaJson : JsonSerializerContext
{
    /// <summary>The metadata of a type, from the generated code.</summary>
    public static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Default.GetTypeInfo(typeof(T))!;
}
