namespace Fovea;

/// <summary>Where updates were made. The bits depend on the machine's engine alone; times and memory on all of it.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Threads">How many threads were used; 0 where that was not kept.</param>
public sealed record TrainingPlace(Machine Machine, int Threads)
{
    /// <summary>Why times and memory of runs cannot be compared, in words that go on after "as"; null where they can: all runs were made, from their first update to
    /// their last, on the same machine with the same number of threads.</summary>
    /// <param name="runs">Of each run, where it was made; more than one where it was taken up elsewhere, none where that is not known.</param>
    public static string? Difference(IEnumerable<IReadOnlyList<TrainingPlace>> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        IReadOnlyList<TrainingPlace>[] all = [.. runs];
        TrainingPlace[] places = [.. all.SelectMany(places => places).Distinct()];
        if (all.Any(run => run.Count == 0) || places.Any(place => place.Threads == 0 || place.Machine.Host.Length == 0))
            return "it is not known on which machine and with how many threads each run was made";
        if (places.Length <= 1) return null;
        if (Several(place => (place.Machine.Host, place.Machine.Processor, place.Machine.Processors))) return "the runs were made on different machines";
        if (Several(place => place.Threads)) return $"the runs were made with different numbers of threads ({string.Join(", ", places.Select(place => place.Threads).Distinct().Order())})";
        if (Several(place => place.Machine.Engine)) return $"the runs were made by different engines ({string.Join("; ", places.Select(place => place.Machine.Engine).Distinct())})";
        return "the runs were made with different versions of Fovea, .NET or the operating system";

        bool Several<T>(Func<TrainingPlace, T> of) => places.Select(of).Distinct().Count() > 1;
    }
}
