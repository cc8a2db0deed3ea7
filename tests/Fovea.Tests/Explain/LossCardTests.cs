namespace Fovea.Tests.Explain;

/// <summary>What the cards say, against what is known of the losses, and their evidence worked out anew.</summary>
public class LossCardTests
{
    // Features and labels of the five samples that the cards look at.
    private static readonly double[] s_x = [-2, -1, 0.5, 1, 2], s_y = [0, 1, 0, 1, 1];

    public static TheoryData<string> Names => [.. LossDefinition.All.Select(loss => loss.Name)];

    [Theory]
    [InlineData("mse", "differentiable everywhere", "yes")]
    [InlineData("mae", "differentiable everywhere", "no")]
    [InlineData("hinge", "differentiable everywhere", "no")]
    [InlineData("huber", "differentiable everywhere", "yes")]
    [InlineData("bce", "differentiable everywhere", "yes")]
    [InlineData("mae", "convex in the prediction", "yes")]
    [InlineData("mae", "can serve as a surrogate", "yes")]
    [InlineData("mse", "convex in the weights of a linear model", "yes")]
    [InlineData("mse", "convex in the weights of a linear model through a sigmoid", "no")]
    [InlineData("bce", "convex in the weights of a linear model through a sigmoid", "yes")]
    [InlineData("bce-with-logits", "convex in the prediction", "yes")]
    [InlineData("focal", "convex in the weights of a linear model through a sigmoid", "no")]
    [InlineData("categorical", "convex in the weights of a linear model, through softmax", "yes")]
    [InlineData("cross-entropy", "convex in the prediction", "yes")]
    [InlineData("mse", "corrects what is confidently wrong through a sigmoid", "no")]
    [InlineData("bce", "corrects what is confidently wrong through a sigmoid", "yes")]
    [InlineData("mse", "robust to outliers", "no")]
    [InlineData("mae", "robust to outliers", "yes")]
    [InlineData("huber", "robust to outliers", "yes")]
    [InlineData("log-cosh", "robust to outliers", "yes")]
    [InlineData("cross-entropy", "robust to outliers", "partly")]
    [InlineData("categorical", "robust to outliers", "partly")]
    [InlineData("nll", "robust to outliers", "partly")]
    [InlineData("kl", "robust to outliers", "partly")]
    [InlineData("bce", "surrogate of the zero-one loss", "yes")]
    [InlineData("hinge", "surrogate of the zero-one loss", "yes")]
    [InlineData("kl", "surrogate of the zero-one loss", "yes")]
    public void Properties_are_those_of_the_literature(string name, string property, string answer) =>
        Assert.Equal(answer, Property(name, property).Answer);

    [Theory]
    [InlineData("cross-entropy")]
    [InlineData("categorical")]
    [InlineData("nll")]
    [InlineData("kl")]
    public void A_wrong_class_pulls_by_what_its_probability_lacks(string name)
    {
        // p = exp(-1) / (exp(-1) + 2) = 0.36788 / 2.36788 = 0.15536, less 1; at -10 it is 1 but for 2e-5.
        LossProperty robust = Property(name, "robust to outliers");
        Assert.Equal([["-1", "-0.8446"], ["-10", "-1"], ["-20", "-1"]], robust.Evidence.Rows);
        Assert.Contains("a force of at most 1, however far off", robust.Statement);
    }

    [Fact]
    public void A_divergence_has_no_right_class() =>
        Assert.Contains("the first class (true probabilities 0.5, 0.3, 0.2)", Property("kl", "convex in the prediction").Statement);

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_property_shows_a_computation_and_every_card_can_be_drawn(string name)
    {
        LossCard card = LossCard.Of(LossDefinition.Find(name));
        Assert.All(card.Properties, property => Assert.NotEmpty(property.Evidence.Rows));
        foreach (string text in (string[])[card.Derivation.ToText(), card.Derivation.ToMarkdown(), card.Derivation.ToLatex(),
            card.Derivation.ToHtml(), card.ToJson()])
            Assert.DoesNotContain("NaN", text);
    }

    [Fact]
    public void The_witness_against_the_squared_error_over_a_sigmoid_is_one()
    {
        ChordTest test = new LossView(LossDefinition.Find("mse")).ChordsOfWeights(sigmoid: true);
        double a = SquaredErrorOfSigmoid(test.A), b = SquaredErrorOfSigmoid(test.B);
        double middle = SquaredErrorOfSigmoid([(test.A[0] + test.B[0]) / 2, (test.A[1] + test.B[1]) / 2]);
        Assert.Equal((a, b, middle), (test.AtA, test.AtB, test.AtMiddle), new Near());
        Assert.True(middle > (a + b) / 2 + 0.1, $"{middle} is not far above the chord between {a} and {b}.");

        static double SquaredErrorOfSigmoid(double[] w) => Enumerable.Range(0,
            5).Average(i => Math.Pow(Sigmoid(w[0] * s_x[i] + w[1]) - s_y[i], 2));
    }

    [Fact]
    public void Binary_cross_entropy_has_a_positive_curvature_along_the_logit()
    {
        // The second derivative by the logit is p (1 - p), whatever the label.
        foreach (double z in (double[])[-6, -2, 0, 1, 5])
        {
            var view = new LossView(LossDefinition.Find("bce"));
            const double h = 1e-3;
            double curvature = (view.OfScore(z + h, 1).Derivative - view.OfScore(z - h, 1).Derivative) / (2 * h);
            Assert.Equal(Sigmoid(z) * (1 - Sigmoid(z)), curvature, 1e-6);
            Assert.True(curvature > 0);
        }
    }

    [Fact]
    public void Descents_of_binary_cross_entropy_end_at_the_same_weights_where_the_gradient_is_0()
    {
        LossClaim claim = Assert.Single(LossCard.Of(LossDefinition.Find("bce")).WrongClaims);
        Assert.Equal("It has multiple local minima.", claim.Statement);
        Assert.Single(claim.Evidence.Rows.Select(row => (row[1], row[2])).Distinct());
        var (w, _) = new LossView(LossDefinition.Find("bce")).Descend([-6, 6], 5000);
        double[] residuals = [.. s_x.Select((x, i) => Sigmoid(w[0] * x + w[1]) - s_y[i])];
        Assert.Equal(0, residuals.Sum(), 1e-6);
        Assert.Equal(0, residuals.Zip(s_x, (r, x) => r * x).Sum(), 1e-6);
    }

    [Fact]
    public void The_absolute_error_has_subgradients_at_its_kink_and_trains_to_the_median()
    {
        Kink kink = Kink.Find(x => Math.Abs(x), [-1, 0, 1])!;
        Assert.Equal((0.0, -1.0, 1.0), (kink.At, kink.Left, kink.Right), new Near());
        LossClaim claim = Assert.Single(LossCard.Of(LossDefinition.Find("mae")).WrongClaims);
        Assert.Contains("cannot be used as a surrogate", claim.Statement);
        // The median of 1, 2, 3, 4, 100 is 3, and its mean error (2 + 1 + 0 + 1 + 97) / 5.
        Assert.Equal(["3", "20.2"], [claim.Evidence.Rows[^1][1], claim.Evidence.Rows[^1][3]]);
    }

    [Fact]
    public void Categorical_cross_entropy_is_told_by_its_minus_sign()
    {
        LossCard card = LossCard.Of(LossDefinition.Find("categorical"));
        Assert.StartsWith("L = -", card.Formula);
        LossClaim claim = Assert.Single(card.WrongClaims);
        Assert.Contains("without a minus sign", claim.Statement);
        // Worse predictions have a larger loss, but a smaller sum without the sign. -ln 0.1 = 2.302585.
        Assert.Equal(["0.1", "2.30259", "-2.30259"], claim.Evidence.Rows[3]);
    }

    [Fact]
    public void One_outlier_moves_the_mean_but_not_the_median()
    {
        double[] numbers = [1, 2, 3, 4, 100];
        // The mean is 110 / 5.
        Assert.Equal(22, new LossView(LossDefinition.Find("mse")).BestConstant(numbers), 1e-4);
        Assert.Equal(3, new LossView(LossDefinition.Find("mae")).BestConstant(numbers), 1e-4);
        // Pulls at 3: 1 and 1 down (both errors clipped), 0, 1 and 1 up; they cancel.
        Assert.Equal(3, new LossView(LossDefinition.Find("huber")).BestConstant(numbers), 1e-4);
    }

    [Theory]
    [InlineData("mae", "surrogate=no", false, "every number from -1 to 1 is a subgradient")]
    [InlineData("mae", "surrogate=yes", true, "The contrary is said at times, and is wrong")]
    [InlineData("bce", "local-minima=yes", false, "Descents from far apart end at the same weights.")]
    [InlineData("bce", "local-minima=no", true, "every local minimum is the global one")]
    [InlineData("categorical", "minus-sign=no", false, "it has no minimum")]
    [InlineData("mse", "convex-through-sigmoid=yes", false, "A witness, of 3240 chords between weights")]
    [InlineData("mse", "robust = no", true, "when the 5 becomes 100 it is 22")]
    [InlineData("bce", "local-minima=partly", false, "Said at times, and wrong: \"It has multiple local minima.\"")]
    [InlineData("categorical", "minus-sign=partly", false, "Said at times, and wrong")]
    public void A_claim_is_judged_with_the_computation_that_shows_it(string name, string claim, bool holds, string reason)
    {
        LossVerdict verdict = LossCard.Of(LossDefinition.Find(name)).Judge(claim);
        Assert.Equal(holds, verdict.Holds);
        Assert.EndsWith(holds ? "is right" : "is wrong", verdict.Derivation.Title);
        Assert.Contains(reason, verdict.Derivation.ToText(width: 1000));
        Assert.NotEmpty(verdict.Derivation.Steps[0].Table!.Rows);
    }

    [Theory]
    [InlineData("surogate=no", "nothing is known of \"surogate\" for mae. Did you mean surrogate? Claims: differentiable, convex,")]
    [InlineData("surrogate", "expected a claim such as differentiable=yes or surrogate=no, got \"surrogate\".")]
    [InlineData("surrogate=maybe", "expected a claim such as")]
    public void Claims_that_are_not_understood_are_refused(string claim, string message) =>
        Assert.StartsWith(message, Assert.Throws<FoveaException>(() => LossCard.Of(LossDefinition.Find("mae")).Judge(claim)).Message);

    [Fact]
    public void A_card_is_that_of_the_constants()
    {
        // Without its factor the focal loss is binary cross-entropy.
        LossCard card = LossCard.Of(LossDefinition.Find("focal"), new LossParameters(Gamma: 0));
        Assert.Equal("yes", card.Properties.Single(property => property.Key == "convex-in-weights").Answer);
        Assert.DoesNotContain("Not convex", card.Disadvantages);
        Assert.DoesNotContain("Not convex", card.Derivation.ToText());
    }

    [Theory]
    [InlineData("huber", 5, 5)]
    [InlineData("huber", 0.1, 0.1)]
    [InlineData("huber", 2000, 2000)]
    [InlineData("smooth-l1", 30, 1)]
    [InlineData("log-cosh", 1, 1)]
    public void What_pulls_with_a_bounded_force_is_robust_whatever_its_threshold(string name, double threshold, double force)
    {
        LossProperty robust = LossCard.Of(LossDefinition.Find(name), new LossParameters(Delta: threshold, Beta: threshold)).Properties.Single(p => p.Key == "robust");
        Assert.Equal("yes", robust.Answer);
        Assert.EndsWith($"An error pulls with a force of at most {force.ToString(System.Globalization.CultureInfo.InvariantCulture)}, however large it is:", robust.Statement);
        Assert.Equal(force.ToString(System.Globalization.CultureInfo.InvariantCulture), robust.Evidence.Rows[^1][1]);
    }

    [Fact]
    public void The_largest_pull_is_looked_for_and_not_guessed()
    {
        // At -10, far out, it is 1.00077 only.
        LossProperty robust = Property("focal", "robust to outliers");
        double stated = double.Parse(robust.Statement.Split("at most ")[1].Split(", ")[0], System.Globalization.CultureInfo.InvariantCulture);
        var view = new LossView(LossDefinition.Find("focal"));
        Assert.All(LossView.Range(-20, 20, 0.05), z => Assert.True(Math.Abs(view.OfScore(z, 1).Derivative) <= stated + 1e-5));
    }

    private static LossProperty Property(string name, string property) =>
        LossCard.Of(LossDefinition.Find(name)).Properties.Single(p => p.Name == property);

    private static double Sigmoid(double z) => 1 / (1 + Math.Exp(-z));

    private sealed class Near : IEqualityComparer<(double, double, double)>
    {
        public bool Equals((double, double, double) a, (double, double, double) b) =>
            Math.Abs(a.Item1 - b.Item1) < 1e-9 && Math.Abs(a.Item2 - b.Item2) < 1e-9 && Math.Abs(a.Item3 - b.Item3) < 1e-9;

        public int GetHashCode((double, double, double) value) => 0;
    }
}
