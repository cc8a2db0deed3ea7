using System.CommandLine;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea loss</c>: what losses are worth for given numbers, and what they are like.</summary>
internal sealed class LossCommand
{
    private const string Mean = "mean", Sum = "sum", None = "none";

    // Longer texts take several lines.
    private const int WidthOfTexts = 70, WidthOfRows = 34;

    private readonly Terminal _terminal;
    private readonly Argument<string?> _name = new("NAME")
    {
        Description = $"The loss: {Names}. Without it, all are listed.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string> _targets = LossOptions.Text(
        "--y", "The targets: numbers, labels 0 and 1, or classes from 0 on, separated by commas; or rows of class probabilities, separated by semicolons.", "LIST");
    private readonly Option<string> _predictions = LossOptions.Text("--p", "The predictions, separated by commas; for several classes rows, separated by semicolons.", "LIST");
    private readonly Option<string> _reduction = Options.Choice("--reduction", "What becomes of the samples' losses; their mean unless given.", Mean, Mean, Sum, None);
    private readonly Option<string> _classWeights = LossOptions.Text("--class-weights", "A weight for each class.", "LIST");
    private readonly Option<double?> _smoothing = Options.Number("--label-smoothing", "The share of each label that is spread over all classes.",
        "a number from 0 to below 1", x => x is >= 0 and < 1);
    private readonly Option<string> _log = LossOptions.Logarithm();
    private readonly Option<double?> _l1 = Options.Number("--l1", "Adds this / m times the sum of |w|.", "a number that is not negative", x => x >= 0);
    private readonly Option<double?> _l2 = Options.Number("--l2", "Adds this / (2 m) times the sum of w^2.", "a number that is not negative", x => x >= 0);
    private readonly Option<string> _weights = LossOptions.Text("--weights", "The weights w of the penalties.", "LIST");
    private readonly Option<int?> _m = Options.Whole("--m", "The m of the penalties; the number of samples unless given.", least: 1);
    private readonly Option<bool> _card = new("--card") { Description = "Show what the loss is like: formula, use, properties, each with a computation that shows it." };
    private readonly Option<string> _claim = LossOptions.Text("--claim", "Check what somebody says of the loss, such as surrogate=no or convex=yes; exit code 1 where it is wrong.", "KEY=ANSWER");
    private readonly LossOptions.Constants _constants = new();
    private readonly DerivationOptions _working = new();
    private readonly Verb _verb;

    private LossCommand(Terminal terminal)
    {
        _terminal = terminal;
        _verb = new Verb("loss", "Compute a loss and its gradient, show the working, compare losses.")
        {
            _name, _targets, _predictions, _reduction, _classWeights, _smoothing, _log, _l1, _l2, _weights, _m, _card, _claim,
            LossCompareCommand.Create(terminal), LossFitCommand.Create(terminal),
        };
        _constants.AddTo(_verb);
        _working.AddTo(_verb);
        _verb.Examples =
        [
            "fovea loss bce --y 1,0,0 --p 0.2,0.5,0.1 --log 2 --explain",
            "fovea loss cross-entropy --y 2,0 --p \"1,2,3; 2,0,-1\" --label-smoothing 0.1",
            "fovea loss mse --card",
            "fovea loss mae --claim surrogate=no",
            "fovea loss compare mse,bce --link sigmoid --plot losses.svg",
            "fovea loss fit --loss l1,l2,huber --outliers 0,5 --plot fit.png",
        ];
        _verb.SetAction(Run);
    }

    public static Verb Create(Terminal terminal) => new LossCommand(terminal)._verb;

    private static string Names => string.Join(", ", LossDefinition.All.Select(loss => loss.Name));

    private int Run(ParseResult result)
    {
        if (result.GetValue(_name) is not { } name)
        {
            if (_verb.Options.FirstOrDefault(option => LossOptions.IsGiven(result, option)) is { } alone)
                throw new UsageException($"loss: {alone.Name} needs the name of a loss before it. Losses: {Names}.", _verb);
            WriteList(_terminal);
            return Program.Done;
        }
        LossDefinition loss = LossDefinition.Find(name);
        LossParameters parameters = _constants.Read(result, loss) with { LogarithmBase = LossOptions.LogarithmBase(result, _log, loss) };
        if (result.GetValue(_card) || result.GetValue(_claim) is not null) return Describe(result, LossCard.Of(loss, parameters));
        LossAnswer value = LossAnswer.Of(Question(result, loss, parameters));
        _working.Write(result, _terminal, () => value.Derivation, value.ToJson, () => Write(_terminal, loss, value), () => []);
        return Program.Done;
    }

    // What the loss is like, or whether somebody's word on it holds.
    private int Describe(ParseResult result, LossCard card)
    {
        Option[] ofValues = [_targets, _predictions, _reduction, _classWeights, _smoothing, _l1, _l2, _weights, _m];
        if (ofValues.FirstOrDefault(option => LossOptions.IsGiven(result, option)) is { } other)
            throw new UsageException($"loss: {other.Name} is for a value, but --card and --claim are about the loss itself. Leave it out.", _verb);
        if (result.GetValue(_claim) is not { } claim)
        {
            // The card is its working: with --explain it would be shown twice.
            _working.Write(result, _terminal, card.Derivation, card.ToJson);
            return Program.Done;
        }
        if (result.GetValue(_card)) throw new UsageException("loss: --claim checks one thing and --card shows all. Leave one of them out.", _verb);
        LossVerdict verdict = card.Judge(claim);
        _working.Write(result, _terminal, verdict.Derivation, verdict.ToJson);
        return verdict.Holds ? Program.Done : Program.Failed;
    }

    private LossQuestion Question(ParseResult result, LossDefinition loss, LossParameters parameters)
    {
        string y = Needed(result, _targets), p = Needed(result, _predictions);
        double[][] rows = LossOptions.Rows("--p", p);
        return new()
        {
            Loss = loss,
            Predictions = loss.HasClasses ? rows : LossOptions.Singles(rows, "--p"),
            Targets = Targets(loss, LossOptions.Rows("--y", y), rows.Length),
            Reduction = result.GetValue(_reduction) switch
            {
                Sum => LossReduction.Sum,
                None => LossReduction.None,
                _ => LossReduction.Mean,
            },
            ClassWeights = result.GetValue(_classWeights) is { } list ? LossOptions.Single("--class-weights", list) : null,
            LabelSmoothing = result.GetValue(_smoothing) ?? 0,
            Parameters = parameters,
            Penalty = Penalty(result),
        };
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

    private LossPenalty? Penalty(ParseResult result)
    {
        double? absolute = result.GetValue(_l1), square = result.GetValue(_l2);
        string? list = result.GetValue(_weights);
        if (absolute is null && square is null && list is null)
        {
            return result.GetValue(_m) is null ? null
                : throw new UsageException("loss: --m is for a penalty on weights. Give its factor with --l1 or --l2 and the weights with --weights, or leave --m out.", _verb);
        }
        if (list is null) throw new UsageException("loss: a penalty needs the weights that it is for. Give them with --weights.", _verb);
        if (absolute is null && square is null) throw new UsageException("loss: weights alone are no penalty. Give its factor with --l1 or --l2.", _verb);
        return new LossPenalty(absolute ?? 0, square ?? 0, LossOptions.Single("--weights", list), result.GetValue(_m));
    }

    // Numbers without semicolons are one for each sample, unless there is but one sample and more numbers than that.
    private static double[][] Targets(LossDefinition loss, double[][] rows, int samples) =>
        !loss.HasClasses ? LossOptions.Singles(rows, "--y") : rows is [var row] && (row.Length == samples || samples > 1) ? LossOptions.Singles(rows, "--y") : rows;

    private string Needed(ParseResult result, Option<string> option) => result.GetValue(option)
        ?? throw new UsageException($"loss: {option.Name} is missing. Give targets with --y and predictions with --p, or ask what the loss is like with --card.", _verb);
}
