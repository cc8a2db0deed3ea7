namespace Fovea.Lab;

/// <summary>What runs of a variant suffered from.</summary>
/// <param name="Variant">The variant.</param>
/// <param name="Finding">What was found, with the figures of the first seed.</param>
/// <param name="Seeds">The seeds whose runs show it.</param>
/// <param name="HasPassed">Whether it was found while they trained, and no longer at their end.</param>
public sealed record StudyFinding(VariantResult Variant, Finding Finding, IReadOnlyList<ulong> Seeds, bool HasPassed)
{
    /// <summary>The findings of a study, by variant.</summary>
    public static IReadOnlyList<StudyFinding> Of(StudyResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return
        [
            .. from variant in result.Variants
               from same in variant.Diverged.SelectMany(run => run.Findings.Select(finding => (run.Seed, Finding: finding, HasPassed: false)))
                   .Concat(variant.Runs.SelectMany(run => (run.Diagnosis?.Findings ?? []).Select(finding => (run.Seed, Finding: finding, HasPassed: false))))
                   .Concat(variant.Runs.SelectMany(run => (run.Diagnosis?.Passed ?? []).Select(finding => (run.Seed, Finding: finding, HasPassed: true))))
                   .GroupBy(found => (found.Finding.Kind, found.Finding.Where, found.HasPassed))
               select new StudyFinding(variant, same.First().Finding, [.. same.Select(found => found.Seed)], same.Key.HasPassed),
        ];
    }

    /// <summary>When it was found, in words: "after epoch 2 and at the end", "at the end".</summary>
    public string When => (Finding.Epoch, HasPassed, Variant.Diverged.Any(run => run.Seed == Seeds[0])) switch
    {
        (null, _, var diverged) => diverged ? "where it diverged" : "at the end",
        ({ } epoch, true, _) => $"after epoch {epoch}, no longer at the end",
        ({ } epoch, false, var diverged) => diverged ? $"after epoch {epoch}" : $"after epoch {epoch} and at the end",
    };

    /// <summary>Which of the variant's runs show it, in words: "all seeds (figures of seed 1)", "seeds 1, 3 of 4 (figures of seed 1)".</summary>
    public string Where => Seeds.Count == 1 ? $"seed {Seeds[0]}{(Variant.Ended == 1 ? "" : $" of {Variant.Ended}")}"
        : $"{(Seeds.Count == Variant.Ended ? "all seeds" : $"seeds {string.Join(", ", Seeds)} of {Variant.Ended}")} (figures of seed {Seeds[0]})";
}
