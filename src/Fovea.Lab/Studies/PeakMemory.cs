using System.Globalization;

namespace Fovea.Lab;

/// <summary>
/// The most memory that the process held during a piece of work: code, data and everything else included. Linux keeps this itself; there
/// the peak is set back before the work and read after it. Elsewhere the working set is sampled.
/// </summary>
internal sealed class PeakMemory
{
    private const string ResetFile = "/proc/self/clear_refs", StatusFile = "/proc/self/status";

    // Written to clear_refs, it sets VmHWM back to what is resident now (proc(5)).
    private const string ResetPeak = "5";

    private static readonly TimeSpan s_samplingInterval = TimeSpan.FromMilliseconds(10);

    private readonly bool _isExact;
    private long _bytes = Environment.WorkingSet;
    private volatile bool _isApart;

    private PeakMemory(bool isExact) => _isExact = isExact;

    /// <summary>Whether the kernel measures, so that no peak is missed.</summary>
    public static bool IsExact { get; } = TryReset();

    /// <summary>Collects garbage, runs the work and returns its result and the peak in bytes. The work is given what measures it.</summary>
    public static (T Result, long Bytes) Measure<T>(Func<PeakMemory, T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Collect();
        var peak = new PeakMemory(IsExact && TryReset());
        if (peak._isExact)
        {
            T exact = work(peak);
            peak.Note();
            return (exact, peak._bytes);
        }
        using (new Timer(_ => peak.Note(), null, s_samplingInterval, s_samplingInterval))
        {
            T result = work(peak);
            peak.Note();
            return (result, peak._bytes);
        }
    }

    /// <summary>Does something in the middle of the work that is not measured: what it held is garbage after it.</summary>
    public T Apart<T>(Func<T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        Note();
        _isApart = true;
        try
        {
            return work();
        }
        finally
        {
            Collect();
            _isApart = _isExact && !TryReset();
        }
    }

    private void Note()
    {
        if (!_isApart) _bytes = Math.Max(_bytes, _isExact ? KernelPeak() : Environment.WorkingSet);
    }

    private static void Collect()
    {
        // What waits for its finalizer is garbage only after it.
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
    }

    private static bool TryReset()
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            File.WriteAllText(ResetFile, ResetPeak);
            return File.ReadLines(StatusFile).Any(IsPeak);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A hardened container may forbid it: sampling needs no right.
            return false;
        }
    }

    // "VmHWM:     52340 kB"
    private static long KernelPeak()
    {
        string[] words = File.ReadLines(StatusFile).First(IsPeak).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return 1024 * long.Parse(words[1], CultureInfo.InvariantCulture);
    }

    private static bool IsPeak(string line) => line.StartsWith("VmHWM:", StringComparison.Ordinal);
}
