using System.CommandLine;
using System.Globalization;

namespace Fovea.Cli;

/// <summary>What the verbs of losses have in common: names of losses, lists of numbers, constants.</summary>
internal static class LossOptions
{
    /// <summary>The losses of a list of names, each once.</summary>
    public static LossDefinition[] Find(string names) => [.. names.Split(',').Select(name => LossDefinition.Find(name.Trim())).Distinct()];

    /// <summary>An option for a text.</summary>
    public static Option<string> Text(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName };

    /// <summary>The file of a picture.</summary>
    public static Option<OutputFile?> Plot() => OutputFile.Option("--plot", "Draw a picture: an SVG or PNG, by the name's end.", ".svg", ".png");

    /// <summary>The base of logarithms.</summary>
    public static Option<string> Logarithm() => Options.Choice("--log", "The base of logarithms; e unless given.", "e", "2", "e", "10");

    /// <summary>The base that was given, for some losses.</summary>
    /// <exception cref="FoveaException">One was given, and none of the losses has a logarithm.</exception>
    public static double LogarithmBase(ParseResult result, Option<string> option, params IReadOnlyList<LossDefinition> losses)
    {
        if (IsGiven(result, option) && losses.All(loss => !loss.HasLogarithm))
            throw new FoveaException($"{string.Join(" and ", losses.Select(loss => loss.Name))}: {(losses.Count == 1 ? "it takes" : "they take")} no logarithm whose base could be chosen. Leave --log out.");
        return result.GetValue(option) switch
        {
            "2" => 2,
            "10" => 10,
            _ => Math.E,
        };
    }

    /// <summary>Whether an option was given, not only supplied with what it is usually.</summary>
    public static bool IsGiven(ParseResult result, Option option) => result.GetResult(option) is { Implicit: false };

    /// <summary>One number for each sample.</summary>
    public static double[][] Singles(double[][] rows, string option) =>
        rows is [var row] ? [.. row.Select(x => new[] { x })]
            : throw new FoveaException($"{option}: this loss takes one number for each sample, separated by commas, not rows.");

    /// <summary>Numbers separated by commas.</summary>
    public static double[] Single(string option, string text) =>
        Rows(option, text) is [var row] ? row : throw new FoveaException($"{option}: expected numbers separated by commas, got \"{text}\".");

    /// <summary>Rows of numbers, separated by semicolons.</summary>
    public static double[][] Rows(string option, string text) =>
        [.. text.Split(';').Select(row => row.Split(',').Select(cell => Number(option, cell.Trim(), text)).ToArray())];

    private static double Number(string option, string cell, string text) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw new FoveaException($"{option}: expected numbers separated by commas, got \"{cell}\" in \"{text}\".");

    /// <summary>The options for the constants of losses.</summary>
    public sealed class Constants
    {
        private readonly (Option<double?> Option, string Loss)[] _all =
        [
            (Options.Number("--delta", "Where the Huber loss becomes linear; 1 unless given.", "a number above 0", x => x > 0), "huber"),
            (Options.Number("--beta", "Where the smooth L1 loss becomes linear; 1 unless given.", "a number above 0", x => x > 0), "smooth-l1"),
            (Options.Number("--gamma", "How much the focal loss spares what is right; 2 unless given.", "a number that is not negative", x => x >= 0), "focal"),
        ];

        /// <summary>Adds the options to a verb.</summary>
        public void AddTo(Verb verb)
        {
            foreach (var (option, _) in _all) verb.Add(option);
        }

        /// <summary>The constants, for some losses.</summary>
        /// <exception cref="FoveaException">One was given that none of the losses has.</exception>
        public LossParameters Read(ParseResult result, params IReadOnlyList<LossDefinition> losses)
        {
            foreach (var (option, loss) in _all)
            {
                if (IsGiven(result, option) && losses.All(other => other.Name != loss))
                    throw new FoveaException($"{option.Name} is a constant of {loss}, which {string.Join(" and ", losses.Select(other => other.Name))} {(losses.Count == 1 ? "is" : "are")} not. Leave it out.");
            }
            var usual = new LossParameters();
            double?[] given = [.. _all.Select(constant => result.GetValue(constant.Option))];
            return new(given[0] ?? usual.Delta, given[1] ?? usual.Beta, given[2] ?? usual.Gamma);
        }
    }
}
