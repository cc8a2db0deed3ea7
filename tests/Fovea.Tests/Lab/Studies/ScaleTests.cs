using Fovea.Lab;

namespace Fovea.Tests;

public class ScaleTests
{
    [Fact]
    public void A_linear_axis_has_round_ticks_around_the_values()
    {
        Scale scale = Scale.Linear([97.1, 98.83]);
        Assert.Equal((97, 99), (scale.Low, scale.High));
        Assert.Equal(["97.0", "97.5", "98.0", "98.5", "99.0"], scale.Ticks.Select(tick => tick.Label));
        Assert.Equal(98.83, scale.Place(98.83));
    }

    [Fact]
    public void A_logarithmic_axis_has_round_ticks_within_the_values()
    {
        Scale scale = Scale.Logarithmic([0.04, 2.2]);
        Assert.Equal(["0.1", "0.3", "1"], scale.Ticks.Select(tick => tick.Label));
        Assert.All(scale.Ticks, tick => Assert.InRange(tick.Position, scale.Low, scale.High));
        Assert.Equal(-1, scale.Place(0.1), 9);
    }

    [Fact]
    public void A_narrow_logarithmic_axis_has_ticks_at_equal_distances() =>
        // From 0.87 / 1.047 = 0.831 to 0.99 x 1.047 = 1.037.
        Assert.Equal(["0.85", "0.9", "0.95", "1"], Scale.Logarithmic([0.87, 0.99]).Ticks.Select(tick => tick.Label));

    [Theory]
    // The updates of two epochs of 844: 1000 and 1500 are too few, hundredths of the decade below would touch.
    [InlineData(844, 1688)]
    [InlineData(860, 1000)]
    [InlineData(30, 8910)]
    [InlineData(0.9, 9.5)]
    public void Labels_of_a_logarithmic_axis_do_not_touch(double least, double most)
    {
        Scale scale = Scale.Logarithmic([least, most]);
        double[] at = [.. scale.Ticks.Select(tick => (tick.Position - scale.Low) / (scale.High - scale.Low))];
        Assert.InRange(at.Length, 3, 8);
        // A label of four digits takes a tenth of the narrowest chart.
        Assert.All(at.Zip(at.Skip(1)), pair => Assert.True(pair.Second - pair.First > 0.1, $"{pair}"));
    }

    [Fact]
    public void Equal_values_have_an_axis_too()
    {
        Assert.True(Scale.Linear([98, 98]).High > Scale.Linear([98, 98]).Low);
        Scale scale = Scale.Logarithmic([0.5, 0.5]);
        Assert.True(scale.High > scale.Low);
        Assert.NotEmpty(scale.Ticks);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 1)]
    [InlineData(11, 2)]
    [InlineData(60, 10)]
    public void Epochs_are_stepped_through_in_whole_numbers(int epochs, int step) => Assert.Equal(step, Ticks.Step(epochs, most: 10));
}
