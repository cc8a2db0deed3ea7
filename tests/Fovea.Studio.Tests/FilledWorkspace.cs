namespace Fovea.Studio.Tests;

/// <summary>A workspace with a trained network and a study, and a studio on it.</summary>
public sealed class FilledWorkspace : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-studio-").FullName;
    private StudioServer? _server;

    /// <summary>The studio.</summary>
    public StudioServer Server => _server!;

    /// <summary>The address with the token.</summary>
    public Uri Address => _server!.Address;

    /// <summary>The run of the study that has the report.</summary>
    public long StudyRun { get; private set; }

    public async ValueTask InitializeAsync()
    {
        string store = Path.Combine(_folder, "fovea.db");
        await StudioProgram.RunAsync("study", "--model", "flatten | linear 10 | logsoftmax", "--vary", "batch-size=16,500", "--seeds", "1,2", "--epochs", "2", "--limit", "600",
            "--out", Path.Combine(_folder, "study"), "--store", store);
        using (Lab.RunStore runs = Lab.RunStore.Open(store)) StudyRun = runs.Runs()[0].Id;
        await StudioProgram.RunAsync("train", "conv 8 k5 s2 | relu | flatten | linear 10 | logsoftmax", "--limit", "2000", "--epochs", "2", "--out", Path.Combine(_folder, "digits"), "--store", store);
        _server = await StudioServer.StartAsync(new StudioOptions { Store = store });
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
