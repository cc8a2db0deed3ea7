using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Fovea.Cli.Commands;

namespace Fovea.Cli;

/// <summary>The documents that <c>--json</c> prints. As in the library's own JSON, of a record's properties only those that can be set.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(TrainingReport))]
[JsonSerializable(typeof(EvaluationReport))]
[JsonSerializable(typeof(PredictionReport))]
[JsonSerializable(typeof(ExportReport))]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(RunsReport))]
[JsonSerializable(typeof(ImportReport))]
[JsonSerializable(typeof(OnnxTestReport))]
[JsonSerializable(typeof(RangeReport))]
[JsonSerializable(typeof(RaceReport))]
[JsonSerializable(typeof(RaceRun))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>One document on one line.</summary>
    public static string Write<T>(T document) => JsonSerializer.Serialize(document, (JsonTypeInfo<T>)Default.GetTypeInfo(typeof(T))!);

    /// <summary>The document on a line.</summary>
    public static T Read<T>(string line) => JsonSerializer.Deserialize(line, (JsonTypeInfo<T>)Default.GetTypeInfo(typeof(T))!)!;
}
