using Fovea.Tests.Laws;

namespace Fovea.Tests.Layers;

public class Dropout2DTests
{
    [Fact]
    public void Whole_channels_are_dropped_as_often_as_they_should_and_the_gradient_goes_the_same_way()
    {
        var input = new Shape(100, 3, 2);
        var specimen = new Specimen(input, [new Dropout2D(0.3f)], samples: 19);
        foreach (int lanes in Plans.Lanes)
        {
            Results results = specimen.Fast(lanes);
            double[] y = results["output in training"], gradient = results["input gradient"];
            int dropped = 0;
            for (int channel = 0; channel < 1900; channel++)
            {
                bool gone = y[channel * 6] == 0;
                if (gone) dropped++;
                for (int i = channel * 6; i < (channel + 1) * 6; i++)
                {
                    Assert.Equal(gone ? 0 : specimen.X[i] / 0.7, y[i], 1e-6);
                    Assert.Equal(gone ? 0 : specimen.DY[i] / 0.7 / y.Length, gradient[i], 1e-6 / y.Length);
                }
            }
            // Binomial with mean 570 and deviation sqrt(1900 x 0.3 x 0.7) = 20: five deviations.
            Assert.InRange(dropped, 570 - 100, 570 + 100);
            Assert.Equal(specimen.X.ToDouble(), results["output in evaluation"]);
        }
    }

    [Fact]
    public void Other_probabilities_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout2D(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout2D() with { Probability = -0.1f });
    }
}
