namespace Fovea;

/// <summary>Computes the properties of losses, and the computations that show them.</summary>
internal static class LossProperties
{
    private const string Yes = "yes", No = "no", Partly = "partly";

    // A second difference of values near 1 is exact to about this.
    private const double FlatCurvature = 1e-6;

    private static readonly double[] s_numbers = [1, 2, 3, 4, 5], s_withOutlier = [1, 2, 3, 4, 100], s_truth = [0.5, 0.3, 0.2];

    public static IEnumerable<LossProperty> Of(LossDefinition loss, LossParameters parameters)
    {
        var view = new LossView(loss, parameters);
        yield return Differentiable(view);
        yield return ConvexInPrediction(view);
        if (loss.Input == LossInput.Number)
            yield return Chords("convex-in-weights", "convex in the weights of a linear model", view.ChordsOfWeights(sigmoid: false));
        string link = loss.HasClasses ? ", through softmax" : loss.Input == LossInput.Score ? "" : " through a sigmoid";
        yield return Chords(loss.Input == LossInput.Number ? "convex-through-sigmoid" : "convex-in-weights", $"convex in the weights of a linear model{link}", view.ChordsOfWeights(sigmoid: true));
        if (!loss.HasClasses) yield return PullsWhenWrong(loss, view);
        yield return Bounded(loss, view);
        yield return Robust(loss, view);
        yield return loss.Input == LossInput.Number ? SurrogateOfNumbers(loss, view) : loss.HasClasses ? SurrogateOfClasses(view)
            : SurrogateOfLabels(view);
    }

    public static IEnumerable<LossClaim> WrongClaims(LossDefinition loss, LossParameters parameters)
    {
        var view = new LossView(loss, parameters);
        if (loss.Name == "mae")
        {
            yield return new("surrogate", No, "It cannot be used as a surrogate, since it is not differentiable.",
                "It is convex, and at its kink every number from -1 to 1 is a subgradient: a line through the kink with that slope is nowhere above the loss. "
                + "Gradient methods take 0 there and reach the minimum, here the median of 1, 2, 3, 4, 100.", Descent(view));
        }
        if (loss.Name is "bce" or "bce-with-logits")
        {
            double[][] starts = [[-6, 6], [6, -6], [0, 0], [8, 8]];
            yield return new("local-minima", Yes, "It has multiple local minima.",
                "It is convex in the logit, and so in the weights of a linear model, whose logit is linear in them: every local minimum is the global one. "
                + "Descents from far apart end at the same weights.",
                new(["start $(w, b)$", "end $(w, b)$", "loss"], [.. starts.Select(start =>
                {
                    var (end, value) = view.Descend(start, 5000);
                    return (IReadOnlyList<string>)[Point(start), Point(end), Tex.Plain(value)];
                })]));
        }
        if (loss.Name is "categorical" or "cross-entropy")
        {
            yield return new("minus-sign", No, "Its formula is the sum of y log p, without a minus sign.",
                "Logarithms of probabilities are not above 0, so that sum is largest where the prediction is best, and to make it small is to make the prediction wrong; it has no minimum. "
                + "With the minus sign the loss is never below 0, and 0 only where the right class has the probability 1.",
                new(["$p$ of the right class", "with the minus sign", "without it"], [.. new[] { 0.99, 0.9, 0.5, 0.1, 0.01 }.Select(p =>
                {
                    double value = view.Expected([p, (1 - p) / 2, (1 - p) / 2], [1, 0, 0]);
                    return (IReadOnlyList<string>)[Tex.Plain(p), Tex.Plain(value), Tex.Plain(-value)];
                })]));
        }
    }

    private static LossProperty Differentiable(LossView view)
    {
        Kink? kink = Kink.Find(view.Line, view.Grid);
        const string name = "differentiable everywhere";
        if (kink is null)
        {
            double[] shown = [view.Grid[view.Grid.Length / 4], view.Grid[view.Grid.Length / 2], view.Grid[view.Grid.Length * 3 / 4]];
            return new("differentiable", name, Yes, $"At none of {view.Grid.Length} values of {view.Variable} do the slopes to the left and to the right differ.",
                Slopes([.. shown.Select(at => Kink.Slopes(view.Line, at))]));
        }
        double[] slopes = [kink.Left, (kink.Left + kink.Right) / 2, kink.Right];
        double least = slopes.Min(slope => view.Grid.Min(x => view.Line(x) - view.Line(kink.At) - slope * (x - kink.At)));
        return new("differentiable", name, No, $"It has a kink where {view.Variable} is {Tex.Plain(kink.At)}. Every slope from {Tex.Plain(kink.Left)} to {Tex.Plain(kink.Right)} is a subgradient there: "
            + $"lines with the least, the middle and the largest of them are nowhere above the loss (least distance {Tex.Plain(Zero(least))}), so gradient methods work.",
            Slopes([Kink.Slopes(view.Line, kink.At - 0.5), kink, Kink.Slopes(view.Line, kink.At + 0.5)]));
    }

    private static DerivationTable Slopes(Kink[] slopes) => new(["at", "slope to the left", "slope to the right"],
        [.. slopes.Select(s => (IReadOnlyList<string>)[Tex.Plain(s.At), Tex.Plain(Math.Round(s.Left, 3)),
            Tex.Plain(Math.Round(s.Right, 3))])]);

    private static LossProperty ConvexInPrediction(LossView view)
    {
        var (at, curvature) = view.LeastCurvature();
        ChordTest chords = view.ChordsOfPrediction();
        bool convex = curvature >= -FlatCurvature && chords.IsConvex;
        return new("convex", "convex in the prediction", convex ? Yes : No,
            $"The second derivative by {view.Variable} {(convex ? "is nowhere below 0" : "is below 0 somewhere")}, and {(chords.IsConvex ? "no chord" : "a chord")} runs below the loss.",
            new(["tried", "least second derivative or gap", "where"],
            [
                [$"{view.Grid.Length} values", Tex.Plain(Zero(curvature)), Tex.Plain(at)],
                [$"{chords.Pairs} chords", Tex.Plain(Zero(chords.Gap)), $"{Point(chords.A)} to {Point(chords.B)}"],
            ]));
    }

    private static LossProperty Chords(string key, string name, ChordTest test) => new(key, name, test.IsConvex ? Yes : No,
        test.IsConvex
            ? $"Of {test.Pairs} chords between weights none runs below the mean loss of five samples. The one that comes nearest:"
            : $"A witness, of {test.Pairs} chords between weights: in the middle of these two, the mean loss of five samples is above the chord.",
        new(["weights", "loss", "chord"],
        [
            [Point(test.A), Tex.Plain(test.AtA), Tex.Plain(test.AtA)],
            [Point([.. test.A.Zip(test.B, (a, b) => (a + b) / 2)]), Tex.Plain(test.AtMiddle), Tex.Plain((test.AtA + test.AtB) / 2)],
            [Point(test.B), Tex.Plain(test.AtB), Tex.Plain(test.AtB)],
        ]));

    private static LossProperty PullsWhenWrong(LossDefinition loss, LossView view)
    {
        double[] scores = [-1, -5, -10, -20];
        bool pulls = Math.Abs(view.OfScore(-10, 1).Derivative) > 0.1;
        string through = loss.Input == LossInput.Score ? "" : " through a sigmoid";
        return new("corrects", $"corrects what is confidently wrong{through}", pulls ? Yes : No,
            pulls ? "The derivative by the score stays large, however wrong a sample of label 1 is."
                : "The derivative by the score vanishes where a sample of label 1 is taken for a 0 with confidence: nothing is learnt from it.",
            new(["score $z$", "loss", "derivative by $z$"], [.. scores.Select(z =>
            {
                var (value, derivative) = view.OfScore(z, 1);
                return (IReadOnlyList<string>)[Tex.Plain(z), Tex.Plain(value), Tex.Plain(derivative)];
            })]));
    }

    private static LossProperty Bounded(LossDefinition loss, LossView view)
    {
        var (head, at) = loss.Input switch
        {
            LossInput.Number => ("error", new double[] { 1, 10, 100, 1000 }),
            LossInput.Probability or LossInput.Probabilities => ($"$p$ of the {view.FirstClass}", [0.1, 1e-3, 1e-6, 1e-9]),
            LossInput.LogProbabilities => ("$x$ of the right class", [-1, -10, -100, -1000]),
            _ => ("$z$ of the right class", [-1, -10, -100, -1000]),
        };
        double[] values = [.. at.Select(view.Line)];
        double least = view.Grid.Min(view.Line);
        bool grows = values[^1] > 1.4 * values[^2];
        return new("bounded", "bounded", grows ? No : Yes,
            $"{(least >= -1e-9 ? "It is never below 0" : $"It is {Tex.Plain(least)} somewhere")}, and {(grows ? "grows without end as the prediction gets worse" : "does not grow on as the prediction gets worse")}.",
            new([head, "loss"], [.. at.Zip(values, (a, v) => (IReadOnlyList<string>)[Tex.Plain(a), Tex.Plain(v)])]));
    }

    private static LossProperty Robust(LossDefinition loss, LossView view)
    {
        if (loss.Input != LossInput.Number)
        {
            double Pull(double z) => loss.HasClasses ? Math.Round(Kink.Slopes(view.OfLogit, z).Left, 4) : view.OfScore(z, 1).Derivative;
            // The last is where the pull is largest.
            double largest = LossView.Range(-20, 8, 0.01).MaxBy(z => Math.Abs(Pull(z)));
            double[] scores = loss.HasClasses ? [-1, -10, -20] : [-1, -10, -20, largest];
            return new("robust", "robust to outliers", Partly,
                $"A wrong label pulls at {(loss.HasClasses ? "its logit" : "the score")} with a force of at most {Tex.Plain(Math.Abs(Pull(largest)))}, however far off it is, but that force does not fade, and the sample's loss grows on.",
                new([loss.HasClasses ? "logit $z$ of the labelled class, the others 0" : "score $z$ of a sample labelled 1", "pull at $z$"],
                    [.. scores.Distinct().OrderDescending().Select(z => (IReadOnlyList<string>)[Tex.Plain(z), Tex.Plain(Pull(z))])]));
        }
        double Force(double error) => view.OfError(error).Derivative;
        // Where a pull is bounded, it has reached its bound that far out.
        const double far = 1e100;
        double bound = Force(far), before = view.BestConstant(s_numbers), after = view.BestConstant(s_withOutlier);
        bool robust = bound <= Force(far / 10) * (1 + FlatCurvature);
        List<double> errors = [1, 10, 100];
        while (robust && Force(errors[^1]) < bound * (1 - FlatCurvature)) errors.Add(10 * errors[^1]);
        return new("robust", "robust to outliers", robust ? Yes : No,
            $"The best constant for 1, 2, 3, 4, 5 is {Tex.Plain(Math.Round(before, 4))}; when the 5 becomes 100 it is {Tex.Plain(Math.Round(after, 4))}. "
            + (robust ? $"An error pulls with a force of at most {Tex.Plain(bound)}, however large it is:" : "An error pulls in proportion to its size:"),
            new(["error", "pull"], [.. errors.Select(error => (IReadOnlyList<string>)[Tex.Plain(error), Tex.Plain(Force(error))])]));
    }

    private static LossProperty SurrogateOfNumbers(LossDefinition loss, LossView view) => new("surrogate", "can serve as a surrogate", Yes,
        "Convex with a (sub)gradient everywhere, so gradient methods reach its minimum"
        + loss.Name switch
        {
            "mse" => ": the mean.",
            "mae" => ": the median. A kink does not hinder them.",
            _ => ": it is here from the median, 3, to the mean, 22.",
        }
        + $" Descent towards the best constant for 1, 2, 3, 4, 100, which is {Tex.Plain(Math.Round(view.BestConstant(s_withOutlier), 3))}:",
            Descent(view));

    // Steps of a length that fades, as a subgradient does not.
    private static DerivationTable Descent(LossView view)
    {
        double constant = 10;
        var rows = new List<IReadOnlyList<string>>();
        for (int step = 0; step <= 10000; step++)
        {
            var (value, gradient) = view.Mean(s_withOutlier, constant);
            if (step is 0 or 10 or 100 or 1000 or 10000)
                rows.Add([Tex.Plain(step), Tex.Plain(Math.Round(constant, 3)), Tex.Plain(Math.Round(gradient, 3)),
                    Tex.Plain(Math.Round(value, 3))]);
            constant -= 4 / Math.Sqrt(step + 1) * gradient / Math.Max(1, Math.Abs(gradient));
        }
        return new(["step", "constant", "(sub)gradient", "mean loss"], rows);
    }

    private static LossProperty SurrogateOfLabels(LossView view)
    {
        double[] truths = [0.1, 0.3, 0.45, 0.55, 0.7, 0.9];
        (double Truth, double Score)[] best = [.. truths.Select(truth => (truth, view.BestScore(truth)))];
        bool agrees = best.All(b => b.Score > 0 == b.Truth > 0.5);
        double scale = 1 / view.OfScore(0, 1).Value;
        double above = LossView.Range(-8, 8, 0.25).Min(z => scale * view.OfScore(z, 1).Value - (z <= 0 ? 1 : 0));
        return new("surrogate", "surrogate of the zero-one loss", agrees ? Yes : No,
            $"The score with the least expected loss is {(agrees ? "" : "not always ")}positive exactly when label 1 is the likelier one, as for the zero-one loss, which has no useful gradient."
            + (above >= -1e-9 ? $" {(Math.Abs(scale - 1) < 1e-9 ? "It" : $"Times {Tex.Plain(scale)}, it")} is nowhere below the zero-one loss." : ""),
            new(["probability of label 1", "best score $z$", "sigmoid of it"], [.. best.Select(b => (IReadOnlyList<string>)
                [Tex.Plain(b.Truth), Tex.Plain(Math.Round(b.Score, 2)), Tex.Plain(Math.Round(1 / (1 + Math.Exp(-b.Score)), 3))])]));
    }

    private static LossProperty SurrogateOfClasses(LossView view)
    {
        (double[] Point, double Value)[] ranked =
            [.. LossView.Simplex().Select(p => (p, view.Expected(p, s_truth))).OrderBy(p => p.Item2).Take(3)];
        bool agrees = ranked[0].Point.Zip(s_truth, (a, b) => Math.Abs(a - b)).Max() < 1e-9;
        return new("surrogate", "surrogate of the zero-one loss", agrees ? Yes : No,
            $"When the classes have the probabilities {string.Join(", ", s_truth.Select(x => Tex.Plain(x)))}, the prediction with the least expected loss {(agrees ? "is these" : "is not these")}, so its largest is the likeliest class. The best of a grid:",
            new(["predicted probabilities", "expected loss"],
                [.. ranked.Select(r => (IReadOnlyList<string>)[Point(r.Point), Tex.Plain(Zero(r.Value))])]));
    }

    // What rounding leaves of 0.
    private static double Zero(double value) => Math.Abs(value) < 1e-7 ? 0 : value;

    private static string Point(double[] point) =>
        point.Length == 1 ? Tex.Plain(Math.Round(point[0], 4)) : $"({string.Join(", ", point.Select(x => Tex.Plain(Math.Round(x, 4))))})";
}
