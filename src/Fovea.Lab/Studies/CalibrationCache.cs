using System.Text.Json;

namespace Fovea.Lab;

/// <summary>Measurements of this machine, kept in a file so that each is made once.</summary>
/// <param name="path">The file; it need not exist.</param>
public sealed class CalibrationCache(string path)
{
    /// <summary>The file of this user: $FOVEA_CACHE/calibration.json, or in the folder "fovea" of the user's caches; of temporary files
    /// where the user has no home.</summary>
    public static string UsualPath
    {
        get
        {
            string? folder = Environment.GetEnvironmentVariable("FOVEA_CACHE");
            if (string.IsNullOrEmpty(folder))
            {
                string? caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
                if (string.IsNullOrEmpty(caches))
                {
                    caches = OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                        : CachesOf(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
                }
                folder = System.IO.Path.Combine(caches, "fovea");
            }
            return System.IO.Path.Combine(folder, "calibration.json");
        }
    }

    // A user without a home has the empty path for one, and the current folder is no place for caches.
    internal static string CachesOf(string home) => home.Length > 0 ? System.IO.Path.Combine(home, ".cache") : System.IO.Path.GetTempPath();

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>The measurement of this name; null where there is none. A file that cannot be read holds none: it is written anew.</summary>
    public Calibration? Find(string key) => Read().GetValueOrDefault(key);

    /// <summary>Keeps a measurement.</summary>
    /// <exception cref="FoveaException">The file cannot be written.</exception>
    public void Add(string key, Calibration calibration)
    {
        // Read again: another program may have added to it.
        Dictionary<string, Calibration> all = Read();
        all[key] = calibration;
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FoveaException($"{folder}: the calibration cannot be kept: {exception.Message.TrimEnd('.')}. Set $FOVEA_CACHE to a folder that can be written.", exception);
        }
        StudyFolder.Write(folder, System.IO.Path.GetFileName(Path), JsonSerializer.Serialize(all, LabJson.Readable.DictionaryStringCalibration) + "\n");
    }

    // What sets when and where a training begins and ends, and the numbers of its steps, changes neither the work of an update nor its memory.
    private static readonly string[] s_idle = ["epochs", "updates", "seconds", "patience", "seed", "lr", "weight-decay", "init", "weights", "schedule", "warm-up"];

    /// <summary>What a measurement depends on, in words: machine, version, threads, model, data, and the settings that change what an update does.</summary>
    public static string Key(StudyVariant variant, Dataset training, int threads)
    {
        ArgumentNullException.ThrowIfNull(variant);
        ArgumentNullException.ThrowIfNull(training);
        return Key(variant, $"{training.Count} {training.Name}", threads);
    }

    /// <summary>The same with the samples in words.</summary>
    internal static string Key(StudyVariant variant, string samples, int threads)
    {
        Machine machine = Machine.This;
        IEnumerable<string> settings = variant.Settings.Describe().Where(setting => !s_idle.Contains(setting.Key) && !setting.Key.StartsWith("schedule.", StringComparison.Ordinal))
            .Select(setting => $"{setting.Key} {setting.Value}");
        return $"{machine.Host}, {machine.Processor}, {machine.Processors} processors, {machine.Runtime}, fovea {machine.Fovea}: {threads} threads, {variant.Model.ToText()} on {variant.Model.Input} of {samples}, {string.Join(", ", settings)}";
    }

    private Dictionary<string, Calibration> Read()
    {
        try
        {
            return File.Exists(Path) ? JsonSerializer.Deserialize(File.ReadAllText(Path), LabJson.Readable.DictionaryStringCalibration) ?? [] : [];
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
