using System.Text.Json;

namespace Fovea;

/// <summary>The loss of one sample.</summary>
/// <param name="Target">The target, smoothed where that was asked: one number, or one for each class.</param>
/// <param name="Prediction">The prediction.</param>
/// <param name="Weight">The weight of its class; 1 without weights.</param>
/// <param name="Value">Its loss, times its weight.</param>
/// <param name="Gradient">The derivative of the reduced loss by the prediction; of the sample's own loss without a reduction.</param>
public sealed record SampleLoss(
    IReadOnlyList<double> Target, IReadOnlyList<double> Prediction, double Weight, double Value, IReadOnlyList<double> Gradient);

/// <summary>The value of a loss, sample by sample, with its gradient and how it comes about.</summary>
/// <param name="Name">The loss.</param>
/// <param name="Reduction">What became of the samples' losses.</param>
/// <param name="Divisor">What their sum was divided by.</param>
/// <param name="Loss">The loss without the penalty; null without a reduction.</param>
/// <param name="Penalty">What the weights add; 0 without a penalty.</param>
/// <param name="Value">The sum of the two; null without a reduction.</param>
/// <param name="Samples">The samples.</param>
/// <param name="WeightGradient">The derivatives of the penalty by the weights; empty without a penalty.</param>
/// <param name="Derivation">How it comes about.</param>
public sealed record LossAnswer(
    string Name, string Reduction, double Divisor, double? Loss, double Penalty, double? Value, IReadOnlyList<SampleLoss> Samples,
    IReadOnlyList<double> WeightGradient, Derivation Derivation)
{
    // Nearer to 0 or 1 training cuts the derivative off, so that the numbers would not be those of the formula.
    private const double LeastProbability = 1e-12, SumTolerance = 1e-3;

    private static string LogarithmOfZero(string consequence) =>
        $"log(0) is minus infinity: {consequence}. Give a probability strictly between 0 and 1, at least 1e-12 from both, such as 0.000001, "
        + "or the outputs before the sigmoid or softmax to a loss that takes those";

    /// <summary>Computes a loss.</summary>
    /// <exception cref="FoveaException">The numbers are not such that the loss takes.</exception>
    public static LossAnswer Of(LossQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        LossDefinition loss = question.Loss;
        int count = question.Predictions.Count;
        Check(question);
        double[][] targets = [.. Enumerable.Range(0, count).Select(i => Target(question, i))];
        double[] weights = [.. Enumerable.Range(0, count).Select(i => Weight(question, i))];
        // A weighted mean of classes divides by the weights, as is usual; that of labels 0 and 1 by the samples.
        double divisor = question.Reduction != LossReduction.Mean ? 1 : loss.HasClasses ? weights.Sum() : count;
        var samples = new SampleLoss[count];
        for (int i = 0; i < count; i++)
        {
            IReadOnlyList<double> prediction = question.Predictions[i];
            double[] gradient = new double[prediction.Count];
            double value = loss.Scalar is null
                ? loss.Row([.. prediction], targets[i], question.ClassWeights, question.Parameters, gradient)
                : Scalar(question, prediction[0], targets[i][0], gradient);
            for (int k = 0; k < gradient.Length; k++) gradient[k] /= divisor;
            if (!double.IsFinite(value) || gradient.Any(g => !double.IsFinite(g)))
                throw new FoveaException($"{loss.Name}: the loss of sample {i + 1} is too large for a number. Scale the predictions and targets down.");
            samples[i] = new SampleLoss(targets[i], [.. prediction], weights[i], value, gradient);
        }
        double? reduced = question.Reduction == LossReduction.None ? null : samples.Sum(s => s.Value) / divisor;
        var (penalty, weightGradient) = Penalize(question.Penalty, count);
        if (reduced is { } sum && !double.IsFinite(sum + penalty))
            throw new FoveaException($"{loss.Name}: the loss is too large for a number. Scale the predictions and targets down.");
        var answer = new LossAnswer(loss.Name, question.Reduction.ToString().ToLowerInvariant(), divisor, reduced, penalty,
            reduced + penalty, samples, weightGradient, new Derivation("", []));
        return answer with { Derivation = LossExplanation.Of(question, answer) };
    }

    /// <summary>The answer as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<LossAnswer>());

    // A loss of labels 0 and 1 is a weighted sum of what it is for either; without weights and smoothing one of the two is left.
    private static double Scalar(LossQuestion question, double prediction, double target, double[] gradient)
    {
        LossDefinition loss = question.Loss;
        if (question.ClassWeights is not [var zero, var one])
        {
            (double plain, gradient[0]) = loss.Scalar!(prediction, target, question.Parameters);
            return plain;
        }
        // The label -1 of a hinge loss is its 0.
        double share = Math.Max(target, 0);
        var (whenZero, whenOne) = (loss.Scalar!(prediction, 0, question.Parameters), loss.Scalar!(prediction, 1, question.Parameters));
        gradient[0] = share * one * whenOne.Derivative + (1 - share) * zero * whenZero.Derivative;
        return share * one * whenOne.Value + (1 - share) * zero * whenZero.Value;
    }

    private static double Weight(LossQuestion question, int sample)
    {
        if (question.ClassWeights is not { } weights) return 1;
        IReadOnlyList<double> target = question.Targets[sample];
        if (!question.Loss.HasClasses) return weights[target[0] > 0 ? 1 : 0];
        return target is [var label] ? weights[(int)label] : target.Zip(weights, (t, w) => t * w).Sum();
    }

    private static double[] Target(LossQuestion question, int sample)
    {
        IReadOnlyList<double> given = question.Targets[sample];
        double smoothing = question.LabelSmoothing;
        if (!question.Loss.HasClasses) return [smoothing == 0 ? given[0] : given[0] * (1 - smoothing) + smoothing / 2];
        int classes = question.Predictions[sample].Count;
        double[] target = [.. given];
        if (given is [var label] && classes > 1)
        {
            target = new double[classes];
            target[(int)label] = 1;
        }
        return [.. target.Select(t => t * (1 - smoothing) + smoothing / classes)];
    }

    private static (double Value, double[] Gradient) Penalize(LossPenalty? penalty, int samples)
    {
        if (penalty is null) return (0, []);
        double m = penalty.Samples ?? samples;
        double value = penalty.Weights.Sum(w => penalty.L1 / m * Math.Abs(w) + penalty.L2 / (2 * m) * w * w);
        return (value, [.. penalty.Weights.Select(w => (penalty.L1 * Math.Sign(w) + penalty.L2 * w) / m)]);
    }

    private static void Check(LossQuestion question)
    {
        LossDefinition loss = question.Loss;
        if (question.Predictions.Count == 0) throw Error("there are no predictions. Give at least one");
        if (question.Predictions.Count != question.Targets.Count)
            throw Error($"there {(question.Targets.Count == 1 ? "is 1 target" : $"are {question.Targets.Count} targets")}, but {question.Predictions.Count} prediction{(question.Predictions.Count == 1 ? "" : "s")}. Give as many of the one as of the other");
        int columns = question.Predictions[0].Count;
        if (!loss.HasClasses && question.Predictions.Concat(question.Targets).Any(row => row.Count != 1))
            throw Error("it takes one number for each sample. Separate the samples by commas");
        if (loss.HasClasses && columns < 2)
            throw Error("it takes a prediction for each class, as in \"0.7, 0.2, 0.1; 0.1, 0.8, 0.1\" for two samples of three classes");
        if (!(question.LabelSmoothing is >= 0 and < 1)) throw Error($"expected a label smoothing from 0 to below 1, got {Tex.Plain(question.LabelSmoothing)}");
        if (question.LabelSmoothing > 0 && !loss.TakesSoftTargets) throw Error("its labels cannot be smoothed. Leave the label smoothing out");
        if (question.ClassWeights is { } weights)
        {
            if (loss.Input == LossInput.Number) throw Error("there are no classes in a regression. Leave the class weights out");
            if (loss.Name == "kl") throw Error("a distribution has no class of its own to weigh. Leave the class weights out");
            int classes = loss.HasClasses ? columns : 2;
            if (weights.Count != classes) throw Error($"expected {classes} class weights, one for each class, got {weights.Count}");
            if (weights.FirstOrDefault(w => !(w >= 0 && double.IsFinite(w)), 0) is var wrong && wrong != 0)
                throw Error($"expected class weights that are not negative, got {Tex.Plain(wrong)}");
        }
        if (question.ClassWeights is not null && question.LabelSmoothing > 0 && !loss.HasClasses)
            throw Error("a smoothed label has no class of its own to weigh. Give either class weights or label smoothing");
        if (question.Parameters.LogarithmBase != Math.E && !loss.HasLogarithm)
            throw Error("it takes no logarithm whose base could be chosen. Leave the base out");
        if (question.Penalty is { } penalty && (penalty.Weights.Count == 0 || !(penalty.L1 >= 0 && penalty.L2 >= 0) || penalty.Samples < 1))
            throw Error("a penalty needs weights, factors that are not negative, and at least one sample");
        for (int i = 0; i < question.Predictions.Count; i++)
        {
            if (question.Predictions[i].Count != columns)
                throw Error($"sample {i + 1} has {question.Predictions[i].Count} predictions, but sample 1 has {columns}. All rows must be of one length");
            if (question.Predictions[i].Concat(question.Targets[i]).Any(x => !double.IsFinite(x)))
                throw Error($"sample {i + 1} has a number that is not finite");
            CheckTarget(question.Targets[i], i, columns);
            CheckPrediction(question.Predictions[i], question.Targets[i], i);
        }
        if (question.ClassWeights is not null && loss.HasClasses
            && Enumerable.Range(0, question.Targets.Count).All(i => Weight(question, i) == 0))
            throw Error("the class weights of all samples are 0, so that there is no mean. Give at least one of their classes a weight");

        void CheckTarget(IReadOnlyList<double> target, int sample, int classes)
        {
            if (loss.Input == LossInput.Number) return;
            if (!loss.HasClasses)
            {
                if (target[0] is 0 or 1 || loss.Name == "hinge" && target[0] == -1) return;
                throw Error($"label {sample + 1} is {Tex.Plain(target[0])}, but a label must be 0 or 1"
                    + (loss.Name == "hinge" ? " (or -1 and 1)" : "")
                    + (target[0] is > 0 and < 1 ? ". A probability belongs to the predictions; to soften labels use label smoothing" : ""));
            }
            if (target is [var label])
            {
                if (label >= 0 && label < classes && label == Math.Floor(label)) return;
                throw Error($"target {sample + 1} is {Tex.Plain(label)}, but a class must be a whole number from 0 to {classes - 1}");
            }
            if (target.Count != classes)
                throw Error($"target {sample + 1} has {target.Count} numbers, but there are {classes} classes. Give a class or a number for each class");
            CheckDistribution(target, $"target {sample + 1}");
        }

        void CheckPrediction(IReadOnlyList<double> prediction, IReadOnlyList<double> target, int sample)
        {
            if (loss.Input == LossInput.Probability) CheckProbability(prediction[0], target[0], sample);
            if (loss.Input == LossInput.LogProbabilities && prediction.FirstOrDefault(x => x > 0) is var above && above > 0)
                throw Error($"prediction {sample + 1} has {Tex.Plain(above)}, but the logarithm of a probability is not above 0. For outputs before the softmax use cross-entropy");
            if (loss.Input != LossInput.Probabilities) return;
            CheckDistribution(prediction, $"prediction {sample + 1}");
            double[] wanted = Target(question, sample);
            for (int k = 0; k < prediction.Count; k++)
            {
                if (wanted[k] > 0 && prediction[k] < LeastProbability)
                    throw Error($"prediction {sample + 1} gives class {k} the probability {Tex.Plain(prediction[k])}, but the target does not, and {LogarithmOfZero("that costs infinitely much")}");
            }
        }

        void CheckProbability(double p, double label, int sample)
        {
            if (p is < 0 or > 1) throw Error($"prediction {sample + 1} is {Tex.Plain(p)}, but a probability lies between 0 and 1. For outputs before the sigmoid use bce-with-logits");
            if (p is >= LeastProbability and <= 1 - LeastProbability) return;
            string side = p < 0.5 ? "p" : "1 - p";
            string cost = (p < 0.5) == (label == 1) ? "the label says otherwise, so this sample costs infinitely much"
                : "the label agrees, but the gradient has no value";
            throw Error($"prediction {sample + 1} is {Tex.Plain(p)}: the loss takes the logarithm of {side} too, and {LogarithmOfZero(cost)}");
        }

        void CheckDistribution(IReadOnlyList<double> p, string what)
        {
            if (p.FirstOrDefault(x => x is < 0 or > 1) is var wrong && wrong != 0)
                throw Error($"{what} has {Tex.Plain(wrong)}, but a probability lies between 0 and 1. For outputs before the softmax use cross-entropy");
            if (Math.Abs(p.Sum() - 1) > SumTolerance) throw Error($"the probabilities of {what} add up to {Tex.Plain(p.Sum())}, not to 1");
        }

        FoveaException Error(string problem) => new($"{loss.Name}: {problem.TrimEnd('.')}.");
    }

}
