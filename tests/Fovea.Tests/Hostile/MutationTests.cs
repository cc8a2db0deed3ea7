using Fovea.Bench;
using Fovea.Tests.Laws;

namespace Fovea.Tests.Hostile;

/// <summary>Damaged files give the documented exception and nothing else, in memory of twice their length and 64 MB. The bench tries a million a reader.</summary>
[Collection(nameof(Alone))]
public class MutationTests
{
    private const int Count = 10_000;

    public static TheoryData<string> Readers => [.. FuzzTargets.All.Select(target => target.Name)];

    public static TheoryData<string> Finds => [.. Directory.EnumerateFiles(Path.Combine(Repository.Source.Root, "tests/Fovea.Tests/Hostile/finds")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Readers))]
    public void Ten_thousand_damaged_files_give_only_the_documented_exception(string reader)
    {
        FuzzTarget target = FuzzTargets.All.Single(target => target.Name == reader);
        // The seed that it is about is whole.
        byte[] whole = target.Repair?.Invoke([.. target.Seeds[0]]) ?? target.Seeds[0];
        Assert.Equal((true, null), target.Try(whole));
        int read = 0;
        Parallel.For(0, Count, number =>
        {
            var (isRead, find) = target.Try(target.File(seed: 7, number));
            if (find is not null) Assert.Fail($"file {number}: {find}");
            if (isRead) Interlocked.Increment(ref read);
        });
        // Some are still whole: what is damaged is then what they say, which is looked at too.
        Assert.InRange(read, 1, Count - 1000);
    }

    [Theory, MemberData(nameof(Finds))]
    public void Files_that_were_found_once_are_refused_as_they_should_be(string file)
    {
        FuzzTarget target = FuzzTargets.All.Single(target => file.StartsWith(target.Name + "-", StringComparison.Ordinal)
            && !FuzzTargets.All.Any(other => other.Name.Length > target.Name.Length && file.StartsWith(other.Name + "-", StringComparison.Ordinal)));
        Assert.Null(target.Try(File.ReadAllBytes(Path.Combine(Repository.Source.Root, "tests/Fovea.Tests/Hostile/finds", file))).Find);
    }
}
