using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace Fovea.Cli;

/// <summary>A progress bar: a title, a bar, samples per second and the time left.</summary>
internal sealed class Bar
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);
    private long _shown;

    /// <summary>What Spectre draws; it exists while the work is done.</summary>
    public ProgressTask? Task { get; set; }

    public string Title { get; private set; } = "";

    public string Speed { get; private set; } = "";

    /// <summary>Shows where the work is. Most calls return at once: a bar that changes more often than the eye sees costs time only.</summary>
    /// <param name="title">What is done at the moment.</param>
    /// <param name="share">How much is done, from 0 to 1.</param>
    /// <param name="samplesPerSecond">How fast.</param>
    /// <param name="secondsLeft">How long it will still take.</param>
    public void Show(Func<string> title, double share, double samplesPerSecond, double secondsLeft) => Show(title, share, () =>
    {
        TimeSpan left = TimeSpan.FromSeconds(Math.Clamp(secondsLeft, 0, TimeSpan.FromDays(99).TotalSeconds));
        string time = left.TotalHours < 1 ? left.ToString(@"m\:ss", CultureInfo.InvariantCulture) : $"{(int)left.TotalHours}:{left:mm\\:ss}";
        return $"{samplesPerSecond:N0} samples/s, {time} left";
    });

    /// <summary>Shows where the work is when others do it, whose speed is not known.</summary>
    public void Show(Func<string> title, double share) => Show(title, share, () => "");

    private void Show(Func<string> title, double share, Func<string> speed)
    {
        if (_shown != 0 && Stopwatch.GetElapsedTime(_shown) < s_interval) return;
        _shown = Stopwatch.GetTimestamp();
        Title = title();
        Speed = speed();
        Task!.Value = share;
    }
}
