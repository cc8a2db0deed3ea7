using System.CommandLine;
using System.Text.Json.Serialization;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea evaluate</c>: loss, accuracy and mistakes of a trained network.</summary>
internal static class EvaluateCommand
{
    // More columns than this do not fit a terminal; the JSON has them all.
    private const int MostColumns = 12;

    public static Verb Create(Terminal terminal)
    {
        Argument<string> folder = TrainedFolder.Argument();
        var data = new DataOptions("what it was trained on, unless given");
        Option<string> part = Options.Choice("--part", "Which samples.", "test", "test", "training");
        Option<int?> mistakes = Options.Whole("--mistakes", "List so many of the samples that it takes for another class, the surest mistakes first.", least: 1);
        Option<int?> threads = Options.Threads();
        Option<bool> json = Options.Json();
        var verb = new Verb("evaluate", "Show loss, accuracy and confusions of a trained network.") { folder };
        data.AddTo(verb);
        verb.Options.Add(part);
        verb.Options.Add(mistakes);
        verb.Options.Add(threads);
        verb.Options.Add(json);
        verb.Examples = ["fovea evaluate runs/stride2-1 --data mnist", "fovea evaluate runs/stride2-1 --mistakes 18"];
        verb.SetAction(result =>
        {
            TrainedNetwork trained = TrainedFolder.Load(terminal, result.GetRequiredValue(folder));
            DatasetPart which = result.GetValue(part) == "test" ? DatasetPart.Test : DatasetPart.Training;
            Dataset samples = data.Load(result, trained.Data.Name, which, trained.Network.Input);
            if (result.GetValue(data.Limit) is { } limit) samples = samples.Take(limit);
            var (evaluation, confusion) = trained.Evaluate(samples, result.GetValue(threads) ?? 0);
            IReadOnlyList<Misclassification>? worst = result.GetValue(mistakes) is { } count ? [.. trained.Mistakes(samples).Take(count)] : null;
            if (result.GetValue(json)) terminal.Out.WriteLine(CliJson.Write(EvaluationReport.Of(trained, samples, evaluation, confusion, worst)));
            else Write(terminal, trained, samples, evaluation, confusion, worst);
        });
        return verb;
    }

    private static void Write(Terminal terminal, TrainedNetwork trained, Dataset data, Evaluation evaluation, ConfusionMatrix confusion, IReadOnlyList<Misclassification>? mistakes)
    {
        terminal.WriteLine($"{trained.Network.Model} on {Format.Number(evaluation.Samples)} samples of {data.Name}: loss {Format.Loss(evaluation.Loss)}, accuracy {Format.Percent(evaluation.Accuracy)}");
        TextTable table = new TextTable().AddColumn("class").AddNumbers("samples", "accuracy");
        int columns = confusion.Counts[0].Count;
        bool showsConfusions = columns <= MostColumns;
        if (showsConfusions) table.AddNumbers(Enumerable.Range(0, columns).Select(trained.Data.ClassName));
        for (int label = 0; label < confusion.Counts.Count; label++)
        {
            string accuracy = confusion.Accuracy(label) is { } share ? Format.Percent(share) : "";
            IEnumerable<string> counts = confusion.Counts[label].Select(count => count == 0 ? "." : Format.Number(count));
            table.AddRow([confusion.ClassNames[label], Format.Number(confusion.Samples(label)), accuracy, .. showsConfusions ? counts : []]);
        }
        terminal.Write(table);
        if (showsConfusions) terminal.WriteLine("On the right, the confusion matrix: how many samples of each class (row) were taken for which class (column).");
        if (mistakes is null) return;
        if (mistakes.Count == 0) terminal.WriteLine("It makes no mistakes on them.");
        else Write(terminal, trained, mistakes);
    }

    private static void Write(Terminal terminal, TrainedNetwork trained, IReadOnlyList<Misclassification> mistakes)
    {
        TextTable table = new TextTable().AddNumbers("sample").AddColumns("class", "taken for").AddNumbers("probability");
        foreach (Misclassification mistake in mistakes)
            table.AddRow(Format.Number(mistake.Sample), trained.Data.ClassName(mistake.Label), trained.Data.ClassName(mistake.Predicted), Format.Percent(mistake.Probability));
        terminal.Write(table);
    }
}

/// <summary>What <c>fovea evaluate --json</c> prints; the mistakes where they were asked for.</summary>
internal sealed record EvaluationReport(
    string Model, string Data, int Samples, double Loss, double Accuracy, IReadOnlyList<ClassReport> Classes, IReadOnlyList<IReadOnlyList<int>> Confusion,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<MistakeReport>? Mistakes)
{
    public static EvaluationReport Of(TrainedNetwork trained, Dataset data, Evaluation evaluation, ConfusionMatrix confusion, IReadOnlyList<Misclassification>? mistakes) =>
        new(trained.Network.Model.ToString(), data.Name, evaluation.Samples, evaluation.Loss, evaluation.Accuracy,
            [.. confusion.ClassNames.Select((name, i) => new ClassReport(name, confusion.Samples(i), confusion.Accuracy(i)))], confusion.Counts,
            mistakes is null ? null : [.. mistakes.Select(mistake =>
                new MistakeReport(mistake.Sample, trained.Data.ClassName(mistake.Label), trained.Data.ClassName(mistake.Predicted), mistake.Probability))]);
}

/// <summary>One class of an <see cref="EvaluationReport"/>; the accuracy is null where there are no samples.</summary>
internal sealed record ClassReport(string Name, int Samples, double? Accuracy);

/// <summary>One mistake of an <see cref="EvaluationReport"/>.</summary>
/// <param name="Sample">Its number among the samples, from 0.</param>
/// <param name="Class">The name of its class.</param>
/// <param name="Predicted">The name of the class that it was taken for.</param>
/// <param name="Probability">With what probability, from 0 to 1.</param>
internal sealed record MistakeReport(int Sample, string Class, string Predicted, double Probability);
