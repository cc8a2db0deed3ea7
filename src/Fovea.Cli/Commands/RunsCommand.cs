using System.CommandLine;
using Fovea.Lab;
using Spectre.Console;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea runs</c>: the finished runs of a workspace.</summary>
internal static class RunsCommand
{
    public static Verb Create(Terminal terminal)
    {
        Option<string> store = Options.Store();
        store.Recursive = true;
        var filter = new Option<string[]>("--where")
        {
            Description = "Only runs whose study, name, model, data, seed or a setting is a value, as in study=stride or optimizer=sgd.",
            HelpName = "NAME=VALUE",
        };
        var verb = new Verb("runs", "List the finished runs with the settings that differ; export, delete or check them.")
        {
            store,
            filter,
            Export(terminal, store),
            Delete(terminal, store),
            Check(terminal, store),
        };
        verb.Examples = ["fovea runs", "fovea runs --where study=stride", "fovea runs export --csv", "fovea runs delete 3 4", "fovea runs check"];
        verb.SetAction(result =>
        {
            using RunStore runs = RunStore.Open(result.GetRequiredValue(store));
            RunRecord[] chosen = [.. runs.Runs().Where(run => (result.GetValue(filter) ?? []).All(condition => Holds(run, condition)))];
            if (chosen.Length == 0) terminal.WriteLine("There are no such runs.");
            else Write(terminal, chosen);
        });
        return verb;
    }

    /// <summary>Writes runs as a table with the settings that differ.</summary>
    public static void Write(Terminal terminal, IReadOnlyCollection<RunRecord> runs)
    {
        IReadOnlyList<string> settings = RunRecord.Differing(runs);
        var table = new Table { Border = TableBorder.Simple };
        string[] fixedColumns = ["run", "study", "name", "seed"], figures = ["test accuracy", "test loss", "time"];
        foreach (string column in (string[])[.. fixedColumns, .. settings, .. figures]) table.AddColumn(Markup.Escape(column));
        foreach (RunRecord run in runs)
        {
            string[] cells =
            [
                Format.Number(run.Id), run.Study ?? "", run.Name, $"{run.Seed}", .. settings.Select(run.Setting),
                Format.Percent(run.TestAccuracy), Format.Loss(run.TestLoss), Format.Seconds(run.Seconds),
            ];
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }
        terminal.Write(table);
    }

    private static bool Holds(RunRecord run, string condition)
    {
        string[] pair = condition.Split('=', 2);
        if (pair.Length != 2) throw new FoveaException($"--where: expected a name and a value as in study=stride, got \"{condition}\".");
        return pair[1] == pair[0] switch
        {
            "study" => run.Study,
            "name" => run.Name,
            "seed" => $"{run.Seed}",
            _ => run.Setting(pair[0]),
        };
    }

    private static Verb Export(Terminal terminal, Option<string> store)
    {
        var csv = new Option<bool>("--csv") { Description = "Every epoch as a row of comma-separated values, on the standard output." };
        var tensorBoard = new Option<string?>("--tensorboard") { Description = "Event files for TensorBoard, in this folder.", HelpName = "DIR" };
        var verb = new Verb("export", "Write all runs for other programs.") { csv, tensorBoard };
        verb.Examples = ["fovea runs export --csv", "fovea runs export --tensorboard logs"];
        verb.SetAction(result =>
        {
            string? folder = result.GetValue(tensorBoard);
            if (!result.GetValue(csv) && folder is null) throw new UsageException("export: give --csv or --tensorboard DIR.", verb);
            using RunStore runs = RunStore.Open(result.GetRequiredValue(store));
            if (result.GetValue(csv)) terminal.Out.Write(RunExport.ToCsv(runs.Runs()));
            if (folder is null) return;
            OutputFolder.MakeWritable(folder);
            RunExport.WriteTensorBoard(runs.Runs(), folder);
        });
        return verb;
    }

    private static Verb Delete(Terminal terminal, Option<string> store)
    {
        var ids = new Argument<long[]>("RUN") { Description = "Numbers of runs.", Arity = ArgumentArity.OneOrMore };
        var verb = new Verb("delete", "Remove runs from the store; their files stay.") { ids };
        verb.Examples = ["fovea runs delete 3 4"];
        verb.SetAction(result =>
        {
            using RunStore runs = RunStore.Open(result.GetRequiredValue(store));
            long[] chosen = result.GetValue(ids)!;
            runs.Delete(chosen);
            terminal.WriteLine($"Removed: {string.Join(", ", chosen)}");
        });
        return verb;
    }

    private static Verb Check(Terminal terminal, Option<string> store)
    {
        var verb = new Verb("check", "See whether the database is whole and the weights of every run are there.");
        verb.Examples = ["fovea runs check"];
        verb.SetAction(result =>
        {
            using RunStore runs = RunStore.Open(result.GetRequiredValue(store));
            IReadOnlyList<string> problems = runs.Check();
            foreach (string problem in problems) terminal.WriteLine(problem);
            if (problems.Count == 0) terminal.WriteLine($"{Format.Number(runs.Runs().Count)} runs, all whole");
            return problems.Count == 0 ? Program.Done : Program.Failed;
        });
        return verb;
    }
}
