using System.CommandLine;
using System.Globalization;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea study</c>: trains the variants of a study, compares them and writes a report.</summary>
internal sealed class StudyCommand
{
    private readonly Terminal _terminal;
    private readonly Argument<string?> _study = new("STUDY")
    {
        Description = $"The study: {string.Join(", ", Studies.Names)}, or a JSON file. Without one, --model and --vary say what is compared.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<string?> _model = new("--model")
    {
        Description = "The network: a name, a JSON file or a line of text; the study's own unless given, or stride2.",
        HelpName = "MODEL",
    };
    private readonly Option<Shape?> _input = Options.Shape("--input", "The shape of a sample: the model's own unless given; of a line of text, the data's.");
    private readonly Option<string[]> _vary = Words("--vary", "SETTING=A,B,...",
        "What is compared: values of a setting (batch-size=32,1000, optimizer=sgd,adam, lr=1e-3,1e-2, activation=relu,tanh, model=stride1,stride2), "
        + "of a layer's property (conv1.stride=1,2), or of several at once (conv1.stride,maxpool1.stride=1,2). Several axes make all combinations.");
    private readonly Option<string[]> _set = Words("--set", "SETTING=VALUE",
        "A setting of all variants, by the names that --vary takes: lr=0.01, schedule=cosine, warm-up=1, patience=3.");
    private readonly Option<ulong[]> _seeds = Seeds("--seeds", "Each variant is trained once with every seed; 1,2,3 unless given.");
    private readonly Option<string[]> _budget = Words("--budget", "epochs=N|updates=N|seconds=X",
        "What a run may spend; several, given one by one or with commas between, are run and shown one after the other.");
    private readonly Option<int?> _epochs = Options.Whole("--epochs", "How often each sample is seen: the same as --budget epochs=N.", least: 1);
    private readonly Option<string> _rule = Options.Choice("--lr-rule", "How the learning rate follows the batch size.", null, "fixed", "linear", "sqrt");
    private readonly Option<string?> _until = new("--until") { Description = "A run ends with the epoch that reaches a figure, as test-accuracy=0.99.", HelpName = "FIGURE=X" };
    private readonly DataOptions _data = new("the study's own unless given");
    private readonly Option<string?> _out = new("--out") { Description = "The folder for study.json, report.html and the runs; studies/NAME unless given.", HelpName = "DIR" };
    private readonly Option<string?> _resume = new("--resume") { Description = "Go on with the study of this folder.", HelpName = "DIR" };
    private readonly Option<double?> _checkpointSeconds = Options.Number(
        "--checkpoint-seconds", "How often a checkpoint is written, besides after each epoch.", "a number above 0", x => x > 0, 30);
    private readonly Option<string?> _queue = Options.Queue("Train by workers on any number of machines (fovea worker) that take their trials from this PostgreSQL database");
    private readonly Option<string> _store = Options.Store();
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Train nothing: say how many runs and updates there are, and what time and memory they take on this machine, which is measured for some seconds once." };
    private readonly Option<bool> _recalibrate = new("--recalibrate") { Description = "With --dry-run: measure this machine anew." };
    private readonly Option<bool> _recordSteps = Options.RecordSteps();
    private readonly Option<int?> _threads = Options.Threads();
    private readonly Option<bool> _json = Options.Json();

    private StudyCommand(Terminal terminal) => _terminal = terminal;

    /// <summary>What a study is made of, in the order of a command line.</summary>
    private Option[] Fixed => [_model, _input, _vary, _set, _budget, _epochs, _rule, _until, _seeds, _data.Data, _data.Folder, _data.Limit];

    public static Verb Create(Terminal terminal) => new StudyCommand(terminal).Create();

    private Verb Create()
    {
        var verb = new Verb("study", "Train variants of a network, compare them and write a report. --resume continues one that was killed or interrupted, with the same results.") { _study };
        foreach (Option option in (Option[])[.. Fixed, _out, _resume, _checkpointSeconds, _queue, _dryRun, _recalibrate, _store, _recordSteps, _threads, _json]) verb.Options.Add(option);
        verb.Examples =
        [
            "fovea study stride",
            "fovea study batch-size --epochs 10 --lr-rule sqrt",
            "fovea study --model stride2 --vary batch-size=32,1000 --vary optimizer=sgd,adam --seeds 1,2,3 --budget epochs=5 --budget updates=2000 --out studies/mine",
            "fovea study stride --dry-run",
            "fovea study --resume studies/mine",
            "fovea study stride --queue \"Host=server;Database=fovea;Username=me\"",
        ];
        verb.SetAction(result => Run(result, verb));
        return verb;
    }

    private int Run(ParseResult result, Command command)
    {
        bool json = result.GetValue(_json);
        if (result.GetValue(_resume) is { } begun)
        {
            if (Fixed.Append(_out).FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } given)
                throw new UsageException($"study: {given.Name} cannot be given with --resume: a study goes on as it began. Leave it out, or begin a new one.", command);
            StudyPlan old = StudyFolder.LoadPlan(begun);
            if (result.GetValue(_dryRun)) return Predict(result, old.ToStudy(), json);
            using RunLock taken = Hold(begun);
            return Run(result, old, begun, json);
        }
        StudyPlan plan = Plan(result, command);
        string folder = result.GetValue(_out) ?? Free(plan);
        Study study = plan.ToStudy();
        study.Check();
        if (result.GetValue(_dryRun)) return Predict(result, study, json);
        if (result.GetValue(_recalibrate)) throw new UsageException("study: --recalibrate goes with --dry-run.", command);
        OutputFolder.MakeWritable(folder);
        using RunLock held = Hold(folder);
        if (StudyFolder.IsUnfinished(folder))
            throw new FoveaException($"{folder}: there is an unfinished study. Go on with fovea study --resume {Quoted(folder)}, or give another --out.");
        if (StudyFolder.HoldsAnother(folder, plan))
            throw new FoveaException($"{folder}: there is another study, whose runs would be lost. Give another --out, or remove the folder.");
        StudyFolder.Clear(folder);
        return Run(result, plan, folder, json);
    }

    private static RunLock Hold(string folder) => RunLock.Take(folder, "fovea study");

    // Beside finished studies of the same name and other settings, not over them.
    private static string Free(StudyPlan plan)
    {
        string folder = Path.Combine("studies", plan.Name);
        return Enumerable.Range(2, int.MaxValue - 2).Select(number => $"{folder}-{number}").Prepend(folder)
            .First(place => StudyFolder.IsUnfinished(place) || !StudyFolder.HoldsAnother(place, plan));
    }

    private StudyPlan Plan(ParseResult result, Command command)
    {
        string? name = result.GetValue(_study);
        string[] vary = result.GetValue(_vary) ?? [];
        if (name is null && result.GetValue(_model) is null && vary.Length == 0)
            throw new UsageException($"study: STUDY is missing. Give {string.Join(", ", Studies.Names)}, a JSON file, or --model and --vary.", command);
        StudyPlan plan = name is null ? new StudyPlan { Name = "study" }
            : name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? StudyPlan.Load(name) : Studies.Get(name);
        foreach (string text in result.GetValue(_set) ?? [])
        {
            string[] pair = text.Split('=', 2);
            if (pair.Length != 2) throw new UsageException($"study: --set: expected a setting and its value as in lr=0.01, got \"{text}\".", command);
            plan = plan.With(pair[0], pair[1]);
        }
        string[] budgets = [.. (result.GetValue(_budget) ?? []).SelectMany(budget => budget.Split(',')), .. result.GetValue(_epochs) is { } epochs ? [$"epochs={epochs}"] : (string[])[]];
        StudyAxis[] axes = [.. vary.Select(StudyAxis.Parse)];
        string? data = result.GetValue(_data.Data);
        plan = plan with
        {
            Model = result.GetValue(_model) ?? plan.Model,
            Input = result.GetValue(_input) is { } input ? input.ToString() : plan.Input,
            Vary = axes.Length > 0 ? axes : plan.Vary,
            Seeds = result.GetValue(_seeds) is { Length: > 0 } seeds ? seeds : plan.Seeds,
            Budgets = budgets.Length > 0 ? budgets : plan.Budgets,
            LearningRateRule = result.GetValue(_rule) ?? plan.LearningRateRule,
            Until = result.GetValue(_until) ?? plan.Until,
            Data = data ?? plan.Data,
            DataFolder = result.GetValue(_data.Folder) ?? plan.DataFolder,
            Limit = result.GetValue(_data.Limit) ?? plan.Limit,
        };
        return plan with { Command = CommandLine(result, name, plan) };
    }

    private int Run(ParseResult parsed, StudyPlan plan, string folder, bool json)
    {
        Study study = plan.ToStudy();
        study.Check();
        if (!json) WriteSummaries(_terminal, study);
        using RunStore store = RunStore.Open(parsed.GetRequiredValue(_store));
        using var interruption = new Interruption();
        string? connection = parsed.GetValue(_queue);
        var options = new StudyOptions
        {
            Threads = parsed.GetValue(_threads) ?? 0,
            Folder = folder,
            CheckpointSeconds = parsed.GetValue(_checkpointSeconds)!.Value,
            Store = store,
            RecordSteps = parsed.GetValue(_recordSteps),
            Calibrations = new CalibrationCache(CalibrationCache.UsualPath),
            RunDone = sofar => sofar.Save(folder),
            Warn = warning => _terminal.Error.WriteLine($"fovea: {warning}"),
            Found = found => { if (!json) _terminal.WriteLine($"found in {found}"); },
        };
        StudyResult result = _terminal.WithBar(quiet: json, bar => connection is null
            ? StudyRunner.Run(study, options, progress => bar?.Show(() => $"run {progress.Run} of {progress.Runs}: {progress.Variant}, seed {progress.Seed}",
                progress.Share, progress.Training.SamplesPerSecond, progress.SecondsLeft), interruption.Token)
            : RuntimeOnly.RunQueued(connection, study, options, progress => bar?.Show(
                () => $"{progress.Finished} of {study.Variants.Count * study.Seeds.Count} runs are finished, {progress.UnderWay} under way", progress.Share), interruption.Token));

        int runs = result.Ended;
        if (runs > 0) StudyReport.Save(result, folder, StudyGallery.Of(study, folder));
        if (json && runs > 0) _terminal.Out.WriteLine(result.ToJson());
        else if (runs > 0) Write(_terminal, result, folder);
        // Without any figure the study has failed.
        if (result.IsComplete) return result.Variants.Any(variant => variant.Runs.Count > 0) ? Program.Done : Program.Failed;
        int all = study.Variants.Count * study.Seeds.Count;
        if (result.Failures.Count > 0)
        {
            _terminal.Error.WriteLine($"fovea: {result.Failures.Count} of {all} runs failed. Give them another try with: fovea study --resume {Quoted(folder)} --queue ...");
            return Program.Failed;
        }
        string workers = connection is null ? "" : " --queue ... (the workers have not stopped)";
        _terminal.Error.WriteLine($"fovea: interrupted: {runs} of {all} runs were finished. Go on with: fovea study --resume {Quoted(folder)}{workers}");
        return Program.Interrupted;
    }

    private int Predict(ParseResult parsed, Study study, bool json)
    {
        using var interruption = new Interruption();
        StudyCost cost;
        try
        {
            cost = StudyCost.Predict(study, new CalibrationCache(CalibrationCache.UsualPath), parsed.GetValue(_threads) ?? 0, parsed.GetValue(_recalibrate),
                variant => { if (!json) _terminal.Error.WriteLine($"measuring {variant.Name} ..."); }, interruption.Token);
        }
        catch (OperationCanceledException)
        {
            return Program.Interrupted;
        }
        if (json)
        {
            _terminal.Out.WriteLine(cost.ToJson());
            return Program.Done;
        }
        TextTable table = new TextTable().AddColumn("").AddNumbers("updates of a run", "time of a run", "engine, MB", "process, MB");
        foreach (VariantCost variant in cost.Variants)
        {
            table.AddRow(variant.Variant, Format.Number(variant.Updates), Format.Seconds(variant.Seconds),
                Format.Decimal(variant.EngineMegabytes, 1), Format.Number(variant.PeakMemoryMegabytes));
        }
        _terminal.Write(table);
        TimeSpan time = TimeSpan.FromSeconds(Math.Min(cost.Seconds, TimeSpan.FromDays(9999).TotalSeconds));
        string total = time.TotalMinutes < 1 ? Format.Seconds(cost.Seconds) : time.TotalHours < 1 ? $"{time.TotalMinutes:F1} min" : $"{time.TotalHours:F1} h";
        _terminal.WriteLine($"{Format.Number(cost.Runs)} runs, {(cost.IsMost ? "at most " : "")}about {total} one after the other, validation and test included. Nothing was trained.");
        _terminal.WriteLine($"By measurements of this machine since {cost.Variants.Min(variant => variant.Measured):yyyy-MM-dd}, in {cost.CalibrationFile}; --recalibrate measures anew.");
        return Program.Done;
    }

    private static void WriteSummaries(Terminal terminal, Study study)
    {
        terminal.WriteLine(study.Question);
        foreach (var same in study.Variants.GroupBy(variant => variant.Model))
        {
            terminal.WriteLine();
            terminal.WriteLine($"{string.Join(", ", same.Select(variant => variant.Name).Distinct())}: {same.Key.ToText()}");
            foreach (string line in StudyResult.Summary(same.Key).ToTorchSummary().TrimEnd('\n').Split('\n')) terminal.WriteLine(line);
        }
        terminal.WriteLine();
    }

    private static void Write(Terminal terminal, StudyResult result, string folder)
    {
        IReadOnlyList<StudyResult> panels = result.Panels;
        foreach (StudyResult panel in panels)
        {
            if (panels.Count > 1) terminal.WriteLine($"With a budget of {panel.Variants[0].Budget} a run");
            Write(terminal, panel);
            terminal.WriteLine();
        }
        terminal.WriteLine($"Written: {Path.Combine(folder, StudyFolder.ReportFile)}, {Path.Combine(folder, StudyFolder.ResultFile)}");
    }

    private static void Write(Terminal terminal, StudyResult result)
    {
        TextTable table = new TextTable().AddColumn("").AddNumbers(result.Variants.Select(variant => variant.Name));
        foreach (StudyRow row in StudyRow.Of(result))
            table.AddRow([row.Name, .. row.Cells.Select(cell => $"{cell.Figure} {cell.Spread}".TrimEnd())]);
        terminal.Write(table);
        if (result.Variants.Any(variant => variant.Runs.Count > 0)) terminal.WriteLine(StudyRow.Note(result));
        if (result.Comparisons.FirstOrDefault(comparison => comparison.IsTested) is { } tested) terminal.WriteLine($"Differences by {tested.Test}.");
        foreach (string divergence in result.Divergences)
        {
            terminal.WriteLine();
            terminal.WriteLine($"{divergence}.");
        }
        foreach (StudyComparison comparison in result.Comparisons)
        {
            terminal.WriteLine();
            terminal.WriteLine($"{comparison.Sentence}.");
            foreach (string line in comparison.Evidence) terminal.WriteLine($"  {line}");
        }
        IReadOnlyList<StudyFinding> findings = StudyFinding.Of(result);
        if (findings.Count == 0) return;
        terminal.WriteLine();
        foreach (StudyFinding found in findings) terminal.WriteLine($"{found.Variant.Name}, {found.Where}, {found.When}: {found.Finding}");
    }

    // What gives the same study again, wherever it is written to: what was given, and the budgets and seeds in any case.
    private string CommandLine(ParseResult result, string? study, StudyPlan plan)
    {
        var words = new List<string> { "fovea", "study" };
        if (study is not null) words.Add(Quoted(study));
        foreach (Option option in Fixed)
        {
            string[] values = option == _seeds ? [string.Join(',', plan.Seeds)]
                : option == _budget && result.GetValue(_epochs) is null ? [string.Join(',', plan.Budgets)]
                : result.GetResult(option) is { Implicit: false } given ? [.. given.Tokens.Select(token => token.Value)] : [];
            foreach (string value in values) words.AddRange([option.Name, Quoted(value)]);
        }
        return string.Join(' ', words);
    }

    private static string Quoted(string word) => word.Any(c => char.IsWhiteSpace(c) || c is '|' or '\'') ? $"\"{word}\"" : word;

    private static Option<string[]> Words(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };

    private static Option<ulong[]> Seeds(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N,N,...",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            var seeds = new List<ulong>();
            foreach (string word in text.Split(','))
            {
                if (ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed))
                {
                    seeds.Add(seed);
                    continue;
                }
                result.AddError($"{name}: expected whole numbers that are not negative, with commas between: 1,2,3; got \"{text}\".");
                return null;
            }
            return [.. seeds];
        },
    };
}
