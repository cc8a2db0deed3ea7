using Fovea.Tests.Laws;

namespace Fovea.Tests.Layers;

public class DropoutTests
{
    private const int Samples = 50, Features = 200;

    [Fact]
    public void The_share_of_numbers_that_is_asked_for_is_dropped_and_the_others_are_scaled()
    {
        var specimen = new Specimen(Shape.Flat(Features), [new Dropout(0.3f)], Samples);
        double[] y = specimen.Fast(Plans.UsualLanes)["output in training"];
        int dropped = 0;
        for (int i = 0; i < y.Length; i++)
        {
            if (y[i] == 0) dropped++;
            else Assert.Equal(specimen.X[i] / 0.7, y[i], 1e-6);
        }
        // Binomial with mean 3000 and deviation sqrt(10000 x 0.3 x 0.7) = 46: five deviations.
        Assert.InRange(dropped, 3000 - 230, 3000 + 230);
    }

    [Fact]
    public void Samples_drop_different_numbers()
    {
        var specimen = new Specimen(Shape.Flat(Features), [new Dropout()], Samples);
        double[] y = specimen.Fast(Plans.UsualLanes)["output in training"];
        Assert.Distinct(Enumerable.Range(0, Samples).Select(sample => string.Concat(y.Skip(sample * Features).Take(Features).Select(value => value == 0 ? '0' : '1'))));
    }

    [Fact]
    public void Two_layers_and_two_updates_drop_different_numbers()
    {
        var specimen = new Specimen(Shape.Flat(Features), [new Dropout(), new Dropout()], Samples);
        double[] y = specimen.Fast(Plans.UsualLanes)["output in training"];
        // Both kept it in a quarter of the cases: mean 2500, deviation 43.
        Assert.InRange(y.Count(value => value != 0), 2500 - 217, 2500 + 217);

        double[] Mask(uint step) => new ReferenceNetwork<double>(specimen.Network, Samples, training: true, seed: 1, step).Forward(specimen.X.ToDouble());
        Assert.Equal(Mask(1), Mask(1));
        Assert.NotEqual(Mask(1), Mask(2));
    }

    [Fact]
    public void The_gradient_passes_where_the_number_passed()
    {
        var specimen = new Specimen(Shape.Flat(Features), [new Dropout(0.3f)], Samples);
        Results results = specimen.Fast(Plans.UsualLanes);
        for (int i = 0; i < Samples * Features; i++) Assert.Equal(results["output in training"][i] == 0, results["input gradient"][i] == 0);
    }

    [Fact]
    public void In_evaluation_nothing_is_dropped()
    {
        var specimen = new Specimen(Shape.Flat(Features), [new Dropout(0.9f)], Samples);
        Assert.Equal(specimen.X.ToDouble(), specimen.Fast(Plans.UsualLanes)["output in evaluation"]);
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1)]
    [InlineData(float.NaN)]
    public void Other_probabilities_are_refused(float probability)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(probability));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout() with { Probability = probability });
    }
}
