using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Fovea.Bench;

/// <summary>
/// Kills a study at random moments (SIGKILL), resumes it until it is finished, and compares the weights of its runs byte for byte with those of a study
/// that nobody disturbed; again and again until it was killed so many times.
/// </summary>
internal sealed class Kills(int count, int seed, string program)
{
    private static readonly string[] s_study =
    [
        "study", "--model", "conv 4 k5 s2 | relu | dropout 0.3 | flatten | linear 10 | logsoftmax", "--vary", "optimizer=sgd,adam", "--seeds", "1,2",
        "--epochs", "2", "--limit", "1000", "--set", "batch-size=10", "--checkpoint-seconds", "0.005", "--threads", "1", "--json",
    ];

    /// <summary>Runs it.</summary>
    /// <returns>The exit code: 1 where bits differ or a study failed.</returns>
    public int Run(TextWriter output)
    {
        string root = Directory.CreateTempSubdirectory("fovea-kills-").FullName;
        try
        {
            string[] whole = [.. s_study, "--out", Path.Combine(root, "whole"), "--store", Path.Combine(root, "whole.db")];
            long start = Stopwatch.GetTimestamp();
            if (!Finish(whole, Timeout.InfiniteTimeSpan)) return 1;
            // From the start of the program to its end.
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            string expected = Bits(Path.Combine(root, "whole"));
            var random = new Random(seed);
            int kills = 0, studies = 0;
            while (kills < count)
            {
                string folder = Path.Combine(root, "study"), store = Path.Combine(root, "study.db");
                bool finished = false;
                while (!finished)
                {
                    bool begun = File.Exists(Path.Combine(folder, "plan.json"));
                    string[] command = begun ? ["study", "--resume", folder, "--store", store, "--checkpoint-seconds", "0.005", "--threads", "1", "--json"]
                        : [.. s_study, "--out", folder, "--store", store];
                    finished = Finish(command, kills < count ? TimeSpan.FromSeconds(0.1 + random.NextDouble() * seconds) : Timeout.InfiniteTimeSpan);
                    if (!finished) kills++;
                }
                studies++;
                string bits = Bits(folder);
                if (bits != expected)
                {
                    output.WriteLine($"after {kills} kills, study {studies}: the weights differ:\n{bits}\ninstead of\n{expected}");
                    return 1;
                }
                Directory.Delete(folder, recursive: true);
                foreach (string file in Directory.EnumerateFiles(root, "study.db*")) File.Delete(file);
            }
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kills} kills in {studies} studies of {expected.Split('\n').Length} runs: the weights of all are those of an undisturbed study, byte for byte"));
            return 0;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Whether a command came to its end before it was killed.</summary>
    private bool Finish(string[] arguments, TimeSpan moment)
    {
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(moment))
        {
            process.Kill();
            process.WaitForExit();
            return false;
        }
        if (process.ExitCode != 0) throw new InvalidOperationException($"fovea {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.Result}");
        return true;
    }

    // The newest weights of each run: killed before it was removed, an older file may be left.
    private static string Bits(string folder) => string.Join('\n', Directory.EnumerateDirectories(Path.Combine(folder, "runs")).Order(StringComparer.Ordinal)
        .Select(run => Directory.EnumerateFiles(run, "*.safetensors").Max(StringComparer.Ordinal)!)
        .Select(file => $"{Path.GetRelativePath(folder, file)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}"));
}
