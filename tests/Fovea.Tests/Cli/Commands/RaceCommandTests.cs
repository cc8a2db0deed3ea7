using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;

namespace Fovea.Tests;

public class RaceCommandTests
{
    [Fact]
    public void A_race_is_run_in_processes_of_their_own_by_networks_that_can_be_evaluated()
    {
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Fovea.Cli.dll"), "race", "mnist99", "--runs", "2", "--seed", "4", "--out", folder.Path, "--json"])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        using JsonDocument document = JsonDocument.Parse(process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        JsonElement report = document.RootElement;
        JsonElement[] runs = [.. report.GetProperty("runs").EnumerateArray()];
        // Rounding, which differs between processors, decides about a hundredth of a percent.
        int reached = runs.Count(run => Number(run, "accuracy") >= 0.99);
        Assert.Equal((reached, reached == 2 ? 0 : 1), (report.GetProperty("reached").GetInt32(), process.ExitCode));
        Assert.Equal([4, 5], runs.Select(run => run.GetProperty("seed").GetInt32()));
        double Number(JsonElement run, string name) => run.GetProperty(name).GetDouble();
        Assert.All(runs, run =>
        {
            Assert.InRange(Number(run, "accuracy"), 0.985, 1);
            string weights = run.GetProperty("weights").GetString()!;
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(weights))), run.GetProperty("sha256").GetString());
            // The parts are what the whole is made of.
            string[] parts = ["startSeconds", "readSeconds", "trainSeconds", "testSeconds"];
            Assert.Equal(Number(run, "seconds"), parts.Sum(part => Number(run, part)), 1e-6);
            using JsonDocument evaluation = JsonDocument.Parse(CommandLineRun.OutputOf("evaluate", Path.GetDirectoryName(weights)!, "--json"));
            Assert.Equal(Number(run, "accuracy"), evaluation.RootElement.GetProperty("accuracy").GetDouble());
        });
        Assert.Equal(runs.Average(run => Number(run, "seconds")), report.GetProperty("seconds").GetProperty("mean").GetDouble(), 1e-9);
    }

    [Theory]
    [InlineData("race: RACE is missing.")]
    [InlineData("there is no race \"mnist98\". Did you mean mnist99? Races: mnist99.", "mnist98")]
    [InlineData("race: --runs: expected a whole number of at least 1, got \"0\".", "mnist99", "--runs", "0")]
    public void Wrong_input_is_refused(string message, params string[] args) => CommandLineRun.AssertRefused(message, ["race", .. args]);
}
