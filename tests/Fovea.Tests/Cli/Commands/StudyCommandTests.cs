using System.Text.Json.Nodes;
using Fovea.Cli;
using Fovea.Lab;

namespace Fovea.Tests;

public sealed class StudyCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-study-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_study_prints_summaries_and_comparison_and_writes_both_files()
    {
        var (code, output, error) = Run("study", "stride", "--limit", "300", "--epochs", "1", "--seeds", "1", "--out", _folder);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Total params: 2,361,546\n", output);
        Assert.Contains("Estimated Total Size (MB): 0.51\n", output);
        Assert.Contains("stride 2: 22.6 times fewer parameters, ", output);
        Assert.Contains("Test accuracy, %", output);
        // Nobody watches: no bar, no colours.
        Assert.DoesNotContain("samples/s", output);
        Assert.DoesNotContain('\u001b', output);
        Assert.Equal(["plan.json", "report.html", "study.json"], Directory.EnumerateFiles(_folder).Select(Path.GetFileName).Order());
        JsonNode study = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "study.json")))!;
        Assert.Equal(["stride1", "stride2"], study["variants"]!.AsArray().Select(variant => (string)variant!["model"]!));
        Assert.Equal("fovea study stride --epochs 1 --seeds 1 --limit 300", (string)study["command"]!);
        Assert.Contains((string)study["command"]!, File.ReadAllText(Path.Combine(_folder, "report.html")));
    }

    [Fact]
    public void A_variant_of_several_budgets_is_named_once_above_its_summary()
    {
        var (code, output, _) = Run("study", "--model", "flatten | linear 10", "--vary", "batch-size=32,64", "--budget", "epochs=1,updates=2", "--seeds", "1", "--limit", "100", "--out", _folder);
        Assert.Equal(0, code);
        Assert.Contains("\nbatch-size 32, batch-size 64: flatten | linear 10\n", output);
    }

    [Fact]
    public void Json_is_all_that_is_printed_and_what_is_written()
    {
        const string model = "conv 2 k5 | flatten | linear 10 | logsoftmax";
        var (code, output, error) = Run(
            "study", "batch-size", "--limit", "300", "--epochs", "1", "--seeds", "4,2", "--model", model, "--json", "--out", _folder);
        Assert.Equal((0, ""), (code, error));
        JsonNode study = JsonNode.Parse(output)!;
        Assert.Equal(File.ReadAllText(Path.Combine(_folder, "study.json")), output);
        JsonNode[] variants = [.. study["variants"]!.AsArray().OfType<JsonNode>()];
        Assert.Equal(["batch 32", "batch 1,000", "batch 10,000"], variants.Select(variant => (string)variant["name"]!));
        Assert.All(variants, variant => Assert.Equal(model, (string)variant["model"]!));
        Assert.All(variants, variant => Assert.Equal([4, 2], variant["runs"]!.AsArray().Select(run => (int)run!["seed"]!)));
        Assert.Equal($"fovea study batch-size --model \"{model}\" --epochs 1 --seeds 4,2 --limit 300", (string)study["command"]!);
    }

    [Theory]
    [InlineData("study: --epochs: expected a whole number of at least 1, got \"0\".", "study", "stride", "--epochs", "0")]
    [InlineData("study: --seeds: expected whole numbers", "study", "stride", "--seeds", "x")]
    [InlineData("study: --seeds: expected whole numbers", "study", "stride", "--seeds", "1,-2")]
    [InlineData("study stride: a seed is given twice in 3,3", "study", "stride", "--seeds", "3,3")]
    [InlineData("study: --limit: expected a whole number of at least 1, got \"-5\".", "study", "stride", "--limit", "-5")]
    [InlineData("study: there is no option --modl. Did you mean --model?", "study", "stride", "--modl", "lenet5")]
    [InlineData("study: STUDY is missing. Give ", "study")]
    [InlineData("there is no setting \"batch-sise\". Did you mean batch-size?", "study", "--vary", "batch-sise=1,2")]
    [InlineData("there is no setting \"batchsize\". Did you mean batch-size?", "study", "--vary", "batchsize=1,2")]
    [InlineData("activation: there is no activation \"rleu\". Did you mean relu? Activations: relu, leakyrelu, ", "study", "--vary", "activation=tanh,rleu")]
    [InlineData("activation: there is no activation \"conv\". Activations: ", "study", "--vary", "activation=conv")]
    [InlineData("expected what varies as in batch-size=32,1000", "study", "--vary", "batch-size")]
    [InlineData("there is no optimizer \"sdg\". Did you mean sgd?", "study", "--vary", "optimizer=adam,sdg")]
    [InlineData("conv3.stride: the model stride2 has only 1 of the layers conv.", "study", "--vary", "conv3.stride=1,2")]
    [InlineData("layer 1 conv2d: \"strides\" is none of its properties.", "study", "--vary", "conv1.strides=1,2")]
    [InlineData("optimizer sgd: it has no beta1.", "study", "--set", "optimizer=sgd", "--vary", "optimizer.beta1=0.8,0.9")]
    [InlineData("lr: \"fast\" is not a value of this setting.", "study", "--vary", "lr=fast,slow")]
    [InlineData("expected a budget such as epochs=5, updates=2000 or seconds=60, got \"epochs=0.5\".", "study", "stride", "--budget", "epochs=0.5")]
    [InlineData("expected a target such as test-accuracy=0.99", "study", "stride", "--until", "test-accuracy=99")]
    [InlineData("settings: the schedule cosine must know the number of updates", "study", "stride", "--set", "schedule=cosine", "--budget", "seconds=1")]
    [InlineData("nowhere.json: there is no such file.", "study", "nowhere.json")]
    [InlineData("there is no model \"lenet7\"", "study", "batch-size", "--model", "lenet7")]
    [InlineData("layer 2 linear(features 10): a linear layer needs a flat", "study", "batch-size", "--model", "conv 4 k5 | linear 10")]
    public void Wrong_input_is_refused(string message, params string[] args)
    {
        var (code, output, error) = Run([.. args, "--out", _folder]);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith($"fovea: {message}", error);
        Assert.DoesNotContain("   at ", error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void An_unknown_study_is_refused_and_a_known_one_proposed()
    {
        var (code, output, error) = Run("study", "strid");
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("fovea: there is no study \"strid\" and no file of this name. Did you mean stride?", error);
    }

    [Fact]
    public void An_output_folder_that_cannot_be_written_is_refused_before_anything_is_trained()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        foreach (string folder in (string[])[file, Path.Combine(file, "out")])
        {
            var (code, output, error) = Run("study", "stride", "--out", folder);
            Assert.Equal((2, ""), (code, output));
            Assert.StartsWith($"fovea: {folder}: th", error);
            Assert.Contains("Give another --out.", error);
        }
    }

    [Fact]
    public void A_finished_study_is_not_written_over_by_another()
    {
        string[] first = ["study", "--model", "flatten | linear 10", "--vary", "lr=0.1,0.01", "--seeds", "1", "--epochs", "1", "--limit", "100"];
        string[] second = [.. first, "--set", "batch-size=10"];
        foreach (var (arguments, folder) in (IEnumerable<(string[], string)>)[(first, "study"), (second, "study-2"), (first, "study"), (second, "study-2")])
            Assert.Contains($"studies/{folder}/report.html", RunIn(_folder, arguments));
        var (code, output, error) = Run([.. second, "--out", Path.Combine(_folder, "studies", "study")]);
        Assert.Equal((2, ""), (code, output));
        Assert.Equal($"fovea: {Path.Combine(_folder, "studies", "study")}: there is another study, whose runs would be lost. Give another --out, or remove the folder.\n", error);
    }

    [Fact]
    public void What_no_study_wrote_is_not_removed()
    {
        string[] study = ["study", "--model", "flatten | linear 10", "--vary", "lr=0.1,0.01", "--seeds", "1", "--epochs", "1", "--limit", "100", "--json",
            "--store", Path.Combine(_folder, "fovea.db"), "--out", _folder];
        // As a workspace has it, where fovea train puts trainings.
        string training = Path.Combine(_folder, "runs", "stride2-1", "weights");
        Directory.CreateDirectory(Path.GetDirectoryName(training)!);
        File.WriteAllText(training, "precious");
        Assert.Equal((2, "", $"fovea: {_folder}: there is \"runs\" already, and no study that it is of (plan.json is missing): it would be lost. Give another --out.\n"), Run(study));
        Directory.Delete(Path.Combine(_folder, "runs"), recursive: true);
        Assert.Equal(0, Run(study).Code);
        // Trainings that came after the study stay when it is made again.
        Directory.CreateDirectory(Path.GetDirectoryName(training)!);
        File.WriteAllText(training, "precious");
        File.WriteAllText(Path.Combine(_folder, "runs", "1-seed1", "old"), "");
        Assert.Equal(0, Run(study).Code);
        Assert.Equal("precious", File.ReadAllText(training));
        Assert.False(File.Exists(Path.Combine(_folder, "runs", "1-seed1", "old")));
    }

    [Fact]
    public void A_run_of_a_study_is_gone_on_with_by_the_study()
    {
        Assert.Equal(0, Run(["study", "--model", "flatten | linear 10", "--vary", "lr=0.1,0.01", "--seeds", "1", "--epochs", "1", "--limit", "100", "--json",
            "--store", Path.Combine(_folder, "fovea.db"), "--out", _folder]).Code);
        string trial = Path.Combine(_folder, "runs", "1-seed1");
        var (code, _, error) = Run(["train", "--resume", trial]);
        Assert.Equal(2, code);
        Assert.StartsWith($"fovea: {trial}: this is a run of a study, ", error);
        Assert.Contains($" Go on with fovea study --resume {_folder}, ", error);
        // Beside them lie trainings of their own.
        Directory.Move(trial, Path.Combine(_folder, "runs", "alone"));
        Assert.Null(StudyFolder.OfTrial(Path.Combine(_folder, "runs", "alone")));
    }

    [Fact]
    public void A_study_that_another_program_is_at_is_left_alone()
    {
        string folder = Path.Combine(_folder, "study"), plan = Path.Combine(folder, "plan.json");
        string[] begin = ["study", "--model", "flatten | linear 10", "--vary", "lr=0.1,0.01", "--seeds", "1", "--epochs", "1", "--limit", "100", "--json", "--out", folder];
        Directory.CreateDirectory(folder);
        string taken = $"fovea: {folder}: it is in the hands of fovea study, process {Environment.ProcessId}. Wait for its end, or stop it there";
        using (Lab.RunLock.Take(folder, "fovea study"))
        {
            var (code, output, error) = Run(begin);
            Assert.Equal((2, ""), (code, output));
            Assert.StartsWith(taken, error);
            Assert.False(File.Exists(plan));
        }
        Assert.Equal(0, Run(begin).Code);
        string before = File.ReadAllText(Path.Combine(folder, "study.json"));
        using (Lab.RunLock.Take(folder, "fovea study"))
        {
            foreach (string[] again in (string[][])[begin, ["study", "--resume", folder]])
            {
                var (code, output, error) = Run(again);
                Assert.Equal((2, ""), (code, output));
                Assert.StartsWith(taken, error);
            }
        }
        Assert.Equal(before, File.ReadAllText(Path.Combine(folder, "study.json")));
        // What a queue left behind goes with the study that is made again.
        File.WriteAllText(Path.Combine(folder, "queue.json"), "{}");
        Assert.Equal(0, Run(begin).Code);
        Assert.Equal(["plan.json", "report.html", "study.json"], Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order());
    }

    // The folder that a study is put in by itself is of the current one, which belongs to a whole process.
    private static string RunIn(string folder, string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Fovea.Cli.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private static (int Code, string Output, string Error) Run(params IReadOnlyList<string> args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = Cli.Program.Run(args, new Terminal(output, error, isInteractive: false));
        return (code, output.ToString(), error.ToString());
    }
}
