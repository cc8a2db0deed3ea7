using System.Globalization;
using static Fovea.Lab.ReportHtml;

namespace Fovea.Lab;

/// <summary>A study as one page of HTML that needs nothing beside itself: conclusion, tables, curves, and how to do it again.</summary>
public static class StudyReport
{
    // With more comparisons their details are opened by a click.
    private const int MostInDetail = 3, MostColumns = 5, MostNarrowClasses = 5;

    /// <summary>Writes report.html into a folder.</summary>
    /// <param name="result">The figures.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="gallery">Pictures of the trained networks, where their weights are at hand.</param>
    /// <exception cref="FoveaException">The folder cannot be written.</exception>
    public static void Save(StudyResult result, string folder, StudyGallery? gallery = null) => StudyFolder.Write(folder, StudyFolder.ReportFile, ToHtml(result, gallery));

    /// <summary>The page.</summary>
    /// <param name="result">The figures.</param>
    /// <param name="gallery">Pictures of the trained networks, where their weights are at hand.</param>
    /// <exception cref="ArgumentException">The study has no finished run.</exception>
    public static string ToHtml(StudyResult result, StudyGallery? gallery = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (result.Ended == 0)
            throw new ArgumentException("no run of the study has come to its end.", nameof(result));
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{Text(result.Title)}: a study with Fovea</title>
            <style>
            {Style()}
            {Derivation.HtmlStyle}
            </style>
            </head>
            <body>
            <main>
            {Head(result)}
            {Each(result.Panels.Index(), panel => Panel(panel.Item, result.Panels.Count > 1, panel.Index, gallery))}
            {Networks(result)}
            {Method(result)}
            </main>
            </body>
            </html>

            """;
    }

    private static string Head(StudyResult result)
    {
        string notice = result.IsComplete ? ""
            : result.Failures is { Count: > 0 } failures
                ? $"""<div class="notice"><p>{(failures.Count == 1 ? "A run" : Number(failures.Count, "N0") + " runs")} failed: this report holds those that were finished.</p><ul>{Each(failures, failure => $"<li>{Text(failure)}</li>")}</ul></div>"""
                : """<p class="notice">The study was interrupted: this report holds the runs that were finished.</p>""";
        return $"""
            <header>
            <p class="eyebrow">Fovea study <span>{result.Started.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}</span></p>
            <h1>{Text(result.Title)}</h1>
            <p class="question">{Text(result.Question)}</p>
            {notice}
            </header>
            """;
    }

    // All of a budget; a study without finished runs under one of its budgets says so.
    private static string Panel(StudyResult panel, bool severalBudgets, int number, StudyGallery? gallery)
    {
        string heading = severalBudgets ? $"""<h2 class="panel">With a budget of {Text(panel.Variants[0].Budget)} a run</h2>""" : "";
        if (panel.Ended == 0) return heading + """<p class="notice">No run is finished yet.</p>""";
        if (panel.Variants.All(variant => variant.Runs.Count == 0))
        {
            // There is nothing to draw.
            return heading + Conclusion(panel) + SideBySide(panel) + FindingsSection.Of(panel, variant => Key(panel, variant), Text);
        }
        string prefix = severalBudgets ? $"budget-{number + 1}-" : "";
        var charts = new StudyCharts(panel, prefix);
        return $"""
            {heading}
            {Conclusion(panel)}
            {SideBySide(panel)}
            {Curves(panel, charts)}
            {Spent(panel, charts)}
            {ReportMeasurements.All(panel, prefix)}
            {Costs(panel, charts)}
            {Runs(panel, charts)}
            {FindingsSection.Of(panel, variant => Key(panel, variant), Text)}
            {Confusions(panel)}
            {ReportPictures.All(panel, gallery)}
            """;
    }

    private static string Conclusion(StudyResult result)
    {
        IEnumerable<string> diverged = result.Variants.Where(variant => variant.Diverged.Count > 0).Select(variant => $"""
            <div class="finding">
            <p><strong style="--c:var({Ink.Variant(Index(result, variant)).Variable})">{Text(variant.Name)}:</strong> {Text(variant.Divergence!)}.</p>
            </div>
            """);
        IEnumerable<string> findings = result.Comparisons.Select(comparison => $"""
            <div class="finding">
            <p><strong style="--c:var({Ink.Variant(Index(result, comparison.Variant)).Variable})">{Text(comparison.Variant.Name)}:</strong>
            {Text(comparison.Finding)}.</p>
            <details{(result.Comparisons.Count <= MostInDetail ? " open" : "")}><summary class="against">Against {Text(comparison.Reference.Name)}, in detail ({Text(comparison.Test)}):</summary>
            <ul>{Each(comparison.Evidence, line => $"<li>{Text(line)}</li>")}</ul></details>
            </div>
            """);
        string none = """<div class="finding"><p>There are no runs to compare yet.</p></div>""";
        return Section("Conclusion", Each(diverged.Concat(findings).DefaultIfEmpty(none), finding => finding), "conclusion");
    }

    private static string SideBySide(StudyResult result)
    {
        IReadOnlyList<StudyRow> figures = StudyRow.Of(result);
        // As many as a page has room for, and as equally many in each table as can be.
        int count = result.Variants.Count, tablesNeeded = (count + MostColumns - 1) / MostColumns;
        string tables = Each(Enumerable.Range(0, count).Chunk((count + tablesNeeded - 1) / tablesNeeded), chosen => $"""
            <div class="scroll side"><table>
            <thead><tr><th></th>{Each(chosen, i => $"<th>{Key(result, result.Variants[i])}</th>")}</tr></thead>
            <tbody>
            {Each(figures, row => $"<tr><th>{Text(row.Name)}</th>{Each(chosen, i => $"<td>{Cell(row.Cells[i])}</td>")}</tr>\n")}
            </tbody>
            </table></div>
            """);
        return Section("The variants side by side", $"""
            {tables}
            <p class="note">{StudyRow.Note(result)} MB are 2<sup>20</sup> bytes.</p>
            """);

        static string Cell((string Figure, string? Spread) cell) =>
            cell.Spread is null ? Text(cell.Figure) : $"""{Text(cell.Figure)} <span class="spread">{cell.Spread}</span>""";
    }

    private static string Curves(StudyResult result, StudyCharts charts)
    {
        EpochResult[] epochs = [.. result.Variants.SelectMany(variant => variant.Runs).SelectMany(run => run.History)];
        // Training and validation share their axis.
        Scale loss = Scale.Logarithmic(epochs.SelectMany(e => new[] { e.TrainLoss, e.ValidationLoss ?? e.TrainLoss }));
        Scale percent = Scale.Linear(
            epochs.SelectMany(e => new[] { e.TrainAccuracy, e.ValidationAccuracy ?? e.TrainAccuracy }).Select(accuracy => 100 * accuracy));
        return Section("Loss and accuracy by epoch", $"""
            <p class="legend">{Each(result.Variants, variant => Key(result, variant))}</p>
            <div class="charts">
            {Figure("Training loss", charts.Curves("training-loss", "Training loss by epoch", e => e.TrainLoss, loss))}
            {Figure("Validation loss", charts.Curves("validation-loss", "Validation loss by epoch", e => e.ValidationLoss, loss))}
            {Figure("Training accuracy, %",
                charts.Curves("training-accuracy", "Training accuracy by epoch", e => 100 * e.TrainAccuracy, percent))}
            {Figure("Validation accuracy, %",
                charts.Curves("validation-accuracy", "Validation accuracy by epoch", e => 100 * e.ValidationAccuracy, percent))}
            </div>
            <p class="note">{(Several(result) ? "Lines are means over the seeds, bands reach from the lowest to the highest seed." : "")}
            The loss is on a logarithmic scale. Training figures are means over the epoch, taken before each update while the weights still
            move; validation figures are taken after the epoch, on {Range(result, variant => variant.ValidationSamples)} samples set aside. So
            validation can look better than training.{(result.Variants.Select(variant => variant.Loss).Distinct().Count() > 1
                ? " The variants are trained on different losses, whose values cannot be compared with each other." : "")}</p>
            """);
    }

    private static string Spent(StudyResult result, StudyCharts charts)
    {
        EpochResult[] epochs = [.. result.Variants.SelectMany(variant => variant.Runs).SelectMany(run => run.History)];
        bool validated = epochs.All(epoch => epoch.ValidationLoss is not null);
        Scale loss = Scale.Logarithmic(epochs.Select(e => e.ValidationLoss ?? e.TrainLoss));
        Scale percent = Scale.Linear(epochs.Select(e => 100 * (e.ValidationAccuracy ?? e.TrainAccuracy)));
        string part = validated ? "Validation" : "Training";
        string Timed(Func<string> figure) => result.Unlike is null ? figure() : "";
        return Section(result.Unlike is null ? "The same by updates and by seconds" : "The same by updates", $"""
            <p class="legend">{Each(result.Variants, variant => Key(result, variant))}</p>
            <div class="charts">
            {Figure($"{part} loss by updates", charts.Spent("loss-updates", $"{part} loss by updates", Updates, e => e.ValidationLoss ?? e.TrainLoss, loss))}
            {Timed(() => Figure($"{part} loss by seconds", charts.Spent("loss-seconds", $"{part} loss by seconds", Seconds, e => e.ValidationLoss ?? e.TrainLoss, loss)))}
            {Figure($"{part} accuracy by updates, %", charts.Spent("accuracy-updates", $"{part} accuracy by updates", Updates, e => 100 * (e.ValidationAccuracy ?? e.TrainAccuracy), percent))}
            {Timed(() => Figure($"{part} accuracy by seconds, %", charts.Spent("accuracy-seconds", $"{part} accuracy by seconds", Seconds, e => 100 * (e.ValidationAccuracy ?? e.TrainAccuracy), percent)))}
            </div>
            <p class="note">{(result.Unlike is { } unlike ? $"Nothing is drawn by seconds, as {Text(unlike)}. " : "")}One line for each run, one mark for each epoch, what was spent on a logarithmic scale. An equal number of epochs is
            not an equal number of updates where batches differ.</p>
            """);

        static IReadOnlyList<double> Updates(RunResult run) => [.. run.History.Select(epoch => (double)epoch.Updates)];

        static IReadOnlyList<double> Seconds(RunResult run)
        {
            double sum = 0;
            return [.. run.History.Select(epoch => sum += epoch.Seconds)];
        }
    }

    // Of the first seed of each variant: rows are the true classes.
    private static string Confusions(StudyResult result)
    {
        var matrices = result.Variants.Where(variant => variant.Runs.FirstOrDefault()?.Confusion is not null).Select(variant =>
        {
            RunResult run = variant.Runs[0];
            ConfusionMatrix matrix = run.Confusion!;
            string head = Each(matrix.ClassNames, name => $"<th>{Text(name)}</th>");
            string rows = Each(matrix.Counts.Index(), row => $"""
                <tr><th>{Text(matrix.ClassNames[row.Index])}</th>{Each(row.Item.Index(), cell => CellOf(cell.Item, cell.Index == row.Index, matrix.Samples(row.Index)))}<td>{100 * (matrix.Accuracy(row.Index) ?? 0):N1}</td></tr>
                """);
            return $"""
                <figure>
                <figcaption>{Key(result, variant)} seed {run.Seed}</figcaption>
                <div class="scroll"><table class="confusion"><thead><tr><th></th>{head}<th>right, %</th></tr></thead><tbody>{rows}</tbody></table></div>
                </figure>
                """;
        }).ToArray();
        return matrices.Length == 0 ? "" : Section("What is taken for what", $"""
            <div class="charts{(result.Variants.Any(variant => variant.Runs.FirstOrDefault()?.Confusion?.ClassNames.Count > MostNarrowClasses) ? " wide" : "")}">{Each(matrices, matrix => matrix)}</div>
            <p class="note">Rows are the classes of the test samples, columns what the trained network takes them for.</p>
            """);

        static string CellOf(int count, bool right, int samples) => count == 0 ? "<td></td>"
            : $"""<td class="{(right ? "right" : "wrong")}" style="--share:{Math.Round(Math.Sqrt((double)count / Math.Max(1, samples)), 3)}">{count:N0}</td>""";
    }

    private static string Costs(StudyResult result, StudyCharts charts)
    {
        bool sameModel = result.Variants.All(variant => variant.Parameters == result.Variants[0].Parameters);
        return Section("What it takes", $"""
            <div class="charts">
            {Measured(() => Figure("Training time, s", charts.Bars("time", "Training time", (_, run) => run.TrainSeconds, "N2")))}
            {(sameModel
                ? Figure("Updates per epoch", charts.Bars("updates", "Updates per epoch", (variant, _) => variant.UpdatesPerEpoch, "N0"))
                : Figure("Parameters", charts.Bars("parameters", "Parameters", (variant, _) => variant.Parameters, "N0")))}
            {Measured(() => Figure("Memory of the engine, MB", charts.Bars("engine", "Memory of the engine", (_, run) => run.EngineMegabytes, "N1")))}
            {Measured(() => Figure("Peak memory of the process, MB", charts.Bars("memory", "Peak memory", (_, run) => run.PeakMemoryMegabytes, "N0")))}
            </div>
            {(result.Unlike is { } unlike ? $"""<p class="note">Times and memory are not drawn, as {Text(unlike)}.</p>"""
                : Several(result) ? """<p class="note">Bars are means; thin lines reach from the lowest to the highest seed.</p>""" : "")}
            """);

        string Measured(Func<string> figure) => result.Unlike is null ? figure() : "";
    }

    private static string Runs(StudyResult result, StudyCharts charts)
    {
        ReportChart accuracies = charts.Accuracies("accuracies", "Test accuracy of every run");
        var rows = result.Variants.SelectMany(variant => variant.Runs.Select(run => $"""
            <tr><th>{Key(result, variant)}</th><td>{run.Seed}</td><td>{100 * run.TestAccuracy:N2}</td><td>{run.TestLoss:N4}</td>
            <td>{run.TrainSeconds:N2}</td></tr>
            """).Concat(variant.Diverged.Select(run => $"""
            <tr><th>{Key(result, variant)}</th><td>{run.Seed}</td><td colspan="3" class="words">diverged after {Count(run.Updates, "update")}; {Text(run.Kept)}</td></tr>
            """)));
        return Section("Every run", $"""
            <div class="runs">
            {Figure("Test accuracy, %", accuracies, "One mark for each run, a bar at their mean; thin lines join the runs of one seed.")}
            <div class="scroll"><table>
            <thead><tr><th></th><th>Seed</th><th>Accuracy, %</th><th>Loss</th><th>Time, s</th></tr></thead>
            <tbody>
            {Each(rows, row => row)}
            </tbody>
            </table></div>
            </div>
            """);
    }

    private static string Networks(StudyResult result)
    {
        var figures = result.Variants.GroupBy(variant => variant.Layers).Select(same => $"""
            <figure>
            <figcaption>{Each(same, variant => Key(result, variant))}<code>{Verbatim(same.Key)}</code></figcaption>
            <div class="scroll"><pre>{Verbatim(same.First().Summary.TrimEnd('\n'))}</pre></div>
            {ReportPictures.DerivationOf(same.First())}
            </figure>
            """);
        return Section("The networks", $"""<div class="networks">{Each(figures, figure => figure)}</div>""");
    }

    private static string Method(StudyResult result)
    {
        TrainingPlace[] places = [.. result.Variants.SelectMany(v => v.Runs.SelectMany(run => run.Places).Concat(v.Diverged.SelectMany(run => run.Places))).Distinct()];
        IEnumerable<string> training = result.Variants.Select(v => v.Budget
            + $", optimizer {v.Optimizer.Name}, learning rate {v.Optimizer.LearningRate}, loss {v.Loss.Described}");
        string rule = result.LearningRateRule switch
        {
            "linear" => "; the learning rate grows with the batch size, in proportion to the first variant's",
            "sqrt" => "; the learning rate grows with the square root of the batch size, in proportion to the first variant's",
            _ => "",
        };
        string until = result.Until is { } target ? $"; a run ends with the epoch after which {target.Replace("=", " has come to ", StringComparison.Ordinal)}" : "";
        string peak = result.PeakMemoryIsExact
            ? "the kernel's own mark of the largest resident set (VmHWM), set back before each run"
            : "the largest of the working sets that were sampled while it trained";
        (string Name, string Text)[] items =
        [
            ("Data", $"{result.Data}: {Range(result, variant => variant.TrainingSamples)} samples to train on, {Range(result, variant => variant.ValidationSamples)} set "
                + $"aside for validation by the seed, {Number(result.TestSamples, "N0")} to test the trained network on"),
            ("Seeds", string.Join(", ", result.Seeds)),
            ("Training", string.Join("; ", training.Distinct()) + rule + until),
            ("Comparison", "seed by seed: differences (for time and memory, ratios) of runs with the same seed are averaged and given with "
                + "the 95% t-interval of their mean. The test is the paired t-test, two-sided, at the 5% level; where several variants are compared with "
                + "the first, the probabilities of each figure are corrected by Holm's method, the intervals are not. Where the test leaves room for no difference, none is "
                + "claimed; where all differences are equal their spread cannot be judged, and there is no test. Memory is not tested: "
                + "a process holds what its earlier runs have left. All of it covers the noise of the seeds, not the choice of the test samples"),
            ("Time", "of the updates alone; validation and test are not counted, and every variant was trained for a moment before the "
                + "first measured run. The variants take turns. Times and memory are compared only where all runs were made on one machine with one number of threads"),
            ("Peak memory", $"of the whole process with the data and .NET itself: {peak}. The engine's own memory is what its parameters, "
                + "optimizer, activations and gradients take"),
            ("Machine", places.Length == 0 ? "not kept" : string.Join("; and ", places.Select(place => $"{place.Machine.Host}: {place.Machine.Processor}, "
                + $"{Count(place.Machine.Processors, "processor")}, {Count(place.Threads, "thread")}; {place.Machine.OperatingSystem}; {place.Machine.Runtime}").Distinct())),
            .. Engines(result),
            ("Made with", $"Fovea {string.Join(" and ", places.Select(place => place.Machine.Fovea).DefaultIfEmpty("of an unknown version").Distinct())}, begun {result.Started.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture)}; "
                + $"all figures are in {StudyFolder.ResultFile} beside this page"),
        ];
        string command = result.Command is null ? "" : $"""
            <p>On this machine the same seeds give the same losses and accuracies again, whatever the number of threads; times and memory
            vary.</p>
            <pre class="command">{Verbatim(result.Command)}</pre>
            """;
        return Section("Method, and how to repeat it", $"""
            {command}
            <dl>{Each(items, item => $"<dt>{item.Name}</dt><dd>{Text(item.Text)}.</dd>")}</dl>
            """);
    }

    // Runs that have their bits from different engines are told apart.
    private static IEnumerable<(string, string)> Engines(StudyResult result)
    {
        var runs = result.Variants.SelectMany(variant => variant.Runs.Select(run => (Run: $"{variant.Name}, seed {run.Seed}",
            Engines: run.Places.Select(place => place.Machine.Engine).Where(engine => engine.Length > 0).Distinct().ToArray()))).Where(run => run.Engines.Length > 0).ToArray();
        string[] different = [.. runs.SelectMany(run => run.Engines).Distinct()];
        if (different.Length == 0) return [];
        return [("Engine", different.Length == 1 ? $"{different[0]}: another gives figures that differ in their last digits"
            : "not the same for all runs, which cannot be had again to the bit on one machine: "
                + string.Join("; ", runs.GroupBy(run => string.Join(" and then ", run.Engines)).Select(same => $"{same.Key} ({string.Join("; ", same.Select(run => run.Run))})")))];
    }

    // Of all variants, which may differ in it.
    private static string Range(StudyResult result, Func<VariantResult, int> figure)
    {
        int least = result.Variants.Min(figure), most = result.Variants.Max(figure);
        return least == most ? Number(least, "N0") : $"{Number(least, "N0")} to {Number(most, "N0")}";
    }

    private static string Style()
    {
        using Stream stream = typeof(StudyReport).Assembly.GetManifestResourceStream("report.css")!;
        return new StreamReader(stream).ReadToEnd().TrimEnd();
    }
}
