using System.CommandLine;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea runs</c>: the runs of a workspace.</summary>
internal static class RunsCommand
{
    // What every run has beside its settings.
    private static readonly string[] s_ownNames = ["study", "name", "model", "data", "seed"];

    public static Verb Create(Terminal terminal)
    {
        Option<string> store = Options.Store();
        store.Recursive = true;
        var filter = new Option<string[]>("--where")
        {
            Description = "Only runs whose study, name, model, data, seed or a setting is a value, as in study=stride or optimizer=sgd.",
            HelpName = "NAME=VALUE",
        };
        Option<bool> json = Options.Json();
        var verb = new Verb("runs", "List the trainings and the runs of studies with the settings that differ; export, delete or check them.")
        {
            store,
            filter,
            json,
            Export(terminal, store),
            Delete(terminal, store),
            Check(terminal, store),
        };
        verb.Examples = ["fovea runs", "fovea runs --where study=stride --json", "fovea runs export --csv", "fovea runs delete 3 4", "fovea runs check"];
        verb.SetAction(result =>
        {
            string[] conditions = result.GetValue(filter) ?? [];
            foreach (string condition in conditions)
                if (!condition.Contains('=')) throw new FoveaException($"--where: expected a name and a value as in study=stride, got \"{condition}\".");
            using RunStore runs = RunStore.OpenExisting(result.GetRequiredValue(store));
            IReadOnlyList<RunRecord> all = runs.Runs();
            if (all.Count > 0) foreach (string condition in conditions) CheckName(condition.Split('=', 2)[0], all);
            RunRecord[] chosen = [.. all.Where(run => conditions.All(condition => Holds(run, condition)))];
            if (result.GetValue(json)) terminal.Out.WriteLine(CliJson.Write(new RunsReport(chosen)));
            else if (chosen.Length == 0) terminal.WriteLine(result.GetValue(filter) is { Length: > 0 } ? "There are no such runs."
                : $"There are no runs in {result.GetRequiredValue(store)} yet: fovea train and fovea study put theirs there.");
            else Write(terminal, chosen);
        });
        return verb;
    }

    /// <summary>Writes runs as a table with the settings that differ; where it is too wide for the terminal, these come below it, a line for each run.</summary>
    public static void Write(Terminal terminal, IReadOnlyCollection<RunRecord> runs)
    {
        IReadOnlyList<string> settings = RunRecord.Differing(runs);
        (string Name, Func<RunRecord, string> Cell)[] first = [("run", run => Format.Number(run.Id)), ("study", run => run.Study ?? ""), ("name", run => run.Name), ("seed", run => $"{run.Seed}")];
        (string Name, Func<RunRecord, string> Cell)[] varied = [.. settings.Select(name => (name, (Func<RunRecord, string>)(run => run.Setting(name))))];
        (string Name, Func<RunRecord, string> Cell)[] figures =
        [
            ("updates", run => Format.Number(run.Updates)),
            ("accuracy", run => run.TestAccuracy is { } accuracy ? Format.Percent(accuracy) : run.Divergence is not null ? "diverged" : "unfinished"),
            ("loss", run => run.TestLoss is { } loss ? Format.Loss(loss) : ""),
            ("time", run => Format.Seconds(run.Seconds)),
        ];
        if (runs.All(run => run.Study is null)) first = [.. first.Where(column => column.Name != "study")];
        TextTable table = Table([.. first, .. varied, .. figures]);
        bool fits = table.Width <= terminal.Width;
        terminal.Write(fits ? table : Table([.. first, .. figures]));
        if (!fits && settings.Count > 0)
        {
            terminal.WriteLine("Settings that differ:");
            foreach (RunRecord run in runs)
                terminal.WriteLine($"  {Format.Number(run.Id)}: {string.Join(", ", settings.Where(name => run.Setting(name).Length > 0).Select(name => $"{name} {run.Setting(name)}"))}");
        }
        terminal.WriteLine("Accuracy and loss are those of the test samples.");
        WriteFindings(terminal, runs);

        TextTable Table((string Name, Func<RunRecord, string> Cell)[] columns)
        {
            var table = new TextTable();
            foreach (var (name, _) in columns)
            {
                bool isFigure = name is not ("study" or "name") && !settings.Contains(name);
                table.AddColumn(name, isRight: isFigure, isWhole: isFigure);
            }
            foreach (RunRecord run in runs) table.AddRow(columns.Select(column => column.Cell(run)));
            return table;
        }
    }

    // What several runs suffer from is said once, with the figures of the first.
    private static void WriteFindings(Terminal terminal, IReadOnlyCollection<RunRecord> runs)
    {
        var found = from run in runs
                    from finding in run.Findings
                    group (Run: run, Finding: finding) by (run.Study, run.Name, finding.Kind, finding.Where);
        foreach (var same in found)
        {
            var (first, finding) = same.First();
            string which = same.Count() == 1 ? $"run {Format.Number(first.Id)}" : $"runs {string.Join(", ", same.Select(one => Format.Number(one.Run.Id)))}";
            // Where it diverged the message tells the update too.
            terminal.WriteLine(finding.Kind == Finding.NotFinite && first.Divergence is { } divergence ? $"found in {which}: {divergence}" : $"found in {which}: {finding}");
        }
    }

    private static void CheckName(string name, IReadOnlyList<RunRecord> runs)
    {
        string[] names = [.. s_ownNames, .. runs.SelectMany(run => run.Settings.Keys).Distinct().Order(StringComparer.Ordinal)];
        if (!names.Contains(name)) throw new FoveaException($"--where: no run has a setting \"{name}\". {Nearest.Hint(name, names)}They have {string.Join(", ", names)}.");
    }

    private static bool Holds(RunRecord run, string condition)
    {
        string[] pair = condition.Split('=', 2);
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
        var steps = new Option<bool>("--steps") { Description = "With --csv: every update of the runs that were made with --record-steps, instead of every epoch." };
        var tensorBoard = new Option<string?>("--tensorboard") { Description = "Event files for TensorBoard, in this folder.", HelpName = "DIR" };
        var verb = new Verb("export", "Write all runs for other programs.") { csv, steps, tensorBoard };
        verb.Examples = ["fovea runs export --csv", "fovea runs export --csv --steps", "fovea runs export --tensorboard logs"];
        verb.SetAction(result =>
        {
            string? folder = result.GetValue(tensorBoard);
            if (!result.GetValue(csv) && folder is null) throw new UsageException("export: give --csv or --tensorboard DIR.", verb);
            if (!result.GetValue(csv) && result.GetValue(steps)) throw new UsageException("export: --steps goes with --csv; TensorBoard gets every update in any case.", verb);
            using RunStore runs = RunStore.OpenExisting(result.GetRequiredValue(store));
            if (result.GetValue(csv)) terminal.Out.Write(result.GetValue(steps) ? RunExport.StepsToCsv(runs.Runs(), runs.Steps) : RunExport.ToCsv(runs.Runs()));
            if (folder is null) return;
            OutputFolder.MakeWritable(folder);
            RunExport.WriteTensorBoard(runs.Runs(), folder, runs.Steps);
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
            using RunStore runs = RunStore.OpenExisting(result.GetRequiredValue(store));
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
            string path = result.GetRequiredValue(store);
            try
            {
                using RunStore runs = RunStore.OpenExisting(path);
                IReadOnlyList<string> problems = runs.Check();
                foreach (string problem in problems) terminal.WriteLine(problem);
                if (problems.Count == 0) terminal.WriteLine($"{Format.Number(runs.Runs().Count)} runs, all whole");
                return problems.Count == 0 ? Program.Done : Program.Failed;
            }
            catch (FoveaException exception) when (File.Exists(path))
            {
                // What the check was to find out.
                terminal.WriteLine(exception.Message);
                return Program.Failed;
            }
        });
        return verb;
    }
}

/// <summary>What <c>fovea runs --json</c> and <c>fovea compare --json</c> print.</summary>
/// <param name="Runs">The runs that were chosen.</param>
internal sealed record RunsReport(IReadOnlyList<RunRecord> Runs);
