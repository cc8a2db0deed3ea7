using System.CommandLine;
using System.Diagnostics;
using System.Security.Cryptography;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea race</c>: trainings against the clock, which runs from the start of a process until its network has passed the test.</summary>
internal sealed class RaceCommand(Terminal terminal)
{
    private readonly Argument<string> _race = new("RACE") { Description = "Which race." };
    private readonly Option<int?> _runs = Options.Whole("--runs", "How many runs, each in a process and with a seed of its own.", least: 1, usual: 5);
    private readonly Option<ulong?> _seed = Options.Seed("--seed", "The seed of the first run; it goes up by one.", usual: 1);
    private readonly Option<int?> _threads = Options.Threads();
    private readonly Option<string?> _out = new("--out") { Description = "The folder for the networks, one for each seed; runs/RACE-NUMBER unless given.", HelpName = "DIR" };
    private readonly Option<bool> _here = new("--here") { Description = "One run, in this very process: what the runs are made of." };
    private readonly Option<bool> _json = Options.Json();

    public static Verb Create(Terminal terminal) => new RaceCommand(terminal).Create();

    private Verb Create()
    {
        var verb = new Verb("race", "Train against the clock: from the start of the process, reading the data included, until the test is passed.") { _race };
        foreach (Option option in (Option[])[_runs, _seed, _threads, _out, _here, _json]) verb.Options.Add(option);
        _race.Description = $"Which race: {string.Join(", ", Race.All.Select(race => $"{race.Name} ({race.Description})"))}.";
        verb.Examples = ["fovea race mnist99", "fovea race mnist99 --runs 20 --threads 1 --json"];
        verb.SetAction(result => Run(result));
        return verb;
    }

    private int Run(ParseResult result)
    {
        Race race = Race.Get(result.GetRequiredValue(_race));
        ulong seed = result.GetValue(_seed)!.Value;
        int threads = result.GetValue(_threads) ?? 0;
        string folder = result.GetValue(_out) ?? OutputFolder.Next(race.Name);
        bool json = result.GetValue(_json);
        if (result.GetValue(_here))
        {
            RaceRun run = Here(race, seed, threads, folder);
            terminal.Out.WriteLine(CliJson.Write(run));
            return run.Reached ? Program.Done : Program.Failed;
        }
        int count = result.GetValue(_runs)!.Value;
        var runs = new List<RaceRun>();
        if (!json)
        {
            terminal.WriteLine($"{race.Name}: {race.Description}, {count} runs, from the start of a process to the accuracy of its network on the test images");
            terminal.WriteLine($"{race.Model} with {race.Settings.Optimizer.Name}, learning rate {race.Settings.Optimizer.LearningRate} on the schedule {race.Settings.Schedule.Name}, batches of {race.Settings.BatchSize}");
        }
        for (int i = 0; i < count; i++) runs.Add(InProcess(race, seed + (ulong)i, threads, Path.Combine(folder, $"seed-{seed + (ulong)i}")));
        var report = new RaceReport(race.Name, race.Model.ToString(), race.Data, race.Settings, race.Accuracy, threads == 0 ? Environment.ProcessorCount : threads,
            SeedStatistics.Of([.. runs.Select(run => run.Seconds)]), runs.Count(run => run.Reached), runs);
        if (json) terminal.Out.WriteLine(CliJson.Write(report));
        else Write(report);
        return report.Reached == count ? Program.Done : Program.Failed;
    }

    private static RaceRun Here(Race race, ulong seed, int threads, string folder)
    {
        using var process = Process.GetCurrentProcess();
        OutputFolder.Prepare(folder);
        var (result, trainer) = race.Run(seed, threads, process.StartTime);
        trainer.Save(folder);
        string weights = Directory.EnumerateFiles(folder, "*.safetensors").Single();
        return new RaceRun(seed, result.Accuracy, result.Reached, result.Seconds, result.StartSeconds, result.ReadSeconds, result.TrainSeconds, result.TestSeconds,
            weights, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(weights))));
    }

    /// <summary>A run in a process of its own: this program once more.</summary>
    private static RaceRun InProcess(Race race, ulong seed, int threads, string folder)
    {
        string program = Environment.ProcessPath!;
        // Started by dotnet, the program is its first argument.
        string[] first = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        string[] arguments = [.. first, "race", race.Name, "--here", "--seed", $"{seed}", "--out", folder, .. threads > 0 ? (string[])["--threads", $"{threads}"] : []];
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Length > 0 ? CliJson.Read<RaceRun>(output) : throw new FoveaException($"race: the run with seed {seed} failed: {errors.Result.Trim()}");
    }

    private void Write(RaceReport report)
    {
        TextTable table = new TextTable().AddNumbers("seed", "accuracy", "seconds", "start", "data", "training", "test");
        foreach (RaceRun run in report.Runs)
        {
            table.AddRow([$"{run.Seed}", Format.Percent(run.Accuracy) + (run.Reached ? "" : " (too low)"),
                .. new[] { run.Seconds, run.StartSeconds, run.ReadSeconds, run.TrainSeconds, run.TestSeconds }.Select(seconds => $"{seconds:F2}")]);
        }
        terminal.Write(table);
        string deviation = report.Seconds.Deviation is { } spread ? $", standard deviation {spread:F2} s" : "";
        terminal.WriteLine($"{report.Reached} of {report.Runs.Count} runs reached {Format.Percent(report.Accuracy)}; {report.Seconds.Mean:F2} s on average{deviation}, on {report.Threads} threads");
        foreach (RaceRun run in report.Runs) terminal.WriteLine($"{run.Weights}  sha256 {run.Sha256}");
    }
}

/// <summary>What <c>fovea race --json</c> prints.</summary>
/// <param name="Race">Which race.</param>
/// <param name="Model">The network.</param>
/// <param name="Data">What it was trained and tested on.</param>
/// <param name="Settings">How it was trained, but for the seed.</param>
/// <param name="Accuracy">What was to be reached.</param>
/// <param name="Threads">Threads of each run.</param>
/// <param name="Seconds">The runs' seconds: mean and standard deviation.</param>
/// <param name="Reached">How many runs reached it.</param>
/// <param name="Runs">All runs.</param>
internal sealed record RaceReport(string Race, string Model, string Data, TrainingSettings Settings, double Accuracy, int Threads, SeedStatistics Seconds,
    int Reached, IReadOnlyList<RaceRun> Runs);

/// <summary>One run of a race; the times are those of <see cref="RaceResult"/>.</summary>
/// <param name="Seed">What weights and order were drawn by.</param>
/// <param name="Accuracy">The share of the test images that were classified rightly.</param>
/// <param name="Reached">Whether that is enough.</param>
/// <param name="Seconds">From the start of the process until the accuracy was known.</param>
/// <param name="StartSeconds">Of these, until the data began to be read.</param>
/// <param name="ReadSeconds">Of these, reading the data.</param>
/// <param name="TrainSeconds">Of these, training.</param>
/// <param name="TestSeconds">Of these, testing.</param>
/// <param name="Weights">The file of the network's weights.</param>
/// <param name="Sha256">Its hash.</param>
internal sealed record RaceRun(ulong Seed, double Accuracy, bool Reached, double Seconds, double StartSeconds, double ReadSeconds, double TrainSeconds, double TestSeconds,
    string Weights, string Sha256);
