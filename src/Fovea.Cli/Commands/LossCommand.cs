using System.CommandLine;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea loss</c>: what losses are worth for given numbers, and what they are like.</summary>
internal static class LossCommand
{
    private const string Mean = "mean", Sum = "sum", None = "none";

    // Longer texts take several lines.
    private const int WidthOfTexts = 70, WidthOfRows = 34;

    public static Verb Create(Terminal terminal)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = $"The loss: {string.Join(", ", LossDefinition.All.Select(loss => loss.Name))}. Without it, all are listed.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string> targets = LossOptions.Text("--y", "The targets: numbers, labels 0 and 1, or classes from 0 on, separated by commas; or rows of class probabilities, separated by semicolons.", "LIST");
        Option<string> predictions = LossOptions.Text("--p", "The predictions, separated by commas; for several classes rows, separated by semicolons.",
            "LIST");
        Option<string> reduction = Options.Choice("--reduction", "What becomes of the samples' losses; their mean unless given.", Mean,
            Mean, Sum, None);
        Option<string> classWeights = LossOptions.Text("--class-weights", "A weight for each class.", "LIST");
        Option<double?> smoothing = Options.Number("--label-smoothing", "The share of each label that is spread over all classes.",
            "a number from 0 to below 1", x => x is >= 0 and < 1);
        Option<string> log = LossOptions.Logarithm();
        Option<double?> l1 = Options.Number("--l1", "Adds this / m times the sum of |w|.", "a number that is not negative", x => x >= 0);
        Option<double?> l2 = Options.Number("--l2", "Adds this / (2 m) times the sum of w^2.", "a number that is not negative",
            x => x >= 0);
        Option<string> weights = LossOptions.Text("--weights", "The weights w of the penalties.", "LIST");
        Option<int?> m = Options.Whole("--m", "The m of the penalties; the number of samples unless given.", least: 1);
        var card = new Option<bool>("--card") { Description = "Show what the loss is like: formula, use, properties, each with a computation that shows it." };
        Option<string> claim = LossOptions.Text("--claim", "Check what somebody says of the loss, such as surrogate=no or convex=yes; exit code 1 where it is wrong.", "KEY=ANSWER");
        var constants = new LossOptions.Constants();
        var working = new DerivationOptions();
        var verb = new Verb("loss", "Compute a loss and its gradient, show the working, compare losses.")
        {
            name, targets, predictions, reduction, classWeights, smoothing, log, l1, l2, weights, m, card, claim,
            LossCompareCommand.Create(terminal), LossFitCommand.Create(terminal),
        };
        constants.AddTo(verb);
        working.AddTo(verb);
        verb.Examples =
        [
            "fovea loss bce --y 1,0,0 --p 0.2,0.5,0.1 --log 2 --explain",
            "fovea loss cross-entropy --y 2,0 --p \"1,2,3; 2,0,-1\" --label-smoothing 0.1",
            "fovea loss mse --card",
            "fovea loss mae --claim surrogate=no",
            "fovea loss compare mse,bce --link sigmoid --plot losses.svg",
            "fovea loss fit --loss l1,l2,huber --outliers 0,5 --plot fit.png",
        ];
        verb.SetAction(result =>
        {
            if (result.GetValue(name) is not { } known)
            {
                if (verb.Options.FirstOrDefault(option => LossOptions.IsGiven(result, option)) is { } alone)
                    throw new UsageException($"loss: {alone.Name} needs the name of a loss before it. Losses: {string.Join(", ", LossDefinition.All.Select(loss => loss.Name))}.", verb);
                WriteList(terminal);
                return Program.Done;
            }
            LossDefinition loss = LossDefinition.Find(known);
            LossParameters parameters = constants.Read(result, loss) with { LogarithmBase = LossOptions.LogarithmBase(result, log, loss) };
            if (result.GetValue(card) || result.GetValue(claim) is not null)
            {
                Option[] ofValues = [targets, predictions, reduction, classWeights, smoothing, l1, l2, weights, m];
                if (ofValues.FirstOrDefault(option => LossOptions.IsGiven(result, option)) is { } other)
                    throw new UsageException($"loss: {other.Name} is for a value, but --card and --claim are about the loss itself. Leave it out.", verb);
                LossCard answer = LossCard.Of(loss, parameters);
                if (result.GetValue(claim) is not { } said)
                {
                    // The card is its working: with --explain it would be shown twice.
                    working.Write(result, terminal, answer.Derivation, answer.ToJson);
                    return Program.Done;
                }
                if (result.GetValue(card)) throw new UsageException("loss: --claim checks one thing and --card shows all. Leave one of them out.", verb);
                LossVerdict verdict = answer.Judge(said);
                working.Write(result, terminal, verdict.Derivation, verdict.ToJson);
                return verdict.Holds ? Program.Done : Program.Failed;
            }
            string y = Needed(result, targets, verb), p = Needed(result, predictions, verb);
            double[][] rows = LossOptions.Rows("--p", p);
            LossQuestion question = new()
            {
                Loss = loss,
                Predictions = loss.HasClasses ? rows : LossOptions.Singles(rows, "--p"),
                Targets = Targets(loss, LossOptions.Rows("--y", y), rows.Length),
                Reduction = result.GetValue(reduction) switch
                {
                    Sum => LossReduction.Sum,
                    None => LossReduction.None,
                    _ => LossReduction.Mean,
                },
                ClassWeights = result.GetValue(classWeights) is { } list ? LossOptions.Single("--class-weights", list) : null,
                LabelSmoothing = result.GetValue(smoothing) ?? 0,
                Parameters = parameters,
                Penalty = Penalty(result, verb, l1, l2, weights, m),
            };
            LossAnswer value = LossAnswer.Of(question);
            working.Write(result, terminal, () => value.Derivation, value.ToJson, () => Write(terminal, loss, value), () => []);
            return Program.Done;
        });
        return verb;
    }

    private static void WriteList(Terminal terminal)
    {
        TextTable table = new TextTable().AddColumns("loss", "name").AddColumn("use", width: WidthOfTexts);
        foreach (LossDefinition loss in LossDefinition.All) table.AddRow(loss.Name, loss.Title, loss.Use);
        terminal.Write(table);
    }

    private static void Write(Terminal terminal, LossDefinition loss, LossAnswer answer)
    {
        // Rows of many classes take several lines.
        int? width = answer.Samples[0].Prediction.Count > 4 ? WidthOfRows : null;
        TextTable table = new TextTable().AddNumbers("sample").AddColumn("target", isRight: true, width).AddColumn("prediction", isRight: true, width).AddNumbers("loss")
            .AddColumn("gradient", isRight: true, width);
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

    private static LossPenalty? Penalty(ParseResult result, Verb verb, Option<double?> l1, Option<double?> l2, Option<string> weights,
        Option<int?> m)
    {
        double? absolute = result.GetValue(l1), square = result.GetValue(l2);
        string? list = result.GetValue(weights);
        if (absolute is null && square is null && list is null)
        {
            return result.GetValue(m) is null ? null
                : throw new UsageException("loss: --m is for a penalty on weights. Give its factor with --l1 or --l2 and the weights with --weights, or leave --m out.", verb);
        }
        if (list is null) throw new UsageException("loss: a penalty needs the weights that it is for. Give them with --weights.", verb);
        if (absolute is null && square is null) throw new UsageException("loss: weights alone are no penalty. Give its factor with --l1 or --l2.", verb);
        return new LossPenalty(absolute ?? 0, square ?? 0, LossOptions.Single("--weights", list), result.GetValue(m));
    }

    // Numbers without semicolons are one for each sample, unless there is but one sample and more numbers than that.
    private static double[][] Targets(LossDefinition loss, double[][] rows, int samples) =>
        !loss.HasClasses ? LossOptions.Singles(rows, "--y") : rows is [var row] && (row.Length == samples || samples > 1) ? LossOptions.Singles(rows, "--y") : rows;

    private static string Needed(ParseResult result, Option<string> option, Verb verb) => result.GetValue(option)
        ?? throw new UsageException($"loss: {option.Name} is missing. Give targets with --y and predictions with --p, or ask what the loss is like with --card.", verb);
}
