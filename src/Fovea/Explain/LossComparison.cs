using System.Text.Json;

namespace Fovea;

/// <summary>What makes the score of a model a prediction.</summary>
public enum LossLink
{
    /// <summary>Nothing: the prediction is the score.</summary>
    Identity,

    /// <summary>The sigmoid: the prediction is a probability.</summary>
    Sigmoid,
}

/// <summary>A loss and its derivative as functions of the score.</summary>
/// <param name="Name">The loss.</param>
/// <param name="Values">The loss at each score.</param>
/// <param name="Gradients">Its derivative by the score.</param>
public sealed record LossCurve(string Name, IReadOnlyList<double> Values, IReadOnlyList<double> Gradients);

/// <summary>Losses beside each other.</summary>
/// <param name="Link">What makes the score a prediction.</param>
/// <param name="Target">The target of the sample that is looked at.</param>
/// <param name="Scores">Where the curves are computed.</param>
/// <param name="Curves">The losses.</param>
public sealed record LossComparison(string Link, double Target, IReadOnlyList<double> Scores, IReadOnlyList<LossCurve> Curves)
{
    /// <summary>Computes the curves of losses.</summary>
    /// <param name="losses">The losses, each of one number.</param>
    /// <param name="link">What makes the score a prediction; a loss of scores takes the score as it is.</param>
    /// <param name="target">The target; a label unless all losses are of numbers without a sigmoid.</param>
    /// <param name="reach">How far the scores go on both sides of 0.</param>
    /// <param name="points">How many scores.</param>
    /// <param name="parameters">The losses' constants.</param>
    /// <exception cref="FoveaException">A loss does not fit the link or the target.</exception>
    public static LossComparison Of(
        IReadOnlyList<LossDefinition> losses, LossLink link, double target = 1, double reach = 6, int points = 241,
            LossParameters? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(losses);
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 2);
        foreach (LossDefinition loss in losses)
        {
            if (loss.Scalar is null)
                throw new FoveaException($"{loss.Name}: it is a loss of several numbers, so that there is no curve. Compare losses of one number, such as bce.");
            if (link == LossLink.Identity && loss.Input == LossInput.Probability)
                throw new FoveaException($"{loss.Name}: it takes probabilities, but a score may be any number. Put a sigmoid between.");
            if ((link == LossLink.Sigmoid || loss.Input != LossInput.Number) && target is not (0 or 1))
                throw new FoveaException($"{loss.Name}: the target is {Tex.Plain(target)}, but a label must be 0 or 1.");
        }
        double[] scores = [.. Enumerable.Range(0, points).Select(i => reach * (2.0 * i / (points - 1) - 1))];
        return new LossComparison(link.ToString().ToLowerInvariant(), target, scores, [.. losses.Select(Curve)]);

        LossCurve Curve(LossDefinition loss)
        {
            var values = scores.Select(score => At(loss, link, target, score, parameters ?? new LossParameters())).ToList();
            return new LossCurve(loss.Name, [.. values.Select(v => v.Value)], [.. values.Select(v => v.Derivative)]);
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
}
