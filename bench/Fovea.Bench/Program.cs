using System.CommandLine;
using System.Diagnostics;
using Fovea;
using Fovea.Bench;
using Fovea.Lab;

var model = new Option<string>("--model") { Description = "A model of the zoo.", Required = true };
var batch = new Option<int>("--batch") { Description = "Samples of a step.", DefaultValueFactory = _ => 64 };
var threads = new Option<int>("--threads") { Description = "Threads of both sides.", DefaultValueFactory = _ => 2 };
var optimizer = new Option<string>("--optimizer") { Description = "adam, adamw, rmsprop, sgd (with momentum 0.9).", DefaultValueFactory = _ => "adam" };
var rounds = new Option<int>("--rounds") { Description = "How often each side is measured.", DefaultValueFactory = _ => 9 };
var seconds = new Option<double>("--seconds") { Description = "How long a measurement takes.", DefaultValueFactory = _ => 0.5 };
var lossSteps = new Option<int>("--loss-steps") { Description = "First steps whose losses are compared.", DefaultValueFactory = _ => 20 };
var versus = new Command("versus", "A training step of Fovea and of libtorch, side by side; prints one line of JSON.") { model, batch, threads, optimizer, lossSteps, rounds, seconds };
versus.SetAction(result =>
{
    if (LibTorchEnvironment.Restart(args) is { } exitCode) return exitCode;
    string name = result.GetValue(optimizer)!;
    Console.WriteLine(new Versus(result.GetValue(model)!, result.GetValue(batch), result.GetValue(threads), name, Settings(name), result.GetValue(lossSteps), InTurns(result)).Run());
    return 0;
});
var side = new Option<string>("--side") { Description = $"One of {string.Join(", ", TrainingSide.Names)}.", Required = true };
var peak = new Command("peak", "Training steps of one side alone; prints the peak of this process's memory, the data apart, in bytes.") { side, model, batch, threads, optimizer };
peak.SetAction(result =>
{
    if (LibTorchEnvironment.Restart(args) is { } exitCode) return exitCode;
    PeakMemory.Measure(result.GetValue(side)!, Zoo.Get(result.GetValue(model)!), Settings(result.GetValue(optimizer)), result.GetValue(threads), result.GetValue(batch), Console.Out);
    return 0;
});
var inference = new Command("inference", "The answers of Fovea, libtorch and ONNX Runtime, side by side; prints one line of JSON.") { model, batch, threads, rounds, seconds };
inference.SetAction(result =>
{
    if (LibTorchEnvironment.Restart(args) is { } exitCode) return exitCode;
    Console.WriteLine(new Inference(result.GetValue(model)!, result.GetValue(batch), result.GetValue(threads), InTurns(result)).Run());
    return 0;
});
var raceName = new Argument<string>("RACE") { Description = $"Which race: {string.Join(", ", Race.All.Select(race => race.Name))}." };
var runs = new Option<int>("--runs") { Description = "Runs of each side, with seeds 1, 2, ...", DefaultValueFactory = _ => 5 };
var seed = new Option<int>("--seed") { Description = "What is drawn by.", DefaultValueFactory = _ => 1 };
var hereSide = new Option<string?>("--side") { Description = "One run of this side with this seed, in this very process: what the runs are made of." };
var race = new Command("race", "A race of Fovea and of libtorch by the same recipe, from the start of a process to the accuracy.") { raceName, runs, threads, hereSide, seed };
race.SetAction(result =>
{
    if (LibTorchEnvironment.Restart(args) is { } exitCode) return exitCode;
    string name = result.GetValue(raceName)!;
    if (result.GetValue(hereSide) is { } here) RaceBench.Here(name, here, result.GetValue(seed), result.GetValue(threads), Console.Out);
    else new RaceBench(name, result.GetValue(runs), result.GetValue(threads)).Run(Console.Out);
    return 0;
});
var roofline = new Command("roofline", "Where the time of a training step goes, against the machine's peak.") { model, batch, threads, optimizer, seconds };
roofline.SetAction(result =>
    new Roofline(result.GetValue(model)!, result.GetValue(batch), result.GetValue(threads), Settings(result.GetValue(optimizer)), result.GetValue(seconds)).Run(Console.Out));
var kernels = new Command("kernels", "The kernels of a convolution by themselves, measured by BenchmarkDotNet, whose options may follow.") { TreatUnmatchedTokensAsErrors = false };
kernels.SetAction(result => KernelBenchmarks.Run([.. result.UnmatchedTokens]));
var count = new Option<int>("--count") { Description = "How often a study is killed.", DefaultValueFactory = _ => 200 };
var program = new Option<string>("--program")
{
    Description = "The command line; the one that was built beside this program unless given.",
    DefaultValueFactory = _ => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Fovea.Cli", "release", "Fovea.Cli.dll")),
};
var kills = new Command("kills", "Kills a study at random moments, resumes it, and compares its weights with an undisturbed one's, byte for byte.") { count, seed, program };
kills.SetAction(result => new Kills(result.GetValue(count), result.GetValue(seed), result.GetValue(program)!).Run(Console.Out));
var files = new Option<int>("--count") { Description = "Damaged files for each reader.", DefaultValueFactory = _ => 1_000_000 };
var reader = new Option<string?>("--reader") { Description = "One reader alone, by the name that is printed; a wrong one lists them." };
var save = new Option<string?>("--save") { Description = "A folder for the files that something was found with." };
var fuzz = new Command("fuzz", "Tries the readers of files with damaged ones: anything but the documented exception, too much memory or time is a find, and the exit code 1.") { files, seed, threads, reader, save };
fuzz.SetAction(result => new Fuzz(result.GetValue(files), result.GetValue(seed), result.GetValue(threads), result.GetValue(reader), result.GetValue(save)).Run(Console.Out));
var watched = new Option<string>("--model") { Description = "The model of the zoo that is trained.", DefaultValueFactory = _ => "lenet5" };
var samples = new Option<int>("--samples") { Description = "Samples of an epoch.", DefaultValueFactory = _ => 60_000 };
var epochs = new Option<int>("--epochs") { Description = "Epochs of a training.", DefaultValueFactory = _ => 10 };
var turns = new Option<int>("--rounds") { Description = "How often everything is measured.", DefaultValueFactory = _ => 6 };
var studio = new Command("studio", "How much a training is slowed by a page that watches it, and how soon each page of the studio is painted.") { watched, samples, epochs, turns, program };
studio.SetAction((result, _) => new StudioBench(result.GetValue(turns), result.GetValue(watched)!, result.GetValue(samples), result.GetValue(epochs), result.GetValue(program)!).RunAsync(Console.Out));
var workspace = new Option<string>("--workspace") { Description = "The folder with fovea.db, whose runs are shown.", DefaultValueFactory = _ => "." };
var pictures = new Option<string>("--out") { Description = "The folder for the pictures.", Required = true };
var draw = new Command("pictures", "Pictures of every page of the studio: light, dark and narrow, and of one at 4K.") { workspace, pictures, program };
draw.SetAction((result, _) => new StudioPictures(result.GetValue(workspace)!, result.GetValue(pictures)!, result.GetValue(program)!).RunAsync(Console.Out));
return new RootCommand("Benchmarks of Fovea, alone and against libtorch.") { versus, peak, inference, race, roofline, kernels, kills, fuzz, studio, draw }.Parse(args).Invoke();

Turns InTurns(ParseResult result) => new(result.GetValue(rounds), result.GetValue(seconds));

static Optimizer Settings(string? name) => name switch
{
    "adam" => new Adam(),
    "adamw" => new AdamW(),
    "rmsprop" => new RmsProp(1e-3f),
    "sgd" => new Sgd(1e-2f) { Momentum = 0.9f },
    var other => throw new ArgumentException($"--optimizer {other}: expected adam, adamw, rmsprop or sgd"),
};

/// <summary>
/// A fair opponent has a tuned allocator: glibc reads these settings when a process starts, so that the program starts itself anew with
/// them. Without them libtorch returns and asks for large blocks at every step, and is clearly slower at batch 1,000.
/// </summary>
internal static class LibTorchEnvironment
{
    private static readonly (string Name, string Value)[] s_settings =
        [("MALLOC_MMAP_THRESHOLD_", "4294967296"), ("MALLOC_TRIM_THRESHOLD_", "4294967296"), ("MALLOC_TOP_PAD_", "268435456")];

    /// <summary>The exit code of the restarted program; null where the settings are there already.</summary>
    public static int? Restart(string[] args)
    {
        if (s_settings.All(s => Environment.GetEnvironmentVariable(s.Name) is not null)) return null;
        var start = new ProcessStartInfo(Environment.ProcessPath!, args) { UseShellExecute = false };
        foreach (var (name, value) in s_settings) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
