using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>How a row of a claimed table compares with the network.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuditVerdict>))]
public enum AuditVerdict
{
    /// <summary>All that the row says is right.</summary>
    [JsonStringEnumMemberName("right")]
    Right,

    /// <summary>Something is wrong.</summary>
    [JsonStringEnumMemberName("wrong")]
    Wrong,

    /// <summary>The network has the layer, the table has not; that alone is not wrong.</summary>
    [JsonStringEnumMemberName("missing")]
    Missing,

    /// <summary>The rows before it are missing, so that what it works on is not known.</summary>
    [JsonStringEnumMemberName("unknown")]
    Unknown,
}

/// <summary>A row of the table, of the network, or of both.</summary>
/// <param name="Name">As in the table; for a missing row, the type alone.</param>
/// <param name="Layer">The layer in text; null when the network has none here.</param>
/// <param name="ClaimedOutput">The output that is claimed; null when the table does not say.</param>
/// <param name="Output">The right one.</param>
/// <param name="ClaimedParameters">The parameters that are claimed; null when the table does not say.</param>
/// <param name="Parameters">The right number.</param>
/// <param name="Verdict">How they compare.</param>
public sealed record AuditRow(string Name, string? Layer, Shape? ClaimedOutput, Shape? Output, long? ClaimedParameters, long? Parameters, AuditVerdict Verdict);

/// <summary>A wrong figure.</summary>
/// <param name="Name">The row, or what is summed up: "Total params".</param>
/// <param name="Figure">"output", "parameters", "layer" or "total".</param>
/// <param name="Claimed">What is claimed.</param>
/// <param name="Right">What is right.</param>
/// <param name="Mistake">How the wrong figure may have come about; null when no usual mistake gives it.</param>
/// <param name="Derivation">The derivation of the right figure.</param>
public sealed record AuditFinding(string Name, string Figure, string Claimed, string Right, string? Mistake, Derivation Derivation)
{
    /// <summary>What is wrong, in a sentence or two.</summary>
    public override string ToString() => Sentence(Mistake is { } mistake ? $" {char.ToUpperInvariant(mistake[0])}{mistake[1..]}." : "");

    /// <summary>The sentence, and what follows it.</summary>
    internal string Sentence(string after) => Figure == "layer"
        ? $"{Name}: the network has no such layer here."
        : $"{Name}: {(Figure == "total" ? "" : Figure + " ")}{Right}, not {Claimed}.{after}";
}

/// <summary>A claimed table checked against a network.</summary>
/// <param name="Model">The network, as text; a question mark stands for what is missing in a table.</param>
/// <param name="Input">The shape of one sample.</param>
/// <param name="IsRebuilt">Whether the network was rebuilt from the table.</param>
/// <param name="Rows">The rows of table and network.</param>
/// <param name="Findings">What is wrong; empty when all is right.</param>
/// <param name="Notes">What is worth knowing and not wrong: missing rows, what the table leaves open, what cannot be checked.</param>
/// <param name="Totals">The right figures of the whole network; null where parts of it are not known.</param>
public sealed record Audit(
    string Model, Shape Input, bool IsRebuilt, IReadOnlyList<AuditRow> Rows, IReadOnlyList<AuditFinding> Findings, IReadOnlyList<string> Notes, ModelSummary? Totals)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsRight => Findings.Count == 0;

    /// <summary>The derivations of all that is wrong.</summary>
    [JsonIgnore]
    public Derivation Derivation => new(IsRight ? Verdict : "What is wrong, and how it is right", [],
        [.. Findings.Select(finding => finding.Derivation)]);

    /// <summary>The outcome in sentences and a table.</summary>
    public IReadOnlyList<DerivationStep> Answer =>
    [
        new($"{(IsRebuilt ? "Rebuilt from the table" : "Against")}: {Model}, input {Input}", Table: new(["row", "output", "right", "params", "right", ""],
        [
            .. Rows.Select(row => (IReadOnlyList<string>)
            [
                row.Name, row.ClaimedOutput?.ToString() ?? "", row.Output?.ToString() ?? "", Number(row.ClaimedParameters), Number(row.Parameters),
                row.Verdict switch
                {
                    AuditVerdict.Wrong => "wrong",
                    AuditVerdict.Missing => "not in the table",
                    AuditVerdict.Unknown => "cannot be checked",
                    _ => "",
                },
            ]),
        ])),
        .. Findings.Select((finding, i) => new DerivationStep(IsRepeated(i) ? finding.Sentence(" Likewise.") : finding.ToString())),
        .. Notes.Select(note => new DerivationStep($"Note: {note}")),
        new(Verdict),
    ];

    private string Verdict => Findings.Count switch
    {
        0 => Rows.Any(row => row.Verdict == AuditVerdict.Unknown) ? "All figures that can be checked are right." : "All figures are right.",
        1 => "1 figure is wrong.",
        _ => $"{Number(Findings.Count)} figures are wrong.",
    };

    /// <summary>Checks a table.</summary>
    /// <param name="claim">The table.</param>
    /// <param name="model">The network; null to rebuild it from the table.</param>
    /// <param name="input">The shape of one sample, when the network is to be rebuilt.</param>
    /// <param name="path">What messages call the table.</param>
    /// <exception cref="DataFormatException">The network cannot be rebuilt.</exception>
    /// <exception cref="ShapeException">A layer of the given network does not fit its input.</exception>
    public static Audit Check(Claim claim, ModelSpec? model, Shape input, string path)
    {
        ArgumentNullException.ThrowIfNull(claim);
        List<AuditPart> parts = model is null ? AuditPart.Rebuild(claim, input, path) : [AuditPart.Of(claim, claim.Rows, model, isRebuilt: false)];
        AuditFinding[] findings = [.. parts.SelectMany(part => part.Findings)];
        var totals = new AuditTotals(claim, parts, findings);
        return new Audit(string.Join(" | ", parts.Select(part => part.Text)), model?.Input ?? input, model is null, [.. parts.SelectMany(part => part.Rows)],
            [.. findings, .. totals.Findings], [.. parts.SelectMany(part => part.Notes), .. totals.Notes], totals.Right);
    }

    /// <summary>The audit as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<Audit>());

    // A mistake that is made in many rows is told once; one that a row's own numbers are in is another each time.
    private bool IsRepeated(int index) => Findings[index] is { Mistake: { } mistake, Figure: var figure } && Findings.Take(index).Any(before => before.Mistake == mistake && before.Figure == figure);

    private static string Number(long? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? "";
}
