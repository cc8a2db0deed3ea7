using System.Diagnostics;

namespace Fovea.Tests;

public class StudyKillTests
{
    private const int Kills = 50;

    [Fact]
    public async Task Killed_at_many_random_moments_a_study_ends_with_the_same_bits_figures_and_report()
    {
        using var whole = new TemporaryFolder();
        string[] study =
        [
            "study", "--model", "conv 4 k5 s2 | relu | dropout 0.3 | flatten | linear 10 | logsoftmax", "--vary", "optimizer=adam", "--seeds", "1,2",
            "--epochs", "2", "--limit", "1000", "--set", "batch-size=10", "--checkpoint-seconds", "0.002", "--threads", "1", "--json",
        ];
        CommandLineRun.OutputOf([.. study, "--out", whole["study"], "--store", whole["fovea.db"]]);
        WrittenStudy expected = WrittenStudy.Of(whole["study"]);

        var random = new Random(1);
        for (int kills = 0; kills < Kills;)
        {
            using var folder = new TemporaryFolder();
            string[] ends = ["--store", folder["fovea.db"], "--checkpoint-seconds", "0.002", "--threads", "1", "--json"];
            while (true)
            {
                bool begun = File.Exists(folder["study/plan.json"]);
                string[] command = begun ? ["study", "--resume", folder["study"], .. ends] : [.. study, "--out", folder["study"], "--store", folder["fovea.db"]];
                using Process process = Start(command);
                // From the start of the program into the second run.
                using var moment = new CancellationTokenSource(kills < Kills ? random.Next(200, 1800) : 60_000);
                try
                {
                    await process.WaitForExitAsync(moment.Token);
                }
                catch (OperationCanceledException)
                {
                    process.Kill();
                    await process.WaitForExitAsync(TestContext.Current.CancellationToken);
                    kills++;
                    continue;
                }
                Assert.Equal("", await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
                Assert.Equal(0, process.ExitCode);
                break;
            }
            expected.AssertSame(folder["study"]);
            using Lab.RunStore store = Lab.RunStore.Open(folder["fovea.db"]);
            Assert.Equal(2, store.Runs().Count);
            Assert.Empty(store.Check());
        }
    }

    private static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (string argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Fovea.Cli.dll"), .. arguments]) start.ArgumentList.Add(argument);
        Process process = Process.Start(start)!;
        // Read, so that a full pipe stops nobody.
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }
}
