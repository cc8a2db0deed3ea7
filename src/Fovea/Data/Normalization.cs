namespace Fovea;

/// <summary>How bytes become floats: (byte / 255 - mean) / deviation, for each channel (or the same for all).</summary>
/// <param name="Mean">The mean, of pixels from 0 to 1.</param>
/// <param name="Deviation">The standard deviation, above 0.</param>
/// <exception cref="FoveaException">A list is empty, they are of different channels, or a number is none to reckon with.</exception>
public sealed record Normalization(IReadOnlyList<float> Mean, IReadOnlyList<float> Deviation)
{
    private const string OneOrEach = "Give one number for all channels, or one for each.";

    /// <summary>Pixels from 0 to 1.</summary>
    public static Normalization None { get; } = new([0], [1]);

    /// <summary>The mean, of pixels from 0 to 1.</summary>
    public IReadOnlyList<float> Mean { get; init => field = CheckedMean(value); } = CheckedMean(Mean);

    /// <summary>The standard deviation, above 0.</summary>
    public IReadOnlyList<float> Deviation { get; init => field = CheckedDeviation(value, Mean); } = CheckedDeviation(Deviation, Mean);

    internal float Scale(int channel) => 1 / (255 * Deviation[channel % Deviation.Count]);

    internal float Shift(int channel) => -Mean[channel % Mean.Count] / Deviation[channel % Deviation.Count];

    /// <summary>Checks that there is a number for each channel of some samples, or one for all.</summary>
    /// <exception cref="FoveaException">There are more or fewer.</exception>
    internal void Check(string data, Shape shape)
    {
        foreach (int count in (int[])[Mean.Count, Deviation.Count])
        {
            if (count != 1 && count != shape.Channels)
                throw new FoveaException($"{data}: the normalization is of {count} channels, but samples of {shape} have {shape.Channels}. {OneOrEach}");
        }
    }

    /// <summary>Equal when all numbers are.</summary>
    public bool Equals(Normalization? other) => other is not null && Mean.SequenceEqual(other.Mean) && Deviation.SequenceEqual(other.Deviation);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Mean.Count, Mean[0], Deviation[0]);

    private static IReadOnlyList<float> CheckedMean(IReadOnlyList<float> mean)
    {
        ArgumentNullException.ThrowIfNull(mean);
        if (mean.Count == 0) throw new FoveaException($"normalization: there is no mean. {OneOrEach}");
        foreach (float value in mean)
            if (!float.IsFinite(value)) throw new FoveaException($"normalization: expected means that are finite numbers, got {value}. Give those of pixels from 0 to 1.");
        return mean;
    }

    private static IReadOnlyList<float> CheckedDeviation(IReadOnlyList<float> deviation, IReadOnlyList<float> mean)
    {
        ArgumentNullException.ThrowIfNull(deviation);
        if (deviation.Count == 0) throw new FoveaException($"normalization: there is no deviation. {OneOrEach}");
        if (mean.Count != deviation.Count && mean.Count != 1 && deviation.Count != 1)
            throw new FoveaException($"normalization: there are {mean.Count} means, but {deviation.Count} deviations. {OneOrEach}");
        foreach (float value in deviation)
            if (value is not (> 0 and < float.PositiveInfinity)) throw new FoveaException($"normalization: expected deviations above 0, got {value}. Where all pixels are alike, give 1.");
        return deviation;
    }
}
