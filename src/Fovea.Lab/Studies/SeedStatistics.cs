using System.Text.Json.Serialization;

namespace Fovea.Lab;

/// <summary>A figure over the seeds of a study: its mean, how far single seeds lie from it, and how well the mean is known.</summary>
/// <param name="Count">How many seeds.</param>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">The standard deviation of one seed (n - 1 in the denominator); 0 where all values are equal, null with fewer than two.</param>
public sealed record SeedStatistics(int Count, double Mean, double? Deviation)
{
    // Equal accuracies, such as 0.984 - 0.988 and 0.985 - 0.989, differ by what rounding leaves.
    private const double Rounding = 1e-9, Smallest = 1e-3;

    /// <summary>The mean less the standard deviation; the mean itself with fewer than two seeds.</summary>
    [JsonIgnore]
    public double Low => Mean - (Deviation ?? 0);

    /// <summary>The mean and the standard deviation; the mean itself with fewer than two seeds.</summary>
    [JsonIgnore]
    public double High => Mean + (Deviation ?? 0);

    /// <summary>Half the width of the 95% t-interval of the mean. Null with fewer than two seeds, which say nothing on noise, and where all values are equal: few
    /// seeds may agree by chance, above all in figures that are counted, so that nothing can be said on how far others would lie from them.</summary>
    public double? HalfWidth => Deviation is > 0 ? StudentT.Quantile975(Count - 1) * Deviation.Value / Math.Sqrt(Count) : null;

    /// <summary>The probability of a mean as far from 0 if the seeds alone made it (the two-sided t-test); null where there is no <see cref="HalfWidth"/>, for the
    /// same reasons.</summary>
    [JsonIgnore]
    public double? Probability => Deviation is > 0 ? StudentT.TwoSided(Mean / (Deviation.Value / Math.Sqrt(Count)), Count - 1) : null;

    /// <summary>The statistics of values, one for each seed.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static SeedStatistics Of(IReadOnlyCollection<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0) throw new ArgumentException("there must be at least one value.", nameof(values));
        double mean = values.Average();
        bool isEqual = values.Max() - values.Min() <= Rounding * Math.Max(Smallest, values.Max(Math.Abs));
        double? deviation = values.Count < 2 ? null : isEqual ? 0 : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
        return new SeedStatistics(values.Count, mean, deviation);
    }
}
