using System.Diagnostics;

namespace Fovea.Bench;

/// <summary>Tries all readers with many damaged files each, and says what it found.</summary>
internal sealed class Fuzz(int count, int seed, int threads, string? only, string? folder)
{
    // A reader that takes longer hangs, or nearly.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);

    /// <summary>Runs it.</summary>
    /// <returns>0, or 1 where something was found.</returns>
    public int Run(TextWriter output)
    {
        int finds = 0;
        List<FuzzTarget> targets = [.. FuzzTargets.All.Where(target => only is null || target.Name == only)];
        if (targets.Count == 0) throw new FoveaException($"there is no reader {only}. Use {string.Join(", ", FuzzTargets.All.Select(target => target.Name))}.");
        foreach (FuzzTarget target in targets)
        {
            long start = Stopwatch.GetTimestamp();
            int read = 0, next = -1, found = 0;
            var longest = TimeSpan.Zero;
            Thread[] workers = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() =>
            {
                int number;
                while ((number = Interlocked.Increment(ref next)) < count)
                {
                    byte[] file = target.File(seed, number);
                    long begin = Stopwatch.GetTimestamp();
                    var (isRead, find) = target.Try(file);
                    TimeSpan took = Stopwatch.GetElapsedTime(begin);
                    if (took > s_longest) find ??= $"it took {took.TotalSeconds:F1} s";
                    if (isRead) Interlocked.Increment(ref read);
                    if (took <= longest && find is null) continue;
                    lock (output)
                    {
                        if (took > longest) longest = took;
                        if (find is null) continue;
                        found++;
                        output.WriteLine($"{target.Name} {number}: {find}");
                        if (folder is null || found > 20) continue;
                        Directory.CreateDirectory(folder);
                        File.WriteAllBytes(Path.Combine(folder, $"{target.Name}-{seed}-{number}.bin"), file);
                    }
                }
            }))];
            foreach (Thread worker in workers) worker.Start();
            foreach (Thread worker in workers) worker.Join();
            finds += found;
            output.WriteLine($"{target.Name}: {count:N0} damaged files, {read:N0} of them still readable, {found} finds; {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s, "
                + $"the slowest file {longest.TotalMilliseconds:F0} ms, peak of the process {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB");
        }
        return finds > 0 ? 1 : 0;
    }
}
