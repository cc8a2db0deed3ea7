using System.Globalization;

namespace Fovea;

/// <summary>
/// Checks what a table says of the whole network, against the right rows and against the sum of its own. Where rows are missing and not known,
/// only what the rows that are there allow can be said.
/// </summary>
internal sealed class AuditTotals
{
    // A figure in MB is printed with two digits.
    private const double HalfDigit = 0.005 + 1e-9;

    private readonly Claim _claim;
    private readonly IReadOnlyList<AuditPart> _parts;
    private readonly IReadOnlyList<AuditFinding> _rowFindings;
    private readonly List<AuditFinding> _findings = [];
    private readonly List<string> _notes = [];

    public AuditTotals(Claim claim, IReadOnlyList<AuditPart> parts, IReadOnlyList<AuditFinding> rowFindings)
    {
        (_claim, _parts, _rowFindings) = (claim, parts, rowFindings);
        Right = parts is [{ IsUnknown: false } whole] ? whole.Summary : null;
        foreach (ClaimedTotal total in claim.Totals)
        {
            if (Right is not null) Check(total, parts[0].Shown);
            else CheckPartly(total);
        }
    }

    /// <summary>The right figures; null where parts of the network are not known.</summary>
    public ModelSummary? Right { get; }

    public IReadOnlyList<AuditFinding> Findings => _findings;

    public IReadOnlyList<string> Notes => _notes;

    // What the rows say, summed up.
    private long Stated => _claim.Rows.Sum(row => row.Parameters ?? 0);

    private void Check(ClaimedTotal total, ModelSummary shown)
    {
        ModelSummary right = Right!;
        // A table without flatten has smaller outputs in sum, and is right too.
        var (exact, alternative) = total.Figure switch
        {
            TotalFigure.Parameters => (right.TotalParameters, right.TotalParameters),
            TotalFigure.TrainableParameters => (right.TrainableParameters, right.TrainableParameters),
            TotalFigure.NonTrainableParameters => (right.TotalParameters - right.TrainableParameters, right.TotalParameters - right.TrainableParameters),
            TotalFigure.InputMegabytes => (right.InputMegabytes, right.InputMegabytes),
            TotalFigure.ForwardBackwardMegabytes => (right.ForwardBackwardMegabytes, shown.ForwardBackwardMegabytes),
            TotalFigure.ParametersMegabytes => (right.ParametersMegabytes, right.ParametersMegabytes),
            _ => (right.TotalMegabytes, shown.TotalMegabytes + right.ParametersMegabytes - shown.ParametersMegabytes),
        };
        string name = Claim.NameOf(total.Figure);
        bool isCount = IsCount(total);
        if (isCount ? total.Value == exact : Math.Abs(total.Value - exact) <= HalfDigit || Math.Abs(total.Value - alternative) <= HalfDigit)
        {
            if (total.Figure == TotalFigure.Parameters && Stated != right.TotalParameters && _claim.Rows.All(row => row.Parameters is not null))
                _notes.Add($"{name} is right, though the rows of the table sum to {Number(Stated)}.");
            return;
        }
        string claimed = isCount ? Number(total.Value) : Megabytes(total.Value), rightText = isCount ? Number(exact) : Megabytes(alternative);
        string? mistake = isCount ? CountMistake(total, (long)exact) : SizeMistake(total, alternative);
        string title = $"{name}: {rightText}, not {claimed}";
        Derivation derivation = isCount ? new Derivation(title, [SummaryExplanation.Parameters(right)]) : new Derivation(title, [.. SummaryExplanation.Memory(shown)]);
        _findings.Add(new AuditFinding(name, "total", claimed, rightText, mistake, AuditPart.WithMistake(derivation, mistake)));
    }

    // With rows missing the parameters can only be too few.
    private void CheckPartly(ClaimedTotal total)
    {
        string name = Claim.NameOf(total.Figure);
        long least = _parts.Sum(part => part.Summary.TotalParameters);
        if (total.Figure == TotalFigure.Parameters && total.Value < least)
        {
            string mistake = $"the rows that can be checked alone have {Number(least)}";
            _findings.Add(new AuditFinding(name, "total", Number(total.Value), $"at least {Number(least)}", mistake, new Derivation($"{name}: at least {Number(least)}, not {Number(total.Value)}",
                [.. _parts.Where(part => !part.IsUnknown).Select(part => SummaryExplanation.Parameters(part.Summary))])));
        }
        else if (total.Figure == TotalFigure.Parameters)
        {
            _notes.Add($"{name} cannot be checked, as rows are missing; " + (total.Value == Stated ? "it is the sum of the rows that are there, so nothing would be in the missing ones."
                : total.Value > Stated ? $"the rows that are there sum to {Number(Stated)}, which leaves {Number(total.Value - Stated)} for the missing ones." : $"the rows that are there sum to {Number(Stated)} already."));
        }
        else _notes.Add($"{name} cannot be checked, as rows are missing.");
    }

    private string CountMistake(ClaimedTotal total, long right)
    {
        if (total.Figure == TotalFigure.NonTrainableParameters) return total.Value == Right!.TotalParameters ? "the parameters that are learned were counted" : "all of these layers' parameters are learned";
        ModelSpec model = _parts[0].Model;
        double claimed = total.Value;
        AuditFinding[] wrong = [.. _rowFindings.Where(finding => finding.Figure == "parameters")];
        AuditRow[] missing = [.. _parts[0].Rows.Where(row => row.Verdict == AuditVerdict.Missing && row.Parameters > 0)];
        if (Stated == claimed && wrong.Length > 0) return $"it is the sum of the rows, of which {And([.. wrong.Select(finding => finding.Name)])} {(wrong.Length == 1 ? "is" : "are")} wrong";
        if (Stated == claimed && missing.Length > 0) return $"it is the sum of the rows, but {And([.. missing.Select(row => row.Name)])} {(missing.Length == 1 ? "is" : "are")} missing";
        // One wrong row can have found its way into an else right sum.
        foreach (AuditRow row in _parts[0].Rows.Where(row => row.Verdict == AuditVerdict.Wrong && row is { ClaimedParameters: not null, Parameters: not null }))
        {
            if (right + row.ClaimedParameters!.Value - row.Parameters!.Value == claimed) return $"it is the right sum but for the wrong figure of {row.Name}";
        }
        // Left out or added twice, of the rows as they are claimed or as they are right.
        foreach (var (sum, name, parameters) in _claim.Rows.Where(row => row.Parameters > 0).Select(row => (Stated, row.Name, row.Parameters!.Value))
            .Concat(Right!.Layers.Where(layer => layer.Parameters > 0).Select(layer => (right, layer.Name, layer.Parameters))))
        {
            if (sum - parameters == claimed) return $"{name} was left out of the sum";
            if (sum + parameters == claimed) return $"{name} was added twice";
        }
        if (ModelRow.Table(model).Sum(row => (row with { Layer = row.Layer.WithBias(false) }).Parameters) == claimed) return "the biases were left out";
        if (_claim.Rows.Sum(row => row.Output?.Count ?? 0L) == claimed) return "the outputs were added up, not the parameters";
        string sumOfRows = Stated == right ? $"it is not the sum of the rows, which is {Number(Stated)}" : $"it is not the sum of the rows either, which is {Number(Stated)}";
        return LikelyMistakes.Digits((long)claimed, right) is { } slip ? $"{sumOfRows}: {slip}" : sumOfRows;
    }

    private static string? SizeMistake(ClaimedTotal total, double right)
    {
        const double decimalMegabyte = (1 << 20) / 1e6;
        bool Is(double value) => Math.Abs(total.Value - value) <= HalfDigit && value > HalfDigit;
        if (Is(right * decimalMegabyte)) return "a megabyte was taken to be 1,000,000 bytes; it is 2^20 here";
        if (total.Figure == TotalFigure.ForwardBackwardMegabytes && Is(right / 2)) return "the gradients were forgotten: every output is kept twice, forward and backward";
        if (Is(right / 4)) return "the 4 bytes of a number were forgotten";
        if (Is(right * 2)) return "8 bytes were taken for a number; a float has 4";
        if (total.Value < right && right - total.Value < 0.01) return "it was cut off, not rounded";
        return null;
    }

    private static bool IsCount(ClaimedTotal total) => total.Figure is TotalFigure.Parameters or TotalFigure.TrainableParameters or TotalFigure.NonTrainableParameters;

    private static string And(string[] names) => names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Megabytes(double value) => value.ToString("F2", CultureInfo.InvariantCulture) + " MB";
}
