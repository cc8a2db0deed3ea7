namespace Fovea;

/// <summary>A test of convexity: a convex function is nowhere above a chord. All pairs of some points are tried at their middle.</summary>
/// <param name="Pairs">How many pairs were tried.</param>
/// <param name="Gap">The least height of a chord's middle above the function; below 0 is a proof that it is not convex.</param>
/// <param name="A">One end of that chord.</param>
/// <param name="B">The other end.</param>
/// <param name="AtA">The function there.</param>
/// <param name="AtB">The function at the other end.</param>
/// <param name="AtMiddle">The function in the middle.</param>
internal sealed record ChordTest(int Pairs, double Gap, double[] A, double[] B, double AtA, double AtB, double AtMiddle)
{
    // What rounding may do to a difference of values of some hundreds.
    private const double Tolerance = 1e-9;

    public bool IsConvex => Gap >= -Tolerance;

    public static ChordTest Of(Func<double[], double> function, IReadOnlyList<double[]> points)
    {
        double[] values = [.. points.Select(function)];
        ChordTest? least = null;
        for (int i = 0; i < points.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double middle = function([.. points[i].Zip(points[j], (a, b) => (a + b) / 2)]), gap = (values[i] + values[j]) / 2 - middle;
                if (least is null || gap < least.Gap) least = new ChordTest(0, gap, points[j], points[i], values[j], values[i], middle);
            }
        }
        return least! with { Pairs = points.Count * (points.Count - 1) / 2 };
    }
}

/// <summary>Where a function of one number has a kink: its slopes on both sides differ, however near one looks.</summary>
/// <param name="At">The place.</param>
/// <param name="Left">The slope to the left.</param>
/// <param name="Right">The slope to the right.</param>
internal sealed record Kink(double At, double Left, double Right)
{
    private const double Step = 1e-5, Least = 1e-2;

    /// <summary>The slopes on both sides of a point.</summary>
    public static Kink Slopes(Func<double, double> function, double at, double step = Step) =>
        new(at, (function(at) - function(at - step)) / step, (function(at + step) - function(at)) / step);

    /// <summary>The first kink at some points; null without one.</summary>
    public static Kink? Find(Func<double, double> function, IEnumerable<double> points)
    {
        // The slopes of a smooth function approach each other as the step shrinks.
        foreach (double at in points)
        {
            Kink far = Slopes(function, at), near = Slopes(function, at, Step / 10);
            if (near.Right - near.Left > Math.Max(Least, (far.Right - far.Left) / 2)) return near;
        }
        return null;
    }
}

/// <summary>What a loss is looked at through: as a function of one number, of several, and of the weights of a linear model.</summary>
internal sealed class LossView
{
    // A feature and what belongs to it; the labels overlap, so that no weights separate them.
    private static readonly double[] s_features = [-2, -1, 0.5, 1, 2], s_numbers = [-1.5, 0, 0.5, 2.5, 3];
    private static readonly double[] s_labels = [0, 1, 0, 1, 1], s_classes = [0, 2, 1, 0, 2];
    private static readonly double[] s_distribution = [0.5, 0.3, 0.2];

    private readonly LossDefinition _loss;
    private readonly LossParameters _parameters;

    public LossView(LossDefinition loss, LossParameters? parameters = null)
    {
        (_loss, _parameters) = (loss, parameters ?? new LossParameters());
        (Line, Grid, Variable) = loss.Input switch
        {
            LossInput.Number => (Fixed(0), Range(-5, 5, 0.25), "$p$ (with $y = 0$)"),
            LossInput.Probability => (Fixed(1), Range(0.01, 0.99, 0.01), "$p$ (with $y = 1$)"),
            LossInput.Score => (Fixed(1), Range(-8, 8, 0.25), "$z$ (with $y = 1$)"),
            LossInput.Probabilities => (s => Row([s, 0.6 * (1 - s), 0.4 * (1 - s)], FirstTarget), Range(0.01, 0.99, 0.01),
                $"the probability $p$ of the {FirstClass}{(IsDivergence ? $" (true probabilities {string.Join(", ", s_distribution.Select(x => Tex.Plain(x)))})" : "")}"),
            LossInput.Logits => (s => Row([s, 0, 0], FirstTarget), Range(-8, 8, 0.25), "the logit $z$ of the right class"),
            _ => ((Func<double, double>)(s => Row([s, -1, -2], FirstTarget)), Range(-8, -0.25, 0.25),
                "the logarithm $x$ of the right class's probability"),
        };
    }

    /// <summary>The loss of one number.</summary>
    public Func<double, double> Line { get; }

    /// <summary>Where that is looked at.</summary>
    public double[] Grid { get; }

    /// <summary>What the number is.</summary>
    public string Variable { get; }

    /// <summary>The class whose probability is varied: the right one, but for a divergence, whose target is a distribution.</summary>
    public string FirstClass => IsDivergence ? "first class" : "right class";

    // A divergence is shown where it is not cross-entropy.
    private double[] FirstTarget => IsDivergence ? s_distribution : [1, 0, 0];

    private bool IsDivergence => _loss.Name == "kl";

    /// <summary>The second derivative where it is least.</summary>
    public (double At, double Value) LeastCurvature()
    {
        const double h = 1e-3;
        return Grid.Select(at => (At: at, Value: (Line(at + h) - 2 * Line(at) + Line(at - h)) / (h * h))).MinBy(c => c.Value);
    }

    /// <summary>Chords of the loss as a function of the prediction.</summary>
    public ChordTest ChordsOfPrediction()
    {
        if (!_loss.HasClasses) return ChordTest.Of(x => Line(x[0]), [.. Grid.Select(at => new[] { at })]);
        double[][] points = _loss.Input switch
        {
            LossInput.Probabilities => Simplex(),
            LossInput.Logits => Cube([-4, -2, 0, 2, 4]),
            _ => Cube([-8, -4, -2, -1, -0.5]),
        };
        return ChordTest.Of(x => Row(x, FirstTarget), points);
    }

    /// <summary>Chords of the mean loss as a function of the weights of a linear model: slope and offset, or one weight for each class.</summary>
    /// <param name="sigmoid">Whether a sigmoid stands between the model and a loss of numbers.</param>
    public ChordTest ChordsOfWeights(bool sigmoid)
    {
        if (_loss.HasClasses) return ChordTest.Of(ClassModel, Cube([-4, -2, 0, 2, 4]));
        double[] steps = Range(-4, 4, 1);
        double[][] points = [.. steps.SelectMany(w => steps.Select(b => new[] { w, b }))];
        return ChordTest.Of(w => Model(w, sigmoid).Value, points);
    }

    /// <summary>Gradient descent on the weights of a linear model with labels.</summary>
    /// <returns>The weights and the mean loss at the end.</returns>
    public (double[] Weights, double Loss) Descend(double[] start, int steps)
    {
        double[] w = [.. start];
        for (int i = 0; i < steps; i++)
        {
            double[] gradient = Model(w, sigmoid: true).Gradient;
            for (int j = 0; j < w.Length; j++) w[j] -= 0.5 * gradient[j];
        }
        return (w, Model(w, sigmoid: true).Value);
    }

    /// <summary>The loss of a score against a label, and its derivative by the score; through a sigmoid unless the loss takes scores.</summary>
    public (double Value, double Derivative) OfScore(double z, double label) =>
        LossComparison.At(_loss, LossLink.Sigmoid, label, z, _parameters);

    /// <summary>The loss of a sample of the first of three classes by its logit, when the others' are 0.</summary>
    public double OfLogit(double z) => Row(OfLogits([z, 0, 0]), [1, 0, 0]);

    /// <summary>The loss of one error and its derivative.</summary>
    public (double Value, double Derivative) OfError(double error) => _loss.Scalar!(error, 0, _parameters);

    /// <summary>The constant with the least mean loss against some numbers.</summary>
    public double BestConstant(IReadOnlyList<double> numbers)
    {
        double low = numbers.Min(), high = numbers.Max();
        // The mean of convex functions is convex: a third can be left out each time.
        for (int i = 0; i < 200; i++)
        {
            double third = (high - low) / 3;
            if (Mean(numbers, low + third).Value <= Mean(numbers, high - third).Value) high -= third;
            else low += third;
        }
        return (low + high) / 2;
    }

    /// <summary>The mean loss of a constant, and its (sub)derivative.</summary>
    public (double Value, double Derivative) Mean(IReadOnlyList<double> numbers, double constant)
    {
        double value = 0, derivative = 0;
        foreach (double number in numbers)
        {
            var (v, d) = _loss.Scalar!(constant, number, _parameters);
            (value, derivative) = (value + v / numbers.Count, derivative + d / numbers.Count);
        }
        return (value, derivative);
    }

    /// <summary>The score with the least expected loss when label 1 has a probability; looked for in steps of 0.01.</summary>
    public double BestScore(double probability) => Range(-8, 8, 0.01).MinBy(z => probability * OfScore(z, 1).Value
        + (1 - probability) * OfScore(z, 0).Value);

    /// <summary>The expected loss of predicted probabilities when the classes have these.</summary>
    public double Expected(double[] predicted, double[] truth) => Row(OfProbabilities(predicted), truth);

    /// <summary>A grid of tenths over the probabilities of three classes, without 0.</summary>
    public static double[][] Simplex()
    {
        const int n = 10;
        const double step = 1.0 / n;
        return
        [
            .. from i in Enumerable.Range(1, n - 2)
               from j in Enumerable.Range(1, n - 1 - i)
               select new[] { i * step, j * step, (n - i - j) * step },
        ];
    }

    public static double[] Range(double from, double to, double step) =>
        [.. Enumerable.Range(0, (int)Math.Round((to - from) / step) + 1).Select(i => from + i * step)];

    private static double[][] Cube(double[] steps) => [.. from a in steps from b in steps from c in steps select new[] { a, b, c }];

    private Func<double, double> Fixed(double target) => x => _loss.Scalar!(x, target, _parameters).Value;

    private double Row(double[] prediction, double[] target) =>
        _loss.Row(prediction, target, null, _parameters, stackalloc double[prediction.Length]);

    private (double Value, double[] Gradient) Model(double[] w, bool sigmoid)
    {
        double value = 0;
        double[] gradient = new double[2];
        for (int i = 0; i < s_features.Length; i++)
        {
            double z = w[0] * s_features[i] + w[1];
            var (v, d) = sigmoid ? OfScore(z, s_labels[i]) : _loss.Scalar!(z, s_numbers[i], _parameters);
            value += v / s_features.Length;
            gradient[0] += d * s_features[i] / s_features.Length;
            gradient[1] += d / s_features.Length;
        }
        return (value, gradient);
    }

    private double ClassModel(double[] w)
    {
        double sum = 0;
        for (int i = 0; i < s_features.Length; i++)
        {
            double[] target = new double[3];
            target[(int)s_classes[i]] = 1;
            double[] logits = [.. w.Select(weight => weight * s_features[i])];
            sum += Row(OfLogits(logits), target) / s_features.Length;
        }
        return sum;
    }

    // What the loss takes, for these logits.
    private double[] OfLogits(double[] logits) => _loss.Input == LossInput.Logits ? logits : OfProbabilities(LossExplanation.Softmax(logits));

    // What the loss takes, for these probabilities.
    private double[] OfProbabilities(double[] p) => _loss.Input == LossInput.Probabilities ? p : [.. p.Select(x => Math.Log(x))];
}
