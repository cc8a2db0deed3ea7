using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>What makes the score of a model a prediction.</summary>
public enum LossLink
{
    /// <summary>Nothing: the prediction is the score.</summary>
    Identity,

    /// <summary>The sigmoid: the prediction is a probability.</summary>
    Sigmoid,
}

/// <summary>Where the slope of a loss jumps. Every number between the two slopes is a subgradient there.</summary>
/// <param name="Score">The place.</param>
/// <param name="Left">The slope to its left.</param>
/// <param name="Right">The slope to its right.</param>
public sealed record LossKink(double Score, double Left, double Right);

/// <summary>A loss and its derivative as functions of the score.</summary>
/// <param name="Name">The loss.</param>
/// <param name="Values">The loss at each score.</param>
/// <param name="Gradients">Its derivative by the score; at a kink the subgradient that training takes.</param>
/// <param name="Kinks">Where it has none.</param>
public sealed record LossCurve(string Name, IReadOnlyList<double> Values, IReadOnlyList<double> Gradients, IReadOnlyList<LossKink> Kinks);

/// <summary>Losses beside each other.</summary>
/// <param name="Link">What makes the score a prediction.</param>
/// <param name="Target">The target of the sample that is looked at.</param>
/// <param name="Scores">Where the curves are computed; kinks are among them.</param>
/// <param name="Curves">The losses.</param>
/// <param name="Conclusions">What the figures say.</param>
/// <param name="Derivation">The formulas, the figures and the conclusions.</param>
public sealed record LossComparison(
    string Link, double Target, IReadOnlyList<double> Scores, IReadOnlyList<LossCurve> Curves, IReadOnlyList<string> Conclusions,
    Derivation Derivation)
{
    // As many rows tell enough; the curves have more points.
    private const int Rows = 12;

    /// <summary>Computes the curves of losses.</summary>
    /// <param name="losses">The losses, each of one number.</param>
    /// <param name="link">What makes the score a prediction; a loss of scores takes the score as it is.</param>
    /// <param name="target">The target; a label unless all losses are of numbers without a sigmoid.</param>
    /// <param name="reach">How far the scores go on both sides of 0.</param>
    /// <param name="points">How many scores, kinks apart: one more than a multiple of 12.</param>
    /// <param name="parameters">The losses' constants.</param>
    /// <exception cref="FoveaException">A loss does not fit the link or the target, or the numbers are too large.</exception>
    public static LossComparison Of(
        IReadOnlyList<LossDefinition> losses, LossLink link, double target = 1, double reach = 6, int points = 241,
        LossParameters? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(losses);
        ArgumentOutOfRangeException.ThrowIfNotEqual(points % Rows, 1);
        Check(losses, link, target);
        LossParameters constants = parameters ?? new LossParameters();
        (LossDefinition Loss, LossKink[] Kinks)[] kinks = [.. losses.Select(loss => (loss, Kinks(loss).ToArray()))];
        double[] scores = [.. Enumerable.Range(0, points).Select(i => reach * (2 * i - (points - 1)) / (points - 1))
            .Concat(kinks.SelectMany(loss => loss.Kinks).Select(kink => kink.Score)).Distinct().Order()];
        LossCurve[] curves = [.. kinks.Select(loss => Curve(loss.Loss, loss.Kinks))];
        var comparison = new LossComparison(link.ToString().ToLowerInvariant(), target, scores, curves, [], new Derivation("", []));
        comparison = comparison with { Conclusions = LossComparisonExplanation.Conclusions(comparison, losses, constants) };
        return comparison with { Derivation = LossComparisonExplanation.Of(comparison, losses, constants) };

        IEnumerable<LossKink> Kinks(LossDefinition loss)
        {
            if (loss.Kink is not { } kink || link == LossLink.Sigmoid && loss.Input != LossInput.Score) yield break;
            double at = kink(target);
            if (Math.Abs(at) < reach)
                yield return new LossKink(at, At(loss, link, target, Math.BitDecrement(at), constants).Derivative,
                    At(loss, link, target, Math.BitIncrement(at), constants).Derivative);
        }

        LossCurve Curve(LossDefinition loss, LossKink[] itsKinks)
        {
            var values = scores.Select(score => At(loss, link, target, score, constants)).ToList();
            if (values.Any(v => !double.IsFinite(v.Value) || !double.IsFinite(v.Derivative)))
                throw new FoveaException($"{loss.Name}: the loss is too large for a number. Take a target nearer to 0.");
            return new LossCurve(loss.Name, [.. values.Select(v => v.Value)], [.. values.Select(v => v.Derivative)], itsKinks);
        }
    }

    /// <summary>The losses and slopes at some scores, from end to end, and at all kinks.</summary>
    [JsonIgnore]
    public DerivationTable Table => LossComparisonExplanation.Table(this);

    // The scores of the table, up to rounding.
    internal IEnumerable<int> Shown
    {
        get
        {
            double reach = Scores[^1];
            return Enumerable.Range(0, Scores.Count).Where(i =>
                Math.Round((Scores[i] / reach + 1) * Rows / 2) is var row && Math.Abs(Scores[i] - reach * (2 * row - Rows) / Rows) < 1e-9 * reach
                || Curves.Any(curve => curve.Kinks.Any(kink => kink.Score == Scores[i])));
        }
    }

    /// <summary>A loss of a score and its derivative by the score.</summary>
    internal static (double Value, double Derivative) At(LossDefinition loss, LossLink link, double target, double score,
        LossParameters parameters)
    {
        if (link == LossLink.Identity || loss.Input == LossInput.Score) return loss.Scalar!(score, target, parameters);
        double p = 1 / (1 + Math.Exp(-score));
        var (value, derivative) = loss.Scalar!(p, target, parameters);
        return (value, derivative * p / (1 + Math.Exp(score)));
    }

    /// <summary>The comparison as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<LossComparison>());

    private static void Check(IReadOnlyList<LossDefinition> losses, LossLink link, double target)
    {
        foreach (LossDefinition loss in losses)
        {
            if (loss.Scalar is null)
                throw new FoveaException($"{loss.Name}: it is a loss of several numbers, so that there is no curve. Compare losses of one number, such as bce.");
            if (link == LossLink.Identity && loss.Input == LossInput.Probability)
                throw new FoveaException($"{loss.Name}: it takes probabilities, but a score may be any number. Put a sigmoid between (--link sigmoid).");
            if ((link == LossLink.Sigmoid || loss.Input != LossInput.Number) && target is not (0 or 1))
                throw new FoveaException($"{loss.Name}: the target is {Tex.Plain(target)}, but a label must be 0 or 1.");
        }
    }
}
