using System.Text.Json;

namespace Fovea;

/// <summary>One property of a loss, with the computation that shows it.</summary>
/// <param name="Key">The word by which it is claimed: "convex".</param>
/// <param name="Name">What is asked: "convex in the prediction".</param>
/// <param name="Answer">"yes", "no" or "partly", as the computation says.</param>
/// <param name="Statement">What that means, in words.</param>
/// <param name="Evidence">The computation.</param>
public sealed record LossProperty(string Key, string Name, string Answer, string Statement, DerivationTable Evidence);

/// <summary>Something that is said of a loss and is not true.</summary>
/// <param name="Key">The word by which it is claimed: "surrogate".</param>
/// <param name="Answer">What is claimed of that and is wrong: "yes" or "no".</param>
/// <param name="Statement">What is said.</param>
/// <param name="Reason">Why it is wrong.</param>
/// <param name="Evidence">The computation that shows it.</param>
public sealed record LossClaim(string Key, string Answer, string Statement, string Reason, DerivationTable Evidence);

/// <summary>Whether something that is claimed of a loss is true.</summary>
/// <param name="Statement">What is claimed.</param>
/// <param name="Holds">Whether it is true.</param>
/// <param name="Derivation">The reason, with the computation that shows it.</param>
public sealed record LossVerdict(string Statement, bool Holds, Derivation Derivation)
{
    /// <summary>The verdict as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<LossVerdict>());
}

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
    /// <param name="loss">The loss.</param>
    /// <param name="parameters">Its constants.</param>
    public static LossCard Of(LossDefinition loss, LossParameters? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(loss);
        LossParameters constants = parameters ?? new LossParameters();
        string formula = $@"L = {(loss.HasMinus ? "-" : "")}\frac{{1}}{{N}} \sum_i {(loss.HasMinus && loss.Scalar is not null ? $"( {loss.Term} )" : loss.Term)}";
        LossProperty[] properties = [.. LossProperties.Of(loss, constants)];
        LossClaim[] claims = [.. LossProperties.WrongClaims(loss, constants)];
        string letter = loss.Letter, index = loss.HasClasses ? "{ik}" : "i";
        Derivation[] parts =
        [
            .. claims.Length == 0 ? [] : (Derivation[])
                [new("Often claimed, but wrong", [.. claims.Select(c => new DerivationStep($"\"{c.Statement}\" {c.Reason}", Table: c.Evidence))])],
            new("Properties", [.. properties.Select(p => new DerivationStep($"{Capital(p.Name)}: {p.Answer}. {p.Statement}", Table: p.Evidence))]),
        ];
        string named = loss.Name switch
        {
            "huber" => $" ($\\delta = {Tex.Decimal(constants.Delta)}$)",
            "smooth-l1" => $" ($\\beta = {Tex.Decimal(constants.Beta)}$)",
            "focal" => $" ($\\gamma = {Tex.Decimal(constants.Gamma)}$)",
            _ => "",
        };
        // Without its factor the focal loss is another one.
        var (advantages, disadvantages) = loss.Name == "focal" && constants.Gamma == 0
            ? ("With $\\gamma = 0$ it is binary cross-entropy, and has what speaks for that.", "With $\\gamma = 0$ nothing is spared, so that what is right already counts as in binary cross-entropy.")
            : (loss.Advantages, loss.Disadvantages);
        Derivation derivation = new(Capital(loss.Title) + named,
        [
            new("The mean over samples:", formula),
            new("The derivative of one sample's loss by its prediction:",
                $@"\frac{{\partial \ell_i}}{{\partial {letter}_{index}}} = {loss.Derivative}"),
            new($"Use: {loss.Use}"),
            new($"Advantages: {advantages}"),
            new($"Disadvantages: {disadvantages}"),
        ], parts);
        return new LossCard(loss.Name, loss.Title, formula, loss.Derivative, loss.Use, advantages, disadvantages, properties,
            claims, derivation);
    }

    /// <summary>Judges what somebody claims of the loss.</summary>
    /// <param name="claim">A word for a property and an answer: "surrogate=no".</param>
    /// <exception cref="FoveaException">There is no such property, or the answer is none.</exception>
    public LossVerdict Judge(string claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        string[] keys = [.. Properties.Select(property => property.Key).Concat(WrongClaims.Select(wrong => wrong.Key)).Distinct()];
        if (claim.Split('=', StringSplitOptions.TrimEntries) is not [var key, var answer] || answer is not ("yes" or "no" or "partly"))
            throw new FoveaException($"expected a claim such as {keys[0]}=yes or {keys[^1]}=no, got \"{claim}\". Claims of {Name}: {string.Join(", ", keys)}.");
        if (!keys.Contains(key)) throw new FoveaException($"nothing is known of \"{key}\" for {Name}. {Nearest.Hint(key, keys)}Claims: {string.Join(", ", keys)}.");
        LossClaim? wrong = WrongClaims.FirstOrDefault(wrong => wrong.Key == key);
        LossProperty? property = Properties.FirstOrDefault(property => property.Key == key);
        bool holds = answer == (property?.Answer ?? (wrong!.Answer == "no" ? "yes" : "no"));
        List<DerivationStep> steps = [];
        if (wrong is not null) steps.Add(new($"{(wrong.Answer == answer ? "" : holds ? "The contrary is said at times, and is wrong: " : "Said at times, and wrong: ")}\"{wrong.Statement}\" {wrong.Reason}", Table: wrong.Evidence));
        else if (property is not null) steps.Add(new($"{Capital(property.Name)}: {property.Answer}. {property.Statement}", Table: property.Evidence));
        string title = $"The claim {key} = {answer} of {Title} is {(holds ? "right" : "wrong")}";
        return new LossVerdict($"{key}={answer}", holds, new Derivation(title, steps));
    }

    private static string Capital(string text) => $"{char.ToUpperInvariant(text[0])}{text[1..]}";

    /// <summary>The card as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FoveaJson.Of<LossCard>());
}
