using System.Globalization;

namespace Fovea.Lab;

/// <summary>The part of a study's report on what the trainings suffered from.</summary>
internal static class FindingsSection
{
    /// <summary>The section; nothing for results from before this was looked for.</summary>
    /// <param name="result">The study, or one of its panels.</param>
    /// <param name="key">What a variant is marked by.</param>
    /// <param name="text">Text as HTML.</param>
    public static string Of(StudyResult result, Func<VariantResult, string> key, Func<string, string> text)
    {
        VariantResult[] examined = [.. result.Variants.Where(variant => variant.Diverged.Count > 0 || variant.Runs.Any(run => run.Diagnosis is not null))];
        if (examined.Length == 0) return "";
        IReadOnlyList<StudyFinding> findings = StudyFinding.Of(result);
        string list = findings.Count == 0
            ? "<p>Nothing wrong was found in any run.</p>"
            : $"""<div class="scroll"><table class="findings"><thead><tr><th></th><th>Found</th><th>What to do</th><th>When</th><th>In</th></tr></thead><tbody>{string.Concat(findings.Select(Row))}</tbody></table></div>""";
        return $"""
            <section><h2>Diagnosis</h2>
            {list}
            <div class="scroll"><table>
            <thead><tr><th></th><th>Samples of one update</th><th>Gradient noise scale, samples</th></tr></thead>
            <tbody>{string.Concat(examined.Select(Noise))}</tbody>
            </table></div>
            <p class="note">Looked for after epochs 1, 2, 4, 8, ... and at the end of each run: numbers that are not finite, dead units, vanishing and exploding gradients, a learning rate
            that is too high, overfitting, statistics of batch normalization that are not the samples', and batches far above the gradient noise
            scale (McCandlish et al. 2018: the trace of the covariance of the samples' gradients over the squared norm of their mean), at the end, the median of the seeds.</p>
            </section>
            """;

        string Row(StudyFinding found) =>
            $"<tr><th>{key(found.Variant)}</th><td>{text(found.Finding.Sentence)}.</td><td>{text(found.Finding.Remedy)}.</td><td>{text(found.When)}</td><td>{text(found.Where)}</td></tr>";

        string Noise(VariantResult variant) => $"<tr><th>{key(variant)}</th><td>{variant.BatchSize:N0}</td><td>{NoiseScale(variant)}</td></tr>";
    }

    // A gradient that is lost in noise counts as the largest.
    private static string NoiseScale(VariantResult variant)
    {
        double[] scales = [.. variant.Runs.Where(run => run.Diagnosis?.Noise is not null).Select(run => run.Diagnosis!.Noise!.Scale ?? double.PositiveInfinity).Order()];
        if (scales.Length == 0) return "too few samples to tell";
        double median = (scales[(scales.Length - 1) / 2] + scales[scales.Length / 2]) / 2;
        return double.IsFinite(median) ? median.ToString("N0", CultureInfo.InvariantCulture) : "the gradient is lost in noise";
    }
}
