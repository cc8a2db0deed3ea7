using static Fovea.Tests.Explain.LossAnswerTests;

namespace Fovea.Tests.Explain;

/// <summary>The formulas that explain a loss are computed anew, by arithmetic of the tests' own, and held against its numbers and slopes.</summary>
public class LossExplanationTests
{
    public static TheoryData<string, LossReduction, string, double> Cases
    {
        get
        {
            var cases = new TheoryData<string, LossReduction, string, double>();
            foreach (LossDefinition loss in LossDefinition.All)
            {
                foreach (LossReduction reduction in Enum.GetValues<LossReduction>())
                {
                    foreach (double logarithm in loss.HasLogarithm ? (double[])[Math.E, 2, 10] : [Math.E])
                    {
                        cases.Add(loss.Name, reduction, "plain", logarithm);
                        if (loss.TakesSoftTargets) cases.Add(loss.Name, reduction, "smoothed", logarithm);
                        if (loss.Input != LossInput.Number && loss.Name != "kl") cases.Add(loss.Name, reduction, "weighted", logarithm);
                        if (loss.HasClasses && loss.Name != "kl") cases.Add(loss.Name, reduction, "both", logarithm);
                    }
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Its_formulas_give_its_numbers(string name, LossReduction reduction, string options, double logarithm)
    {
        LossQuestion question = Question(name, reduction, options, logarithm);
        LossAnswer answer = LossAnswer.Of(question);
        IReadOnlyList<DerivationStep> steps = answer.Derivation.Steps;
        string term = steps.Single(step => step.Text == "Each sample costs:").Formula!;
        string gradient = steps.Single(step => step.Text.EndsWith("in the table:", StringComparison.Ordinal)).Formula!;
        for (int i = 0; i < answer.Samples.Count; i++)
        {
            Assert.Equal(answer.Samples[i].Value, Of(term, question, answer, i, 0), 1e-9);
            for (int k = 0; k < answer.Samples[i].Gradient.Count; k++)
                Assert.Equal(answer.Samples[i].Gradient[k], Of(gradient, question, answer, i, k), 1e-9);
        }
        if (answer.Loss is not { } loss) return;
        DerivationStep sum = steps.Single(step => step.Formula?.StartsWith("L = ", StringComparison.Ordinal) == true);
        // Terms of four digits, and logarithms of numbers of five. Terms that would be too wide are left out.
        foreach (string line in Formula.SplitLines(sum.Numbers).Where(line => !line.Contains(@"\dots", StringComparison.Ordinal)))
            Assert.Equal(loss, FormulaValue.Of(line), 2e-4);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Its_gradients_are_slopes(string name, LossReduction reduction, string options, double logarithm)
    {
        LossQuestion question = Question(name, reduction, options, logarithm);
        LossAnswer answer = LossAnswer.Of(question);
        const double h = 1e-6;
        for (int i = 0; i < answer.Samples.Count; i++)
        {
            for (int k = 0; k < answer.Samples[i].Gradient.Count; k++)
                Assert.Equal((Moved(i, k, h) - Moved(i, k, -h)) / (2 * h), answer.Samples[i].Gradient[k], 1e-5);
        }

        double Moved(int i, int k, double by)
        {
            double[][] moved = [.. question.Predictions.Select(row => row.ToArray())];
            moved[i][k] += by;
            LossAnswer there = LossAnswer.Of(question with { Predictions = moved });
            return there.Loss ?? there.Samples[i].Value;
        }
    }

    [Theory]
    [InlineData(LossReduction.Mean, "plain", Math.E)]
    [InlineData(LossReduction.Sum, "weighted", 2)]
    [InlineData(LossReduction.None, "smoothed", 10)]
    [InlineData(LossReduction.Mean, "weighted", 10)]
    [InlineData(LossReduction.Mean, "smoothed", Math.E)]
    public void Through_a_sigmoid_the_derivative_is_the_slope_by_the_logit(LossReduction reduction, string options, double logarithm)
    {
        LossQuestion question = Question("bce", reduction, options, logarithm);
        LossAnswer answer = LossAnswer.Of(question);
        DerivationStep step = answer.Derivation.Steps[^1];
        for (int i = 0; i < answer.Samples.Count; i++)
        {
            const double h = 1e-5;
            double slope = (Moved(i, h) - Moved(i, -h)) / (2 * h);
            Assert.Equal(slope, Of(step.Formula!, question, answer, i, 0), 1e-7);
            Assert.Equal(slope, double.Parse(step.Table!.Rows[i][^1], System.Globalization.CultureInfo.InvariantCulture), 1e-5);
        }

        double Moved(int i, double by)
        {
            double[][] moved = [.. question.Predictions.Select(row => row.ToArray())];
            double p = moved[i][0], z = Math.Log(p / (1 - p)) + by;
            moved[i][0] = 1 / (1 + Math.Exp(-z));
            LossAnswer there = LossAnswer.Of(question with { Predictions = moved });
            return there.Loss ?? there.Samples[i].Value;
        }
    }

    [Fact]
    public void A_sample_at_the_kink_is_told()
    {
        Assert.Contains("every number from -1 to 1 is a subgradient", LossAnswer.Of(LossAnswerTests.Question("mae", Singles("1"),
            Singles("1"))).Derivation.ToText());
        Assert.Contains("at the kink", LossAnswer.Of(LossAnswerTests.Question("hinge", Singles("0"), Singles("-1"))).Derivation.ToText());
    }

    [Fact]
    public void Factors_of_ten_are_raised_in_brackets() =>
        Assert.Contains("(1 · 10¹⁰)²", LossAnswer.Of(LossAnswerTests.Question("mae", Singles("1"), Singles("2")) with
        {
            Penalty = new LossPenalty(0, 1, [1e10]),
        }).Derivation.ToText());

    [Fact]
    public void Formulas_of_many_samples_stay_narrow()
    {
        string y = string.Join(',', Enumerable.Range(0, 30).Select(i => i % 2)), p = string.Join(',', Enumerable.Repeat("0.23456", 30));
        LossQuestion question = LossAnswerTests.Question("bce", Singles(y), Singles(p)) with { LabelSmoothing = 0.1 };
        string[] lines = LossAnswer.Of(question).Derivation.ToText().Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= 100, line));
        Assert.Contains(lines, line => line.Contains(" + … + ", StringComparison.Ordinal));
    }

    private static double Of(string formula, LossQuestion question, LossAnswer answer, int sample, int column)
    {
        int classes = answer.Samples[sample].Prediction.Count;
        LossParameters constants = question.Parameters;
        double[] weights = [.. question.ClassWeights ?? []];
        return FormulaValue.Of(formula, Variable, new() { ["i"] = sample, ["k"] = column }, classes);

        double Variable(string name, IReadOnlyList<int> at)
        {
            SampleLoss s = answer.Samples[sample];
            int k = at is [_, var second] ? second : 0;
            double p = s.Prediction[k], y = s.Target[k];
            return name switch
            {
                "y" when question.LabelSmoothing == 0 => y,
                "y′" when question.LabelSmoothing > 0 => y,
                "p" when question.Loss.Input == LossInput.Logits => Math.Exp(p) / s.Prediction.Sum(Math.Exp),
                "p" or "z" or "x" => p,
                "q" => y == 1 ? p : 1 - p,
                // A weight is that of a class, or of the sample where it has one label.
                "w" => question.Loss.HasClasses ? weights[at[0]] : weights[y > 0 ? 1 : 0],
                "N" => answer.Samples.Count,
                "W" => answer.Divisor,
                "δ" => constants.Delta,
                "β" => constants.Beta,
                "γ" => constants.Gamma,
                _ => throw new NotSupportedException(name),
            };
        }
    }

    private static LossQuestion Question(string name, LossReduction reduction, string options, double logarithm)
    {
        LossQuestion plain = Example(name);
        return plain with
        {
            Reduction = reduction,
            LabelSmoothing = options is "smoothed" or "both" ? 0.2 : 0,
            ClassWeights = options is not ("weighted" or "both") ? null : plain.Loss.HasClasses ? [1, 2, 3.5] : [0.5, 2],
            Parameters = new LossParameters(0.7, 1.3, 1.5, logarithm),
        };
    }
}
