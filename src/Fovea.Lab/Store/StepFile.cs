using System.Globalization;

namespace Fovea.Lab;

/// <summary>
/// The updates of a run as a file beside its checkpoint, where there is no store at hand: each worker of a queue keeps them so, and they travel with the
/// checkpoint. What a resumed training does again takes the place of what it did before.
/// </summary>
internal sealed class StepFile
{
    private const string Name = "steps.csv";

    private readonly string _path;
    private readonly List<StepResult> _steps;

    /// <summary>The updates of a run's folder, so far.</summary>
    public StepFile(string folder) => (_path, _steps) = (Path.Combine(folder, Name), [.. Read(folder)]);

    /// <summary>Notes an update; it is written with the next <see cref="Save"/>.</summary>
    public void Add(StepResult step)
    {
        int before = _steps.Count;
        while (before > 0 && _steps[before - 1].Update >= step.Update) before--;
        _steps.RemoveRange(before, _steps.Count - before);
        _steps.Add(step);
    }

    /// <summary>Writes all of them. To be called with each checkpoint.</summary>
    public void Save() => File.WriteAllLines(_path, _steps.Select(step => $"{step.Update},{step.Loss:R},{step.Accuracy:R},{step.LearningRate:R}"));

    /// <summary>The updates of a folder; none where there is no such file.</summary>
    public static IReadOnlyList<StepResult> Read(string folder)
    {
        string path = Path.Combine(folder, Name);
        if (!File.Exists(path)) return [];
        try
        {
            return [.. File.ReadLines(path).Select(line => line.Split(','))
                .Select(words => new StepResult(long.Parse(words[0], CultureInfo.InvariantCulture), Number(words[1]), Number(words[2]), (float)Number(words[3])))];
        }
        catch (Exception exception) when (exception is FormatException or IndexOutOfRangeException or OverflowException)
        {
            throw new FoveaException($"{path}: the updates cannot be read: {exception.Message.TrimEnd('.')}. Remove the file: the run then has none.", exception);
        }

        static double Number(string word) => double.Parse(word, CultureInfo.InvariantCulture);
    }
}
