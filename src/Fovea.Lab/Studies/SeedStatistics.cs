using System.Text.Json.Serialization;

namespace Fovea.Lab;

/// <summary>A figure over the seeds of a study: its mean, how far single seeds lie from it, and how well the mean is known.</summary>
/// <param name="Count">How many seeds.</param>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">The standard deviation of one seed (n - 1 in the denominator); null with fewer than two.</param>
public sealed record SeedStatistics(int Count, double Mean, double? Deviation)
{
    /// <summary>The mean less the standard deviation; the mean itself with fewer than two seeds.</summary>
    [JsonIgnore]
    public double Low => Mean - (Deviation ?? 0);

    /// <summary>The mean and the standard deviation; the mean itself with fewer than two seeds.</summary>
    [JsonIgnore]
    public double High => Mean + (Deviation ?? 0);

    /// <summary>Half the width of the 95% t-interval of the mean; null with fewer than two seeds, which say nothing on noise.</summary>
    public double? HalfWidth => Deviation is { } deviation ? StudentT.Quantile975(Count - 1) * deviation / Math.Sqrt(Count) : null;

    /// <summary>The probability of a mean as far from 0 if the seeds alone made it (the two-sided t-test); null with fewer than two.</summary>
    public double? Probability => Deviation is not { } deviation ? null
        : deviation == 0 ? (Mean == 0 ? 1 : 0)
        : StudentT.TwoSided(Mean / (deviation / Math.Sqrt(Count)), Count - 1);

    /// <summary>The statistics of values, one for each seed.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static SeedStatistics Of(IReadOnlyCollection<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0) throw new ArgumentException("there must be at least one value.", nameof(values));
        double mean = values.Average();
        double? deviation = values.Count > 1 ? Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1)) : null;
        return new SeedStatistics(values.Count, mean, deviation);
    }

    /// <summary>Whether the interval leaves a value out; null when there is no interval.</summary>
    public bool? Excludes(double value) => HalfWidth is { } half ? Math.Abs(Mean - value) > half : null;
}
