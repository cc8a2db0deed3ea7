using System.Runtime.ExceptionServices;

namespace Fovea.Kernels;

/// <summary>One unit of parallel work: the item's number, and the worker (0 to threads - 1) that runs it, for scratch memory.</summary>
internal delegate void WorkItem(int item, int worker);

/// <summary>
/// All parallelism of the library: runs numbered items on long-lived threads, one level deep. What an item computes must not depend on
/// the worker or on the number of threads. A worker begins with its own share of the items, the same in every call of so many: what it worked on in the last
/// training step is still in its cache. When it is done it takes what is left of others'. Between calls the workers spin for a moment, because the next call follows within
/// microseconds while a network trains, and then sleep.
/// </summary>
internal static class Work
{
    /// <summary>The most threads that one call may use.</summary>
    public const int MaximumThreads = 64;

    // What is left of the current call, a share for each worker: in one word, so that who takes an item sees all of it or nothing, the threads of the call
    // (8 bits), the share's first item (28) and the one past its last (28). In front of them the number of items that are not done yet. Each in a cache line of
    // its own: a line that two cores write takes longer from one to the other than much of what is done here.
    private const int ItemBits = 28, Line = 16;
    private static readonly ulong[] s_shares = new ulong[(MaximumThreads + 2) * Line];
    private static WorkItem? s_body;
    private static ExceptionDispatchInfo? s_failure;

    private static int s_workers;
    private static int s_sleeping;
    private static readonly Lock s_owner = new();
    private static readonly object s_bed = new();

    // Of a few dozen nanoseconds each: a worker sleeps after half a millisecond, and whoever waits for others lets the machine run something else after some tens of
    // microseconds. Longer waits in between would see the next work, or the end of the last, too late.
    private const int SpinsBeforeSleep = 10_000, SpinsBeforeYield = 1_000;

    /// <summary>Runs items 0 to <paramref name="items"/> - 1 and returns when all are done. Where another call is under way, or for one
    /// item or thread, the calling thread runs them all, in order.</summary>
    public static void For(int threads, int items, WorkItem body)
    {
        if (items <= 0) return;
        if (threads <= 1 || items == 1 || s_owner.IsHeldByCurrentThread || !s_owner.TryEnter())
        {
            for (int item = 0; item < items; item++) body(item, 0);
            return;
        }
        try
        {
            // Where there are fewer items than threads, each of them has a worker that begins with it.
            Publish(Math.Min(Math.Min(threads, items), MaximumThreads), items, body);
            RunItems(worker: 0);
            for (int spins = 0; Volatile.Read(ref Unfinished) > 0; spins++)
            {
                // The last items are running elsewhere: that takes microseconds, unless the machine is busy with something else.
                if (spins < SpinsBeforeYield) Thread.SpinWait(1);
                else Thread.Yield();
            }
            if (Interlocked.Exchange(ref s_failure, null) is { } failure) failure.Throw();
        }
        finally
        {
            s_body = null;
            s_owner.Exit();
        }
    }

    private static void Publish(int threads, int items, WorkItem body)
    {
        while (s_workers < threads - 1)
        {
            int worker = ++s_workers;
            new Thread(() => Live(worker)) { IsBackground = true, Name = $"Fovea worker {worker}" }.Start();
        }
        s_body = body;
        Volatile.Write(ref Unfinished, (ulong)items);
        for (int worker = 0; worker < threads; worker++)
        {
            ulong first = (ulong)((long)items * worker / threads), end = (ulong)((long)items * (worker + 1) / threads);
            Volatile.Write(ref Share(worker), ((ulong)threads << 2 * ItemBits) | (first << ItemBits) | end);
        }
        // Who falls asleep in this moment counts itself before it looks at its share.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref s_sleeping) > 0)
        {
            lock (s_bed) Monitor.PulseAll(s_bed);
        }
    }

    private static void Live(int worker)
    {
        int idle = 0;
        while (true)
        {
            if (HasItem(worker) && RunItems(worker)) idle = 0;
            else if (idle++ < SpinsBeforeSleep) Thread.SpinWait(1);
            else
            {
                Sleep(worker);
                idle = 0;
            }
        }
    }

    private static void Sleep(int worker)
    {
        lock (s_bed)
        {
            Interlocked.Increment(ref s_sleeping);
            while (!HasItem(worker)) Monitor.Wait(s_bed);
            Interlocked.Decrement(ref s_sleeping);
        }
    }

    private static ref ulong Unfinished => ref s_shares[Line];
    private static ref ulong Share(int worker) => ref s_shares[(worker + 2) * Line];

    private static int Threads(ulong share) => (int)(share >> 2 * ItemBits);
    private static uint First(ulong share) => (uint)(share >> ItemBits) & ((1u << ItemBits) - 1);
    private static uint End(ulong share) => (uint)share & ((1u << ItemBits) - 1);

    private static bool HasItem(int worker)
    {
        ulong share = Volatile.Read(ref Share(worker));
        return First(share) < End(share);
    }

    /// <summary>Takes items until none is left; false when there was none.</summary>
    private static bool RunItems(int worker)
    {
        uint done = 0;
        int threads = Threads(Volatile.Read(ref Share(worker)));
        for (int i = 0; i < threads; i++)
        {
            while (Take((worker + i) % threads, worker, out int item))
            {
                // The call cannot end before what was taken is counted as done: its body is the current one.
                done++;
                try
                {
                    s_body!(item, worker);
                }
                catch (Exception exception)
                {
                    Interlocked.CompareExchange(ref s_failure, ExceptionDispatchInfo.Capture(exception), null);
                }
            }
        }
        if (done > 0) Interlocked.Add(ref Unfinished, 0 - (ulong)done);
        return done > 0;
    }

    // The next of a worker's own share, or the last of another's.
    private static bool Take(int owner, int worker, out int item)
    {
        ref ulong share = ref Share(owner);
        ulong seen = Volatile.Read(ref share);
        while (First(seen) < End(seen) && worker < Threads(seen))
        {
            bool own = owner == worker;
            item = (int)(own ? First(seen) : End(seen) - 1);
            ulong before = Interlocked.CompareExchange(ref share, own ? seen + (1ul << ItemBits) : seen - 1, seen);
            if (before == seen) return true;
            seen = before;
        }
        item = 0;
        return false;
    }
}
