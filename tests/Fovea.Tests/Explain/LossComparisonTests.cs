namespace Fovea.Tests.Explain;

public class LossComparisonTests
{
    [Fact]
    public void A_kink_has_a_slope_on_either_side_and_none_of_its_own()
    {
        LossComparison comparison = Of(LossLink.Identity, 1, "mae", "mse");
        LossKink kink = Assert.Single(comparison.Curves[0].Kinks);
        // |z - 1| falls with slope -1 before 1 and grows with slope 1 after it.
        Assert.Equal(new LossKink(1, -1, 1), kink);
        Assert.Empty(comparison.Curves[1].Kinks);
        int at = comparison.Scores.Index().Single(score => score.Item == 1).Index;
        Assert.Equal(0, comparison.Curves[0].Values[at]);
        Assert.Contains(comparison.Table.Rows, row => row.SequenceEqual(["1", "0", "-1 to 1", "0", "0"]));
        Assert.Contains(comparison.Conclusions, text => text.StartsWith("mae has a kink at score 1: the slope is -1 to the left and 1 to the right.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_kink_between_the_points_of_the_grid_is_among_the_scores()
    {
        LossComparison comparison = Of(LossLink.Identity, 0.123, "mae", "huber");
        Assert.Equal(242, comparison.Scores.Count);
        Assert.Contains(0.123, comparison.Scores);
        Assert.Equal(comparison.Scores.Order(), comparison.Scores);
        Assert.Contains(comparison.Table.Rows, row => row[0] == "0.123" && row[2] == "-1 to 1");
    }

    [Fact]
    public void The_margin_of_a_hinge_loss_is_a_kink_through_a_sigmoid_too_and_that_of_others_is_none()
    {
        LossComparison comparison = Of(LossLink.Sigmoid, 0, "hinge", "mae", "bce");
        // max(0, 1 + z) for label 0.
        Assert.Equal([new LossKink(-1, 0, 1)], comparison.Curves[0].Kinks);
        Assert.Empty(comparison.Curves[1].Kinks);
        Assert.Empty(comparison.Curves[2].Kinks);
    }

    [Theory]
    [InlineData(LossLink.Identity, 0.3, "mse,mae,huber,smooth-l1,log-cosh")]
    [InlineData(LossLink.Sigmoid, 1, "mse,mae,huber,smooth-l1,log-cosh,bce,focal,hinge,bce-with-logits")]
    [InlineData(LossLink.Sigmoid, 0, "mse,mae,huber,smooth-l1,log-cosh,bce,focal,hinge,bce-with-logits")]
    public void Slopes_are_those_of_the_values(LossLink link, double target, string names)
    {
        LossDefinition[] losses = [.. names.Split(',').Select(LossDefinition.Find)];
        var constants = new LossParameters(0.7, 1.3, 1.5);
        LossComparison comparison = LossComparison.Of(losses, link, target, parameters: constants);
        foreach (var (loss, curve) in losses.Zip(comparison.Curves))
        {
            foreach (var (i, z) in comparison.Scores.Index())
            {
                if (curve.Kinks.Any(kink => kink.Score == z)) continue;
                const double h = 1e-5;
                double slope = (LossComparison.At(loss, link, target, z + h, constants).Value
                    - LossComparison.At(loss, link, target, z - h, constants).Value) / (2 * h);
                Assert.Equal(slope, curve.Gradients[i], 2e-5);
            }
        }
    }

    [Fact]
    public void The_formulas_of_the_working_give_the_figures()
    {
        string[] names = ["mse", "mae", "huber", "smooth-l1", "log-cosh", "bce", "focal", "hinge", "bce-with-logits"];
        LossComparison comparison = Of(LossLink.Sigmoid, 1, names);
        foreach (var (name, curve) in names.Zip(comparison.Curves))
        {
            DerivationStep step = comparison.Derivation.Steps.Single(step => step.Text.StartsWith(name + ", ", StringComparison.Ordinal));
            string[] lines = [.. Formula.SplitLines(step.Formula)];
            foreach (int i in (int[])[0, 60, 130, 220])
            {
                double z = comparison.Scores[i], p = 1 / (1 + Math.Exp(-z));
                double Variable(string variable, IReadOnlyList<int> _) => variable switch
                {
                    "p" or "q" => p,
                    "z" => z,
                    "y" or "δ" or "β" => 1,
                    "γ" => 2,
                    _ => throw new NotSupportedException(variable),
                };
                Assert.Equal(curve.Values[i], FormulaValue.Of(lines[0], Variable, [], 0), 1e-9);
                Assert.Equal(curve.Gradients[i], FormulaValue.Of(lines[1], Variable, [], 0), 1e-9);
            }
        }
    }

    [Fact]
    public void The_squared_error_through_a_sigmoid_hardly_learns_from_what_is_confidently_wrong()
    {
        // At -6 the sigmoid is p = 0.00247: 2 (p - 1) p (1 - p) = -0.00492, and p - 1 = -0.99753.
        IReadOnlyList<string> conclusions = Of(LossLink.Sigmoid, 1, "mse", "bce").Conclusions;
        // The slope is steepest at p = 1/3, z = -0.69: 2 (2/3) (1/3) (2/3) = 0.2963.
        Assert.Matches("^mse: at score -6, farthest from the target, the slope is -0.00492, but -0.296[23][0-9]? at -0.7:", conclusions[0]);
        Assert.EndsWith("a sample that is confidently wrong teaches almost nothing.", conclusions[0]);
        Assert.StartsWith("bce: at score -6, farthest from the target, the slope is -0.99753, at -3 it is -0.95257", conclusions[1]);
    }

    [Fact]
    public void A_pull_that_has_begun_to_fade_is_not_called_the_same()
    {
        // 2 (p - 1) p (1 - p): -0.0861 at -3, -0.2439 at -1.5, p = 0.18243.
        LossComparison comparison = LossComparison.Of([LossDefinition.Find("mse"), LossDefinition.Find("bce")], LossLink.Sigmoid, reach: 3);
        Assert.Equal("mse: at score -3, farthest from the target, the slope is -0.08607, at -1.5 it is -0.24388: the farther off, the weaker the pull, so that what is confidently wrong teaches less.",
            comparison.Conclusions[0]);
        Assert.EndsWith("the pull is nearly the same, so that it neither fades nor lets an outlier decide.", comparison.Conclusions[1]);
    }

    [Fact]
    public void A_pull_that_is_bounded_beyond_the_scores_lets_no_outlier_decide()
    {
        // The slope of the Huber loss is the error up to 10, and 10 from there on; that of the squared error grows for ever.
        IReadOnlyList<string> conclusions = LossComparison.Of([LossDefinition.Find("huber"), LossDefinition.Find("mse")], LossLink.Identity, target: 0,
            parameters: new LossParameters(Delta: 10)).Conclusions;
        Assert.EndsWith("the farther off, the harder the pull, but never above 10: no outlier decides.", conclusions[0]);
        Assert.EndsWith("the farther off, the harder the pull, so that an outlier decides.", conclusions[1]);
    }

    [Fact]
    public void The_table_has_its_rows_whatever_the_reach() => Assert.All((double[])[0.1, 0.3, 0.7, 1.1, 3.3, 6, 7.7, 13.1, 19.9], reach =>
        Assert.Equal(13, LossComparison.Of([LossDefinition.Find("mse"), LossDefinition.Find("huber")], LossLink.Identity, reach: reach).Table.Rows.Count));

    [Theory]
    [InlineData("bce: it takes probabilities, but a score may be any number.", LossLink.Identity, 1, "mse,bce")]
    [InlineData("categorical: it is a loss of several numbers", LossLink.Identity, 1, "mse,categorical")]
    [InlineData("bce: the target is 0.5, but a label must be 0 or 1.", LossLink.Sigmoid, 0.5, "bce,focal")]
    [InlineData("mse: the loss is too large for a number.", LossLink.Identity, 1e200, "mse,mae")]
    public void What_cannot_be_compared_is_refused(string message, LossLink link, double target, string names) =>
        Assert.StartsWith(message, Assert.Throws<FoveaException>(() => Of(link, target, names.Split(','))).Message);

    private static LossComparison Of(LossLink link, double target, params IReadOnlyList<string> names) =>
        LossComparison.Of([.. names.Select(LossDefinition.Find)], link, target);
}
