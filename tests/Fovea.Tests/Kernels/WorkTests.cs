using Fovea.Kernels;
using Fovea.Tests.Laws;

namespace Fovea.Tests.Kernels;

[Collection(nameof(Alone))]
public class WorkTests
{
    [Fact]
    public void Every_item_is_run_once_by_a_worker_of_the_call()
    {
        for (int threads = 1; threads <= 8; threads++)
        {
            foreach (int items in (int[])[0, 1, 2, 7, 100, 1000])
            {
                for (int round = 0; round < 20; round++)
                {
                    int[] runs = new int[items];
                    int strange = 0;
                    Work.For(threads, items, (item, worker) =>
                    {
                        Interlocked.Increment(ref runs[item]);
                        if (worker < 0 || worker >= threads) Interlocked.Increment(ref strange);
                    });
                    Assert.All(runs, count => Assert.Equal(1, count));
                    Assert.Equal(0, strange);
                }
            }
        }
    }

    [Fact]
    public void Items_run_at_the_same_time()
    {
        // Each waits for the other: on one thread they would wait forever.
        using var barrier = new Barrier(2);
        Work.For(2, 2, (_, _) => Assert.True(barrier.SignalAndWait(TimeSpan.FromSeconds(30))));
    }

    [Fact]
    public void Each_worker_begins_with_its_own_item_also_where_there_are_fewer_items_than_threads()
    {
        // Each waits for all others, so that nobody takes a second.
        using var barrier = new Barrier(4);
        int[] workers = new int[4];
        foreach (int threads in (int[])[8, 4])
        {
            Work.For(threads, 4, (item, worker) =>
            {
                workers[item] = worker;
                Assert.True(barrier.SignalAndWait(TimeSpan.FromSeconds(30)));
            });
            Assert.Equal([0, 1, 2, 3], workers);
        }
    }

    [Fact]
    public void No_two_items_have_the_same_worker_at_the_same_time()
    {
        int[] busy = new int[4];
        int clashes = 0;
        for (int round = 0; round < 200; round++)
        {
            Work.For(4, 50, (_, worker) =>
            {
                if (Interlocked.Increment(ref busy[worker]) > 1) Interlocked.Increment(ref clashes);
                Thread.SpinWait(20);
                Interlocked.Decrement(ref busy[worker]);
            });
        }
        Assert.Equal(0, clashes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void An_exception_comes_back_and_the_next_call_works(int threads)
    {
        for (int round = 0; round < 50; round++)
        {
            int failing = round;
            var exception = Assert.Throws<InvalidOperationException>(() => Work.For(threads, 50, (item, _) =>
            {
                if (item == failing) throw new InvalidOperationException("item " + item);
            }));
            Assert.Equal("item " + failing, exception.Message);

            int done = 0;
            Work.For(threads, 50, (_, _) => Interlocked.Increment(ref done));
            Assert.Equal(50, done);
        }
    }

    [Fact]
    public void A_call_inside_a_call_runs_on_its_own_thread()
    {
        int[] runs = new int[20 * 30];
        int elsewhere = 0;
        Work.For(4, 20, (item, _) =>
        {
            int thread = Environment.CurrentManagedThreadId;
            Work.For(4, 30, (inner, _) =>
            {
                Interlocked.Increment(ref runs[item * 30 + inner]);
                if (Environment.CurrentManagedThreadId != thread) Interlocked.Increment(ref elsewhere);
            });
        });
        Assert.All(runs, count => Assert.Equal(1, count));
        Assert.Equal(0, elsewhere);
    }

    [Fact]
    public void Calls_from_several_threads_do_not_disturb_each_other()
    {
        int[][] runs = [.. Enumerable.Range(0, 4).Select(_ => new int[200])];
        Thread[] callers = [.. runs.Select(counts => new Thread(() =>
        {
            for (int round = 0; round < 50; round++) Work.For(3, counts.Length, (item, _) => Interlocked.Increment(ref counts[item]));
        }))];
        foreach (Thread caller in callers) caller.Start();
        foreach (Thread caller in callers) caller.Join();
        Assert.All(runs, counts => Assert.All(counts, count => Assert.Equal(50, count)));
    }

    [Fact]
    public void Workers_that_have_gone_to_sleep_wake_up()
    {
        for (int round = 0; round < 3; round++)
        {
            Items_run_at_the_same_time();
            Thread.Sleep(30);
        }
    }
}
