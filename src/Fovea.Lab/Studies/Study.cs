namespace Fovea.Lab;

/// <summary>
/// A question put to an experiment, as data: variants that are trained on the same samples, each once for every seed. The first variant
/// is the one that the others are compared with.
/// </summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Title">Its headline.</param>
/// <param name="Question">What it is to find out.</param>
/// <param name="Data">The dataset, as <see cref="Datasets.Load"/> takes it.</param>
/// <param name="Variants">What is compared.</param>
/// <param name="Seeds">The seeds; see <see cref="TrainingSettings.Seed"/>.</param>
public sealed record Study(
    string Name, string Title, string Question, string Data, IReadOnlyList<StudyVariant> Variants, IReadOnlyList<ulong> Seeds)
{
    /// <summary>Trains on the first so many training samples alone; null takes all.</summary>
    public int? Limit { get; init; }

    /// <summary>Where the files of a named dataset are, when not at their usual place.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Where a run may stop before its budget is spent.</summary>
    public StudyTarget? Until { get; init; }

    /// <summary>What the study was made of, by which it can be taken up again; null for one that was put together in a program.</summary>
    public StudyPlan? Plan { get; init; }

    /// <summary>Throws when the study cannot be run as it is.</summary>
    /// <exception cref="FoveaException">It says why; a <see cref="ShapeException"/> where layers do not fit each other.</exception>
    public void Check()
    {
        Require(Variants.Count > 0, "there is no variant");
        Require(Seeds.Count > 0, "there is no seed: give at least one, as in 1,2,3");
        Require(Seeds.Distinct().Count() == Seeds.Count,
            $"a seed is given twice in {string.Join(",", Seeds)}: a repeated run would add nothing");
        Require(Limit is null or >= 1, $"the limit must be at least 1 sample, got {Limit}");
        string? twice = Variants.CountBy(RunRecord.NameOf).Where(name => name.Value > 1).Select(name => name.Key).FirstOrDefault();
        Require(twice is null, $"two variants are called \"{twice}\": give each value and each budget once, or values labels that differ");
        foreach (StudyVariant variant in Variants)
        {
            Require(variant.Model.Input == Variants[0].Model.Input,
                $"{variant.Name} takes {variant.Model.Input}, but {Variants[0].Name} takes {Variants[0].Model.Input}: "
                + "all variants must take the same samples");
            variant.Settings.Check();
            // Throws where a layer does not fit.
            _ = variant.Model.Output;
            variant.Settings.Loss.CheckEnd(variant.Model);
        }
    }

    private void Require(bool condition, string problem)
    {
        if (!condition) throw new FoveaException($"study {Name}: {problem}.");
    }
}

/// <summary>One of the things that a study compares.</summary>
/// <param name="Name">What it is called in tables and conclusions.</param>
/// <param name="Model">What is trained.</param>
/// <param name="Settings">How; the seed is the study's.</param>
public sealed record StudyVariant(string Name, ModelSpec Model, TrainingSettings Settings)
{
    /// <summary>The budget that it belongs to, of a study with several; variants are compared under the same.</summary>
    public string? Budget { get; init; }

    /// <summary>The name of the variant that it is compared with; null for the study's first.</summary>
    public string? Against { get; init; }
}
