namespace Fovea.Tests.Explain;

public class LossAnswerTests
{
    public static TheoryData<string> Names => [.. LossDefinition.All.Select(loss => loss.Name)];

    [Theory]
    // -(log2 0.2 + log2 0.5 + log2 0.9) / 3 = (2.321928 + 1 + 0.152003) / 3 = 3.473931 / 3
    [InlineData("bce", "1,0,0", "0.2,0.5,0.1", 2, 1.157977)]
    // The same in natural logarithms, times ln 2 = 0.693147.
    [InlineData("bce", "1,0,0", "0.2,0.5,0.1", Math.E, 0.802649)]
    // And in logarithms to base 10, times log10 2 = 0.30103.
    [InlineData("bce", "1,0,0", "0.2,0.5,0.1", 10, 0.348586)]
    // (0.64 + 0.25 + 0.01) / 3
    [InlineData("mse", "1,0,0", "0.2,0.5,0.1", Math.E, 0.3)]
    // (0.8 + 0.5 + 0.1) / 3
    [InlineData("mae", "1,0,0", "0.2,0.5,0.1", Math.E, 0.466667)]
    // Errors 0.5 and -3: (0.5 * 0.25 + 1 * (3 - 0.5)) / 2 = 2.625 / 2
    [InlineData("huber", "0,0", "0.5,-3", Math.E, 1.3125)]
    [InlineData("smooth-l1", "0,0", "0.5,-3", Math.E, 1.3125)]
    // ln cosh 1 = ln 1.543081 = 0.433781
    [InlineData("log-cosh", "2", "3", Math.E, 0.433781)]
    // max(0, 1 - 0.2) = 0.8; max(0, 1 + 2) = 3; max(0, 1 - 3) = 0
    [InlineData("hinge", "1,0,1", "0.2,2,3", Math.E, 1.266667)]
    // -(0.8)^2 ln 0.2 = 0.64 * 1.609438 = 1.030040; -(0.1)^2 ln 0.9 = 0.01 * 0.105361 = 0.001054
    [InlineData("focal", "1,0", "0.2,0.1", Math.E, 0.515547)]
    // ln(1 + e^-0) = ln 2
    [InlineData("bce-with-logits", "1", "0", Math.E, 0.693147)]
    public void The_mean_is_that_of_a_hand_calculation(string name, string y, string p, double logarithmBase, double expected)
    {
        LossAnswer answer = LossAnswer.Of(Question(name, Singles(y),
            Singles(p)) with
        { Parameters = new LossParameters(LogarithmBase: logarithmBase) });
        Assert.Equal(expected, answer.Value!.Value, 5e-7);
    }

    [Theory]
    // -(ln 0.7 + ln 0.8) / 2 = (0.356675 + 0.223144) / 2
    [InlineData("categorical", "0.7,0.2,0.1; 0.1,0.8,0.1", "0,1", 0.289909)]
    [InlineData("nll", "-0.356675,-1.609438,-2.302585; -2.302585,-0.223144,-2.302585", "0,1", 0.289909)]
    // ln(e^1 + e^2 + e^3) - 3 = 3.407606 - 3
    [InlineData("cross-entropy", "1,2,3", "2", 0.407606)]
    // 0.5 ln(0.5 / 0.25) + 0.5 ln(0.5 / 0.75) = 0.346574 - 0.202733
    [InlineData("kl", "0.25,0.75", "0.5,0.5", 0.143841)]
    public void The_mean_over_classes_is_that_of_a_hand_calculation(string name, string p, string y, double expected)
    {
        double[][] targets = y.Contains("0.5") ? Rows(y) : Singles(y);
        Assert.Equal(expected, LossAnswer.Of(Question(name, targets, Rows(p))).Value!.Value, 1e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_are_the_slopes_of_the_value(string name)
    {
        foreach (LossReduction reduction in (LossReduction[])[LossReduction.Mean, LossReduction.Sum])
        {
            LossQuestion question = Example(name) with { Reduction = reduction };
            LossAnswer answer = LossAnswer.Of(question);
            for (int i = 0; i < answer.Samples.Count; i++)
            {
                for (int k = 0; k < answer.Samples[i].Gradient.Count; k++)
                {
                    const double h = 1e-6;
                    double slope = (Moved(question, i, k, h) - Moved(question, i, k, -h)) / (2 * h);
                    Assert.Equal(slope, answer.Samples[i].Gradient[k], 1e-5);
                }
            }
        }
    }

    [Fact]
    public void Training_means_the_same_by_its_losses()
    {
        float[] outputs = [0.3f, 0.6f, 0.9f], labels = [1, 0, 1];
        (Loss Loss, string Name)[] pairs = [(new MseLoss(), "mse"), (new MaeLoss(), "mae"), (new BceLoss(), "bce"),
            (new BceWithLogitsLoss(), "bce-with-logits")];
        foreach (var (loss, name) in pairs)
        {
            double[] gradient = new double[3], x = [.. outputs.Select(o => (double)o)], t = [.. labels.Select(l => (double)l)];
            double sum = loss.Reference(x, 0, t, gradient);
            LossAnswer answer = LossAnswer.Of(Question(name, [.. t.Select(l => new[] { l })], [.. x.Select(o => new[] { o })]));
            Assert.Equal(sum / 3, answer.Value!.Value, 1e-12);
            Assert.Equal(gradient.Select(g => g / 3), answer.Samples.Select(s => s.Gradient[0]), (a, b) => Math.Abs(a - b) < 1e-12);
        }
    }

    [Fact]
    public void Class_weights_divide_by_the_weights_of_the_classes()
    {
        // (2 * 0.356675 + 1 * 0.223144) / (2 + 1)
        LossAnswer answer = LossAnswer.Of(Question("categorical", Singles("0,1"),
            Rows("0.7,0.2,0.1; 0.1,0.8,0.1")) with
        { ClassWeights = [2, 1, 5] });
        Assert.Equal(0.312165, answer.Value!.Value, 1e-6);
        Assert.Equal(3, answer.Divisor);
    }

    [Fact]
    public void Class_weights_of_labels_divide_by_the_samples()
    {
        // (3 * 1.609438 + 1 * 0.693147) / 2
        LossAnswer answer = LossAnswer.Of(Question("bce", Singles("1,0"), Singles("0.2,0.5")) with { ClassWeights = [1, 3] });
        Assert.Equal(2.760730, answer.Value!.Value, 1e-6);
    }

    [Fact]
    public void Label_smoothing_spreads_targets_over_the_classes()
    {
        // Targets 0.9 + 0.1 / 3 and 0.1 / 3: -(0.933333 ln 0.7 + 0.033333 ln 0.2 + 0.033333 ln 0.1)
        // = 0.332897 + 0.053648 + 0.076753
        LossAnswer answer = LossAnswer.Of(Question("categorical", Singles("0"), Rows("0.7,0.2,0.1")) with { LabelSmoothing = 0.1 });
        Assert.Equal(0.463298, answer.Value!.Value, 1e-6);
        // Label 1 becomes 0.95: -(0.95 ln 0.2 + 0.05 ln 0.8) = 1.528966 + 0.011157
        LossAnswer binary = LossAnswer.Of(Question("bce", Singles("1"), Singles("0.2")) with { LabelSmoothing = 0.1 });
        Assert.Equal(1.540123, binary.Value!.Value, 1e-6);
    }

    [Fact]
    public void Penalties_are_added_with_their_gradients()
    {
        // L2: 0.5 / (2 * 10) * (1 + 4) = 0.125; L1: 0.1 / 10 * (1 + 2) = 0.03
        LossAnswer answer = LossAnswer.Of(Question("bce", Singles("1,0,0"),
            Singles("0.2,0.5,0.1")) with
        { Penalty = new LossPenalty(0.1, 0.5, [1, -2], 10) });
        Assert.Equal(0.155, answer.Penalty, 1e-12);
        Assert.Equal(0.802649 + 0.155, answer.Value!.Value, 1e-6);
        // (0.1 + 0.5 * 1) / 10 and (-0.1 + 0.5 * -2) / 10
        Assert.Equal((double[])[0.06, -0.11], answer.WeightGradient, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Without_a_reduction_there_is_a_loss_for_each_sample()
    {
        LossAnswer answer = LossAnswer.Of(Question("mse", Singles("1,2"), Singles("3,2")) with { Reduction = LossReduction.None });
        Assert.Null(answer.Value);
        Assert.Equal([4.0, 0], answer.Samples.Select(s => s.Value));
        Assert.Equal([4.0, 0], answer.Samples.Select(s => s.Gradient[0]));
    }

    [Fact]
    public void The_working_shows_each_term_and_the_base()
    {
        string text = LossAnswer.Of(Question("bce", Singles("1,0,0"),
            Singles("0.2,0.5,0.1")) with
        { Parameters = new(LogarithmBase: 2) }).Derivation.ToText();
        Assert.Contains("= -(1/3)(log₂ 0.2 + log₂ 0.5 + log₂ 0.9)\n", text);
        Assert.Contains("= -(1/3)(-2.3219 - 1 - 0.152)\n", text);
        Assert.Contains("= 1.157977\n", text);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_working_can_be_drawn(string name)
    {
        LossQuestion plain = Example(name);
        LossQuestion[] questions = [plain, plain with { Reduction = LossReduction.Sum },
            plain with { Reduction = LossReduction.None, Penalty = new(1, 1, [2]) },
            .. plain.Loss.TakesSoftTargets ? (LossQuestion[])[plain with { LabelSmoothing = 0.2 }] : [],
            .. plain.Loss.Input != LossInput.Number && name != "kl"
                ? (LossQuestion[])[plain with { ClassWeights = plain.Loss.HasClasses ? [1, 2, 3] : [1, 2] }] : []];
        foreach (LossQuestion question in questions)
        {
            LossAnswer answer = LossAnswer.Of(question);
            Assert.All((string[])[answer.Derivation.ToText(), answer.Derivation.ToMarkdown(), answer.Derivation.ToLatex(),
                answer.Derivation.ToHtml(), answer.ToJson()],
                text => Assert.DoesNotContain("NaN", text));
        }
    }

    [Theory]
    [InlineData("bce", "1,0", "0,0.5", "bce: prediction 1 is 0, but the label is 1: this sample costs -log p = -log(0), and log(0) is minus infinity")]
    [InlineData("bce", "0,0", "1,0.5", "bce: prediction 1 is 1, but the label is 0: this sample costs -log(1 - p) = -log(0), and log(0) is minus infinity")]
    [InlineData("bce", "1,0", "1,0.5", "bce: prediction 1 is 1 and so is the label: its own logarithm is log(1) = 0, but the formula also has (1 - y) log(1 - p) = 0 log(0)")]
    [InlineData("bce", "0,0", "0,0.5", "bce: prediction 1 is 0 and so is the label: its own logarithm is log(1) = 0, but the formula also has y log p = 0 log(0)")]
    [InlineData("bce", "0", "1e-13", "bce: prediction 1 is only 1e-13 from 0: nearer than 1e-12 training cuts the derivative off")]
    [InlineData("focal", "0", "1e-13", "focal: prediction 1 is only 1e-13 from 0: nearer than 1e-12 too few digits are left of the distance")]
    [InlineData("focal", "1", "1", "focal: prediction 1 is 1 and so is the label: the sample would cost 0, but no finite score has a sigmoid of 1")]
    [InlineData("focal", "1", "0", "focal: prediction 1 is 0, but the label is 1: this sample costs -log p = -log(0)")]
    [InlineData("bce", "1", "1.2", "bce: prediction 1 is 1.2, but a probability lies between 0 and 1.")]
    [InlineData("focal", "1", "-0.1", "focal: prediction 1 is -0.1, but a probability lies between 0 and 1.")]
    [InlineData("bce", "0.5", "0.5", "bce: label 1 is 0.5, but a label must be 0 or 1. A probability belongs to the predictions. To soften labels use label smoothing.")]
    [InlineData("focal", "0.5", "0.5", "focal: label 1 is 0.5, but a label must be 0 or 1. A probability belongs to the predictions.")]
    [InlineData("bce-with-logits", "0.5", "0.5", "bce-with-logits: label 1 is 0.5, but a label must be 0 or 1. To soften labels use label smoothing.")]
    [InlineData("hinge", "2", "0.5", "hinge: label 1 is 2, but a label must be 0 or 1 (or -1 and 1).")]
    [InlineData("mse", "1,2", "1", "mse: there are 2 targets, but 1 prediction.")]
    [InlineData("mse", "1", "1e200", "mse: the loss of sample 1 is too large")]
    public void Numbers_that_the_loss_does_not_take_are_refused(string name, string y, string p, string message) =>
        Assert.StartsWith(message, Assert.Throws<FoveaException>(() => LossAnswer.Of(Question(name, Singles(y), Singles(p)))).Message);

    [Theory]
    [InlineData("hinge")]
    [InlineData("focal")]
    public void Smoothing_is_not_advised_where_labels_cannot_be_smoothed(string name) => Assert.DoesNotContain("smoothing",
        Assert.Throws<FoveaException>(() => LossAnswer.Of(Question(name, Singles("0.5"), Singles("0.5")))).Message);

    [Theory]
    [InlineData("categorical", "0", "0,0.5,0.5", "categorical: prediction 1 gives class 0 the probability 0, but the target gives it 1, and log(0) is minus infinity")]
    [InlineData("categorical", "0", "1,0,0", "categorical: prediction 1 gives class 1 the probability 0 and so does the target: the formula has 0 log(0) for it, which has no value; nor has the derivative, 0 / 0. The softmax of finite numbers is never exactly 0 or 1. Give probabilities strictly between 0 and 1")]
    [InlineData("categorical", "1", "1,0.0003,0.0002", "categorical: prediction 1 gives class 0 the probability 1, so that nothing is left for the others. The softmax")]
    [InlineData("kl", "1", "1,0", "kl: prediction 1 gives class 1 the probability 0, but the target gives it 1")]
    [InlineData("kl", "0", "1,0", "kl: prediction 1 gives class 1 the probability 0 and so does the target: the formula has 0 log(0 / 0) for it, which has no value")]
    [InlineData("categorical", "0", "0.5,1.5,-1", "categorical: prediction 1 has 1.5, but a probability lies between 0 and 1.")]
    [InlineData("nll", "0", "-1,-2,-3", "nll: the probabilities whose logarithms prediction 1 has add up to 0.553, not to 1. For outputs before the softmax use cross-entropy.")]
    [InlineData("categorical", "0", "0.5,0.6,0.1", "categorical: the probabilities of prediction 1 add up to 1.2, not to 1.")]
    [InlineData("categorical", "3", "0.5,0.4,0.1", "categorical: target 1 is 3, but a class must be a whole number from 0 to 2.")]
    [InlineData("cross-entropy", "0.5", "1,2,3", "cross-entropy: target 1 is 0.5, but a class must be a whole number")]
    [InlineData("nll", "0", "0.5,-1", "nll: prediction 1 has 0.5, but the logarithm of a probability is not above 0.")]
    public void Rows_that_the_loss_does_not_take_are_refused(string name, string y, string p, string message) =>
        Assert.StartsWith(message, Assert.Throws<FoveaException>(() => LossAnswer.Of(Question(name, Singles(y), Rows(p)))).Message);

    [Fact]
    public void A_smoothed_label_costs_infinitely_much_on_either_side()
    {
        LossQuestion question = Question("bce", Singles("1"), Singles("1")) with { LabelSmoothing = 0.1 };
        Assert.StartsWith("bce: prediction 1 is 1, but the smoothed label is 0.95: this sample costs 0.05 times -log(1 - p) = -log(0)",
            Assert.Throws<FoveaException>(() => LossAnswer.Of(question)).Message);
    }

    [Theory]
    [InlineData("bce", "0.5", "bce: all class weights are 0, so that no sample counts.")]
    [InlineData("cross-entropy", "1,2", "cross-entropy: all class weights are 0, so that no sample counts.")]
    public void Weights_that_are_all_0_are_refused(string name, string p, string message) => Assert.StartsWith(message,
        Assert.Throws<FoveaException>(() => LossAnswer.Of(Question(name, Singles("1"), Rows(p)) with { ClassWeights = [0, 0] })).Message);

    [Fact]
    public void A_penalty_that_is_too_large_is_refused_without_a_reduction_too() =>
        Assert.StartsWith("mse: the loss is too large for a number.", Assert.Throws<FoveaException>(() => LossAnswer.Of(
            Question("mse", Singles("1"), Singles("1")) with { Reduction = LossReduction.None, Penalty = new(0, 1, [1e200]) })).Message);

    [Fact]
    public void A_distribution_may_exclude_a_class_that_the_prediction_does_not()
    {
        // 1 ln(1 / 0.7) + 0 + 0, as t log t goes to 0 with t; the derivatives are -t / p.
        LossAnswer answer = LossAnswer.Of(Question("kl", Rows("1,0,0"), Rows("0.7,0.2,0.1")));
        Assert.Equal(0.356675, answer.Value!.Value, 1e-6);
        Assert.Equal([-1 / 0.7, 0, 0], answer.Samples[0].Gradient);
        Assert.Contains("A class whose target is 0 costs nothing: 0 log(0) counts as 0, its limit.", answer.Derivation.ToText());
    }

    [Fact]
    public void A_class_that_is_nearly_excluded_costs_its_logarithm() =>
        // -ln 1e-13 = 13 ln 10
        Assert.Equal(13 * Math.Log(10), LossAnswer.Of(Question("categorical", Singles("0"), Rows("1e-13,0.5,0.5"))).Value!.Value, 1e-9);

    internal static LossQuestion Example(string name)
    {
        LossDefinition loss = LossDefinition.Find(name);
        return loss.Input switch
        {
            LossInput.Number => Question(name, Singles("1,-0.5,2"), Singles("0.3,2.5,2.4")),
            LossInput.Probability => Question(name, Singles("1,0,1"), Singles("0.2,0.7,0.9")),
            LossInput.Score => Question(name, Singles("1,0,1"), Singles("-1.5,0.4,3")),
            LossInput.Probabilities when name == "kl" => Question(name, Rows("0.5,0.3,0.2; 1,0,0"), Rows("0.2,0.5,0.3; 0.6,0.3,0.1")),
            LossInput.Probabilities => Question(name, Singles("2,0"), Rows("0.2,0.5,0.3; 0.6,0.3,0.1")),
            LossInput.Logits => Question(name, Singles("2,0"), Rows("1,2,3; 2,0,-1")),
            _ => Question(name, Singles("2,0"), Rows("-1,-2,-0.7; -0.5,-1.5,-2")),
        };
    }

    internal static double[][] Singles(string text) => [.. Rows(text)[0].Select(x => new[] { x })];

    internal static double[][] Rows(string text) =>
        [.. text.Split(';').Select(row => row.Split(',').Select(cell => double.Parse(cell,
            System.Globalization.CultureInfo.InvariantCulture)).ToArray())];

    internal static LossQuestion Question(string name, double[][] targets, double[][] predictions) =>
        new() { Loss = LossDefinition.Find(name), Targets = targets, Predictions = predictions };

    // Probabilities of classes no longer add up to 1 then, so the definition is asked, not the answer.
    private static double Moved(LossQuestion question, int sample, int column, double by)
    {
        double[] x = [.. question.Predictions[sample]];
        x[column] += by;
        LossAnswer whole = LossAnswer.Of(question);
        double value = question.Loss.Scalar is { } scalar
            ? scalar(x[0], question.Targets[sample][0], question.Parameters).Value
            : question.Loss.Row(x, whole.Samples[sample].Target, null, question.Parameters, new double[x.Length]);
        return value / whole.Divisor;
    }
}
