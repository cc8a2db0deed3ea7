using CsCheck;

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

    [Fact]
    public void Points_that_make_no_line_are_refused()
    {
        LossDefinition squares = LossDefinition.Find("mse");
        Assert.Throws<ArgumentException>(() => LineFits.Fit(squares, [0, 1], [0, 1, 2], new LossParameters()));
        Assert.Throws<ArgumentException>(() => LineFits.Fit(squares, [1, 1], [0, 1], new LossParameters()));
        Assert.StartsWith("nll: a line is fitted by a loss of numbers.",
            Assert.Throws<FoveaException>(() => LineFits.Fit(LossDefinition.Find("nll"), [0, 1], [0, 1], new LossParameters())).Message);
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
    public void A_line_has_heights_and_an_error_of_its_slope()
    {
        var line = new FittedLine("mse", Slope: 0.75, Intercept: 2, Value: 0);
        // 2 + 0.75 * 4; the points are drawn near a slope of 0.5.
        Assert.Equal(5, line.At(4));
        Assert.Equal(0.25, LineFits.Of([LossDefinition.Find("mse")], [0]).SlopeError(line));
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

    [Fact]
    public void The_fit_by_absolute_errors_is_the_best_of_all_lines_through_two_points()
    {
        // Against trying all pairs, on points without order, with ties and with several points at one place.
        Gen.Select(Gen.Int[-5, 5], Gen.Int[-9, 9]).Array[3, 12].Where(points => points.Select(p => p.Item1).Distinct().Count() > 1).Sample(points =>
        {
            double[] x = [.. points.Select(p => (double)p.Item1)], y = [.. points.Select(p => (double)p.Item2)];
            double least = (from i in Enumerable.Range(0, x.Length)
                            from j in Enumerable.Range(0, x.Length)
                            where x[i] != x[j]
                            let slope = (y[i] - y[j]) / (x[i] - x[j])
                            select x.Zip(y, (at, height) => Math.Abs(slope * (at - x[i]) + y[i] - height)).Average()).Min();
            Assert.Equal(least, LineFits.Fit(LossDefinition.Find("mae"), x, y, new LossParameters()).Value, 1e-9);
        }, iter: 2000);
    }

    [Fact]
    public void Ten_thousand_points_are_fitted_and_more_are_refused()
    {
        LineFits fits = LineFits.Of([.. ((string[])["l1", "huber"]).Select(LossDefinition.Find)], [0], LineFits.MostPoints,
            parameters: new LossParameters(Delta: 0.001));
        // So flat a Huber loss is the absolute error.
        Assert.Equal(fits.Cases[0].Lines[0].Slope, fits.Cases[0].Lines[1].Slope, 1e-3);
        Assert.StartsWith("a line is fitted to 3 to 10000 points, not to 1000000.", Assert.Throws<FoveaException>(() =>
            LineFits.Of([LossDefinition.Find("l1")], [0], 1000000)).Message);
    }

    [Fact]
    public void The_conclusion_says_which_line_outliers_move_less()
    {
        LineFits fits = LineFits.Of([LossDefinition.Find("l1"), LossDefinition.Find("l2")], [0, 5]);
        string conclusion = fits.Conclusions[^1];
        Assert.StartsWith("5 outliers move the line of L2 (mse) by up to ", conclusion);
        Assert.Contains(": L1 is the more robust of the two. L2 squares an error, so that an error of 8 weighs 64, not 8.", conclusion);
        // The lines at 0 and at 10, without and with outliers.
        double Moved(int line) => new[] { 0.0, 10 }.Max(x => Math.Abs(At(1, line, x) - At(0, line, x)));
        double At(int fit, int line, double x) => fits.Cases[fit].Lines[line].Slope * x + fits.Cases[fit].Lines[line].Intercept;
        Assert.Contains($"{Math.Round(Moved(1), 3)}, that of L1 (mae) by up to {Math.Round(Moved(0), 3)}", conclusion);
        // Where all points are raised, so are all lines.
        LineFits all = LineFits.Of([LossDefinition.Find("l1"), LossDefinition.Find("l2")], [0, 40]);
        Assert.Contains("None of them is more robust than another here.", all.Conclusions);
        Assert.EndsWith("L1 is not the more robust of the two here.", all.Conclusions[^1]);
    }

    [Fact]
    public void The_working_shows_the_slope_of_least_squares()
    {
        LineFits fits = LineFits.Of([LossDefinition.Find("mse")], [0, 5]);
        DerivationStep step = fits.Derivation.Steps.Single(step => step.Formula?.StartsWith("a = ", StringComparison.Ordinal) == true);
        Assert.Equal(fits.Cases[0].Lines[0].Slope, FormulaValue.Of(step.Numbers!), 1e-4);
    }
}
