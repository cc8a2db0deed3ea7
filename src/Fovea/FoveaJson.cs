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
[JsonSerializable(typeof(Derivation))]
[JsonSerializable(typeof(ShapeAnswer))]
[JsonSerializable(typeof(NetworkAnswer))]
[JsonSerializable(typeof(ReceptiveFields))]
[JsonSerializable(typeof(EffectiveReceptiveField))]
[JsonSerializable(typeof(Audit))]
[JsonSerializable(typeof(LossAnswer))]
[JsonSerializable(typeof(LossCard))]
[JsonSerializable(typeof(LossComparison))]
[JsonSerializable(typeof(LineFits))]
internal sealed partial class FoveaJson : JsonSerializerContext
{
    /// <summary>The metadata of a type, from the generated code.</summary>
    public static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Default.GetTypeInfo(typeof(T))!;
}
