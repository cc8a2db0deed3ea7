using System.CommandLine;
using Fovea.Lab;
using Spectre.Console;

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
        Option<int?> threads = Options.Threads();
        Option<bool> json = Options.Json();
        var verb = new Verb("evaluate", "Show loss, accuracy and confusions of a trained network.") { folder };
        data.AddTo(verb);
        verb.Options.Add(part);
        verb.Options.Add(threads);
        verb.Options.Add(json);
        verb.Examples = ["fovea evaluate runs/stride2-1 --data mnist"];
        verb.SetAction(result =>
        {
            TrainedNetwork trained = TrainedFolder.Load(terminal, result.GetRequiredValue(folder));
            DatasetPart which = result.GetValue(part) == "test" ? DatasetPart.Test : DatasetPart.Training;
            Dataset samples = data.Load(result, trained.Data.Name, which, trained.Network.Input);
            if (result.GetValue(data.Limit) is { } limit) samples = samples.Take(limit);
            var (evaluation, confusion) = trained.Evaluate(samples, result.GetValue(threads) ?? 0);
            if (result.GetValue(json)) terminal.Out.WriteLine(CliJson.Write(EvaluationReport.Of(trained, samples, evaluation, confusion)));
            else Write(terminal, trained, samples, evaluation, confusion);
        });
        return verb;
    }

    private static void Write(Terminal terminal, TrainedNetwork trained, Dataset data, Evaluation evaluation, ConfusionMatrix confusion)
    {
        terminal.WriteLine($"{trained.Network.Model} on {Format.Number(evaluation.Samples)} samples of {data.Name}: loss {Format.Loss(evaluation.Loss)}, accuracy {Format.Percent(evaluation.Accuracy)}");
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn("class").AddColumn(new TableColumn("samples").RightAligned()).AddColumn(new TableColumn("accuracy").RightAligned());
        int columns = confusion.Counts[0].Count;
        bool showsConfusions = columns <= MostColumns;
        if (showsConfusions)
        {
            for (int i = 0; i < columns; i++) table.AddColumn(new TableColumn(Markup.Escape(trained.Data.ClassName(i))).RightAligned());
        }
        for (int label = 0; label < confusion.Counts.Count; label++)
        {
            string accuracy = confusion.Accuracy(label) is { } share ? Format.Percent(share) : "";
            IEnumerable<string> counts = confusion.Counts[label].Select(count => count == 0 ? "." : Format.Number(count));
            string[] row = [confusion.ClassNames[label], Format.Number(confusion.Samples(label)), accuracy, .. showsConfusions ? counts : []];
            table.AddRow([.. row.Select(Markup.Escape)]);
        }
        terminal.Write(table);
        if (showsConfusions) terminal.WriteLine("The columns on the right say how often a class (the row) was taken for which (the column).");
    }
}

/// <summary>What <c>fovea evaluate --json</c> prints.</summary>
internal sealed record EvaluationReport(
    string Model, string Data, int Samples, double Loss, double Accuracy, IReadOnlyList<ClassReport> Classes, IReadOnlyList<IReadOnlyList<int>> Confusion)
{
    public static EvaluationReport Of(TrainedNetwork trained, Dataset data, Evaluation evaluation, ConfusionMatrix confusion) =>
        new(trained.Network.Model.ToString(), data.Name, evaluation.Samples, evaluation.Loss, evaluation.Accuracy,
            [.. confusion.ClassNames.Select((name, i) => new ClassReport(name, confusion.Samples(i), confusion.Accuracy(i)))], confusion.Counts);
}

/// <summary>One class of an <see cref="EvaluationReport"/>; the accuracy is null where there are no samples.</summary>
internal sealed record ClassReport(string Name, int Samples, double? Accuracy);
