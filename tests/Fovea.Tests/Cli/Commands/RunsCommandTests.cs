namespace Fovea.Tests;

public sealed class RunsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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
        Assert.Contains("2 against 1: test accuracy ", CommandLineRun.OutputOf("compare", "1", "2", "--store", store));
        Assert.Equal(3, CommandLineRun.OutputOf("runs", "export", "--csv", "--store", store).TrimEnd().Split('\n').Length);
        Assert.Equal("2 runs, all whole\n", CommandLineRun.OutputOf("runs", "check", "--store", store));
        Assert.Equal("Removed: 1\n", CommandLineRun.OutputOf("runs", "delete", "1", "--store", store));
        CommandLineRun.AssertRefused($"{store}: there is no run 1.", "compare", "1", "2", "--store", store);
    }
}
