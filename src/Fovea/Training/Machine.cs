using System.Runtime.InteropServices;

namespace Fovea;

/// <summary>Where and with what figures were measured.</summary>
/// <param name="Processor">The processor's name.</param>
/// <param name="Processors">How many processors the process may use.</param>
/// <param name="OperatingSystem">The operating system's name and version.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="Fovea">The version of Fovea.</param>
public sealed record Machine(string Processor, int Processors, string OperatingSystem, string Runtime, string Fovea)
{
    /// <summary>This machine.</summary>
    public static Machine This { get; } = new(
        ProcessorName(), Environment.ProcessorCount, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, global::Fovea.Engine.Version)
    {
        Host = Environment.MachineName,
        Engine = global::Fovea.Engine.Description,
    };

    /// <summary>The host's name, by which machines with the same processor are told apart; empty where it was not kept.</summary>
    public string Host { get; init; } = "";

    /// <summary>The description of the engine, on which the bits depend (<see cref="global::Fovea.Engine.Description"/>); empty where it was not kept.</summary>
    public string Engine { get; init; } = "";

    // Linux says it in a file, Windows in a variable; elsewhere the architecture has to do.
    private static string ProcessorName()
    {
        const string file = "/proc/cpuinfo";
        string? name = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[^1].Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        return string.IsNullOrWhiteSpace(name) ? RuntimeInformation.ProcessArchitecture.ToString() : name;
    }
}
