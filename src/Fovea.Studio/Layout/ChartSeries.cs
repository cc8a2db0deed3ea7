namespace Fovea.Studio.Layout;

/// <summary>A line of a <see cref="LineChart"/>, or points where it is drawn as such.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="X">Where.</param>
/// <param name="Y">How high; what is no number interrupts the line.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    /// <summary>Which of the colours.</summary>
    public int Color { get; init; }

    /// <summary>Whether the line is broken: for what is only compared with.</summary>
    public bool IsDashed { get; init; }

    /// <summary>Whether there are points without a line.</summary>
    public bool IsPoints { get; init; }

    /// <summary>A band around the line: its lower edge.</summary>
    public IReadOnlyList<double>? Low { get; init; }

    /// <summary>A band around the line: its upper edge.</summary>
    public IReadOnlyList<double>? High { get; init; }
}
