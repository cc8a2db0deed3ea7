using System.CommandLine;
using System.Globalization;
using Fovea.Lab;
using Spectre.Console;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea study</c>: trains the variants of a study, compares them and writes a report.</summary>
internal static class StudyCommand
{
    public static Verb Create(Terminal terminal)
    {
        Verb stride = Create(terminal, Studies.Stride, "Compare stride 1 with stride 2, in the convolution and in the pooling.");
        stride.Examples = ["fovea study stride", "fovea study stride --epochs 10 --seeds 1,2,3,4,5 --out studies/long"];

        var model = new Option<string>("--model")
        {
            Description = "The network: a name, a JSON file or a line of text; stride2 unless given.",
            HelpName = "MODEL",
        };
        Verb batchSize = Create(terminal, Studies.BatchSize, "Compare batches of 32, 1,000 and 10,000 samples.", model);
        batchSize.Examples = ["fovea study batch-size", "fovea study batch-size --model lenet5 --epochs 3 --limit 20000"];

        var verb = new Verb("study", "Train variants of a network, compare them and write a report.")
        {
            stride,
            batchSize,
        };
        verb.Examples = ["fovea study stride", "fovea study batch-size --epochs 10"];
        return verb;
    }

    private static Verb Create(Terminal terminal, Study preset, string description, Option<string>? model = null)
    {
        Option<int?> epochs = Options.Whole("--epochs", "How often each sample is seen.", least: 1, preset.Variants[0].Settings.Epochs);
        string usual = string.Join(',', preset.Seeds);
        Option<ulong[]> seeds = Seeds("--seeds", $"Each variant is trained once with every seed; {usual} unless given.");
        var data = new DataOptions($"{preset.Data} unless given");
        var output = new Option<string>("--out")
        {
            Description = "The folder for study.json and report.html.",
            HelpName = "DIR",
            DefaultValueFactory = _ => Path.Combine("studies", preset.Name),
        };
        Option<int?> threads = Options.Threads();
        Option<bool> json = Options.Json();
        var verb = new Verb(preset.Name, description) { epochs, seeds };
        if (model is not null) verb.Add(model);
        data.AddTo(verb);
        foreach (Option option in (Option[])[output, threads, json]) verb.Add(option);
        verb.SetAction(result =>
        {
            Study study = preset.WithEpochs(result.GetValue(epochs)!.Value) with
            {
                Seeds = result.GetValue(seeds) is { Length: > 0 } given ? given : preset.Seeds,
                Limit = result.GetValue(data.Limit),
                Data = result.GetValue(data.Data) ?? preset.Data,
                DataFolder = result.GetValue(data.Folder),
            };
            string? text = model is null ? null : result.GetValue(model);
            if (text is not null) study = study.WithModel(ModelArgument.Read(text, input: null, inputOfLine: new Shape(1, 28, 28)));
            string command = CommandLine(study, text, preset.Data);
            return Run(terminal, study, command, result.GetRequiredValue(output), result.GetValue(threads) ?? 0, result.GetValue(json));
        });
        return verb;
    }

    private static int Run(Terminal terminal, Study study, string command, string folder, int threads, bool json)
    {
        study.Check();
        OutputFolder.MakeWritable(folder);
        if (!json) WriteSummaries(terminal, study);
        using var interruption = new Interruption();
        StudyResult result = terminal.WithBar(quiet: json, bar => StudyRunner.Run(study, threads, command,
            progress => bar?.Show(() => $"run {progress.Run} of {progress.Runs}: {progress.Variant}, seed {progress.Seed}",
                progress.Share, progress.Training.SamplesPerSecond, progress.SecondsLeft),
            sofar => sofar.Save(folder), interruption.Token));

        int runs = result.Variants.Sum(variant => variant.Runs.Count);
        if (runs > 0) StudyReport.Save(result, folder);
        if (json && runs > 0) terminal.Out.WriteLine(result.ToJson());
        else if (runs > 0) Write(terminal, result, folder);
        if (result.IsComplete) return Program.Done;
        int all = study.Variants.Count * study.Seeds.Count;
        terminal.Error.WriteLine($"fovea: interrupted: {runs} of {all} runs were finished{(runs > 0 ? " and are kept" : "")}.");
        return Program.Interrupted;
    }

    private static void WriteSummaries(Terminal terminal, Study study)
    {
        terminal.WriteLine(study.Question);
        foreach (var same in study.Variants.GroupBy(variant => variant.Model))
        {
            terminal.WriteLine();
            terminal.WriteLine($"{string.Join(", ", same.Select(variant => variant.Name))}: {same.Key.ToText()}");
            foreach (string line in StudyResult.Summary(same.Key).ToTorchSummary().TrimEnd('\n').Split('\n')) terminal.WriteLine(line);
        }
        terminal.WriteLine();
    }

    private static void Write(Terminal terminal, StudyResult result, string folder)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn("");
        foreach (VariantResult variant in result.Variants) table.AddColumn(new TableColumn(Markup.Escape(variant.Name)).RightAligned());
        foreach (StudyRow row in StudyRow.Of(result))
            table.AddRow([Markup.Escape(row.Name), .. row.Cells.Select(cell => $"{cell.Figure} {cell.Spread}".TrimEnd())]);
        terminal.Write(table);
        if (result.Variants.Any(variant => variant.Runs.Count > 1))
            terminal.WriteLine("Means and, after ±, standard deviations of the seeds.");
        foreach (StudyComparison comparison in result.Comparisons)
        {
            terminal.WriteLine();
            terminal.WriteLine($"{comparison.Sentence}.");
            foreach (string line in comparison.Evidence) terminal.WriteLine($"  {line}");
        }
        terminal.WriteLine();
        terminal.WriteLine($"Written: {Path.Combine(folder, StudyFolder.ReportFile)}, {Path.Combine(folder, StudyFolder.ResultFile)}");
    }

    // What gives the same study again, wherever it is written to.
    private static string CommandLine(Study study, string? model, string usualData)
    {
        string line = string.Create(CultureInfo.InvariantCulture,
            $"fovea study {study.Name} --epochs {study.Variants[0].Settings.Epochs} --seeds {string.Join(',', study.Seeds)}");
        if (study.Limit is { } limit) line += string.Create(CultureInfo.InvariantCulture, $" --limit {limit}");
        if (study.Data != usualData) line += $" --data {Quoted(study.Data)}";
        if (study.DataFolder is { } folder) line += $" --data-folder {Quoted(folder)}";
        return model is null ? line : $"{line} --model {Quoted(model)}";
    }

    private static string Quoted(string word) => word.Any(c => char.IsWhiteSpace(c) || c is '|' or '\'') ? $"\"{word}\"" : word;

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
