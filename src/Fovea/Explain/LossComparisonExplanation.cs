namespace Fovea;

/// <summary>Says what the curves of losses show, from their figures.</summary>
internal static class LossComparisonExplanation
{
    // A pull below this share of the largest teaches almost nothing; one above that share of it has not faded.
    private const double Faded = 0.1, Grown = 1.5;

    // So many times farther than the scores reach, a pull that is bounded has come to its bound.
    private const double Far = 1e6;

    public static Derivation Of(LossComparison comparison, IReadOnlyList<LossDefinition> losses, LossParameters parameters)
    {
        bool sigmoid = comparison.Link == "sigmoid";
        List<DerivationStep> steps =
        [
            new(sigmoid
                ? $"One sample with the label $y = {Tex.Decimal(comparison.Target)}$. The sigmoid of its score $z$ is the prediction $p$:"
                : $"One sample with the target $y = {Tex.Decimal(comparison.Target)}$. Its score $z$ is the prediction, $p = z$.",
                sigmoid ? @"p = \frac{1}{1 + \exp(-z)}" : null),
            .. losses.Select(loss => Formulas(loss, sigmoid, parameters)),
            new("The losses and their slopes by the score:", Table: Table(comparison)),
            .. comparison.Conclusions.Select(conclusion => new DerivationStep(conclusion)),
        ];
        string names = losses.Count == 1 ? losses[0].Title
            : $"{string.Join(", ", losses.SkipLast(1).Select(loss => loss.Title))} and {losses[^1].Title} compared";
        return new Derivation($"{char.ToUpperInvariant(names[0])}{names[1..]}", steps);
    }

    public static IReadOnlyList<string> Conclusions(LossComparison comparison, IReadOnlyList<LossDefinition> losses, LossParameters parameters)
    {
        LossCurve first = comparison.Curves[0];
        int last = comparison.Scores.Count - 1;
        // The end that is farther from the target.
        bool atLow = first.Values[0] >= first.Values[last];
        int worst = atLow ? 0 : last, half = atLow ? last / 4 : last - last / 4;
        return [.. comparison.Curves.Zip(losses, Pull), .. comparison.Curves.SelectMany(Kinks)];

        string Pull(LossCurve curve, LossDefinition loss)
        {
            double end = Math.Abs(curve.Gradients[worst]), middle = Math.Abs(curve.Gradients[half]);
            int largest = Enumerable.Range(0, last + 1).MaxBy(i => Math.Abs(curve.Gradients[i]));
            string there = $"{curve.Name}: at score {Tex.Plain(comparison.Scores[worst])}, farthest from the target, the slope is {Tex.Plain(curve.Gradients[worst])}";
            if (end < Faded * Math.Abs(curve.Gradients[largest]))
                return $"{there}, but {Tex.Plain(curve.Gradients[largest])} at {Tex.Plain(comparison.Scores[largest])}: a sample that is confidently wrong teaches almost nothing.";
            string halfway = $"at {Tex.Plain(comparison.Scores[half])} it is {Tex.Plain(curve.Gradients[half])}";
            return end > Grown * middle ? $"{there}, {halfway}: the farther off, the harder the pull{Beyond(loss, end)}."
                : middle > Grown * end ? $"{there}, {halfway}: the farther off, the weaker the pull, so that what is confidently wrong teaches less."
                : $"{there}, {halfway}: however far off, the pull is nearly the same, so that it neither fades nor lets an outlier decide.";
        }

        // What grows as far as is looked may be bounded beyond.
        string Beyond(LossDefinition loss, double end)
        {
            if (comparison.Link == "sigmoid" && loss.Input != LossInput.Score) return "";
            double far = Math.Abs(LossComparison.At(loss, LossLink.Identity, comparison.Target, Far * comparison.Scores[worst], parameters).Derivative);
            return far > Far / 10 * end ? ", so that an outlier decides" : $", but never above {Tex.Plain(far)}: no outlier decides";
        }

        static IEnumerable<string> Kinks(LossCurve curve) => curve.Kinks.Select(kink =>
            $"{curve.Name} has a kink at score {Tex.Plain(kink.Score)}: the slope is {Tex.Plain(kink.Left)} to the left and {Tex.Plain(kink.Right)} to the right. There is no derivative there; every number from {Tex.Plain(kink.Left)} to {Tex.Plain(kink.Right)} is a subgradient, of which training takes 0.");
    }

    /// <summary>The slope at a score: a number, or an interval at a kink.</summary>
    public static string Slope(LossComparison comparison, LossCurve curve, int score) =>
        curve.Kinks.FirstOrDefault(kink => kink.Score == comparison.Scores[score]) is { } kink
            ? $"{Tex.Plain(kink.Left)} to {Tex.Plain(kink.Right)}" : Tex.Plain(curve.Gradients[score]);

    /// <summary>The losses and slopes at some scores.</summary>
    public static DerivationTable Table(LossComparison comparison) =>
        new(["score", .. comparison.Curves.SelectMany(curve => (string[])[curve.Name, "slope"])],
            [.. comparison.Shown.Select(i => (IReadOnlyList<string>)[Tex.Plain(comparison.Scores[i]),
                .. comparison.Curves.SelectMany(curve => (string[])[Tex.Plain(curve.Values[i]), Slope(comparison, curve, i)])])]);

    // The loss of the score, and its slope by the chain rule.
    private static DerivationStep Formulas(LossDefinition loss, bool sigmoid, LossParameters parameters)
    {
        string Bare(string formula) => formula.Replace("_i", "");
        string term = Bare(LossExplanation.Log(loss.Term, parameters)), derivative = Bare(loss.Derivative);
        bool links = sigmoid && loss.Input != LossInput.Score;
        string slope = loss.Name == "bce" ? "p - y" : links ? $@"{(derivative[0] == '\\' && derivative.Contains("cases") ? $"( {derivative} )" : derivative)} \cdot p (1 - p)" : derivative;
        string constants = loss.Name switch
        {
            "huber" => $", $\\delta = {Tex.Decimal(parameters.Delta)}$",
            "smooth-l1" => $", $\\beta = {Tex.Decimal(parameters.Beta)}$",
            "focal" => $", $\\gamma = {Tex.Decimal(parameters.Gamma)}$; $q$ is $p$ for label 1, else $1 - p$",
            "hinge" => ", $y$ is -1 for label 0",
            _ => "",
        };
        return new($"{loss.Name}, the {loss.Title}{constants}:", $@"\ell = {(loss.HasMinus ? $"-( {term} )" : term)} \\ \frac{{\partial \ell}}{{\partial z}} = {slope}");
    }
}
