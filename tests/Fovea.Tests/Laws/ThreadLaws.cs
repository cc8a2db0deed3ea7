namespace Fovea.Tests.Laws;

/// <summary>Tests that are run after all others and one at a time: they measure what the whole process does, or need all its threads.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public class Alone;

/// <summary>What holds for every layer however many threads there are.</summary>
[Collection(nameof(Alone))]
public class ThreadLaws
{
    [Theory, MemberData(nameof(Examples.Layers), MemberType = typeof(Examples))]
    public void The_bits_do_not_depend_on_the_number_of_threads(string example)
    {
        var specimen = new Specimen(example, Specimen.SamplesOfChunks);
        Results one = specimen.Fast(lanes: 4, threads: 1);
        foreach (int threads in (int[])[2, 3, 8]) one.AssertSame(specimen.Fast(lanes: 4, threads), $"{threads} threads");
    }

    // What one layer keeps for the next for one group a worker, with several groups a chunk.
    [Theory, MemberData(nameof(FusionLaws.Stacks), MemberType = typeof(FusionLaws))]
    public void Nor_do_those_of_layers_in_a_row(string layers)
    {
        Specimen specimen = FusionLaws.Read(layers, Specimen.SamplesOfChunks);
        Results one = specimen.Fast(lanes: 4, threads: 1);
        foreach (int threads in (int[])[2, 3, 8]) one.AssertSame(specimen.Fast(lanes: 4, threads), $"{threads} threads");
    }

    [Theory, MemberData(nameof(Examples.Layers), MemberType = typeof(Examples))]
    public void A_step_allocates_nothing(string example)
    {
        var specimen = new Specimen(example, samples: 37);
        foreach (int groups in (int[])[0, 2])
        {
            ExecutionPlan plan = specimen.CreatePlan(Plans.UsualLanes, threads: 2, microBatchGroups: groups);
            float[] output = new float[37 * specimen.Output.Count];
            Allocations.AssertNone(() =>
            {
                plan.Train(specimen.Batch);
                plan.Train(specimen.Batch, keepGradients: true);
                plan.Evaluate(specimen.Batch);
                plan.Predict(specimen.Batch, output);
            });
        }
    }
}

/// <summary>Counts what is allocated.</summary>
internal static class Allocations
{
    /// <summary>
    /// Fails unless, after two calls, further ones allocate nothing: none of ten (of one, where a call is slow) on this thread, and one of them on all threads together, as
    /// the test runner's own threads may allocate at any moment. A garbage collection counts what is left of a thread's allocation context as
    /// allocated: then it is measured again.
    /// </summary>
    public static void AssertNone(Action step)
    {
        step();
        step();
        int calls = Plans.HasVectors ? 10 : 1;
        long own = 0, all = 0;
        for (int attempt = 0; attempt < 10; attempt++)
        {
            (own, all) = (0, long.MaxValue);
            for (int i = 0; i < calls; i++)
            {
                long allBefore = GC.GetTotalAllocatedBytes(precise: true), ownBefore = GC.GetAllocatedBytesForCurrentThread();
                step();
                own += GC.GetAllocatedBytesForCurrentThread() - ownBefore;
                all = Math.Min(all, GC.GetTotalAllocatedBytes(precise: true) - allBefore);
            }
            if (own == 0 && all == 0) return;
        }
        Assert.Fail($"{calls} calls allocated {own} bytes on their thread, and each at least {all} bytes on all threads together");
    }
}
