using System.Diagnostics;
using System.Globalization;

namespace Fovea.Bench;

/// <summary>
/// How much memory a process that does training steps of one side, and nothing else, has at its peak, the batch's data apart: the most that lay
/// in memory at once, as Linux counts it (VmHWM). It holds the runtime and its libraries.
/// </summary>
internal static class PeakMemory
{
    // The first steps allocate what later ones use again.
    private const int Steps = 4;

    /// <summary>Does the steps in this process and prints its peak, in bytes.</summary>
    public static void Measure(string side, ModelSpec spec, Optimizer optimizer, int threads, int batch, TextWriter output)
    {
        if (side != TrainingSide.Names[0]) TorchSharp.torch.set_num_threads(threads);
        TrainingSide training = TrainingSide.Create(side, spec, optimizer, threads, batch);
        for (int i = 0; i < Steps; i++) training.Step();
        // Libtorch's side has the batch twice: as it was made, and as it was copied.
        int copies = side == TrainingSide.Names[0] ? 1 : 2;
        output.WriteLine((Peak() - copies * (long)batch * spec.Input.Count * sizeof(float)).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The peak of a process of its own, in bytes.</summary>
    public static long InProcess(string side, string model, string optimizer, int threads, int batch)
    {
        string[] arguments = ["peak", "--side", side, "--model", model, "--optimizer", optimizer, "--threads", $"{threads}", "--batch", $"{batch}"];
        using Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true })!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? long.Parse(text, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"the process that measures the memory of {side} ended with {process.ExitCode}");
    }

    private static long Peak()
    {
        const string name = "VmHWM:";
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
    }
}
