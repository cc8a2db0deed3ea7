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
    public void A_narrow_logarithmic_axis_has_few_ticks() =>
        // From 0.87 / 1.047 to 0.99 x 1.047 there are 17 hundredths and tenths: each third.
        Assert.Equal(["0.84", "0.87", "0.9", "0.93", "0.96", "0.99"], Scale.Logarithmic([0.87, 0.99]).Ticks.Select(tick => tick.Label));

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
