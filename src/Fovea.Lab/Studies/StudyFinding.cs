namespace Fovea.Lab;

/// <summary>What runs of a variant suffered from.</summary>
/// <param name="Variant">The variant.</param>
/// <param name="Finding">What was found, with the figures of the first seed.</param>
/// <param name="Seeds">The seeds whose runs show it.</param>
public sealed record StudyFinding(VariantResult Variant, Finding Finding, IReadOnlyList<ulong> Seeds)
{
    /// <summary>The findings of a study, by variant.</summary>
    public static IReadOnlyList<StudyFinding> Of(StudyResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return
        [
            .. from variant in result.Variants
               from same in variant.Diverged.Select(run => (run.Seed, run.Finding))
                   .Concat(variant.Runs.SelectMany(run => (run.Diagnosis?.Findings ?? []).Select(finding => (run.Seed, Finding: finding))))
                   .GroupBy(found => (found.Finding.Kind, found.Finding.Where))
               select new StudyFinding(variant, same.First().Finding, [.. same.Select(found => found.Seed)]),
        ];
    }

    /// <summary>Which of the variant's runs show it, in words: "all seeds (figures of seed 1)", "seeds 1, 3 of 4 (figures of seed 1)".</summary>
    public string Where => Seeds.Count == 1 ? $"seed {Seeds[0]}{(Variant.Ended == 1 ? "" : $" of {Variant.Ended}")}"
        : $"{(Seeds.Count == Variant.Ended ? "all seeds" : $"seeds {string.Join(", ", Seeds)} of {Variant.Ended}")} (figures of seed {Seeds[0]})";
}
