using System.Globalization;

namespace Fovea;

/// <summary>Shows how the numbers of a <see cref="ModelSummary"/> come about.</summary>
public static class SummaryExplanation
{
    /// <summary>Derives each layer's output, parameters and multiply-adds, and the totals.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">The batch that sizes are for; null for one sample.</param>
    /// <param name="hide">Types of layers to leave out, as in JSON: "flatten".</param>
    /// <param name="renumber">Whether only the rows that are shown are counted.</param>
    /// <exception cref="ShapeException">A layer does not fit its input.</exception>
    public static Derivation Of(ModelSpec model, int? batch = null, IReadOnlyCollection<string>? hide = null, bool renumber = true)
    {
        ModelSummary summary = ModelSummary.Of(model, batch, hide, renumber);
        var parts = new List<Derivation>();
        int row = 0;
        foreach (ModelRow shown in ModelRow.Table(model))
        {
            if (hide?.Select(LayerText.Short).Contains(LayerText.Short(LayerText.TypeOf(shown.Layer))) == true) continue;
            parts.Add(OfLayer(shown.Layer, shown.Input, $"{summary.Layers[row++].Name}: {LayerText.FormatBriefly(shown.Layer)}"));
        }
        parts.Add(new Derivation("In total",
        [
            Parameters(summary),
            new("Multiply-adds are added up likewise.", "M = \\sum_i M_i", Sum(summary.Layers.Select(layer => layer.MultiplyAdds)), Tex.Number(summary.TotalMultiplyAdds)),
            .. Memory(summary),
        ]));
        return new Derivation($"The numbers of {model}, input {model.Input}", [], parts);
    }

    /// <summary>The summary in sentences and a table.</summary>
    /// <param name="model">The model.</param>
    /// <param name="summary">Its summary.</param>
    public static IReadOnlyList<DerivationStep> Answer(ModelSpec model, ModelSummary summary)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(summary);
        var table = new DerivationTable(["layer", "as text", "output", "parameters", "share", "multiply-adds", "receptive field", "output bytes"],
        [
            .. summary.Layers.Select(layer => (IReadOnlyList<string>)
            [
                layer.Name, layer.Text, layer.OutputShape.ToString(), Grouped(layer.Parameters), layer.Parameters == 0 ? "" : $"{layer.ParameterShare * 100:F2}%",
                Grouped(layer.MultiplyAdds), $"{layer.ReceptiveField.Height}x{layer.ReceptiveField.Width}", Grouped(layer.OutputBytes),
            ]),
        ]);
        return
        [
            new($"{model}: {model.Input} -> {model.Output}{(summary.Batch is { } batch ? $", batch {Grouped(batch)}" : "")}", Table: table),
            new($"{Grouped(summary.TotalParameters)} parameters, {Grouped(summary.TotalMultiplyAdds)} multiply-adds per sample."),
            new($"Memory in MB: input {summary.InputMegabytes:F2}, forward and backward {summary.ForwardBackwardMegabytes:F2}, parameters {summary.ParametersMegabytes:F2}, total {summary.TotalMegabytes:F2}."),
        ];
    }

    /// <summary>Derives one layer's output, parameters and multiply-adds.</summary>
    internal static Derivation OfLayer(Layer layer, Shape input, string title)
    {
        Derivation output = LayerExplanation.Output(layer, input, title);
        return output with { Steps = [.. output.Steps, LayerExplanation.Parameters(layer, input), LayerExplanation.MultiplyAdds(layer, input)] };
    }

    /// <summary>Derives the number of all parameters.</summary>
    internal static DerivationStep Parameters(ModelSummary summary) => new("The parameters of the layers are added up.", "P = \\sum_i P_i",
        Sum(summary.Layers.Select(layer => layer.Parameters)), Tex.Number(summary.TotalParameters));

    /// <summary>Derives the sizes in memory.</summary>
    internal static IEnumerable<DerivationStep> Memory(ModelSummary summary)
    {
        string batch = summary.Batch is { } samples ? $" \\cdot {samples}" : "", symbol = summary.Batch is null ? "" : " B";
        yield return new("A number takes 4 bytes, a megabyte is $2^{20}$ bytes: the input" + (summary.Batch is null ? " of one sample" : $" of $B = {summary.Batch}$ samples"),
            $"S_\\text{{in}} = \\frac{{4{symbol} n}}{{2^{{20}}}}", $"\\frac{{4{batch} \\cdot {Tex.Number(summary.Input.Count)}}}{{2^{{20}}}}", Megabytes(summary.InputMegabytes));
        long outputs = summary.Layers.Sum(layer => (long)layer.OutputShape.Count);
        yield return new("The outputs of the layers are added up.", "A = \\sum_i n_i", Sum(summary.Layers.Select(layer => (long)layer.OutputShape.Count)), Tex.Number(outputs));
        yield return new("Forward and backward pass: all outputs, and a gradient of each.", $"S_\\text{{pass}} = \\frac{{2 \\cdot 4{symbol} A}}{{2^{{20}}}}",
            $"\\frac{{2 \\cdot 4{batch} \\cdot {Tex.Number(outputs)}}}{{2^{{20}}}}", Megabytes(summary.ForwardBackwardMegabytes));
        yield return new("The parameters:", "S_\\text{par} = \\frac{4 P}{2^{20}}", $"\\frac{{4 \\cdot {Tex.Number(summary.TotalParameters)}}}{{2^{{20}}}}", Megabytes(summary.ParametersMegabytes));
        yield return new("All three together, rounded at the end only.", "S = S_\\text{in} + S_\\text{pass} + S_\\text{par}",
            $"{Plain(summary.InputMegabytes)} + {Plain(summary.ForwardBackwardMegabytes)} + {Plain(summary.ParametersMegabytes)}", Megabytes(summary.TotalMegabytes));
    }

    private static string Sum(IEnumerable<long> terms)
    {
        string[] numbers = [.. terms.Where(term => term != 0).Select(term => Tex.Number(term))];
        return numbers.Length == 0 ? "0" : Tex.Sum(numbers);
    }

    private static string Grouped(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Plain(double value) => value.ToString("F4", CultureInfo.InvariantCulture);

    private static string Megabytes(double value) => $"\\approx {Plain(value)} \\text{{ MB}}";
}
