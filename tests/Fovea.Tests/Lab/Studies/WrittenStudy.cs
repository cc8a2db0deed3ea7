using System.Security.Cryptography;
using Fovea.Lab;

namespace Fovea.Tests;

/// <summary>What a study came to in its folder, to be compared with what another came to: all but times, memory and the moment of its beginning.</summary>
/// <param name="Weights">The newest weights of each run, as their name and hash.</param>
/// <param name="Figures">study.json.</param>
/// <param name="Report">report.html.</param>
internal sealed record WrittenStudy(string Weights, string Figures, string Report)
{
    public static WrittenStudy Of(string folder)
    {
        StudyResult result = StudyResult.Load(folder)!;
        StudyGallery gallery = StudyGallery.Of(StudyFolder.LoadPlan(folder).ToStudy(), folder);
        // The report that lies there is that of these figures and weights.
        Assert.Equal(StudyReport.ToHtml(result, gallery), File.ReadAllText(Path.Combine(folder, StudyFolder.ReportFile)));
        StudyResult timeless = result with
        {
            Started = DateTimeOffset.UnixEpoch,
            Variants = [.. result.Variants.Select(variant => variant with { Runs = [.. variant.Runs.Select(Timeless)] })],
        };
        // The newest of each run: killed before it was removed, an older one may be left.
        string weights = string.Join('\n', Directory.EnumerateDirectories(Path.Combine(folder, StudyFolder.RunsFolder)).Order()
            .Select(run => Directory.EnumerateFiles(run, "*.safetensors").Max(StringComparer.Ordinal)!)
            .Select(file => $"{Path.GetRelativePath(folder, file)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}"));
        return new WrittenStudy(weights, timeless.ToJson(), StudyReport.ToHtml(timeless, gallery));
    }

    /// <summary>Asserts that the study in a folder came to the same.</summary>
    public void AssertSame(string folder)
    {
        WrittenStudy other = Of(folder);
        Assert.Equal(Weights, other.Weights);
        Assert.Equal(Figures, other.Figures);
        Assert.Equal(Report, other.Report);
    }

    private static RunResult Timeless(RunResult run) => run with
    {
        TrainSeconds = 1,
        SamplesPerSecond = 1,
        PeakMemoryMegabytes = 1,
        History = [.. run.History.Select(epoch => epoch with { Seconds = 0.1 })],
    };
}
