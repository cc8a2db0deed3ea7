using Fovea.Kernels.Reference;

namespace Fovea;

/// <summary>What a loss takes for a prediction and for a target.</summary>
public enum LossInput
{
    /// <summary>Any number against any number.</summary>
    Number,

    /// <summary>The probability of label 1 against a label 0 or 1.</summary>
    Probability,

    /// <summary>Any number, positive for label 1, against a label 0 or 1.</summary>
    Score,

    /// <summary>The probabilities of the classes against a class or the classes' true probabilities.</summary>
    Probabilities,

    /// <summary>Numbers that softmax makes probabilities, against the same.</summary>
    Logits,

    /// <summary>Logarithms of probabilities, against the same.</summary>
    LogProbabilities,
}

/// <summary>
/// A loss as it is explained: formulas, use, and the value and derivative of one prediction. Losses that training has are evaluated by
/// their definition <see cref="Fovea.Loss"/>.
/// </summary>
public sealed record LossDefinition
{
    internal delegate (double Value, double Derivative) ScalarTerm(double prediction, double target, LossParameters parameters);

    internal delegate (double Value, double Factor) ClassTerm(ReadOnlySpan<double> prediction, int label, double target,
        Span<double> gradient);

    private LossDefinition()
    {
    }

    /// <summary>The name it is asked for by: "bce".</summary>
    public required string Name { get; init; }

    /// <summary>The name in words: "binary cross-entropy".</summary>
    public required string Title { get; init; }

    /// <summary>What it takes.</summary>
    public required LossInput Input { get; init; }

    /// <summary>The loss of one sample in LaTeX, without the minus sign of <see cref="HasMinus"/>.</summary>
    public required string Term { get; init; }

    /// <summary>Whether a minus sign stands before the sum.</summary>
    public bool HasMinus { get; init; }

    /// <summary>The derivative of the loss of one sample by its prediction, in LaTeX; with natural logarithms.</summary>
    public required string Derivative { get; init; }

    /// <summary>Whether it takes logarithms, so that their base matters.</summary>
    public bool HasLogarithm { get; init; }

    /// <summary>What it is used for.</summary>
    public required string Use { get; init; }

    /// <summary>What speaks for it.</summary>
    public required string Advantages { get; init; }

    /// <summary>What speaks against it.</summary>
    public required string Disadvantages { get; init; }

    /// <summary>Whether predictions are rows with one number for each class.</summary>
    public bool HasClasses => Input is LossInput.Probabilities or LossInput.Logits or LossInput.LogProbabilities;

    /// <summary>Whether targets may be spread over the classes, as label smoothing does.</summary>
    public bool TakesSoftTargets => HasClasses || Name is "bce" or "bce-with-logits";

    /// <summary>The letter of a prediction.</summary>
    internal string Letter => Input switch
    {
        LossInput.Score or LossInput.Logits => "z",
        LossInput.LogProbabilities => "x",
        _ => "p",
    };

    /// <summary>Where the loss has a kink, as a function of the target; null where it has none.</summary>
    internal Func<double, double>? Kink { get; init; }

    /// <summary>The loss of one number. Null for a loss of classes.</summary>
    internal ScalarTerm? Scalar { get; init; }

    /// <summary>The share of one class in the loss of a row, and its derivatives by the row. Null for a loss of numbers.</summary>
    internal ClassTerm? Class { get; init; }

    /// <summary>All losses, in the order in which they are listed.</summary>
    public static IReadOnlyList<LossDefinition> All { get; } =
    [
        new()
        {
            Name = "mse", Title = "mean squared error", Input = LossInput.Number, Scalar = (x, t, _) => Of(new MseLoss(), x, t),
            Term = @"(p_i - y_i)^2", Derivative = @"2 (p_i - y_i)",
            Use = "Regression with errors of a bell shape: prices, temperatures, pixels of a restored image.",
            Advantages = "Differentiable everywhere; convex; its minimum over a constant is the mean; large errors are corrected first.",
            Disadvantages = "Not robust: one outlier can decide the fit. Over a sigmoid it is not convex, and its gradient vanishes where the model is confidently wrong.",
        },
        new()
        {
            Name = "mae", Title = "mean absolute error", Input = LossInput.Number, Scalar = (x, t, _) => Of(new MaeLoss(), x, t),
            Kink = target => target,
            Term = @"\lvert p_i - y_i \rvert", Derivative = @"\begin{cases} -1 & p_i < y_i \\ [-1, 1] & p_i = y_i \\ 1 & p_i > y_i \end{cases}",
            Use = "Regression with outliers: delivery times, counts, depth.",
            Advantages = "Robust: every sample pulls with the same force; convex; its minimum over a constant is the median; in the unit of the target.",
            Disadvantages = "Not differentiable at 0, where a subgradient is taken; the gradient does not fade near the minimum, so the learning rate must.",
        },
        new()
        {
            Name = "huber", Title = "Huber loss", Input = LossInput.Number, Scalar = (x, t, p) => ReferenceLosses.Huber(x, t, p.Delta),
            Term = @"\begin{cases} \frac{1}{2} (p_i - y_i)^2 & \lvert p_i - y_i \rvert \le \delta \\ \delta (\lvert p_i - y_i \rvert - \frac{1}{2} \delta) & \text{else} \end{cases}",
            Derivative = @"\max(-\delta, \min(\delta, p_i - y_i))",
            Use = "Regression with some outliers; the value function of reinforcement learning.",
            Advantages = "Squares small errors, so it is differentiable everywhere; linear for large ones, so it is robust.",
            Disadvantages = "The threshold must be chosen, in the unit of the target; the second derivative jumps there.",
        },
        new()
        {
            Name = "smooth-l1", Title = "smooth L1 loss", Input = LossInput.Number, Scalar = (x, t, p) => ReferenceLosses.SmoothL1(x, t, p.Beta),
            Term = @"\begin{cases} \frac{(p_i - y_i)^2}{2 \beta} & \lvert p_i - y_i \rvert \le \beta \\ \lvert p_i - y_i \rvert - \frac{1}{2} \beta & \text{else} \end{cases}",
            Derivative = @"\max(-1, \min(1, \frac{p_i - y_i}{\beta}))",
            Use = "The corners of boxes in object detection.",
            Advantages = "The Huber loss divided by its threshold: the slope of a large error is 1 whatever the threshold.",
            Disadvantages = "The threshold must be chosen; the curvature near 0 grows as the threshold shrinks.",
        },
        new()
        {
            Name = "log-cosh", Title = "log-cosh loss", Input = LossInput.Number, Scalar = (x, t, _) => Of(new LogCoshLoss(), x, t),
            Term = @"\ln \cosh(p_i - y_i)", Derivative = @"\tanh(p_i - y_i)",
            Use = "Regression with outliers where second derivatives are used.",
            Advantages = "Like the Huber loss, and differentiable as often as one likes; no threshold.",
            Disadvantages = "Its turn from square to line is fixed at an error of about 1: the targets must be scaled to it. Curvature fades for large errors.",
        },
        new()
        {
            Name = "bce", Title = "binary cross-entropy", Input = LossInput.Probability, HasMinus = true, HasLogarithm = true,
            Scalar = (x, t, p) => Scale(Of(new BceLoss(), x, t), p),
            Term = @"y_i \log p_i + (1 - y_i) \log (1 - p_i)", Derivative = @"\frac{p_i - y_i}{p_i (1 - p_i)}",
            Use = "Two classes, or several labels that do not exclude each other: a round or an odd fruit.",
            Advantages = "Convex in the logit and in the weights of a linear model; through a sigmoid its gradient is p - y, large wherever the model is wrong; the minimum is the true probability.",
            Disadvantages = "Unbounded: one confidently wrong label costs much; log(0) must be avoided, best by giving logits; says nothing of an order of classes.",
        },
        new()
        {
            Name = "bce-with-logits", Title = "binary cross-entropy of logits", Input = LossInput.Score, HasLogarithm = true,
            Scalar = (x, t, p) => Scale(Of(new BceWithLogitsLoss(), x, t), p),
            Term = @"\max(z_i, 0) - z_i y_i + \log(1 + \exp(-\lvert z_i \rvert))", Derivative = @"\sigma(z_i) - y_i",
            Use = "The same as binary cross-entropy, computed from the output before the sigmoid.",
            Advantages = "Never takes log(0); convex; its gradient is at most 1 in size.",
            Disadvantages = "Unbounded; the network's outputs are no probabilities until a sigmoid is put behind them.",
        },
        new()
        {
            Name = "categorical", Title = "categorical cross-entropy", Input = LossInput.Probabilities, HasMinus = true,
                HasLogarithm = true,
            Class = OfProbability, Term = @"\sum_k y_{ik} \log p_{ik}", Derivative = @"-\frac{y_{ik}}{p_{ik}}",
            Use = "One of several classes, from probabilities such as those of a softmax: digits.",
            Advantages = "Convex in the probabilities and, through softmax, in the logits; the minimum is the true distribution.",
            Disadvantages = "Unbounded: one wrong label that the model is sure about costs much; log(0) must be avoided, best by giving logits.",
        },
        new()
        {
            Name = "cross-entropy", Title = "categorical cross-entropy of logits", Input = LossInput.Logits, HasMinus = true,
                HasLogarithm = true,
            Class = OfLogits, Term = @"\sum_k y_{ik} \log p_{ik}", Derivative = @"p_{ik} - y_{ik}",
            Use = "One of several classes, computed from the outputs before the softmax: how digits are trained.",
            Advantages = "Never takes log(0); convex in the logits; its gradient is p - y.",
            Disadvantages = "Unbounded; a label that is wrong pulls with the same force as one that is right.",
        },
        new()
        {
            Name = "nll", Title = "negative log-likelihood", Input = LossInput.LogProbabilities, HasMinus = true, Class = OfLogProbability,
            Term = @"\sum_k y_{ik} x_{ik}", Derivative = @"-y_{ik}",
            Use = "One of several classes, behind a log-softmax layer.",
            Advantages = "The same as categorical cross-entropy, with the logarithm taken where it is accurate: in the log-softmax.",
            Disadvantages = "Means nothing unless the inputs are logarithms of probabilities; with others it has no minimum.",
        },
        new()
        {
            Name = "hinge", Title = "hinge loss", Input = LossInput.Score, Scalar = (x, t, _) => Of(new HingeLoss(), x, Math.Max(t, 0)),
            Kink = label => label == 1 ? 1 : -1,
            Term = @"\max(0, 1 - y_i z_i)", Derivative = @"\begin{cases} -y_i & y_i z_i < 1 \\ 0 & \text{else} \end{cases}",
            Use = "Two classes told apart with a margin: support vector machines.",
            Advantages = "Convex; above the zero-one loss everywhere; samples beyond the margin cost nothing, so few samples decide.",
            Disadvantages = "Not differentiable at the margin, where a subgradient is taken; gives no probabilities.",
        },
        new()
        {
            Name = "focal", Title = "focal loss", Input = LossInput.Probability, HasMinus = true, HasLogarithm = true,
            Scalar = (x, t, p) => Scale(OfLogit(x, t, p.Gamma), p),
            Term = @"(1 - q_i)^{\gamma} \log q_i", Derivative = @"(2 y_i - 1) ( \gamma (1 - q_i)^{\gamma - 1} \ln q_i - \frac{(1 - q_i)^{\gamma}}{q_i} )",
            Use = "Detectors, where almost every place is background.",
            Advantages = "What is right already costs almost nothing, so that rare and hard samples decide.",
            Disadvantages = "Not convex in the logit; one more constant to choose; the minimum is not the true probability.",
        },
        new()
        {
            Name = "kl", Title = "Kullback-Leibler divergence", Input = LossInput.Probabilities, HasLogarithm = true, Class = OfDivergence,
            Term = @"\sum_k y_{ik} \log \frac{y_{ik}}{p_{ik}}", Derivative = @"-\frac{y_{ik}}{p_{ik}}",
            Use = "Distance to a distribution: a small model that learns from a large one, variational models.",
            Advantages = "0 exactly where the distributions are equal; differs from cross-entropy by a constant, so gradients are the same.",
            Disadvantages = "Not symmetric; infinite where the prediction excludes what happens.",
        },
    ];

    private static readonly Dictionary<string, string> s_otherNames = new()
    {
        ["l2"] = "mse",
        ["l1"] = "mae",
        ["binary-cross-entropy"] = "bce",
        ["bce-logits"] = "bce-with-logits",
        ["categorical-cross-entropy"] = "categorical",
        ["cce"] = "categorical",
        ["ce"] = "cross-entropy",
        ["logcosh"] = "log-cosh",
        ["kl-divergence"] = "kl",
    };

    /// <summary>The loss of a name.</summary>
    /// <exception cref="FoveaException">There is none.</exception>
    public static LossDefinition Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string known = s_otherNames.GetValueOrDefault(name, name);
        return All.FirstOrDefault(loss => loss.Name == known)
            ?? throw new FoveaException($"there is no loss \"{name}\". Losses: {string.Join(", ", All.Select(loss => loss.Name))}; l1 is mae, l2 is mse.");
    }

    /// <summary>The loss of a row against shares of the classes, and its derivatives by the row.</summary>
    internal double Row(ReadOnlySpan<double> prediction, IReadOnlyList<double> targets, IReadOnlyList<double>? weights,
        LossParameters parameters, Span<double> gradient)
    {
        double sum = 0, scale = HasLogarithm ? 1 / Math.Log(parameters.LogarithmBase) : 1;
        gradient.Clear();
        double[] part = new double[prediction.Length];
        for (int label = 0; label < prediction.Length; label++)
        {
            if (targets[label] == 0) continue;
            double weight = scale * (weights?[label] ?? 1);
            var (value, factor) = Class!(prediction, label, targets[label], part);
            sum += weight * value;
            for (int k = 0; k < part.Length; k++) gradient[k] += weight * factor * part[k];
        }
        return sum;
    }

    private static (double Value, double Derivative) Scale((double Value, double Derivative) term, LossParameters parameters)
    {
        double scale = 1 / Math.Log(parameters.LogarithmBase);
        return (scale * term.Value, scale * term.Derivative);
    }

    private static (double Value, double Derivative) Of(Loss loss, double x, double t)
    {
        Span<double> derivative = stackalloc double[1];
        double value = loss.Reference([x], 0, [t], derivative);
        return (value, derivative[0]);
    }

    // The focal loss is one of logits.
    private static (double Value, double Derivative) OfLogit(double p, double t, double gamma)
    {
        var (value, derivative) = ReferenceLosses.Focal(Math.Log(p / (1 - p)), t, gamma);
        return (value, derivative / (p * (1 - p)));
    }

    private static (double Value, double Factor) OfLogProbability(ReadOnlySpan<double> x, int label, double target,
        Span<double> gradient) =>
        (target * new NllLoss().Reference(x, label, [], gradient), target);

    private static (double Value, double Factor) OfLogits(ReadOnlySpan<double> x, int label, double target, Span<double> gradient) =>
        (target * new CrossEntropyLoss().Reference(x, label, [], gradient), target);

    // Of the logarithm of a probability, whose derivative is one over it.
    private static (double Value, double Factor) OfProbability(ReadOnlySpan<double> p, int label, double target, Span<double> gradient)
    {
        double[] logarithms = new double[p.Length];
        for (int k = 0; k < p.Length; k++) logarithms[k] = Math.Log(p[k]);
        return (target * new NllLoss().Reference(logarithms, label, [], gradient), target / p[label]);
    }

    private static (double Value, double Factor) OfDivergence(ReadOnlySpan<double> p, int label, double target, Span<double> gradient)
    {
        gradient.Clear();
        var (value, derivative) = target == 0 ? (0, 0) : Of(new KlDivergenceLoss(), Math.Log(p[label]), target);
        gradient[label] = 1;
        // Of the logarithm of a probability, whose derivative is one over it.
        return (value, derivative / p[label]);
    }
}
