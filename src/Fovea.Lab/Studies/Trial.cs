namespace Fovea.Lab;

/// <summary>What one run of a study is made of: a variant that is trained with a seed, and then tested.</summary>
/// <param name="Study">The study.</param>
/// <param name="Number">The variant's number, from 0.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Training">The training samples.</param>
/// <param name="Test">The test samples.</param>
/// <param name="Threads">Threads to train with.</param>
internal sealed record Trial(Study Study, int Number, ulong Seed, Dataset Training, Dataset Test, int Threads)
{
    public StudyVariant Variant => Study.Variants[Number];

    /// <summary>How it is called where runs of the same study are told of.</summary>
    public string Name => $"{RunRecord.NameOf(Variant)}, seed {Seed}";
}
