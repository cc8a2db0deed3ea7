using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Fovea.Cli.Commands;

namespace Fovea.Cli;

/// <summary>The documents that <c>--json</c> prints.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TrainingReport))]
[JsonSerializable(typeof(EvaluationReport))]
[JsonSerializable(typeof(PredictionReport))]
[JsonSerializable(typeof(DatasetList))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>One document on one line.</summary>
    public static string Write<T>(T document) => JsonSerializer.Serialize(document, (JsonTypeInfo<T>)Default.GetTypeInfo(typeof(T))!);
}
