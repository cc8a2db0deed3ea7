using System.Text.Json;

namespace Fovea;

/// <summary>One property of a loss, with the computation that shows it.</summary>
/// <param name="Name">What is asked: "convex in the prediction".</param>
/// <param name="Answer">"yes", "no" or "partly", as the computation says.</param>
/// <param name="Statement">What that means, in words.</param>
/// <param name="Evidence">The computation.</param>
public sealed record LossProperty(string Name, string Answer, string Statement, DerivationTable Evidence);

/// <summary>Something that is said of a loss and is not true.</summary>
/// <param name="Said">What is said.</param>
/// <param name="Reason">Why it is wrong.</param>
/// <param name="Evidence">The computation that shows it.</param>
public sealed record LossClaim(string Said, string Reason, DerivationTable Evidence);

/// <summary>What there is to know of a loss: each property is computed, not only said.</summary>
/// <param name="Name">The name it is asked for by.</param>
/// <param name="Title">The name in words.</param>
/// <param name="Formula">The mean over samples, in LaTeX.</param>
/// <param name="Derivative">The derivative of one sample's loss by its prediction, in LaTeX.</param>
/// <param name="Use">What it is used for.</param>
/// <param name="Advantages">What speaks for it.</param>
/// <param name="Disadvantages">What speaks against it.</param>
/// <param name="Properties">Its properties.</param>
/// <param name="WrongClaims">What is said of it and is wrong.</param>
/// <param name="Derivation">All of this, to be drawn.</param>
public sealed record LossCard(
    string Name, string Title, string Formula, string Derivative, string Use, string Advantages, string Disadvantages,
    IReadOnlyList<LossProperty> Properties, IReadOnlyList<LossClaim> WrongClaims, Derivation Derivation)
{
    /// <summary>The card of a loss.</summary>
    public static LossCard Of(LossDefinition loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        string formula = $@"L = {(loss.HasMinus ? "-" : "")}\frac{{1}}{{N}} \sum_i {(loss.HasMinus && loss.Scalar is not null ? $"( {loss.Term} )" : loss.Term)}";
        LossProperty[] properties = [.. LossProperties.Of(loss)];
        LossClaim[] claims = [.. LossProperties.WrongClaims(loss)];
        string letter = loss.Letter, index = loss.HasClasses ? "{ik}" : "i";
        Derivation[] parts =
        [
            new("Properties", [.. properties.Select(p => new DerivationStep($"{char.ToUpperInvariant(p.Name[0])}{p.Name[1..]}: {p.Answer}. {p.Statement}", Table: p.Evidence))]),
            .. claims.Length == 0 ? [] : (Derivation[])
                [new("Said of it, and wrong", [.. claims.Select(c => new DerivationStep($"\"{c.Said}\" {c.Reason}", Table: c.Evidence))])],
        ];
        Derivation derivation = new($"{char.ToUpperInvariant(loss.Title[0])}{loss.Title[1..]}",
        [
            new("The mean over samples:", formula),
            new("The derivative of one sample's loss by its prediction:",
                $@"\frac{{\partial \ell_i}}{{\partial {letter}_{index}}} = {loss.Derivative}"),
            new($"Use: {loss.Use}"),
            new($"Advantages: {loss.Advantages}"),
            new($"Disadvantages: {loss.Disadvantages}"),
        ], parts);
        return new LossCard(loss.Name, loss.Title, formula, loss.Derivative, loss.Use, loss.Advantages, loss.Disadvantages, properties,
            claims, derivation);
    }

    /// <summary>The card as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<LossCard>());
}
