using System.Globalization;

namespace Fovea.Lab;

/// <summary>A figure at which a run has reached what it was to reach, looked at after each epoch: "test-accuracy=0.99".</summary>
/// <param name="Figure">Which: train-, validation- or test-, and loss or accuracy.</param>
/// <param name="Value">An accuracy is to be at least, a loss at most this.</param>
public sealed record StudyTarget(string Figure, double Value)
{
    private static readonly string[] s_figures =
        ["test-accuracy", "test-loss", "validation-accuracy", "validation-loss", "train-accuracy", "train-loss"];

    /// <summary>Reads <c>test-accuracy=0.99</c>.</summary>
    /// <exception cref="FoveaException">It is no target.</exception>
    public static StudyTarget Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] pair = text.Split('=', 2);
        double value = 0;
        bool isRight = pair.Length == 2 && s_figures.Contains(pair[0])
            && double.TryParse(pair[1], NumberStyles.Float, CultureInfo.InvariantCulture, out value) && value > 0
            && (pair[0].EndsWith("loss", StringComparison.Ordinal) ? double.IsFinite(value) : value <= 1);
        return isRight
            ? new StudyTarget(pair[0], value)
            : throw new FoveaException($"expected a target such as test-accuracy=0.99 (of {string.Join(", ", s_figures)}), got \"{text}\".");
    }

    /// <summary>Whether an epoch has reached it.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="test">Evaluates on the test samples; asked where the figure is theirs alone.</param>
    internal bool IsReached(EpochResult epoch, Func<Evaluation> test)
    {
        double? value = Figure switch
        {
            "test-accuracy" => test().Accuracy,
            "test-loss" => test().Loss,
            "validation-accuracy" => epoch.ValidationAccuracy,
            "validation-loss" => epoch.ValidationLoss,
            "train-accuracy" => epoch.TrainAccuracy,
            _ => epoch.TrainLoss,
        };
        return Figure.EndsWith("loss", StringComparison.Ordinal) ? value <= Value : value >= Value;
    }

    /// <summary>As it is read.</summary>
    public override string ToString() => $"{Figure}={Value}";
}
