namespace Fovea.Tests.Explain;

public class LineFitsTests
{
    [Fact]
    public void Squares_are_fitted_as_by_the_normal_equations()
    {
        // Points (0, 0), (1, 2), (2, 1): means 1 and 1, slope ((-1)(-1) + 0 + 1 * 0) / 2 = 0.5, intercept 0.5; errors 0.5, -1, 0.5.
        FittedLine line = LineFits.Fit(LossDefinition.Find("mse"), [0, 1, 2], [0, 2, 1], new LossParameters());
        Assert.Equal((double[])[0.5, 0.5, 0.5], (double[])[line.Slope, line.Intercept, line.Value], (a, b) => Math.Abs(a - b) < 1e-9);
    }

    [Fact]
    public void Absolute_errors_ignore_a_single_outlier()
    {
        // Four points on y = x and one far above: the line through the four has the least sum, 20 / 5.
        FittedLine line = LineFits.Fit(LossDefinition.Find("mae"), [0, 1, 2, 3, 4], [0, 1, 2, 3, 24], new LossParameters());
        Assert.Equal((double[])[1.0, 0, 4], (double[])[line.Slope, line.Intercept, line.Value], (a, b) => Math.Abs(a - b) < 1e-9);
    }

    [Theory]
    [InlineData("huber")]
    [InlineData("smooth-l1")]
    [InlineData("log-cosh")]
    [InlineData("mse")]
    public void At_a_fitted_line_the_gradient_is_0(string name)
    {
        LossDefinition loss = LossDefinition.Find(name);
        LineFitCase fit = Assert.Single(LineFits.Of([loss], [3]).Cases);
        FittedLine line = Assert.Single(fit.Lines);
        double[] pulls = [.. fit.X.Select((x, i) => loss.Scalar!(line.Slope * x + line.Intercept, fit.Y[i],
            new LossParameters()).Derivative)];
        Assert.Equal(0, pulls.Sum(), 1e-6);
        Assert.Equal(0, pulls.Zip(fit.X, (pull, x) => pull * x).Sum(), 1e-6);
    }

    [Fact]
    public void Outliers_move_the_squared_fit_more_than_the_absolute_one()
    {
        LineFits fits = LineFits.Of([LossDefinition.Find("l1"), LossDefinition.Find("l2")], [0, 5]);
        double absolute = Math.Abs(fits.Cases[1].Lines[0].Slope - fits.Cases[0].Lines[0].Slope),
            squared = Math.Abs(fits.Cases[1].Lines[1].Slope - fits.Cases[0].Lines[1].Slope);
        Assert.True(squared > 3 * absolute, $"The squared fit moved by {squared}, the absolute one by {absolute}.");
        Assert.Equal(fits.ToJson(), LineFits.Of([LossDefinition.Find("l1"), LossDefinition.Find("l2")], [0, 5]).ToJson());
        Assert.NotEqual(fits.Cases[0].Y, LineFits.Of([LossDefinition.Find("l1")], [0], seed: 2).Cases[0].Y);
    }
}
