using static Fovea.Lab.ReportHtml;

namespace Fovea.Lab;

/// <summary>What a report shows where there is something to see: gradients at confident mistakes, rare classes, batch statistics, weights.</summary>
internal static class ReportMeasurements
{
    /// <summary>The sections of a panel.</summary>
    public static string All(StudyResult panel, string prefix)
    {
        var charts = new MeasurementCharts(panel, prefix);
        return Gradients(panel, new StudyCharts(panel, prefix)) + RareClass(panel, charts) + NormalizedBatches(panel, charts) + Weights(panel, charts);
    }

    // Losses are compared by what they teach where the network is confidently wrong.
    private static string Gradients(StudyResult result, StudyCharts charts)
    {
        ConfidentMistakes[] all = [.. result.Variants.SelectMany(v => v.Runs).SelectMany(run => run.History).Select(epoch => epoch.Mistakes).OfType<ConfidentMistakes>()];
        double[] gradients = [.. all.Select(mistakes => mistakes.WrongGradient).OfType<double>()];
        if (gradients.Length == 0 || result.Variants.Select(v => v.Loss).Distinct().Count() == 1) return "";
        return Section("What is learned from confident mistakes", $"""
            <p class="legend">{Each(result.Variants, variant => Key(result, variant))}</p>
            <div class="charts">
            {Figure("Mean gradient of the logit at them", charts.Curves("gradient", "Mean size of the gradient of the logit at confident mistakes by epoch",
                e => e.Mistakes?.WrongGradient, Scale.Logarithmic(gradients)))}
            {Figure("Confident mistakes", charts.Curves("mistakes", "Confident mistakes by epoch", e => e.Mistakes?.Wrong, Scale.Linear(all.Select(m => (double)m.Wrong))))}
            </div>
            <p class="note">Of {Number(all[0].Samples, "N0")} training samples, those to whose true class the network gives a probability below 0.1, and the mean size of the
            loss's derivative by the logit there: near 1 for binary cross-entropy, 2p(1 − p)<sup>2</sup> for the squared error, which is nearly 0 where the probability
            p of the truth is. Epochs in which a seed makes no such mistake have no gradient.</p>
            """);
    }

    private static string RareClass(StudyResult result, MeasurementCharts charts)
    {
        var measured = result.Variants.Where(v => v.Runs.Count > 0 && v.Runs[0].Batches is not null).Select(v => (Variant: v, v.Runs[0].Batches!)).ToArray();
        bool isPlain = result.Variants.All(v => v.Settings.GetValueOrDefault("sampling", "plain").Equals("plain", StringComparison.OrdinalIgnoreCase));
        bool isRare = measured.Any(m => m.Item2.LargestClass >= 1.5 * m.Item2.RareSamples);
        if (measured.Length == 0 || (isPlain && !isRare)) return "";
        BatchComposition first = measured[0].Item2;
        string rows = Each(measured, m =>
        {
            BatchComposition[] seeds = [.. m.Variant.Runs.Select(run => run.Batches).OfType<BatchComposition>()];
            return $"""
                <tr><th>{Key(result, m.Variant)}</th><td>{seeds[0].BatchSize:N0}</td><td>{100 * seeds.Average(b => b.MeanShare):N2}</td><td>{100 * seeds.Average(b => b.Share):N2}</td>
                <td>{seeds.Average(b => b.Deviation):N2}</td><td>{seeds.Average(b => b.ExpectedDeviation):N2}</td><td>{100 * seeds.Average(b => b.ShareWithout):N1}</td><td>{100 * seeds.Average(b => b.Expected(0)):N1}</td></tr>
                """;
        });
        return Section("The rare class in the batches", $"""
            <div class="scroll"><table class="words">
            <thead><tr><th></th><th>Samples of a batch</th><th>Share of {Text(first.RareClass)}, %</th><th>expected, %</th><th>Deviation of their number</th><th>expected</th><th>Batches without, %</th><th>expected, %</th></tr></thead>
            <tbody>{rows}</tbody>
            </table></div>
            <div class="charts spaced">
            {Each(measured, m => Figure($"{Key(result, m.Variant)}: batches by samples of {Text(first.RareClass)}, %",
                charts.RareSamples($"rare-{Index(result, m.Variant) + 1}", $"Batches by how many samples of {first.RareClass} they hold: {m.Variant.Name}", m.Variant)))}
            </div>
            <p class="note">Bars: batches as counted over all seeds and epochs. Line: the hypergeometric distribution of a batch that is drawn, each
            sample once, from those to train on ({Number(first.RareSamples, "N0")} of {Number(first.Samples, "N0")} are {Text(first.RareClass)} in the first run), averaged over the seeds, which set others aside.
            “Expected” is of this distribution.</p>
            """);
    }

    private static string NormalizedBatches(StudyResult result, MeasurementCharts charts)
    {
        VariantResult[] measured = [.. result.Variants.Where(v => v.Runs.Count > 0 && v.Runs.All(run => run.BatchStatistics is not null))];
        if (measured.Length == 0) return "";
        string rows = Each(measured, v => $"""
            <tr><th>{Key(result, v)}</th><td>{v.BatchSize:N0}</td>{Mean(v, b => b.MeanError, "N3")}{Mean(v, b => b.VarianceError, "N3")}{Mean(v, b => b.RunningMeanError, "N3")}{Mean(v, b => b.RunningVarianceError, "N3")}{Mean(v, b => 100 * b.TrainingModeAccuracy, "N2")}
            <td>{100 * v.Runs.Average(run => run.TestAccuracy):N2}</td></tr>
            """);
        bool severalSizes = result.Variants.Select(v => v.BatchSize).Distinct().Count() > 2;
        string figures = !severalSizes ? "" : $"""
            <div class="charts spaced">
            {Figure("Error of a batch’s statistics by its size", charts.ByBatchSize("batch-errors", "Error of the statistics of a batch by its size", "error",
                [("mean", v => v.Runs.All(run => run.BatchStatistics is not null), run => run.BatchStatistics!.MeanError), ("variance", v => v.Runs.All(run => run.BatchStatistics is not null), run => run.BatchStatistics!.VarianceError)], logarithmic: true))}
            {Figure("Test accuracy by batch size, %", charts.ByBatchSize("batch-accuracies", "Test accuracy by batch size", "accuracy", [
                ("without", v => v.Runs.All(run => run.BatchStatistics is null), run => 100 * run.TestAccuracy),
                ("with, evaluation mode", v => v.Runs.All(run => run.BatchStatistics is not null), run => 100 * run.TestAccuracy),
                ("with, training mode", v => v.Runs.All(run => run.BatchStatistics is not null), run => 100 * run.BatchStatistics!.TrainingModeAccuracy)], logarithmic: false))}
            </div>
            """;
        return Section("What batch normalization sees", $"""
            <div class="scroll"><table class="words">
            <thead><tr><th></th><th>Samples of a batch</th><th>Error of its mean</th><th>of its variance</th><th>Error of the running mean</th><th>of the running variance</th><th>Accuracy in training mode, %</th><th>in evaluation mode, %</th></tr></thead>
            <tbody>{rows}</tbody>
            </table></div>
            {figures}
            <p class="note">At the first layer of batch normalization of the trained network. Errors are root mean squares over batches and channels: of the mean in
            deviations of the population, of the variance as a share of it; the population are up to 4,096 training samples. In training mode each batch of the test
            samples is normalized by its own statistics, in evaluation mode by the running ones.</p>
            """);

        static string Mean(VariantResult variant, Func<BatchStatistics, double> figure, string format) =>
            $"<td>{Number(variant.Runs.Average(run => figure(run.BatchStatistics!)), format)}</td>";
    }

    // Where a penalty pulls at them, differently.
    private static string Weights(StudyResult result, MeasurementCharts charts)
    {
        VariantResult[] measured = [.. result.Variants.Where(v => v.Runs.Count > 0 && v.Runs[0].Weights is not null)];
        bool isPulled = result.Variants.Select(v => (v.Optimizer.WeightDecay, v.Optimizer.L1)).Distinct().Count() > 1;
        if (measured.Length < 2 || !isPulled) return "";
        string rows = Each(measured, v => $"""
            <tr><th>{Key(result, v)}</th><td>{v.Runs.Average(run => run.Weights!.MeanSize):N4}</td><td>{v.Runs.Average(run => run.Weights!.RootMeanSquare):N4}</td>
            <td>{100 * v.Runs.Average(run => (double)run.Weights!.Zeros / run.Weights!.Weights):N1}</td></tr>
            """);
        return Section("The weights", $"""
            <div class="scroll"><table class="words">
            <thead><tr><th></th><th>Mean size</th><th>Root mean square</th><th>Exactly 0, %</th></tr></thead>
            <tbody>{rows}</tbody>
            </table></div>
            <div class="charts spaced">
            {Each(measured, v => Figure(Key(result, v), charts.Weights($"weights-{Index(result, v) + 1}", $"Histogram of the weights: {v.Name}", v)))}
            </div>
            <p class="note">Weights of convolutions and linear layers at the end, of the first seed in the histograms, in bins of 0.005; how many are in a bin, on a logarithmic
            scale. The outermost bins hold all beyond.</p>
            """);
    }
}
