using System.Globalization;

namespace Fovea;

/// <summary>
/// Rows of a claimed table that follow each other, laid beside the layers of a network. A table is one part, unless rows are missing in it
/// and nobody says what they were: then nothing can be said of the first row after the gap, and the next part works on its output.
/// </summary>
internal sealed class AuditPart
{
    private const double SkipRow = 5;

    private readonly IReadOnlyList<ClaimedRow> _claimed;
    private readonly ModelSpec _model;
    private readonly IReadOnlyList<ModelRow> _table;
    private readonly ModelSummary _summary;
    private readonly bool _isRebuilt;
    private readonly List<AuditRow> _rows = [];
    private readonly List<AuditFinding> _findings = [];
    private readonly List<string> _notes = [];
    private readonly List<LayerSummary> _claimedLayers = [];

    private AuditPart(Claim claim, IReadOnlyList<ClaimedRow> rows, ModelSpec model, bool isRebuilt)
    {
        (_claimed, _model, _isRebuilt) = (rows, model, isRebuilt);
        _table = ModelRow.Table(model);
        _summary = ModelSummary.Of(model, claim.Batch);
        if (model.Layers.Count > 0) Check();
    }

    /// <summary>The layers as text; rows of which nothing is known are a question mark.</summary>
    public string Text => IsUnknown ? "?" : _model.ToText();

    /// <summary>Whether rows are missing before these, so that nothing is known of them.</summary>
    public bool IsUnknown { get; private init; }

    public IReadOnlyList<AuditRow> Rows => _rows;

    public IReadOnlyList<AuditFinding> Findings => _findings;

    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The right figures.</summary>
    public ModelSummary Summary => _summary;

    /// <summary>The layers.</summary>
    public ModelSpec Model => _model;

    /// <summary>The right figures of the layers that the table has: one without flatten has smaller outputs in sum, and is right too.</summary>
    public ModelSummary Shown => _summary with { Layers = _claimedLayers };

    /// <summary>Lays rows beside the layers of a network.</summary>
    public static AuditPart Of(Claim claim, IReadOnlyList<ClaimedRow> rows, ModelSpec model, bool isRebuilt) => new(claim, rows, model, isRebuilt);

    /// <summary>Rebuilds the network of a table, and begins again after a gap behind which nothing fits.</summary>
    public static List<AuditPart> Rebuild(Claim claim, Shape input, string path) => Split(claim, claim.Rows, input, path, lastNumber: 0);

    private static List<AuditPart> Split(Claim claim, IReadOnlyList<ClaimedRow> rows, Shape input, string path, int? lastNumber)
    {
        if (rows.Count == 0) return [];
        var (part, contradicted) = Whole(claim, rows, input, path, lastNumber);
        if (contradicted is not { } cut) return [part!];
        // What follows works on the first output that is known again.
        int known = cut;
        while (known < rows.Count - 1 && rows[known].Output is null) known++;
        IReadOnlyList<ClaimedRow> unknown = [.. rows.Skip(cut).Take(known - cut + 1)];
        Shape start = unknown[^1].Output ?? input;
        var after = new AuditPart(claim, [], new ModelSpec(start, []), isRebuilt: true) { IsUnknown = true };
        after.AddUnchecked(unknown, cut == 0 ? lastNumber : rows[cut - 1].Number);
        return [.. Split(claim, [.. rows.Take(cut)], input, path, lastNumber), after, .. Split(claim, [.. rows.Skip(known + 1)], start, path, unknown[^1].Number)];
    }

    // The whole of the rows as one network; or the row behind a gap that contradicts it, with nothing that explains why.
    private static (AuditPart? Part, int? Contradicted) Whole(Claim claim, IReadOnlyList<ClaimedRow> rows, Shape input, string path, int? lastNumber)
    {
        bool IsGap(int row) => rows[row].Number is { } number && (row == 0 ? lastNumber : rows[row - 1].Number) is { } before && number > before + 1;
        RebuiltNetwork network;
        try
        {
            network = NetworkRebuilder.Rebuild(claim with { Rows = rows }, input, path);
        }
        catch (RowException exception) when (IsGap(exception.Row))
        {
            return (null, exception.Row);
        }
        catch (RowException exception)
        {
            throw new DataFormatException(exception.Message, exception);
        }
        var part = new AuditPart(claim, rows, network.Model, isRebuilt: true);
        if (part.FirstWrong(row => IsGap(row)) is { } wrong) return (part, wrong);
        for (int row = 0; row < rows.Count; row++)
        {
            if (!IsGap(row)) continue;
            int first = ((row == 0 ? lastNumber : rows[row - 1].Number) ?? 0) + 1, last = rows[row].Number!.Value - 1;
            part._notes.Add($"{(first == last ? $"row {first} is" : $"rows {first} to {last} are")} missing before {rows[row].Name}; taken to be without parameters and to keep the shape.");
        }
        part._notes.AddRange(network.Notes);
        return (part, null);
    }

    // The first row that is wrong, if it stands behind a gap and no usual mistake explains it.
    private int? FirstWrong(Func<int, bool> isGap)
    {
        foreach (AuditFinding finding in _findings)
        {
            int row = _claimed.ToList().FindIndex(claimed => claimed.Name == finding.Name);
            // A table that does not start with its first layer says nothing on what that works on.
            if (row >= 0 && isGap(row) && (row == 0 || finding.Mistake is null) && NetworkRebuilder.CanFollow(_claimed[row])) return row;
        }
        return null;
    }

    private void AddUnchecked(IReadOnlyList<ClaimedRow> rows, int? before)
    {
        foreach (ClaimedRow row in rows)
        {
            // What learns nothing has no parameters, whatever it works on.
            Layer? layer = NetworkRebuilder.WithoutParameters(row);
            bool isWrong = layer is not null && row.Parameters > 0;
            if (isWrong) AddLearned(row, layer!);
            _rows.Add(new AuditRow(row.Name, null, row.Output, null, row.Parameters, layer is null ? null : 0, isWrong ? AuditVerdict.Wrong : AuditVerdict.Unknown));
        }
        ClaimedRow first = rows[0];
        string what = _rows[0].Verdict == AuditVerdict.Wrong ? $"the output of {first.Name}" : first.Name;
        string missing = before + 2 == first.Number ? $"row {before + 1} is missing, and what it gives" : $"rows {before + 1} to {first.Number - 1} are missing, and what they give";
        string fits = NetworkRebuilder.PossibleInputs(first) is { Length: > 0 } inputs ? $" Its parameters fit {inputs}." : "";
        _notes.Add($"{what} cannot be checked: {missing} is not known.{fits} Fill in the rows, or give MODEL.");
    }

    // Parameters of a layer that has none; it is taken to keep the shape, so that the mistake can be found.
    private void AddLearned(ClaimedRow row, Layer layer)
    {
        Shape shape = row.Output ?? _model.Input;
        string? mistake = LikelyMistakes.OfParameters([new ModelRow(layer, 0, shape, shape, [])], 0, row.Parameters!.Value);
        _findings.Add(new AuditFinding(row.Name, "parameters", Number(row.Parameters.Value), Number(0), mistake,
            WithMistake(new Derivation($"{row.Name}: {Parameters(0)}, not {Number(row.Parameters.Value)}", [LayerExplanation.Parameters(layer, shape)]), mistake)));
    }

    private void Check()
    {
        // A layer without parameters, flatten above all, is often left out of a table and is no news when it was rebuilt.
        ClaimedRow? before = null;
        var missing = new List<(string Name, long Parameters, ClaimedRow? After)>();
        foreach (var (row, layer) in Align())
        {
            if (row is null)
            {
                if (_isRebuilt) continue;
                AddMissing(layer!.Value);
                missing.Add((_summary.Layers[layer.Value].Name, _summary.Layers[layer.Value].Parameters, before));
            }
            else if (layer is { } index)
            {
                CheckRow(row, index, before);
                before = row;
            }
            else AddUnknown(row);
        }
        if (missing.Count == 0) return;
        _notes.Add($"the table has no row for {string.Join(", ", missing.Select(m => $"{m.Name}{(m.After is { } after ? $" (after {after.Name})" : " (at the start)")}"))}"
            + (missing.Sum(m => m.Parameters) is > 0 and var parameters ? $"; that is {Parameters(parameters)}." : "; no parameters are lost by that."));
    }

    private void AddMissing(int index)
    {
        LayerSummary right = _summary.Layers[index];
        _rows.Add(new AuditRow(_table[index].Layer.TorchName, LayerText.FormatBriefly(_table[index].Layer), null, right.OutputShape, null, right.Parameters, AuditVerdict.Missing));
    }

    private void AddUnknown(ClaimedRow row)
    {
        _rows.Add(new AuditRow(row.Name, null, row.Output, null, row.Parameters, null, AuditVerdict.Wrong));
        _findings.Add(new AuditFinding(row.Name, "layer", row.Name, "no such layer", null, new Derivation($"{row.Name}: there is no such layer",
            [new("Between the layers around it the network has none of this type. Its layers are:", Table: new(["layer", "type"],
                [.. _table.Select((layer, i) => (IReadOnlyList<string>)[_summary.Layers[i].Name, LayerText.FormatBriefly(layer.Layer)])]))])));
    }

    private void CheckRow(ClaimedRow row, int index, ClaimedRow? before)
    {
        Layer layer = _table[index].Layer;
        Shape input = _table[index].Input;
        LayerSummary right = _summary.Layers[index];
        _claimedLayers.Add(right);
        string text = $"{row.Name}: {LayerText.FormatBriefly(layer)}";
        int findings = _findings.Count;
        if (row.Output is { } output && output != right.OutputShape)
        {
            string? mistake = Follows(before, layer, input, assumed => layer.OutputShape(assumed) == output) ?? LikelyMistakes.OfOutput(layer, input, output);
            _findings.Add(new AuditFinding(row.Name, "output", output.ToString(), right.OutputShape.ToString(), mistake,
                WithMistake(LayerExplanation.Output(layer, input, $"{text}: the output is {right.OutputShape}, not {output}"), mistake)));
        }
        if (row.Parameters is { } parameters && parameters != right.Parameters)
        {
            string? mistake = Follows(before, layer, input, assumed => LikelyMistakes.Count(layer, assumed) == parameters) ?? LikelyMistakes.OfParameters(_table, index, parameters);
            if (mistake is null && row.Working is { } working) mistake = $"the working was {working}";
            _findings.Add(new AuditFinding(row.Name, "parameters", Number(parameters), Number(right.Parameters), mistake,
                WithMistake(new Derivation($"{text}: {Parameters(right.Parameters)}, not {Number(parameters)}", [LayerExplanation.Parameters(layer, input)]), mistake)));
        }
        _rows.Add(new AuditRow(row.Name, LayerText.FormatBriefly(layer), row.Output, right.OutputShape, row.Parameters, right.Parameters,
            _findings.Count == findings ? AuditVerdict.Right : AuditVerdict.Wrong));
    }

    // A figure that would be right if the wrong output above it were.
    private static string? Follows(ClaimedRow? before, Layer layer, Shape input, Func<Shape, bool> isRight)
    {
        if (before?.Output is not { } claimed) return null;
        Shape assumed = layer is Linear && !claimed.IsFlat ? Shape.Flat(claimed.Count) : claimed;
        if (assumed == input) return null;
        try
        {
            return isRight(assumed) ? $"it follows from the wrong output of {before.Name}" : null;
        }
        catch (ShapeException)
        {
            // Nothing follows from an output on which the layer does not fit.
            return null;
        }
    }

    /// <summary>
    /// Pairs the rows with the layers in order, so that the least is left over and contradicted; null stands for what has no partner.
    /// </summary>
    private List<(ClaimedRow? Row, int? Layer)> Align()
    {
        int rows = _claimed.Count, layers = _table.Count;
        double[,] costs = new double[rows + 1, layers + 1];
        for (int r = rows; r >= 0; r--)
        {
            for (int l = layers; l >= 0; l--)
            {
                if (r == rows && l == layers) continue;
                costs[r, l] = Math.Min(Math.Min(
                    l < layers ? SkipLayer(l) + costs[r, l + 1] : double.PositiveInfinity,
                    r < rows ? SkipRow + costs[r + 1, l] : double.PositiveInfinity),
                    r < rows && l < layers ? Pair(r, l) + costs[r + 1, l + 1] : double.PositiveInfinity);
            }
        }
        var pairs = new List<(ClaimedRow?, int?)>();
        for (int r = 0, l = 0; r < rows || l < layers;)
        {
            if (r < rows && l < layers && costs[r, l] == Pair(r, l) + costs[r + 1, l + 1]) pairs.Add((_claimed[r++], l++));
            else if (l < layers && costs[r, l] == SkipLayer(l) + costs[r, l + 1]) pairs.Add((null, l++));
            else pairs.Add((_claimed[r++], null));
        }
        return pairs;
    }

    private double SkipLayer(int layer) => _summary.Layers[layer].Parameters > 0 ? 2 : 0.5;

    private double Pair(int row, int layer)
    {
        ClaimedRow claimed = _claimed[row];
        if (!NetworkRebuilder.IsType(claimed.Type, _table[layer].Layer)) return double.PositiveInfinity;
        LayerSummary right = _summary.Layers[layer];
        return (claimed.Output is { } output && output != right.OutputShape ? 0.3 : 0)
            + (claimed.Parameters is { } parameters && parameters != right.Parameters ? 0.3 : 0)
            + (claimed.Number is { } number && number != layer + 1 ? 0.05 : 0);
    }

    /// <summary>A derivation that begins with the likely mistake.</summary>
    public static Derivation WithMistake(Derivation derivation, string? mistake) =>
        mistake is null ? derivation : derivation with { Steps = [new($"The likely mistake: {mistake}."), .. derivation.Steps] };

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Parameters(long count) => $"{Number(count)} parameter{(count == 1 ? "" : "s")}";
}
