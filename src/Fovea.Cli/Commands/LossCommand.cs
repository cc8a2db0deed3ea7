using System.CommandLine;
using System.Globalization;
using Fovea.Lab;
using Spectre.Console;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea loss</c>: what losses are worth for given numbers, and what they are like.</summary>
internal static class LossCommand
{
    private const string Mean = "mean", Sum = "sum", None = "none", Identity = "identity", Sigmoid = "sigmoid";

    public static Verb Create(Terminal terminal)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = $"The loss: {string.Join(", ", LossDefinition.All.Select(loss => loss.Name))}. Without it, all are listed.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string> targets = Text("--y", "The targets: numbers, labels 0 and 1, or classes from 0 on, separated by commas; or rows of class probabilities, separated by semicolons.", "LIST");
        Option<string> predictions = Text("--p", "The predictions, separated by commas; for several classes rows, separated by semicolons.",
            "LIST");
        Option<string> reduction = Options.Choice("--reduction", "What becomes of the samples' losses; their mean unless given.", Mean,
            Mean, Sum, None);
        Option<string> classWeights = Text("--class-weights", "A weight for each class.", "LIST");
        Option<double?> smoothing = Options.Number("--label-smoothing", "The share of each label that is spread over all classes.",
            "a number from 0 to below 1", x => x is >= 0 and < 1);
        Option<string> log = Options.Choice("--log", "The base of logarithms; e unless given.", "e", "2", "e", "10");
        Option<double?> l1 = Options.Number("--l1", "Adds this / m times the sum of |w|.", "a number that is not negative", x => x >= 0);
        Option<double?> l2 = Options.Number("--l2", "Adds this / (2 m) times the sum of w^2.", "a number that is not negative",
            x => x >= 0);
        Option<string> weights = Text("--weights", "The weights w of the penalties.", "LIST");
        Option<int?> m = Options.Whole("--m", "The m of the penalties; the number of samples unless given.", least: 1);
        var card = new Option<bool>("--card") { Description = "Show what the loss is like: formula, use, properties, each with a computation that shows it." };
        var constants = new Constants();
        var working = new DerivationOptions();
        var verb = new Verb("loss", "Compute a loss and its gradient, show the working, compare losses.")
        {
            name, targets, predictions, reduction, classWeights, smoothing, log, l1, l2, weights, m, card, Compare(terminal), Fit(terminal),
        };
        constants.AddTo(verb);
        working.AddTo(verb);
        verb.Examples =
        [
            "fovea loss bce --y 1,0,0 --p 0.2,0.5,0.1 --log 2 --explain",
            "fovea loss cross-entropy --y 2,0 --p \"1,2,3; 2,0,-1\" --label-smoothing 0.1",
            "fovea loss mse --card",
            "fovea loss compare mse,bce --link sigmoid --plot losses.svg",
            "fovea loss fit --loss l1,l2,huber --outliers 0,5 --plot fit.png",
        ];
        verb.SetAction(result =>
        {
            if (result.GetValue(name) is not { } known)
            {
                WriteList(terminal);
                return;
            }
            LossDefinition loss = LossDefinition.Find(known);
            if (result.GetValue(card))
            {
                LossCard answer = LossCard.Of(loss);
                // The card is its working: with --explain it would be shown twice.
                working.Write(result, terminal, answer.Derivation, answer.ToJson);
                return;
            }
            string y = Needed(result, targets, verb), p = Needed(result, predictions, verb);
            double[][] rows = Rows("--p", p);
            LossQuestion question = new()
            {
                Loss = loss,
                Predictions = loss.HasClasses ? rows : Single(rows, "--p"),
                Targets = Targets(loss, Rows("--y", y), rows.Length),
                Reduction = result.GetValue(reduction) switch
                {
                    Sum => LossReduction.Sum,
                    None => LossReduction.None,
                    _ => LossReduction.Mean,
                },
                ClassWeights = result.GetValue(classWeights) is { } list ? Single("--class-weights", list) : null,
                LabelSmoothing = result.GetValue(smoothing) ?? 0,
                Parameters = constants.Read(result) with
                {
                    LogarithmBase = result.GetValue(log) switch
                    {
                        "2" => 2,
                        "10" => 10,
                        _ => Math.E,
                    },
                },
                Penalty = Penalty(result, verb, l1, l2, weights, m),
            };
            LossAnswer value = LossAnswer.Of(question);
            working.Write(result, terminal, value.Derivation, value.ToJson, () => Write(terminal, loss, value), () => []);
        });
        return verb;
    }

    private static Verb Compare(Terminal terminal)
    {
        var names = new Argument<string>("LOSSES") { Description = "Losses of one number, separated by commas." };
        Option<string> link = Options.Choice("--link", "What makes the score of a model a prediction; nothing unless given.", Identity,
            Identity, Sigmoid);
        Option<double?> target = Options.Number("--target", "The target; 1 unless given.", "a number", _ => true, 1);
        Option<double?> reach = Options.Number("--reach", "How far the scores go on both sides of 0; 6 unless given.",
            "a number above 0 and at most 20", x => x is > 0 and <= 20, 6);
        Option<OutputFile?> plot = Plot();
        var constants = new Constants();
        Option<bool> json = Options.Json();
        var verb = new Verb("compare", "Compare losses and their gradients by the score of a model.") { names, link, target, reach, plot };
        constants.AddTo(verb);
        verb.Add(json);
        verb.Examples = ["fovea loss compare mse,bce --link sigmoid --plot losses.svg",
            "fovea loss compare mse,mae,huber,log-cosh --target 0"];
        verb.SetAction(result =>
        {
            string? path = result.GetValue(plot)?.Path;
            LossDefinition[] losses = Find(result.GetRequiredValue(names));
            LossLink between = result.GetValue(link) == Sigmoid ? LossLink.Sigmoid : LossLink.Identity;
            LossComparison comparison = LossComparison.Of(losses, between, result.GetValue(target)!.Value, result.GetValue(reach)!.Value,
                parameters: constants.Read(result));
            if (path is not null) LossCharts.Save(path, comparison);
            if (result.GetValue(json)) terminal.Out.WriteLine(comparison.ToJson());
            else Write(terminal, comparison);
        });
        return verb;
    }

    private static Verb Fit(Terminal terminal)
    {
        Option<string> names = Text("--loss", "Losses of numbers, separated by commas; l1,l2,huber unless given.", "LIST");
        Option<string> outliers = Text("--outliers", "Numbers of outliers, separated by commas; 0,5 unless given.", "LIST");
        Option<int?> points = Options.Whole("--points", "How many points; 40 unless given.", least: 3, 40);
        Option<ulong?> seed = Options.Seed("--seed", "The seed of the points' noise; 1 unless given.", 1);
        Option<OutputFile?> plot = Plot();
        var constants = new Constants();
        Option<bool> json = Options.Json();
        var verb = new Verb("fit", "Fit a line to points with and without outliers, by several losses.") { names, outliers, points, seed,
            plot };
        constants.AddTo(verb);
        verb.Add(json);
        verb.Examples = ["fovea loss fit --loss l1,l2,huber --outliers 0,5 --plot fit.svg"];
        verb.SetAction(result =>
        {
            string? path = result.GetValue(plot)?.Path;
            int[] counts = [.. Single("--outliers", result.GetValue(outliers) ?? "0,5").Select(x =>
                x == Math.Floor(x) && x is >= 0 and <= 1e6 ? (int)x
                    : throw new FoveaException($"--outliers: expected whole numbers that are not negative, got {Format.Decimal(x)}."))];
            LineFits fits = LineFits.Of(Find(result.GetValue(names) ?? "l1,l2,huber"), counts, result.GetValue(points)!.Value,
                result.GetValue(seed)!.Value, constants.Read(result));
            if (path is not null) LossCharts.Save(path, fits);
            if (result.GetValue(json)) terminal.Out.WriteLine(fits.ToJson());
            else Write(terminal, fits);
        });
        return verb;
    }

    private static void WriteList(Terminal terminal)
    {
        Table table = new Table { Border = TableBorder.Simple }.AddColumns("loss", "name", "use");
        foreach (LossDefinition loss in LossDefinition.All) table.AddRow(loss.Name, loss.Title, loss.Use);
        terminal.Write(table);
    }

    private static void Write(Terminal terminal, LossDefinition loss, LossAnswer answer)
    {
        Table table = Numbers("sample", "target", "prediction", "loss", "gradient");
        foreach (var (i, sample) in answer.Samples.Index())
            table.AddRow($"{i + 1}", Row(sample.Target), Row(sample.Prediction), Format.Decimal(sample.Value), Row(sample.Gradient));
        string samples = $"{answer.Samples.Count} sample{(answer.Samples.Count == 1 ? "" : "s")}";
        if (answer.Loss is { } value) terminal.WriteLine($"{loss.Title}, {answer.Reduction} of {samples}: {Format.Decimal(value, 6)}");
        else terminal.WriteLine($"{loss.Title} of {samples}");
        if (answer.WeightGradient.Count > 0)
        {
            terminal.WriteLine($"penalty on the weights: {Format.Decimal(answer.Penalty, 6)}{(answer.Value is { } total ? $", together: {Format.Decimal(total, 6)}" : "")}");
            terminal.WriteLine($"gradient of the penalty: {Row(answer.WeightGradient)}");
        }
        terminal.Write(table);

        static string Row(IReadOnlyList<double> row) => string.Join(", ", row.Select(x => Format.Decimal(x)));
    }

    private static void Write(Terminal terminal, LossComparison comparison)
    {
        Table table = Numbers(["score", .. comparison.Curves.SelectMany(curve => (string[])[curve.Name, "gradient"])]);
        // Thirteen rows tell enough; the picture and --json have all.
        for (int i = 0; i < comparison.Scores.Count; i += (comparison.Scores.Count - 1) / 12)
            table.AddRow([Format.Decimal(comparison.Scores[i]),
                .. comparison.Curves.SelectMany(curve => (string[])[Format.Decimal(curve.Values[i]), Format.Decimal(curve.Gradients[i])])]);
        string link = comparison.Link == Sigmoid ? ", the score through a sigmoid" : "";
        terminal.WriteLine($"Target {Format.Decimal(comparison.Target)}{link}; gradients by the score.");
        terminal.Write(table);
    }

    private static void Write(Terminal terminal, LineFits fits)
    {
        Table table = Numbers("outliers", "loss", "slope", "intercept", "mean loss", "slope off by");
        foreach (LineFitCase fit in fits.Cases)
        {
            foreach (FittedLine line in fit.Lines)
                table.AddRow($"{fit.Outliers}", line.Loss, Format.Loss(line.Slope), Format.Loss(line.Intercept), Format.Loss(line.Value),
                    Format.Loss(Math.Abs(line.Slope - fits.Slope)));
        }
        terminal.WriteLine($"{fits.Cases[0].X.Count} points near a line of slope {Format.Decimal(fits.Slope)} and intercept {Format.Decimal(fits.Intercept)}; the outliers are the last points, raised.");
        terminal.Write(table);
    }

    private static Table Numbers(params IEnumerable<string> columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string column in columns) table.AddColumn(new TableColumn(column).RightAligned());
        return table;
    }

    private static LossPenalty? Penalty(ParseResult result, Verb verb, Option<double?> l1, Option<double?> l2, Option<string> weights,
        Option<int?> m)
    {
        double? absolute = result.GetValue(l1), square = result.GetValue(l2);
        string? list = result.GetValue(weights);
        if (absolute is null && square is null && list is null) return null;
        if (list is null) throw new UsageException("loss: a penalty needs the weights that it is for. Give them with --weights.", verb);
        if (absolute is null && square is null) throw new UsageException("loss: weights alone are no penalty. Give its factor with --l1 or --l2.", verb);
        return new LossPenalty(absolute ?? 0, square ?? 0, Single("--weights", list), result.GetValue(m));
    }

    // Numbers without semicolons are one for each sample, unless there is but one sample and more numbers than that.
    private static double[][] Targets(LossDefinition loss, double[][] rows, int samples) =>
        !loss.HasClasses ? Single(rows, "--y") : rows is [var row] && (row.Length == samples || samples > 1) ? Single(rows, "--y") : rows;

    private static double[][] Single(double[][] rows, string option) =>
        rows is [var row] ? [.. row.Select(x => new[] { x })]
            : throw new FoveaException($"{option}: this loss takes one number for each sample, separated by commas, not rows.");

    private static double[] Single(string option, string text) =>
        Rows(option, text) is [var row] ? row : throw new FoveaException($"{option}: expected numbers separated by commas, got \"{text}\".");

    private static double[][] Rows(string option, string text) =>
        [.. text.Split(';').Select(row => row.Split(',').Select(cell => Number(option, cell.Trim(), text)).ToArray())];

    private static double Number(string option, string cell, string text) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw new FoveaException($"{option}: expected numbers separated by commas, got \"{cell}\" in \"{text}\".");

    private static LossDefinition[] Find(string names) => [.. names.Split(',').Select(name => LossDefinition.Find(name.Trim())).Distinct()];

    private static string Needed(ParseResult result, Option<string> option, Verb verb) => result.GetValue(option)
        ?? throw new UsageException($"loss: {option.Name} is missing. Give targets with --y and predictions with --p, or ask what the loss is like with --card.", verb);

    private static Option<OutputFile?> Plot() => OutputFile.Option("--plot", "Draw a picture: an SVG or PNG, by the name's end.", ".svg", ".png");

    private static Option<string> Text(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName };

    /// <summary>The options for the constants of losses.</summary>
    private sealed class Constants
    {
        private readonly Option<double?> _delta = Options.Number("--delta", "Where the Huber loss becomes linear; 1 unless given.",
            "a number above 0", x => x > 0, 1);
        private readonly Option<double?> _beta = Options.Number("--beta", "Where the smooth L1 loss becomes linear; 1 unless given.",
            "a number above 0", x => x > 0, 1);
        private readonly Option<double?> _gamma = Options.Number("--gamma", "How much the focal loss spares what is right; 2 unless given.",
            "a number that is not negative", x => x >= 0, 2);

        public void AddTo(Verb verb)
        {
            foreach (Option option in (Option[])[_delta, _beta, _gamma]) verb.Add(option);
        }

        public LossParameters Read(ParseResult result) =>
            new(result.GetValue(_delta)!.Value, result.GetValue(_beta)!.Value, result.GetValue(_gamma)!.Value);
    }
}
