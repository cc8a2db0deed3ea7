using System.CommandLine;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea loss compare</c>: losses beside each other, by the score of a model.</summary>
internal static class LossCompareCommand
{
    private const string Identity = "identity", Sigmoid = "sigmoid";

    public static Verb Create(Terminal terminal)
    {
        var names = new Argument<string>("LOSSES") { Description = "Losses of one number, at least two, separated by commas." };
        Option<string> link = Options.Choice("--link", "What makes the score of a model a prediction; nothing unless given.", Identity,
            Identity, Sigmoid);
        Option<double?> target = Options.Number("--target", "The target; 1 unless given.", "a number", _ => true, 1);
        Option<double?> reach = Options.Number("--reach", "How far the scores go on both sides of 0; 6 unless given.",
            "a number above 0 and at most 20", x => x is > 0 and <= 20, 6);
        Option<string> log = LossOptions.Logarithm();
        Option<OutputFile?> plot = LossOptions.Plot();
        var constants = new LossOptions.Constants();
        var working = new DerivationOptions();
        var verb = new Verb("compare", "Compare losses and their slopes by the score of a model.") { names, link, target, reach, log, plot };
        constants.AddTo(verb);
        working.AddTo(verb);
        verb.Examples = ["fovea loss compare mse,bce --link sigmoid --plot losses.svg",
            "fovea loss compare mse,mae,huber,log-cosh --target 0"];
        verb.SetAction(result =>
        {
            LossDefinition[] losses = LossOptions.Find(result.GetRequiredValue(names));
            LossLink between = result.GetValue(link) == Sigmoid ? LossLink.Sigmoid : LossLink.Identity;
            if (losses.Length < 2)
                throw new FoveaException($"compare: expected at least two losses, got {losses[0].Name} alone. What one is like: fovea loss {losses[0].Name} --card.");
            if (between == LossLink.Sigmoid && losses.All(loss => loss.Input == LossInput.Score))
                throw new FoveaException($"--link: {string.Join(" and ", losses.Select(loss => loss.Name))} take the score as it is, so that a sigmoid has nothing to do. Leave it out.");
            LossComparison comparison = LossComparison.Of(losses, between, result.GetValue(target)!.Value, result.GetValue(reach)!.Value,
                parameters: constants.Read(result, losses) with { LogarithmBase = LossOptions.LogarithmBase(result, log, losses) });
            if (result.GetValue(plot) is { } file) LossCharts.Save(file.Path, comparison);
            working.Write(result, terminal, () => comparison.Derivation, comparison.ToJson, () =>
            {
                if (!working.IsAskedFor(result)) Write(terminal, comparison);
            }, () => [new("", Picture: LossCharts.Picture(comparison))]);
        });
        return verb;
    }

    private static void Write(Terminal terminal, LossComparison comparison)
    {
        string link = comparison.Link == Sigmoid ? ", the score through a sigmoid" : "";
        terminal.Write([new DerivationStep($"Target {Format.Decimal(comparison.Target)}{link}; slopes by the score.", Table: comparison.Table)]);
        foreach (string conclusion in comparison.Conclusions) terminal.WriteParagraph(conclusion);
    }
}
