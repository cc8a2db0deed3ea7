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
    /// <summary>Computes a loss.</summary>
    /// <exception cref="FoveaException">The numbers are not such that the loss takes.</exception>
    public static LossAnswer Of(LossQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        LossDefinition loss = question.Loss;
        int count = question.Predictions.Count;
        LossCheck.Of(question);
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
        if (!double.IsFinite((reduced ?? 0) + penalty) || weightGradient.Any(g => !double.IsFinite(g)))
            throw new FoveaException($"{loss.Name}: the loss is too large for a number. Scale the predictions, targets and penalized weights down.");
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

    /// <summary>The weight of a sample's class.</summary>
    internal static double Weight(LossQuestion question, int sample)
    {
        if (question.ClassWeights is not { } weights) return 1;
        IReadOnlyList<double> target = question.Targets[sample];
        if (!question.Loss.HasClasses) return weights[target[0] > 0 ? 1 : 0];
        return target is [var label] ? weights[(int)label] : target.Zip(weights, (t, w) => t * w).Sum();
    }

    /// <summary>The target of a sample as the formulas take it: -1 for a hinge loss's label 0, a row for a class, smoothed.</summary>
    internal static double[] Target(LossQuestion question, int sample)
    {
        IReadOnlyList<double> given = question.Targets[sample];
        double smoothing = question.LabelSmoothing;
        if (question.Loss.Name == "hinge") return [given[0] == 0 ? -1 : given[0]];
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
}
