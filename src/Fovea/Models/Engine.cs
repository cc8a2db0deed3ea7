using System.Reflection;
using System.Runtime.InteropServices;

namespace Fovea;

/// <summary>What computes: this version on this kind of machine.</summary>
public static class Engine
{
    /// <summary>The version of Fovea, with the commit that was built where that is known: <c>0.1.0 (4f2c1a3)</c>.</summary>
    public static string Version { get; } = ReadVersion();

    /// <summary>
    /// All that the bits of a training depend on besides model, data, settings and seed: the version, the system and its processor's kind, the numbers that its
    /// vectors hold, and its registers for them and whether its multipliers are its adders, by which a convolution is quicker in tiles or window by window. Where two
    /// machines have the same description, so have their trainings the same bits; the number of threads does not matter.
    /// </summary>
    public static string Description { get; } = $"Fovea {Version}, {SystemName()} {RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}, vectors of {ExecutionPlan.MostLanes} numbers, "
        + $"{ExecutionPlan.Registers} registers" + (WinogradCosts.Of(ExecutionPlan.Registers) == WinogradCosts.SharedAdders ? ", shared adders" : "") + (ExecutionPlan.UseReference ? ", reference kernels" : "") + (Fusion.Enabled ? "" : ", unfused");

    private static string SystemName() => new[] { "Linux", "Windows", "macOS" }.FirstOrDefault(OperatingSystem.IsOSPlatform) ?? "other system";

    // "0.1.0+4f2c..." with the commit that was built: seven digits of it are enough.
    private static string ReadVersion()
    {
        string[] parts = typeof(Engine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+');
        return parts.Length == 1 ? parts[0] : $"{parts[0]} ({parts[1][..Math.Min(7, parts[1].Length)]})";
    }
}
