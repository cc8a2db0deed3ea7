using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Fovea;

/// <summary>The library's JSON: camelCase, unknown properties and missing required ones are errors, every property that can be set
/// is written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    IgnoreReadOnlyProperties = true,
    AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(ModelSpec))]
[JsonSerializable(typeof(Layer))]
[JsonSerializable(typeof(Loss))]
[JsonSerializable(typeof(Optimizer))]
[JsonSerializable(typeof(Schedule))]
[JsonSerializable(typeof(Checkpoint))]
[JsonSerializable(typeof(Derivation), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ShapeAnswer), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(NetworkAnswer), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ReceptiveFields), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(Audit), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ConvolutionAnswer), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ToeplitzAnswer), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(LossAnswer), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(LossCard), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(LossVerdict), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(LossComparison), GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(LineFits), GenerationMode = JsonSourceGenerationMode.Serialization)]
internal sealed partial class FoveaJson : JsonSerializerContext
{
    /// <summary>The metadata of a type, from the generated code.</summary>
    public static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Default.GetTypeInfo(typeof(T))!;

    /// <summary>A kind of a record.</summary>
    /// <param name="Name">The value of "type".</param>
    /// <param name="Type">The type of the records.</param>
    public sealed record Kind(string Name, Type Type);

    /// <summary>The kinds of a record. They are read from its attributes: its JSON metadata brings that of all kinds along, which takes longer than
    /// most answers.</summary>
    public static IReadOnlyList<Kind> Kinds<T>() => KindsOf<T>.All;

    /// <summary>The names of the kinds of a record.</summary>
    public static IReadOnlyList<string> Names<T>() => KindsOf<T>.Names;

    /// <summary>The name of a record's kind.</summary>
    public static string NameOf<T>(T record) => Kinds<T>().First(kind => kind.Type == record!.GetType()).Name;

    /// <summary>The record of this name, all its properties at their defaults.</summary>
    /// <exception cref="FoveaException">There is none.</exception>
    public static T Named<T>(string name, string kind) => Names<T>().Contains(name)
        ? JsonDefaults.Read<T>(new JsonObject { ["type"] = name })
        : throw new FoveaException($"there is no {kind} \"{name}\". {Nearest.Hint(name, Names<T>())}There are: {string.Join(", ", Names<T>())}.");

    private static class KindsOf<T>
    {
        public static readonly Kind[] All =
            [.. typeof(T).GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false).Select(kind => new Kind((string)kind.TypeDiscriminator!, kind.DerivedType))];

        public static readonly string[] Names = [.. All.Select(kind => kind.Name)];
    }
}
