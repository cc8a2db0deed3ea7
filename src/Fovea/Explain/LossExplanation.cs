namespace Fovea;

/// <summary>Shows how the value of a loss comes about.</summary>
internal static class LossExplanation
{
    // More samples than that would fill pages; the table has them all.
    private const int MostSamples = 8;

    // The numbers of more classes than that do not stand beside each other.
    private const int MostColumns = 4;

    // Wider sums would run out of the column of a page.
    private const int MostCharacters = 76;

    public static Derivation Of(LossQuestion question, LossAnswer answer)
    {
        LossDefinition loss = question.Loss;
        List<DerivationStep> steps = [new(Legend(question)), .. Preparations(question, answer)];
        bool weighted = question.ClassWeights is not null, mean = answer.Loss is not null && question.Reduction == LossReduction.Mean;
        string minus = loss.HasMinus ? "-" : "";
        steps.Add(new("Each sample costs:", @"\ell_i = " + Term(question), Table: Table(loss, answer, Smoothed(question))));
        if (Special(question, answer) is { } special) steps.Add(new(special));
        string divisor = weighted && loss.HasClasses ? "W" : "N";
        if (answer.Loss is { } value)
        {
            string numbers = minus + (mean ? Tex.Fraction("1", Tex.Decimal(answer.Divisor)) + " " : "");
            string shown = Sum(answer.Samples.Select((_, i) => Numbers(question, answer, i)));
            string values = Sum(answer.Samples.Select(s => Tex.Decimal(Math.Round(loss.HasMinus ? -s.Value : s.Value, 4))));
            string text = !mean ? "The loss is their sum." : divisor == "W"
                ? "The loss is their mean; $W$ is the sum of the weights of the samples' classes." : "The loss is their mean; $N$ is their number.";
            steps.Add(new(text, "L = " + (mean ? Tex.Fraction("1", divisor) + " " : "") + @"\sum_i \ell_i",
                $@"{numbers}( {shown} ) \\ {numbers}( {values} )", Tex.Decimal(value, digits: 6)));
        }
        else
        {
            steps.Add(new("With the numbers:", string.Join(@" \\ ", answer.Samples.Take(MostSamples).Select((s, i) =>
                $@"\ell_{{{i + 1}}} = {(minus.Length == 0 ? Numbers(question, answer, i) : $"-( {Numbers(question, answer, i)} )")} = {Tex.Decimal(s.Value)}"))));
        }
        steps.Add(new(answer.Loss is null ? "The derivative of each sample's loss by its prediction, in the table:"
            : "The derivatives of the loss by the predictions, in the table:", Gradient(question, answer)));
        if (loss.Name == "bce") steps.Add(ThroughSigmoid(question, answer));
        if (question.Penalty is { } penalty) steps.AddRange(Penalty(penalty, answer));
        return new Derivation($"{char.ToUpperInvariant(loss.Title[0])}{loss.Title[1..]} of {answer.Samples.Count} sample{(answer.Samples.Count == 1 ? "" : "s")}", steps);
    }

    /// <summary>A formula with its logarithms to a base.</summary>
    public static string Log(string formula, LossParameters parameters) =>
        formula.Replace(@"\log", parameters.LogarithmBase == Math.E ? @"\ln" : $@"\log_{{{Tex.Decimal(parameters.LogarithmBase)}}}");

    private static bool Smoothed(LossQuestion question) => question.LabelSmoothing > 0;

    // Smoothed targets are y'.
    private static string Primed(string formula, LossQuestion question) => Smoothed(question) ? formula.Replace("y_", "y'_") : formula;

    // What a sample costs. A loss of classes weighs each class in its sum over the classes, one of labels each sample.
    private static string Term(LossQuestion question)
    {
        LossDefinition loss = question.Loss;
        bool weighted = question.ClassWeights is not null;
        string term = loss.Term;
        // Only one of its terms has the logarithm whose base is chosen.
        if (loss.Name == "bce-with-logits" && question.Parameters.LogarithmBase != Math.E)
            term = $@"\frac{{\max(z_i, 0) - z_i y_i}}{{\ln {Tex.Decimal(question.Parameters.LogarithmBase)}}} + \log(1 + \exp(-\lvert z_i \rvert))";
        if (loss.Scalar is null && weighted) term = term.Replace("y_{ik}", "w_k y_{ik}");
        string factor = loss.Scalar is not null && weighted ? "w_i " : "";
        if (loss.Scalar is not null && (loss.HasMinus || factor.Length > 0)) term = $"( {term} )";
        return (loss.HasMinus ? "-" : "") + factor + Primed(Log(term, question.Parameters), question);
    }

    private static string? Special(LossQuestion question, LossAnswer answer)
    {
        LossDefinition loss = question.Loss;
        if (loss.Kink is { } kink && answer.Samples.Any(s => s.Prediction[0] == kink(s.Target[0])))
            return loss.Name == "hinge"
                ? "A sample with $y z = 1$ is at the kink: every number between $-y$ and 0 is a subgradient there, and 0 is taken."
                : "A sample with $p = y$ is at the kink: every number from -1 to 1 is a subgradient there, and 0 is taken.";
        if (loss.Name == "kl" && answer.Samples.Any(s => s.Target.Any(y => y == 0)))
            return "A class whose target is 0 costs nothing: 0 log(0) counts as 0, its limit.";
        return null;
    }

    private static string Legend(LossQuestion question) => question.Loss.Input switch
    {
        LossInput.Number => "Target $y$, prediction $p$.",
        LossInput.Probability when question.Loss.Name == "focal" =>
            $"Label $y$ (0 or 1), predicted probability $p$ of label 1; $q$ is the probability of the label that is right: $p$ or $1 - p$. $\\gamma = {Tex.Decimal(question.Parameters.Gamma)}$.",
        LossInput.Probability => "Label $y$ (0 or 1), predicted probability $p$ of label 1.",
        LossInput.Score when question.Loss.Name == "hinge" => "Label $y$ (1, or -1, which may be given as 0), score $z$, positive for label 1.",
        LossInput.Score => "Label $y$ (0 or 1), logit $z$: the output before the sigmoid.",
        LossInput.LogProbabilities => "Target $y_{ik}$, 1 for the class of sample $i$ and 0 for the others; $x_{ik}$ is the logarithm of the predicted probability.",
        LossInput.Logits => "Target $y_{ik}$, 1 for the class of sample $i$ and 0 for the others; logits $z_{ik}$: the outputs before the softmax.",
        _ => "Target $y_{ik}$: how much of class $k$ sample $i$ is; predicted probability $p_{ik}$.",
    } + question.Loss.Name switch
    {
        "huber" => $" $\\delta = {Tex.Decimal(question.Parameters.Delta)}$.",
        "smooth-l1" => $" $\\beta = {Tex.Decimal(question.Parameters.Beta)}$.",
        _ => "",
    };

    private static IEnumerable<DerivationStep> Preparations(LossQuestion question, LossAnswer answer)
    {
        if (question.LabelSmoothing > 0)
        {
            int classes = question.Loss.HasClasses ? answer.Samples[0].Prediction.Count : 2;
            double e = question.LabelSmoothing;
            yield return new($"Label smoothing spreads $\\epsilon = {Tex.Decimal(e)}$ of each target over the {classes} classes.",
                $@"y' = (1 - \epsilon) y + \frac{{\epsilon}}{{{classes}}}",
                question.Targets.SelectMany(row => row).All(y => y == Math.Floor(y))
                    ? $@"\begin{{cases}} {Tex.Decimal(1 - e + e / classes)} & y = 1 \\ {Tex.Decimal(e / classes)} & y = 0 \end{{cases}}" : null);
        }
        if (question.ClassWeights is { } weights)
            yield return new($"Each class has a weight: {string.Join(", ", weights.Select((w, k) => $"{Tex.Plain(w)} for {(question.Loss.HasClasses ? "class" : "label")} {k}"))}.");
        if (question.Loss.Input == LossInput.Logits)
        {
            yield return new("Softmax makes the logits probabilities.", @"p_{ik} = \frac{\exp z_{ik}}{\sum_j \exp z_{ij}}",
                Table: answer.Samples[0].Prediction.Count > MostColumns
                    ? new(["sample", "class", "$p$"], [.. answer.Samples.SelectMany((sample, i) =>
                        Softmax(sample.Prediction).Select((p, k) => (IReadOnlyList<string>)[$"{i + 1}", $"{k}", Tex.Plain(p)]))])
                    : new(["sample", .. answer.Samples[0].Prediction.Select((_, k) => $"$p_{k}$")],
                        [.. answer.Samples.Select((sample, i) => (IReadOnlyList<string>)[$"{i + 1}", .. Softmax(sample.Prediction).Select(p => Tex.Plain(p))])]));
        }
    }

    internal static double[] Softmax(IReadOnlyList<double> z)
    {
        double largest = z.Max(), sum = z.Sum(x => Math.Exp(x - largest));
        return [.. z.Select(x => Math.Exp(x - largest) / sum)];
    }

    private static DerivationTable Table(LossDefinition loss, LossAnswer answer, bool smoothed)
    {
        string letter = loss.Letter, target = smoothed ? "$y'$" : "$y$";
        if (loss.Scalar is not null)
        {
            return new(["sample", target, $"${letter}$", @"$\ell$", "derivative"],
                [.. answer.Samples.Select((s, i) => (IReadOnlyList<string>)
                [$"{i + 1}", Tex.Plain(s.Target[0]), Tex.Plain(s.Prediction[0]), Tex.Plain(s.Value), Tex.Plain(s.Gradient[0])])]);
        }
        if (answer.Samples[0].Prediction.Count > MostColumns)
        {
            return new(["sample", "class", target, $"${letter}$", "derivative", @"$\ell$"], [.. answer.Samples.SelectMany((s, i) =>
                s.Prediction.Select((x, k) => (IReadOnlyList<string>)
                [$"{i + 1}", $"{k}", Tex.Plain(s.Target[k]), Tex.Plain(x), Tex.Plain(s.Gradient[k]), k == 0 ? Tex.Plain(s.Value) : ""]))]);
        }
        return new(["sample", target, $"${letter}$", @"$\ell$", "derivatives"], [.. answer.Samples.Select((s, i) => (IReadOnlyList<string>)
            [$"{i + 1}", Row(s.Target), Row(s.Prediction), Tex.Plain(s.Value), Row(s.Gradient)])]);

        static string Row(IReadOnlyList<double> row) => string.Join(", ", row.Select(x => Tex.Plain(Math.Round(x, 5))));
    }

    // All terms where they are few and short; else the first ones and the last.
    private static string Sum(IEnumerable<string> terms)
    {
        string[] all = [.. terms];
        int[] widths = [.. all.Select(term => FormulaText.Inline(term).Length + 3)];
        int count = Math.Min(all.Length, MostSamples);
        while (count > 2 && (count == all.Length ? widths.Sum() : widths.Take(count - 1).Sum() + 4 + widths[^1]) > MostCharacters) count--;
        string[] shown = count == all.Length ? all : [.. all.Take(count - 1), @"\dots", all[^1]];
        string sum = shown[0];
        foreach (string term in shown.Skip(1)) sum += term.StartsWith('-') ? $" - {term[1..]}" : $" + {term}";
        return sum;
    }

    // The loss of a sample with the numbers put in, without the minus sign that stands before the sum.
    private static string Numbers(LossQuestion question, LossAnswer answer, int sample)
    {
        SampleLoss s = answer.Samples[sample];
        double p = s.Prediction[0], y = s.Target[0];
        string weight = question.ClassWeights is null || question.Loss.HasClasses || s.Weight == 1 ? ""
            : $@"{Tex.Decimal(s.Weight)} \cdot ";
        string error = $"{Tex.Decimal(p)} - {Tex.Decimal(y, isFactor: true)}", log = Log(@"\log", question.Parameters);
        LossParameters constants = question.Parameters;
        return question.Loss.Name switch
        {
            "mse" => $"({error})^2",
            "mae" => $@"\lvert {error} \rvert",
            "huber" => Math.Abs(p - y) <= constants.Delta
                ? $@"\frac{{1}}{{2}} ({error})^2"
                : $@"{Tex.Decimal(constants.Delta)} \cdot (\lvert {error} \rvert - {Tex.Decimal(constants.Delta / 2)})",
            "smooth-l1" => Math.Abs(p - y) <= constants.Beta
                ? $@"\frac{{1}}{{{Tex.Decimal(2 * constants.Beta)}}} ({error})^2"
                : $@"(\lvert {error} \rvert - {Tex.Decimal(constants.Beta / 2)})",
            "log-cosh" => $@"\ln \cosh ({error})",
            "bce" => weight + Soft([(y, p), (1 - y, 1 - p)]),
            "focal" => $@"{weight}{Tex.Decimal(y == 1 ? 1 - p : p)}^{{{Tex.Decimal(constants.Gamma)}}} {log} {Tex.Decimal(y == 1 ? p : 1 - p)}",
            "bce-with-logits" => $@"{weight}({Natural($@"{Tex.Decimal(Math.Max(p, 0))} - {Tex.Decimal(p, isFactor: true)} \cdot {Tex.Decimal(y)}")} + {log} (1 + \exp({Tex.Decimal(-Math.Abs(p))})))",
            "hinge" => $@"{weight}\max(0, 1 - {Tex.Decimal(y > 0 ? 1 : -1, isFactor: true)} \cdot {Tex.Decimal(p, isFactor: true)})",
            "kl" => Rows((t, q) => $@"{Tex.Decimal(t)} \cdot {log} \frac{{{Tex.Decimal(t)}}}{{{Tex.Decimal(q)}}}"),
            "nll" => Rows((t, x) => t == 1 ? Tex.Decimal(x, isFactor: question.ClassWeights is not null) : $@"{Tex.Decimal(t)} \cdot {Tex.Decimal(x, isFactor: true)}"),
            "cross-entropy" => Rows((t, q) => t == 1 ? $"{log} {Tex.Decimal(q)}" : $@"{Tex.Decimal(t)} \cdot {log} {Tex.Decimal(q)}",
                Softmax(s.Prediction)),
            _ => Rows((t, q) => t == 1 ? $"{log} {Tex.Decimal(q)}" : $@"{Tex.Decimal(t)} \cdot {log} {Tex.Decimal(q)}"),
        };

        string Natural(string difference) => constants.LogarithmBase == Math.E ? difference
            : Tex.Fraction(difference, $@"\ln {Tex.Decimal(constants.LogarithmBase)}");

        string Soft((double Share, double Of)[] parts)
        {
            string[] shown = [.. parts.Where(part => part.Share != 0).Select(part => (part.Share == 1 ? ""
                : $@"{Tex.Decimal(part.Share)} \cdot ") + $"{log} {Tex.Decimal(part.Of)}")];
            return shown.Length > 1 && weight.Length > 0 ? $"({string.Join(" + ", shown)})" : string.Join(" + ", shown);
        }

        string Rows(Func<double, double, string> term, IReadOnlyList<double>? predictions = null)
        {
            predictions ??= s.Prediction;
            return Sum(Enumerable.Range(0, predictions.Count).Where(k => s.Target[k] != 0).Select(k =>
                (question.ClassWeights is { } weights && weights[k] != 1 ? $@"{Tex.Decimal(weights[k])} \cdot " : "")
                    + term(s.Target[k], predictions[k])));
        }
    }

    private static string Gradient(LossQuestion question, LossAnswer answer)
    {
        LossDefinition loss = question.Loss;
        string formula = loss.Derivative;
        if (question.ClassWeights is not null && loss.Input == LossInput.Logits) formula = @"p_{ik} \sum_j w_j y_{ij} - w_k y_{ik}";
        else if (question.ClassWeights is not null && loss.HasClasses) formula = formula.Replace("y_{ik}", "w_k y_{ik}");
        bool isDifference = loss.Input == LossInput.Logits || loss.Name == "bce-with-logits" || formula[0] == '-';
        return Derivative(question, answer, loss.Letter, formula, isDifference);
    }

    // The derivative of a sample's loss, times what the reduction, its weight and the base of logarithms make of it.
    private static string Derivative(LossQuestion question, LossAnswer answer, string letter, string formula, bool isDifference)
    {
        LossDefinition loss = question.Loss;
        bool weighted = question.ClassWeights is not null;
        string factors = string.Join(@" \cdot ", new[]
        {
            answer.Loss is not null && question.Reduction == LossReduction.Mean ? Tex.Fraction("1", weighted && loss.HasClasses ? "W" : "N") : "",
            weighted && !loss.HasClasses ? "w_i" : "",
            question.Parameters.LogarithmBase != Math.E ? $@"\frac{{1}}{{\ln {Tex.Decimal(question.Parameters.LogarithmBase)}}}" : "",
        }.Where(text => text.Length > 0));
        formula = Primed(formula, question);
        string whole = factors.Length == 0 ? formula : isDifference ? $"{factors} ( {formula} )" : $@"{factors} \cdot {formula}";
        return $@"\frac{{\partial {(answer.Loss is null ? @"\ell_i" : "L")}}}{{\partial {letter}_{(loss.Scalar is null ? "{ik}" : "i")}}} = {whole}";
    }

    private static DerivationStep ThroughSigmoid(LossQuestion question, LossAnswer answer)
    {
        IReadOnlyList<string> Row(SampleLoss sample, int i)
        {
            double p = sample.Prediction[0], slope = p * (1 - p);
            return [$"{i + 1}", Tex.Plain(p), Tex.Plain(slope), Tex.Plain(sample.Gradient[0] * slope)];
        }
        return new(@"Where $p$ is the sigmoid of a logit $z$, its derivative is $\frac{\partial p_i}{\partial z_i} = p_i (1 - p_i)$, which cancels the denominator:",
            Derivative(question, answer, "z", "p_i - y_i", isDifference: true),
            Table: new DerivationTable(["sample", "$p$", "$p (1 - p)$", "derivative by $z$"], [.. answer.Samples.Select(Row)]));
    }

    private static IEnumerable<DerivationStep> Penalty(LossPenalty penalty, LossAnswer answer)
    {
        int m = penalty.Samples ?? answer.Samples.Count;
        var (formulas, numbers, gradients) = (new List<string>(), new List<string>(), new List<string>());
        if (penalty.L1 > 0)
        {
            formulas.Add(@"\frac{\lambda_1}{m} \sum_j \lvert w_j \rvert");
            numbers.Add($@"\frac{{{Tex.Decimal(penalty.L1)}}}{{{m}}} ( {Sum(penalty.Weights.Select(w => $@"\lvert {Tex.Decimal(w)} \rvert"))} )");
            gradients.Add(@"\frac{\lambda_1}{m} \cdot \text{sign}(w_j)");
        }
        if (penalty.L2 > 0)
        {
            formulas.Add(@"\frac{\lambda_2}{2 m} \sum_j w_j^2");
            numbers.Add($@"\frac{{{Tex.Decimal(penalty.L2)}}}{{2 \cdot {m}}} ( {Sum(penalty.Weights.Select(w => $"{Tex.Decimal(w, isFactor: true)}^2"))} )");
            gradients.Add(@"\frac{\lambda_2}{m} w_j");
        }
        if (formulas.Count == 0) yield break;
        yield return new("The penalty on the weights.", $"P = {string.Join(" + ", formulas)}", string.Join(" + ", numbers),
            Tex.Decimal(answer.Penalty, digits: 6));
        yield return new("It pulls each weight towards 0.", $@"\frac{{\partial P}}{{\partial w_j}} = {string.Join(" + ", gradients)}",
            Table: new DerivationTable(["weight", "$w_j$", "derivative"],
                [.. penalty.Weights.Select((w, j) => (IReadOnlyList<string>)[$"{j + 1}", Tex.Plain(w),
                    Tex.Plain(answer.WeightGradient[j])])]));
        if (answer is { Loss: { } loss, Value: { } total })
            yield return new("The cost is the loss and the penalty together.", "C = L + P",
                $"{Tex.Decimal(loss, digits: 6)} + {Tex.Decimal(answer.Penalty, digits: 6)}", Tex.Decimal(total, digits: 6));
    }
}
