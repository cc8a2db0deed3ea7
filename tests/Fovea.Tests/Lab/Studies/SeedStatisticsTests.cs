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
    }

    [Fact]
    public void One_value_has_no_interval()
    {
        SeedStatistics statistics = SeedStatistics.Of([0.4]);
        Assert.Null(statistics.Deviation);
        Assert.Null(statistics.HalfWidth);
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

    // A test of them would divide by a spread of 0 and be certain, of two seeds that happen to agree as of a thousand.
    [Theory]
    [InlineData(2.0, 2.0, 2.0)]
    [InlineData(0.0, 0.0)]
    [InlineData(2.0)]
    // Four of a thousand less each time, and yet not the same double: -0.4000000000000004, -0.40000000000000036, -0.40000000000000036.
    [InlineData(100 * (0.984 - 0.988), 100 * (0.985 - 0.989), 100 * (0.983 - 0.987))]
    public void Values_that_are_all_equal_say_nothing_on_their_spread(params double[] values)
    {
        SeedStatistics statistics = SeedStatistics.Of(values);
        Assert.Equal(values[0], statistics.Mean, 12);
        Assert.Null(statistics.HalfWidth);
        Assert.Null(statistics.Probability);
    }

    [Fact]
    public void Small_values_that_differ_are_not_equal()
    {
        // Losses of a network that is nearly done: mean 2e-6, deviations 1e-6, 0, -1e-6; t = 2e-6 / (1e-6 / sqrt(3)) = 3.4641 of two degrees of freedom,
        // p = 1 - 3.4641 / sqrt(2 + 12) = 0.07418.
        SeedStatistics statistics = SeedStatistics.Of([3e-6, 2e-6, 1e-6]);
        Assert.Equal(1e-6, statistics.Deviation!.Value, 12);
        Assert.Equal(0.07418, statistics.Probability!.Value, 5);
    }

    [Fact]
    public void Holms_correction_is_that_by_hand()
    {
        // Sorted: 0.01 x 4, 0.02 x 3, 0.03 x 2 (not below the one before), 0.9.
        Assert.Equal([0.06, 0.04, null, 0.9, 0.06], Holm.Adjust([0.03, 0.01, null, 0.9, 0.02]), (a, b) => a is null ? b is null : Math.Abs(a.Value - b!.Value) < 1e-12);
        Assert.Equal([1, 1], Holm.Adjust([0.7, 0.8]));
    }
}
