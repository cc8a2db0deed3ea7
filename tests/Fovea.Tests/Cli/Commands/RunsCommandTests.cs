using System.Text.Json;
using Fovea.Cli;

namespace Fovea.Tests;

public sealed class RunsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Commands_that_read_make_no_store_and_say_how_to_get_one()
    {
        string path = _folder["nosuch.db"];
        foreach (string[] command in (string[][])[["runs"], ["runs", "--json"], ["runs", "export", "--csv"], ["runs", "export", "--tensorboard", _folder["logs"]], ["runs", "delete", "1"], ["runs", "check"], ["compare", "1", "2"]])
        {
            CommandLineRun.AssertRefused($"{path}: there is no store of runs. fovea train and fovea study make one; ", [.. command, "--store", path]);
            Assert.Empty(Directory.GetFiles(_folder.Path, "nosuch*"));
        }
    }

    [Fact]
    public void A_studys_runs_are_listed_compared_exported_and_removed()
    {
        string store = _folder["fovea.db"];
        CommandLineRun.OutputOf("study", "--model", "flatten | linear 10 | logsoftmax", "--vary", "optimizer=adam,sgd", "--seeds", "1", "--epochs", "1",
            "--limit", "100", "--out", _folder["study"], "--store", store);
        string list = CommandLineRun.OutputOf("runs", "--store", store);
        Assert.Contains("optimizer", list);
        Assert.Contains("sgd", list);
        // The same in both.
        Assert.DoesNotContain("batch-size", list);
        Assert.DoesNotContain("adam", CommandLineRun.OutputOf("runs", "--where", "optimizer=sgd", "--store", store));
        using (JsonDocument one = JsonDocument.Parse(CommandLineRun.OutputOf("runs", "--where", "optimizer=sgd", "--store", store, "--json")),
            both = JsonDocument.Parse(CommandLineRun.OutputOf("compare", "1", "2", "--store", store, "--json")),
            study = JsonDocument.Parse(File.ReadAllText(_folder["study/study.json"])))
        {
            JsonElement sgd = Assert.Single(one.RootElement.GetProperty("runs").EnumerateArray());
            Assert.Equal((2, "sgd"), (sgd.GetProperty("id").GetInt32(), sgd.GetProperty("settings").GetProperty("optimizer").GetString()));
            // The figures are those that the study wrote down.
            Assert.Equal(study.RootElement.GetProperty("variants").EnumerateArray().Select(variant => variant.GetProperty("runs")[0].GetProperty("testAccuracy").GetDouble()),
                both.RootElement.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("testAccuracy").GetDouble()));
        }
        Assert.Equal("{\"runs\":[]}\n", CommandLineRun.OutputOf("runs", "--where", "seed=9", "--store", store, "--json"));
        Assert.Matches(@"2 against 1: test accuracy \S+ points, [\d,]+ samples per second instead of [\d,]+ \([\d.]+ times the speed\), \S+ s of training instead of \S+ s\n",
            CommandLineRun.OutputOf("compare", "1", "2", "--store", store));
        Assert.Equal(3, CommandLineRun.OutputOf("runs", "export", "--csv", "--store", store).TrimEnd().Split('\n').Length);
        Assert.Equal("2 runs, all whole\n", CommandLineRun.OutputOf("runs", "check", "--store", store));
        Assert.Equal("Removed: 1\n", CommandLineRun.OutputOf("runs", "delete", "1", "--store", store));
        foreach (string[] few in (string[][])[["compare"], ["compare", "1"]])
            CommandLineRun.AssertRefused("compare: expected the numbers of at least two runs, as fovea runs lists them: compare 1 4.", [.. few, "--store", store]);
        CommandLineRun.AssertRefused("--where: expected a name and a value as in study=stride, got \"foo\".", "runs", "--where", "foo", "--store", _folder["none.db"]);
        CommandLineRun.AssertRefused("--where: no run has a setting \"batchsize\". Did you mean batch-size? They have study, name, model, data, seed, augment, batch-size, ", "runs", "--where", "batchsize=64", "--store", store);
        CommandLineRun.AssertRefused("delete: RUN: expected a whole number, got \"two\".", "runs", "delete", "two", "--store", store);
        CommandLineRun.AssertRefused("compare: RUN: expected a whole number, got \"two\".", "compare", "two", "2", "--store", store);
        Assert.Equal("There are no such runs.\n", CommandLineRun.OutputOf("runs", "--where", "seed=9", "--store", store));
        using (Lab.RunStore.Open(_folder["empty.db"])) { }
        Assert.Equal($"There are no runs in {_folder["empty.db"]} yet: fovea train and fovea study put theirs there.\n", CommandLineRun.OutputOf("runs", "--store", _folder["empty.db"]));
        CommandLineRun.AssertRefused("export: --steps goes with --csv; ", "runs", "export", "--steps", "--tensorboard", _folder["logs"], "--store", store);
        CommandLineRun.AssertRefused($"{store}: there is no run 1.", "compare", "1", "2", "--store", store);
    }

    [Fact]
    public void More_epochs_take_longer_and_are_not_slower_for_it()
    {
        string store = _folder["fovea.db"];
        TrainingPlace Place(int threads) => new(new Machine("A processor", 2, "A system", ".NET", "0.1.0") { Host = "A host" }, threads);
        // 100 samples of which 5 are set aside, batches of 64: 2 updates an epoch. 95 samples in 1 s, and 3 epochs of 95 in 2 s: 142.5 a second.
        Lab.RunRecord Run(string folder, int epochs, double seconds, int threads) => new(0, null, folder, 1, "stride2", "mnist", _folder[folder],
            new Dictionary<string, string> { ["samples"] = "100", ["validation"] = "0.05", ["batch-size"] = "64" }, 0.1, 0.9,
            [.. Enumerable.Range(1, epochs).Select(epoch => new EpochResult(epoch, 0.5, 0.8, 0.4, 0.85, seconds / epochs) { Updates = 2 * epoch })])
        {
            Stored = DateTimeOffset.UnixEpoch,
            Updates = 2 * epochs,
            Places = [Place(threads)],
        };
        using (Lab.RunStore runs = Lab.RunStore.Open(store))
        {
            Assert.Equal([1, 2, 3], [runs.Add(Run("a", 1, 1, 2)), runs.Add(Run("b", 3, 2, 2)), runs.Add(Run("c", 3, 2, 4))]);
        }
        string comparison = CommandLineRun.OutputOf("compare", "1", "2", "3", "--store", store);
        Assert.Contains("2 against 1: test accuracy 0 points, 142 samples per second instead of 95 (1.5 times the speed), 2 s of training instead of 1 s\n", comparison);
        Assert.Contains("3 against 1: test accuracy 0 points, times not compared, as the runs were made with different numbers of threads (2, 4)\n", comparison);
    }

    [Fact]
    public void Trainings_are_listed_beside_the_runs_of_studies_and_unfinished_ones_are_called_so()
    {
        string store = _folder["fovea.db"];
        CommandLineRun.OutputOf("train", "flatten | linear 10", "--limit", "100", "--epochs", "1", "--out", _folder["mine"], "--store", store);
        using (Lab.RunStore runs = Lab.RunStore.Open(store))
        {
            Lab.RunRecord run = runs.Runs()[0];
            runs.Add(run with { Folder = _folder["cut"], Name = "cut", TestLoss = null, TestAccuracy = null, Updates = 0 });
        }
        string list = CommandLineRun.OutputOf("runs", "--store", store);
        Assert.DoesNotContain("study", list);
        Assert.Matches(@"1\s+mine\s+1\s+2\s+\d+\.\d\d%\s+\d\.\d{4}\s+\d+\.\d s", list);
        Assert.Matches(@"2\s+cut\s+1\s+0\s+unfinished\s+\d+\.\d s", list);
        CommandLineRun.AssertRefused($"run 2 is not finished: there is nothing to compare yet. Go on with fovea train --resume {_folder["cut"]}.", "compare", "1", "2", "--store", store);
        Assert.Equal("2 runs, all whole\n", CommandLineRun.OutputOf("runs", "check", "--store", store));
    }

    [Fact]
    public void What_runs_suffer_from_is_told_and_a_run_that_diverged_is_called_so()
    {
        string store = _folder["fovea.db"];
        CommandLineRun study = CommandLineRun.Of("study", "--model", "flatten | linear 10", "--set", "optimizer=sgd", "--vary", "lr=0.1,1e38", "--seeds", "1,2", "--epochs", "2",
            "--limit", "200", "--out", _folder["study"], "--store", store);
        Assert.Equal(0, study.Code);
        Assert.Matches(@"lr 1e38: diverged with every seed \(1, 2\); with seed 1 the loss of update 2 \(epoch 1\) is .*\(no checkpoint was written before\)\.", study.Output);
        CommandLineRun training = CommandLineRun.Of("train", "flatten | linear 10", "--optimizer", "sgd", "--lr", "1e38", "--limit", "200", "--out", _folder["mine"], "--store", store);
        Assert.Equal(1, training.Code);

        string list = CommandLineRun.OutputOf("runs", "--store", store);
        Assert.Equal(3, list.Split('\n').Count(line => line.Contains("diverged") && !line.StartsWith("found", StringComparison.Ordinal)));
        Assert.Contains("found in runs 2, 4: the loss of update 2 (epoch 1) is ", list);
        Assert.Contains("found in run 5: the loss of update 2 (epoch 1) is ", list);
        Assert.DoesNotContain("unfinished", list);
        string comparison = CommandLineRun.OutputOf("compare", "1", "2", "--store", store);
        Assert.Contains("Run 2 diverged: there are no figures to compare it by.", comparison);
        Assert.Contains("found in run 2: the loss of update 2", comparison);
        Assert.Equal("5 runs, all whole\n", CommandLineRun.OutputOf("runs", "check", "--store", store));
        // Of a study without any figure the exit code is that of a run that failed.
        CommandLineRun none = CommandLineRun.Of("study", "--model", "flatten | linear 10", "--set", "optimizer=sgd", "--vary", "lr=1e38", "--seeds", "1", "--epochs", "1",
            "--limit", "200", "--out", _folder["none"], "--store", store);
        Assert.Equal(1, none.Code);
        Assert.Contains("lr 1e38: diverged with seed 1: the loss", none.Output);
        Assert.Contains("diverged with seed 1", File.ReadAllText(Path.Combine(_folder["none"], "report.html")));
    }

    [Fact]
    public void On_a_narrow_terminal_the_settings_that_differ_come_below_the_table()
    {
        string text = Written(width: 80);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 80));
        Assert.Contains("Settings that differ:\n  1: optimizer sgd, lr 0.01, batch-size 1000\n  2: optimizer adam, lr 0.001, batch-size 2000\n", text);
    }

    [Fact]
    public void Runs_are_a_line_each_on_a_terminal_of_any_width()
    {
        for (int width = 80; width < 140; width++)
        {
            string[] lines = Written(width).Split('\n');
            int rule = Array.FindIndex(lines, line => line.StartsWith('─'));
            Assert.All(lines[(rule + 1)..(rule + 3)], line => Assert.Contains("98.67%", line));
            Assert.True(string.IsNullOrWhiteSpace(lines[rule + 3]), $"width {width}: a run goes on as {lines[rule + 3].Trim()}");
        }
    }

    private static string Written(int width)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal(output, output, isInteractive: false) { Width = width };
        Lab.RunRecord Run(long id, string optimizer, string rate) => new(id, "batch-size", $"batch {1000 * id}", 1, "stride2", "mnist", $"/{id}",
            new Dictionary<string, string> { ["optimizer"] = optimizer, ["lr"] = rate, ["batch-size"] = $"{1000 * id}" }, 0.0437, 0.9867, [])
        {
            Stored = DateTimeOffset.UnixEpoch,
            Updates = 8910,
        };
        Fovea.Cli.Commands.RunsCommand.Write(terminal, [Run(1, "sgd", "0.01"), Run(2, "adam", "0.001")]);
        return output.ToString();
    }
}
