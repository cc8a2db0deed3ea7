namespace Fovea;

/// <summary>Refuses questions about a loss that have no answer, and says why.</summary>
internal static class LossCheck
{
    // Nearer to 0 or 1 training cuts the derivative of binary cross-entropy off, and few digits are left of 1 - p.
    private const double LeastProbability = 1e-12;

    // Probabilities are given to some digits; logarithms of them to fewer that count.
    private const double SumTolerance = 1e-3, SumToleranceOfLogarithms = 0.05;

    /// <summary>Checks a question.</summary>
    /// <exception cref="FoveaException">The numbers are not such that the loss takes.</exception>
    public static void Of(LossQuestion question)
    {
        LossDefinition loss = question.Loss;
        int samples = question.Predictions.Count;
        if (samples == 0) throw Error(loss, "there are no predictions. Give at least one");
        if (samples != question.Targets.Count)
            throw Error(loss, $"there {(question.Targets.Count == 1 ? "is 1 target" : $"are {question.Targets.Count} targets")}, but {samples} prediction{(samples == 1 ? "" : "s")}. Give as many of the one as of the other");
        int columns = question.Predictions[0].Count;
        if (!loss.HasClasses && question.Predictions.Concat(question.Targets).Any(row => row.Count != 1))
            throw Error(loss, "it takes one number for each sample. Separate the samples by commas");
        if (loss.HasClasses && columns < 2)
            throw Error(loss, "it takes a prediction for each class, as in \"0.7, 0.2, 0.1; 0.1, 0.8, 0.1\" for two samples of three classes");
        CheckOptions(question, columns);
        for (int i = 0; i < samples; i++)
        {
            if (question.Predictions[i].Count != columns)
                throw Error(loss, $"sample {i + 1} has {question.Predictions[i].Count} predictions, but sample 1 has {columns}. All rows must be of one length");
            if (question.Predictions[i].Concat(question.Targets[i]).Any(x => !double.IsFinite(x)))
                throw Error(loss, $"sample {i + 1} has a number that is not finite");
            CheckTarget(loss, question.Targets[i], i, columns);
            CheckPrediction(question, i);
        }
        if (question.ClassWeights is not null && question.Reduction == LossReduction.Mean && loss.HasClasses
            && Enumerable.Range(0, samples).All(i => LossAnswer.Weight(question, i) == 0))
            throw Error(loss, "the class weights of all samples are 0, so that there is no mean. Give at least one of their classes a weight");
    }

    private static void CheckOptions(LossQuestion question, int columns)
    {
        LossDefinition loss = question.Loss;
        if (!(question.LabelSmoothing is >= 0 and < 1)) throw Error(loss, $"expected a label smoothing from 0 to below 1, got {Tex.Plain(question.LabelSmoothing)}");
        if (question.LabelSmoothing > 0 && !loss.TakesSoftTargets) throw Error(loss, "its labels cannot be smoothed. Leave the label smoothing out");
        if (question.ClassWeights is { } weights)
        {
            if (loss.Input == LossInput.Number) throw Error(loss, "there are no classes in a regression. Leave the class weights out");
            if (loss.Name == "kl") throw Error(loss, "a distribution has no class of its own to weigh. Leave the class weights out");
            int classes = loss.HasClasses ? columns : 2;
            if (weights.Count != classes) throw Error(loss, $"expected {classes} class weights, one for each class, got {weights.Count}");
            if (weights.FirstOrDefault(w => !(w >= 0 && double.IsFinite(w)), 0) is var wrong && wrong != 0)
                throw Error(loss, $"expected class weights that are not negative, got {Tex.Plain(wrong)}");
            if (weights.All(w => w == 0)) throw Error(loss, "all class weights are 0, so that no sample counts. Give at least one class a weight");
            if (question.LabelSmoothing > 0 && !loss.HasClasses)
                throw Error(loss, "a smoothed label has no class of its own to weigh. Give either class weights or label smoothing");
        }
        LossParameters constants = question.Parameters;
        if (constants.LogarithmBase != Math.E && !loss.HasLogarithm)
            throw Error(loss, "it takes no logarithm whose base could be chosen. Leave the base out");
        if (!(constants.LogarithmBase > 1 && double.IsFinite(constants.LogarithmBase)))
            throw Error(loss, $"expected a base of logarithms above 1, got {Tex.Plain(constants.LogarithmBase)}");
        if (!(constants is { Delta: > 0, Beta: > 0, Gamma: >= 0 })) throw Error(loss, "delta and beta must be above 0, and gamma not below 0");
        if (question.Penalty is { } penalty && (penalty.Weights.Count == 0 || !(penalty.L1 >= 0 && penalty.L2 >= 0) || penalty.Samples < 1))
            throw Error(loss, "a penalty needs weights, factors that are not negative, and at least one sample");
    }

    private static void CheckTarget(LossDefinition loss, IReadOnlyList<double> target, int sample, int classes)
    {
        if (loss.Input == LossInput.Number) return;
        if (!loss.HasClasses)
        {
            if (target[0] is 0 or 1 || loss.Name == "hinge" && target[0] == -1) return;
            string remedy = target[0] is not (> 0 and < 1) ? ""
                : (loss.Input == LossInput.Probability ? ". A probability belongs to the predictions" : "") + (loss.TakesSoftTargets ? ". To soften labels use label smoothing" : "");
            throw Error(loss, $"label {sample + 1} is {Tex.Plain(target[0])}, but a label must be 0 or 1{(loss.Name == "hinge" ? " (or -1 and 1)" : "")}{remedy}");
        }
        if (target is [var label])
        {
            if (label >= 0 && label < classes && label == Math.Floor(label)) return;
            throw Error(loss, $"target {sample + 1} is {Tex.Plain(label)}, but a class must be a whole number from 0 to {classes - 1}");
        }
        if (target.Count != classes)
            throw Error(loss, $"target {sample + 1} has {target.Count} numbers, but there are {classes} classes. Give a class or a number for each class");
        CheckDistribution(loss, target, $"target {sample + 1}");
    }

    private static void CheckPrediction(LossQuestion question, int sample)
    {
        LossDefinition loss = question.Loss;
        IReadOnlyList<double> prediction = question.Predictions[sample];
        switch (loss.Input)
        {
            case LossInput.Probability:
                CheckProbability(question, sample);
                break;
            case LossInput.LogProbabilities:
                if (prediction.FirstOrDefault(x => x > 0) is var above && above > 0)
                    throw Error(loss, $"prediction {sample + 1} has {Tex.Plain(above)}, but the logarithm of a probability is not above 0. For outputs before the softmax use cross-entropy");
                if (prediction.Sum(Math.Exp) is var sum && Math.Abs(sum - 1) > SumToleranceOfLogarithms)
                    throw Error(loss, $"the probabilities whose logarithms prediction {sample + 1} has add up to {Tex.Plain(sum)}, not to 1. For outputs before the softmax use cross-entropy");
                break;
            case LossInput.Probabilities:
                CheckDistribution(loss, prediction, $"prediction {sample + 1}");
                CheckClasses(question, sample);
                break;
        }
    }

    // What happens decides what is said: a class that is excluded and happens costs infinitely much, one that does not happen has no value.
    private static void CheckClasses(LossQuestion question, int sample)
    {
        LossDefinition loss = question.Loss;
        IReadOnlyList<double> prediction = question.Predictions[sample];
        double[] wanted = LossAnswer.Target(question, sample);
        int[] ends = [.. Enumerable.Range(0, prediction.Count).Where(k => prediction[k] is 0 or 1)
            .OrderBy(k => prediction[k]).ThenBy(k => wanted[k] == 0)];
        if (ends is not [var end, ..]) return;
        string start = $"prediction {sample + 1} gives class {end} the probability {Tex.Plain(prediction[end])}";
        string problem = prediction[end] == 1 ? ", so that nothing is left for the others"
            : wanted[end] > 0 ? $", but the target gives it {Tex.Plain(wanted[end])}, and log(0) is minus infinity: that costs infinitely much"
            : $" and so does the target: the formula has 0 {(loss.Name == "kl" ? "log(0 / 0)" : "log(0)")} for it, which has no value; nor has the derivative, 0 / 0";
        throw Error(loss, $"{start}{problem}. The softmax of finite numbers is never exactly 0 or 1. "
            + "Give probabilities strictly between 0 and 1, such as 0.000001 in place of 0, or the outputs before the softmax to cross-entropy");
    }

    // Why a probability of exactly 0 or 1 has no loss or no derivative depends on the label.
    private static void CheckProbability(LossQuestion question, int sample)
    {
        LossDefinition loss = question.Loss;
        double p = question.Predictions[sample][0], label = question.Targets[sample][0], y = LossAnswer.Target(question, sample)[0];
        if (p is < 0 or > 1)
            throw Error(loss, $"prediction {sample + 1} is {Tex.Plain(p)}, but a probability lies between 0 and 1. For outputs before the sigmoid use bce-with-logits");
        bool nearOne = p > 0.5;
        double distance = nearOne ? 1 - p : p;
        if (distance >= LeastProbability) return;
        int end = nearOne ? 1 : 0;
        const string remedy = "Give a probability strictly between 0 and 1, at least 1e-12 from both, such as 0.000001, or the output before the sigmoid to bce-with-logits";
        if (distance > 0)
        {
            string why = loss.Name == "bce" ? "training cuts the derivative off" : "too few digits are left of the distance";
            throw Error(loss, $"prediction {sample + 1} is only {Tex.Plain(distance)} from {end}: nearer than 1e-12 {why}, so that its numbers would not be those of the formula. {remedy}");
        }
        string infinite = nearOne ? "log(1 - p)" : "log p", share = nearOne ? "(1 - y)" : "y";
        double factor = nearOne ? 1 - y : y;
        string start = $"prediction {sample + 1} is {end}";
        if (factor == 1)
            throw Error(loss, $"{start}, but the label is {Tex.Plain(label)}: this sample costs -{infinite} = -log(0), and log(0) is minus infinity, so that it costs infinitely much. {remedy}");
        if (factor > 0)
            throw Error(loss, $"{start}, but the smoothed label is {Tex.Plain(y)}: this sample costs {Tex.Plain(factor)} times -{infinite} = -log(0), and log(0) is minus infinity, so that it costs infinitely much. {remedy}");
        throw Error(loss, loss.Name == "focal"
            ? $"{start} and so is the label: the sample would cost 0, but no finite score has a sigmoid of {end}, and with the other label its loss would be -log(0), which is infinite. {remedy}"
            : $"{start} and so is the label: its own logarithm is log(1) = 0, but the formula also has {share} {infinite} = 0 log(0), log(0) is minus infinity, and 0 times infinity has no value; nor has the derivative, 0 / 0. {remedy}");
    }

    private static void CheckDistribution(LossDefinition loss, IReadOnlyList<double> p, string what)
    {
        if (p.FirstOrDefault(x => x is < 0 or > 1) is var wrong && wrong != 0)
            throw Error(loss, $"{what} has {Tex.Plain(wrong)}, but a probability lies between 0 and 1. For outputs before the softmax use cross-entropy");
        if (Math.Abs(p.Sum() - 1) > SumTolerance) throw Error(loss, $"the probabilities of {what} add up to {Tex.Plain(p.Sum())}, not to 1. Scale them, or give outputs before the softmax to cross-entropy");
    }

    private static FoveaException Error(LossDefinition loss, string problem) => new($"{loss.Name}: {problem.TrimEnd('.')}.");
}
