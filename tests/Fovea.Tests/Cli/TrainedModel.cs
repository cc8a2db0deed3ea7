namespace Fovea.Tests;

/// <summary>A small network that has seen some digits, trained once for the tests that need one.</summary>
public sealed class TrainedModel : IDisposable
{
    public const string Model = "conv 4 k5 s2 p2 | relu | maxpool 2 | flatten | linear 10 | logsoftmax";

    private readonly TemporaryFolder _folder = new();

    public TrainedModel() =>
        Output = CommandLineRun.OutputOf("train", Model, "--limit", "2000", "--epochs", "4", "--batch-size", "32", "--lr", "0.005", "--out", Folder);

    public string Folder => _folder["trained"];

    /// <summary>What the training printed.</summary>
    public string Output { get; }

    public void Dispose() => _folder.Dispose();
}
