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
    public override string ToString() => Figure == "layer"
        ? $"{Name}: the network has no such layer here."
        : $"{Name}: {(Figure == "total" ? "" : Figure + " ")}{Right}, not {Claimed}." + (Mistake is { } mistake ? $" {char.ToUpperInvariant(mistake[0])}{mistake[1..]}." : "");
}

/// <summary>A claimed table checked against a network.</summary>
/// <param name="Model">The network, as text.</param>
/// <param name="Input">The shape of one sample.</param>
/// <param name="IsRebuilt">Whether the network was rebuilt from the table.</param>
/// <param name="Rows">The rows of table and network.</param>
/// <param name="Findings">What is wrong; empty when all is right.</param>
/// <param name="Totals">The right figures of the whole network.</param>
public sealed record Audit(string Model, Shape Input, bool IsRebuilt, IReadOnlyList<AuditRow> Rows, IReadOnlyList<AuditFinding> Findings, ModelSummary Totals)
{
    // A figure in MB is printed with two digits.
    private const double HalfDigit = 0.005 + 1e-9;

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsRight => Findings.Count == 0;

    /// <summary>The derivations of all that is wrong.</summary>
    [JsonIgnore]
    public Derivation Derivation => new(IsRight ? "All figures are right" : $"What is wrong, and how it is right", [new($"The network is {Model}, on an input of {Input}.")],
        [.. Findings.Select(finding => finding.Derivation)]);

    /// <summary>The outcome in sentences and a table.</summary>
    public IReadOnlyList<DerivationStep> Answer =>
    [
        new($"{(IsRebuilt ? "Rebuilt from the table" : "Against")}: {Model}, input {Input}", Table: new(["row", "claimed output", "right", "claimed parameters", "right", ""],
        [
            .. Rows.Select(row => (IReadOnlyList<string>)
            [
                row.Name, row.ClaimedOutput?.ToString() ?? "", row.Output?.ToString() ?? "", Number(row.ClaimedParameters), Number(row.Parameters),
                row.Verdict switch { AuditVerdict.Wrong => "wrong", AuditVerdict.Missing => "not in the table", _ => "" },
            ]),
        ])),
        .. Findings.Select(finding => new DerivationStep(finding.ToString())),
        new(IsRight ? "All figures are right." : Findings.Count == 1 ? "1 figure is wrong." : $"{Number(Findings.Count)} figures are wrong."),
    ];

    private static string Number(long? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? "";

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
        ModelSpec network = model ?? NetworkRebuilder.Rebuild(claim, input, path);
        return new Auditor(claim, network).Check(isRebuilt: model is null);
    }

    /// <summary>The audit as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<Audit>());

    /// <summary>One check: the rows of the table laid beside the layers of the network.</summary>
    private sealed class Auditor(Claim claim, ModelSpec model)
    {
        private readonly ModelSummary _summary = ModelSummary.Of(model, claim.Batch);
        private readonly List<AuditRow> _rows = [];
        private readonly List<AuditFinding> _findings = [];
        private readonly List<LayerSummary> _claimedLayers = [];

        public Audit Check(bool isRebuilt)
        {
            // A layer without parameters, flatten above all, is often left out of a table and is no news when it was rebuilt.
            ClaimedRow? before = null;
            foreach (var (row, layer) in Align())
            {
                if (row is null)
                {
                    if (!isRebuilt) AddMissing(layer!.Value);
                }
                else if (layer is { } index)
                {
                    CheckRow(row, index, before);
                    before = row;
                }
                else AddUnknown(row);
            }
            foreach (ClaimedTotal total in claim.Totals) CheckTotal(total);
            return new Audit(model.ToText(), model.Input, isRebuilt, _rows, _findings, _summary);
        }

        private void AddMissing(int index)
        {
            LayerSummary right = _summary.Layers[index];
            _rows.Add(new AuditRow(model.Layers[index].TorchName, LayerText.Format(model.Layers[index]), null, right.OutputShape, null, right.Parameters, AuditVerdict.Missing));
        }

        private void AddUnknown(ClaimedRow row)
        {
            _rows.Add(new AuditRow(row.Name, null, row.Output, null, row.Parameters, null, AuditVerdict.Wrong));
            _findings.Add(new AuditFinding(row.Name, "layer", row.Name, "no such layer", null, new Derivation($"{row.Name}: there is no such layer",
                [new("Between the layers around it the network has none of this type. Its layers are:", Table: new(["layer", "type"],
                    [.. model.Layers.Select((layer, i) => (IReadOnlyList<string>)[_summary.Layers[i].Name, LayerText.Format(layer)])]))])));
        }

        private void CheckRow(ClaimedRow row, int index, ClaimedRow? before)
        {
            Layer layer = model.Layers[index];
            Shape input = model.Shapes[index];
            LayerSummary right = _summary.Layers[index];
            _claimedLayers.Add(right);
            string text = $"{row.Name}: {LayerText.Format(layer)}";
            int findings = _findings.Count;
            if (row.Output is { } output && output != right.OutputShape)
            {
                string? mistake = Follows(before, layer, input, assumed => layer.OutputShape(assumed) == output) ?? LikelyMistakes.OfOutput(layer, input, output);
                _findings.Add(new AuditFinding(row.Name, "output", output.ToString(), right.OutputShape.ToString(), mistake,
                    WithMistake(LayerExplanation.Output(layer, input, $"{text}: the output is {right.OutputShape}, not {output}"), mistake)));
            }
            if (row.Parameters is { } parameters && parameters != right.Parameters)
            {
                string? mistake = Follows(before, layer, input, assumed => layer.Parameters(assumed).Sum(p => (long)p.Count) == parameters) ?? LikelyMistakes.OfParameters(model, index, parameters);
                if (mistake is null && row.Working is { } working) mistake = $"the working was {working}";
                _findings.Add(new AuditFinding(row.Name, "parameters", Number(parameters), Number(right.Parameters), mistake,
                    WithMistake(new Derivation($"{text}: {Plural(right.Parameters, "parameter")}, not {Number(parameters)}", [LayerExplanation.Parameters(layer, input)]), mistake)));
            }
            _rows.Add(new AuditRow(row.Name, LayerText.Format(layer), row.Output, right.OutputShape, row.Parameters, right.Parameters,
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

        private void CheckTotal(ClaimedTotal total)
        {
            // A table without flatten has smaller outputs in sum, and is right too.
            ModelSummary shown = _summary with { Layers = _claimedLayers };
            var (right, alternative) = total.Figure switch
            {
                TotalFigure.Parameters => (_summary.TotalParameters, _summary.TotalParameters),
                TotalFigure.TrainableParameters => (_summary.TrainableParameters, _summary.TrainableParameters),
                TotalFigure.NonTrainableParameters => (_summary.TotalParameters - _summary.TrainableParameters, _summary.TotalParameters - _summary.TrainableParameters),
                TotalFigure.InputMegabytes => (_summary.InputMegabytes, _summary.InputMegabytes),
                TotalFigure.ForwardBackwardMegabytes => (_summary.ForwardBackwardMegabytes, shown.ForwardBackwardMegabytes),
                TotalFigure.ParametersMegabytes => (_summary.ParametersMegabytes, _summary.ParametersMegabytes),
                _ => (_summary.TotalMegabytes, shown.TotalMegabytes + _summary.ParametersMegabytes - shown.ParametersMegabytes),
            };
            bool isCount = total.Figure is TotalFigure.Parameters or TotalFigure.TrainableParameters or TotalFigure.NonTrainableParameters;
            if (isCount ? total.Value == right : Math.Abs(total.Value - right) <= HalfDigit || Math.Abs(total.Value - alternative) <= HalfDigit) return;
            string name = Claim.NameOf(total.Figure);
            string claimedText = isCount ? total.Value.ToString("N0", CultureInfo.InvariantCulture) : Megabytes(total.Value), rightText = isCount ? Number((long)right) : Megabytes(alternative);
            string? mistake = isCount ? TotalMistake(total.Value) : SizeMistake(total, alternative);
            Derivation derivation = isCount
                ? new Derivation($"{name}: {rightText}, not {claimedText}", [SummaryExplanation.Parameters(_summary)])
                : new Derivation($"{name}: {rightText}, not {claimedText}", [.. SummaryExplanation.Memory(shown)]);
            _findings.Add(new AuditFinding(name, "total", claimedText, rightText, mistake, WithMistake(derivation, mistake)));
        }

        private string? TotalMistake(double claimed)
        {
            string[] wrong = [.. _findings.Where(finding => finding.Figure == "parameters").Select(finding => finding.Name)];
            string[] missing = [.. _rows.Where(row => row.Verdict == AuditVerdict.Missing && row.Parameters > 0).Select(row => row.Name)];
            long stated = claim.Rows.Sum(row => row.Parameters ?? 0);
            if (stated == claimed && wrong.Length > 0) return $"it is the sum of the rows, of which {string.Join(" and ", wrong)} {(wrong.Length == 1 ? "is" : "are")} wrong";
            if (stated == claimed && missing.Length > 0) return $"it is the sum of the rows, but {string.Join(" and ", missing)} {(missing.Length == 1 ? "is" : "are")} missing";
            foreach (ClaimedRow row in claim.Rows.Where(row => row.Parameters > 0))
            {
                if (stated - row.Parameters == claimed) return $"{row.Name} was left out of the sum";
                if (stated + row.Parameters == claimed) return $"{row.Name} was added twice";
            }
            ModelSpec plain = model with { Layers = [.. model.Layers.Select(layer => layer switch { Conv2D c => c with { Bias = false }, Linear l => l with { Bias = false }, _ => layer })] };
            if (ModelSummary.Of(plain).TotalParameters == claimed) return "the biases were left out";
            return stated != _summary.TotalParameters || wrong.Length > 0 ? $"it is not the sum of the rows either, which is {Number(stated)}" : $"it is not the sum of the rows, which is {Number(stated)}";
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

        /// <summary>
        /// Pairs the rows with the layers in order, so that the least is left over and contradicted; null stands for what has no partner.
        /// </summary>
        private List<(ClaimedRow? Row, int? Layer)> Align()
        {
            int rows = claim.Rows.Count, layers = model.Layers.Count;
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
                if (r < rows && l < layers && costs[r, l] == Pair(r, l) + costs[r + 1, l + 1]) pairs.Add((claim.Rows[r++], l++));
                else if (l < layers && costs[r, l] == SkipLayer(l) + costs[r, l + 1]) pairs.Add((null, l++));
                else pairs.Add((claim.Rows[r++], null));
            }
            return pairs;
        }

        private const double SkipRow = 5;

        private double SkipLayer(int layer) => _summary.Layers[layer].Parameters > 0 ? 2 : 0.5;

        private double Pair(int row, int layer)
        {
            ClaimedRow claimed = claim.Rows[row];
            if (!NetworkRebuilder.IsType(claimed.Type, model.Layers[layer])) return double.PositiveInfinity;
            LayerSummary right = _summary.Layers[layer];
            return (claimed.Output is { } output && output != right.OutputShape ? 0.3 : 0)
                + (claimed.Parameters is { } parameters && parameters != right.Parameters ? 0.3 : 0)
                + (claimed.Number is { } number && number != layer + 1 ? 0.05 : 0);
        }

        private static Derivation WithMistake(Derivation derivation, string? mistake) =>
            mistake is null ? derivation : derivation with { Steps = [new($"The likely mistake: {mistake}."), .. derivation.Steps] };

        private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

        private static string Plural(long count, string word) => $"{Number(count)} {word}{(count == 1 ? "" : "s")}";

        private static string Megabytes(double value) => value.ToString("F2", CultureInfo.InvariantCulture) + " MB";
    }
}
