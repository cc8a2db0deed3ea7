using System.CommandLine;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea lr-find</c>: looks for a learning rate by a range test.</summary>
internal sealed class LearningRateCommand(Terminal terminal)
{
    // Rows of the table: about two for each power of ten.
    private const int Rows = 16;

    private readonly Argument<string> _model = ModelArgument.Create();
    private readonly DataOptions _data = new("mnist unless given");
    private readonly Option<Shape?> _input = Options.Shape("--input", "The shape of a sample: the model's own unless given; of a line of text, the data's.");
    private readonly Option<int?> _batchSize = Options.Whole("--batch-size", "Samples of one update.", least: 1, usual: new TrainingSettings().BatchSize);
    private readonly OptimizerOptions _optimizer = new();
    private readonly Option<string> _loss = Options.Choice("--loss", "What is made small; what suits the model's last layer unless given.", null, Loss.Names);
    private readonly Option<double?> _from = Options.Number("--from", "The learning rate of the first update.", "a number above 0", x => x > 0, 1e-7);
    private readonly Option<double?> _to = Options.Number("--to", "The learning rate of the last update, if the loss has not diverged before.", "a number above 0", x => x > 0, 10);
    private readonly Option<int?> _steps = Options.Whole("--steps", "How many updates there are.", least: 10, usual: 200);
    private readonly Option<ulong?> _seed = Options.Seed("--seed", "What weights and order are drawn by.", usual: 1);
    private readonly Option<int?> _threads = Options.Threads();
    private readonly Option<string?> _plot = new("--plot") { Description = "Draw the losses by the learning rate, as .svg or .png.", HelpName = "FILE" };
    private readonly Option<bool> _json = Options.Json();

    public static Verb Create(Terminal terminal) => new LearningRateCommand(terminal).Create();

    private Verb Create()
    {
        var verb = new Verb("lr-find", "Look for a learning rate: a short training in which it rises until the loss diverges (the range test of Smith 2017).") { _model };
        _data.AddTo(verb);
        foreach (Option option in (Option[])[_input, _batchSize, .. _optimizer.All, _loss, _from, _to, _steps, _seed, _threads, _plot, _json]) verb.Options.Add(option);
        verb.Examples = ["fovea lr-find stride2", "fovea lr-find lenet5 --optimizer sgd --momentum 0.9 --batch-size 256 --plot rates.svg"];
        verb.SetAction(Run);
        return verb;
    }

    private int Run(ParseResult result)
    {
        if (result.GetValue(_plot) is { } path) RangeChart.CheckPath(path);
        string text = result.GetRequiredValue(_model);
        Shape? input = result.GetValue(_input);
        ModelSpec? model = ModelArgument.IsLine(text) && input is null ? null : ModelArgument.Read(text, input, default);
        Dataset data = _data.Load(result, "mnist", DatasetPart.Training, model?.Input);
        if (result.GetValue(_data.Limit) is { } limit) data = data.Take(limit);
        ModelSpec chosen = model ?? ModelArgument.Read(text, null, data.Shape);
        Loss loss = result.GetValue(_loss) is { } name ? Loss.Named(name) : Loss.For(chosen);
        loss.CheckEnd(chosen);
        var settings = new TrainingSettings { BatchSize = result.GetValue(_batchSize)!.Value, Optimizer = _optimizer.Read(result), Loss = loss, Seed = result.GetValue(_seed)!.Value };
        bool json = result.GetValue(_json);
        using var interruption = new Interruption();
        LearningRateRange range = terminal.WithBar(json, bar => LearningRateRange.Run(chosen, data, settings, result.GetValue(_from)!.Value, result.GetValue(_to)!.Value,
            result.GetValue(_steps)!.Value, result.GetValue(_threads) ?? 0,
            progress => bar?.Show(() => $"learning rate {progress.Step.LearningRate:G2}  loss {Format.Loss(progress.Step.Loss)}", progress.Share, progress.SamplesPerSecond, progress.SecondsLeft),
            interruption.Token));
        if (result.GetValue(_plot) is { } file) RangeChart.Save(file, range);
        if (json) terminal.Out.WriteLine(CliJson.Write(new RangeReport(chosen.ToString(), data.Name, settings, range.Suggested, range.Steepest, range.Divergence, range.Points)));
        else Write(chosen, data, settings, range);
        return interruption.Token.IsCancellationRequested ? Program.Interrupted : Program.Done;
    }

    private void Write(ModelSpec model, Dataset data, TrainingSettings settings, LearningRateRange range)
    {
        terminal.WriteLine($"{model} on {data.Name}: {settings.Optimizer.Name}, batches of {Format.Number(settings.BatchSize)}, loss {settings.Loss.Name}, seed {settings.Seed}");
        TextTable table = new TextTable().AddNumbers("update", "learning rate", "loss", "smoothed");
        int every = Math.Max(1, (range.Points.Count - 1) / (Rows - 1));
        foreach (var (i, point) in range.Points.Index().Where(p => p.Index % every == 0 || p.Index == range.Points.Count - 1))
            table.AddRow(Format.Number(point.Update), Rate(point.LearningRate), Format.Decimal(point.Loss, 4), Format.Decimal(point.Smoothed, 4));
        terminal.Write(table);
        terminal.WriteLine(range.Steepest is { } steepest ? $"the loss falls fastest at {Rate(steepest)}" : "the loss falls nowhere: give more --steps, or a larger --to");
        terminal.WriteLine(range.Divergence is { } divergence ? $"it diverges at {Rate(divergence)}; a tenth of that is {Rate(divergence / 10)}" : "it does not diverge: --to may be larger");
        if (range.Suggested is { } suggested) terminal.WriteLine($"try --lr {Rate(suggested)}, the smaller of the two; to be sure, also try a rate three times smaller and one three times larger");
    }

    private static string Rate(double rate) => rate.ToString("G2", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What <c>fovea lr-find --json</c> prints.</summary>
/// <param name="Model">Its name, or its layers as text.</param>
/// <param name="Data">What it was tried on.</param>
/// <param name="Settings">How: batch size, optimizer, loss and seed count.</param>
/// <param name="Suggested">The smaller of the next and a tenth of the one after; null where there is none.</param>
/// <param name="Steepest">Where the loss falls fastest.</param>
/// <param name="Divergence">Where it diverges; null where it does not.</param>
/// <param name="Points">The updates.</param>
internal sealed record RangeReport(string Model, string Data, TrainingSettings Settings, double? Suggested, double? Steepest, double? Divergence, IReadOnlyList<LearningRatePoint> Points);
