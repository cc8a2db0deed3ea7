using System.Globalization;

namespace Fovea.Lab;

/// <summary>
/// What every run of a study may spend: epochs, updates or seconds of updates. Equal epochs are many updates for small batches and few
/// for large ones; which of them is fair depends on the question, so a study may be run under several.
/// </summary>
/// <param name="Kind">"epochs", "updates" or "seconds".</param>
/// <param name="Amount">How many.</param>
public sealed record StudyBudget(string Kind, double Amount)
{
    private static readonly string[] s_kinds = ["epochs", "updates", "seconds"];

    /// <summary>Reads <c>epochs=5</c>, <c>updates=2000</c> or <c>seconds=60</c>.</summary>
    /// <exception cref="FoveaException">It is none of them.</exception>
    public static StudyBudget Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] pair = text.Split('=', 2);
        double amount = 0;
        bool isRight = pair.Length == 2 && s_kinds.Contains(pair[0])
            && double.TryParse(pair[1], NumberStyles.Float, CultureInfo.InvariantCulture, out amount) && double.IsFinite(amount) && amount > 0
            && (pair[0] == "seconds" || (amount == Math.Floor(amount) && amount < TrainingSettings.Unlimited));
        return isRight
            ? new StudyBudget(pair[0], amount)
            : throw new FoveaException($"expected a budget such as epochs=5, updates=2000 or seconds=60, got \"{text}\".");
    }

    /// <summary>The settings of a training that ends with the budget.</summary>
    public TrainingSettings Limit(TrainingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Kind switch
        {
            "updates" => settings with { Epochs = TrainingSettings.Unlimited, Updates = (long)Amount, Seconds = null },
            "seconds" => settings with { Epochs = TrainingSettings.Unlimited, Updates = null, Seconds = Amount },
            _ => settings with { Epochs = (int)Amount, Updates = null, Seconds = null },
        };
    }

    /// <summary>In words: "5 epochs", "2,000 updates", "60 seconds".</summary>
    public string Words => $"{Amount:#,0.###} {(Amount == 1 ? Kind[..^1] : Kind)}";

    /// <summary>As it is read.</summary>
    public override string ToString() => $"{Kind}={Amount}";
}
