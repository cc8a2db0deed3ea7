using System.Text.Json.Serialization;

namespace Fovea.Lab;

/// <summary>A run of a study whose numbers were no longer finite: it ended there, and has no figures to compare.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Updates">The updates that it had made before.</param>
/// <param name="Message">In which update and layer, in words.</param>
/// <param name="Finding">Where numbers were first not finite, and what to do.</param>
/// <param name="History">The epochs before.</param>
public sealed record DivergedRun(ulong Seed, long Updates, string Message, Finding Finding, IReadOnlyList<EpochResult> History)
{
    /// <summary>The update whose checkpoint was kept: the last with numbers that were finite; null where none was written before.</summary>
    public long? CheckpointUpdate { get; init; }

    /// <summary>Where it was made, as of <see cref="RunResult.Places"/>.</summary>
    public IReadOnlyList<TrainingPlace> Places { get; init; } = [];

    /// <summary>Where numbers were first not finite, and what was found before.</summary>
    [JsonIgnore]
    public IReadOnlyList<Finding> Findings => Finding.Of(History, Finding);

    /// <summary>What was kept of it, in words.</summary>
    [JsonIgnore]
    public string Kept => CheckpointUpdate is { } update ? $"the checkpoint of update {update:N0} is kept" : "no checkpoint was written before";
}
