using Fovea.Lab;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Fovea.Studio.Tests;

/// <summary>The pages that show runs of a workspace: experiments, draw and inspect.</summary>
public sealed class RunPagesTests(StudioHost studio) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-studio-").FullName;
    private StudioServer? _server;

    private string Store => Path.Combine(_folder, "fovea.db");

    public async ValueTask InitializeAsync() => _server = await StudioServer.StartAsync(new StudioOptions { Store = Store });

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("/experiments", "There are no runs in this workspace yet.")]
    [InlineData("/draw", "No network of this workspace takes 28 x 28 digits yet.")]
    [InlineData("/inspect", "There is no trained network in this workspace yet.")]
    public async Task An_empty_workspace_says_what_to_do(string path, string words)
    {
        await using StudioSession session = await studio.OpenAsync(path, at: _server);
        await Expect(session.Page.Locator(".empty").First).ToContainTextAsync(words);
    }

    [Fact]
    public async Task A_run_from_elsewhere_appears_without_a_reload()
    {
        await using StudioSession session = await studio.OpenAsync("/experiments", at: _server);
        await Expect(session.Page.Locator(".empty")).ToHaveCountAsync(1);
        // As the command line does it: another connection to the same store.
        Train("elsewhere", samples: 2000);
        await Expect(session.Page.Locator("#runs tbody tr")).ToContainTextAsync(["elsewhere"]);
        await Expect(session.Page.Locator("#run-curves .dot")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_preset_is_started_and_its_verdict_and_report_can_be_had()
    {
        await using StudioSession session = await studio.OpenAsync("/experiments?study=loss&seeds=1,2&samples=500", at: _server);
        await session.Page.Locator("#start").ClickAsync();
        await Expect(session.Page.GetByRole(AriaRole.Heading, new() { Name = "The verdict" })).ToBeVisibleAsync(new() { Timeout = 120_000 });
        Assert.True(await session.Page.Locator(".conclusion").CountAsync() >= 1);
        ILocator link = session.Page.Locator("#runs a").First;
        await link.WaitForAsync();
        IDownload download = await session.Page.RunAndWaitForDownloadAsync(() => link.ClickAsync());
        Assert.Equal("loss-report.html", download.SuggestedFilename);
    }

    [Fact]
    public async Task A_digit_that_is_drawn_is_recognized()
    {
        Train("digits", samples: 20_000, "stride2");
        await using StudioSession session = await studio.OpenAsync("/draw", at: _server);
        await Expect(session.Page.Locator("#stages li")).ToHaveCountAsync(5);
        await session.Page.Locator("#clear").ClickAsync();
        await Expect(session.Page.Locator("section[aria-live] .empty")).ToHaveTextAsync("The paper is empty.");
        LocatorBoundingBoxResult box = (await session.Page.Locator(".paper").BoundingBoxAsync())!;
        // A one: a stroke from above to below.
        await session.Page.Mouse.MoveAsync(box.X + box.Width * 0.52f, box.Y + box.Height * 0.2f);
        await session.Page.Mouse.DownAsync();
        await session.Page.Mouse.MoveAsync(box.X + box.Width * 0.48f, box.Y + box.Height * 0.8f, new() { Steps = 8 });
        await session.Page.Mouse.UpAsync();
        await Expect(session.Page.Locator("#verdict")).ToHaveTextAsync("1");
        // The drawing is in the address.
        await session.Page.WaitForURLAsync("**strokes=5**");
        await session.Page.ReloadAsync();
        await Expect(session.Page.Locator("#verdict")).ToHaveTextAsync("1");
    }

    [Fact]
    public async Task A_mistake_is_traced_through_the_network()
    {
        Train("digits", samples: 3000);
        await using StudioSession session = await studio.OpenAsync("/inspect", at: _server);
        await Expect(session.Page.Locator(".confusion tbody tr")).ToHaveCountAsync(10, new() { Timeout = 60_000 });
        await session.Page.Locator("#mistakes button").Nth(1).ClickAsync();
        await session.Page.WaitForURLAsync("**sample=**");
        // A row for each layer, and both maps of pixels.
        await Expect(session.Page.Locator("#trace li")).ToHaveCountAsync(5);
        await Expect(session.Page.Locator("#gradient, #occlusion")).ToHaveCountAsync(2);
    }

    private void Train(string name, int samples, string? known = null)
    {
        Dataset data = Datasets.Load("mnist", DatasetPart.Training).Take(samples);
        ModelSpec model = known is null ? ModelSpec.Parse("conv 8 k5 s2 | relu | flatten | linear 10 | logsoftmax", data.Shape) : Zoo.Get(known);
        var trainer = new Trainer(model, data, new TrainingSettings { Epochs = 1 });
        trainer.Run();
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "runs", name)).FullName;
        trainer.Save(folder);
        using RunStore store = RunStore.Open(Store);
        new RunRecorder(store, trainer, folder).Save(trainer.Evaluate(Datasets.Load("mnist", DatasetPart.Test)));
    }
}
