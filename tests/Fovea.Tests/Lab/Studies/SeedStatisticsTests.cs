using Fovea.Lab;

namespace Fovea.Tests;

public class SeedStatisticsTests
{
    // From the tables of quantiles in any statistics book.
    [Theory]
    [InlineData(1, 12.706)]
    [InlineData(2, 4.303)]
    [InlineData(10, 2.228)]
    [InlineData(11, 2.201)]
    [InlineData(20, 2.086)]
    [InlineData(30, 2.042)]
    [InlineData(120, 1.980)]
    [InlineData(1_000_000, 1.960)]
    public void The_quantiles_are_those_of_the_tables(int degreesOfFreedom, double expected) =>
        Assert.Equal(expected, StudentT.Quantile975(degreesOfFreedom), 3);

    [Fact]
    public void The_interval_of_three_values_is_right()
    {
        // Mean 0.4; deviations 0, 0.1, -0.1: variance (0.01 + 0.01) / 2 = 0.01, standard deviation 0.1.
        // Half-width 4.3027 * 0.1 / sqrt(3) = 0.24842.
        SeedStatistics statistics = SeedStatistics.Of([0.4, 0.5, 0.3]);
        Assert.Equal(0.4, statistics.Mean, 12);
        Assert.Equal(0.1, statistics.Deviation!.Value, 12);
        Assert.Equal(0.24842, statistics.HalfWidth!.Value, 5);
        Assert.True(statistics.Excludes(0));
        Assert.False(statistics.Excludes(0.16));
    }

    [Fact]
    public void One_value_has_no_interval()
    {
        SeedStatistics statistics = SeedStatistics.Of([0.4]);
        Assert.Null(statistics.Deviation);
        Assert.Null(statistics.HalfWidth);
        Assert.Null(statistics.Excludes(0));
    }

    // From the same tables, read the other way round.
    [Theory]
    [InlineData(12.706, 1, 0.05)]
    [InlineData(2.920, 2, 0.10)]
    [InlineData(9.925, 2, 0.01)]
    [InlineData(3.182, 3, 0.05)]
    [InlineData(4.604, 4, 0.01)]
    [InlineData(2.228, 10, 0.05)]
    [InlineData(2.576, 1_000_000, 0.01)]
    public void The_probabilities_are_those_of_the_tables(double t, int degreesOfFreedom, double expected)
    {
        Assert.Equal(expected, StudentT.TwoSided(t, degreesOfFreedom), 4);
        Assert.Equal(expected, StudentT.TwoSided(-t, degreesOfFreedom), 4);
    }

    [Fact]
    public void A_difference_that_never_varies_is_no_noise()
    {
        Assert.Equal(0, SeedStatistics.Of([2, 2, 2]).Probability);
        Assert.Equal(1, SeedStatistics.Of([0, 0]).Probability);
        Assert.Null(SeedStatistics.Of([2]).Probability);
    }

    [Fact]
    public void Holms_correction_is_that_by_hand()
    {
        // Sorted: 0.01 x 4, 0.02 x 3, 0.03 x 2 (not below the one before), 0.9.
        Assert.Equal([0.06, 0.04, null, 0.9, 0.06], Holm.Adjust([0.03, 0.01, null, 0.9, 0.02]), (a, b) => a is null ? b is null : Math.Abs(a.Value - b!.Value) < 1e-12);
        Assert.Equal([1, 1], Holm.Adjust([0.7, 0.8]));
    }
}
