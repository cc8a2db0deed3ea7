using System.Runtime.ExceptionServices;

namespace Fovea.Kernels;

/// <summary>One unit of parallel work: the item's number, and the worker (0 to threads - 1) that runs it, for scratch memory.</summary>
internal delegate void WorkItem(int item, int worker);

/// <summary>
/// All parallelism of the library: runs numbered items on long-lived threads, one level deep. What an item computes must not depend on
/// the worker or on the number of threads. Between calls the workers spin for a moment, because the next call follows within
/// microseconds while a network trains, and then sleep.
/// </summary>
internal static class Work
{
    /// <summary>The most threads that one call may use.</summary>
    public const int MaximumThreads = 64;

    // The current call in one word, so that a worker sees all of it or nothing: generation (24 bits), threads (8), items left (32).
    private static ulong s_ticket;
    private static WorkItem? s_body;
    private static int s_unfinished;
    private static ExceptionDispatchInfo? s_failure;

    private static int s_workers;
    private static int s_sleeping;
    private static readonly Lock s_owner = new();
    private static readonly object s_bed = new();

    // About 50 microseconds of spinning before a worker sleeps.
    private const int SpinsBeforeSleep = 1500;

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
            Publish(Math.Min(threads, MaximumThreads), items, body);
            RunItems(worker: 0);
            SpinWait spin = default;
            while (Volatile.Read(ref s_unfinished) > 0)
            {
                // The last items are running elsewhere: that takes microseconds, unless the machine is busy with something else.
                if (spin.Count < 200) spin.SpinOnce(sleep1Threshold: -1);
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
        s_unfinished = items;
        ulong generation = (Volatile.Read(ref s_ticket) >> 40) + 1;
        Interlocked.Exchange(ref s_ticket, (generation << 40) | ((ulong)threads << 32) | (uint)items);
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
            if (RunItems(worker)) idle = 0;
            else if (idle++ < SpinsBeforeSleep) Thread.SpinWait(10);
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
            while (!HasItem(Volatile.Read(ref s_ticket), worker)) Monitor.Wait(s_bed);
            Interlocked.Decrement(ref s_sleeping);
        }
    }

    private static bool HasItem(ulong ticket, int worker) => (uint)ticket > 0 && worker < (byte)(ticket >> 32);

    /// <summary>Takes items until none is left; false when there was none.</summary>
    private static bool RunItems(int worker)
    {
        bool any = false;
        ulong ticket = Volatile.Read(ref s_ticket);
        while (HasItem(ticket, worker))
        {
            ulong seen = Interlocked.CompareExchange(ref s_ticket, ticket - 1, ticket);
            if (seen != ticket)
            {
                ticket = seen;
                continue;
            }
            // The call cannot end before this item does: its body is the current one.
            any = true;
            try
            {
                s_body!((int)(uint)ticket - 1, worker);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref s_failure, ExceptionDispatchInfo.Capture(exception), null);
            }
            Interlocked.Decrement(ref s_unfinished);
            ticket = Volatile.Read(ref s_ticket);
        }
        return any;
    }
}
