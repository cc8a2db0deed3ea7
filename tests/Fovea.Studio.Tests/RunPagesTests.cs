using System.Text.RegularExpressions;
using Fovea.Lab;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Fovea.Studio.Tests;

/// <summary>The pages that show runs of a workspace: experiments, draw and inspect.</summary>
public sealed class RunPagesTests(StudioHost studio) : IAsyncLifetime
{
    private const string Small = "conv 4 k5 s2 | relu | flatten | linear 10 | logsoftmax";

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
        await using StudioSession session = await studio.OpenAsync(path, at: _server!.Address);
        await Expect(session.Page.Locator(".empty").First).ToContainTextAsync(words);
    }

    [Fact]
    public async Task A_run_from_elsewhere_appears_without_a_reload()
    {
        await using StudioSession session = await studio.OpenAsync("/experiments", at: _server!.Address);
        await Expect(session.Page.Locator(".empty")).ToHaveCountAsync(1);
        await StudioProgram.RunAsync("train", Small, "--limit", "2000", "--epochs", "1", "--out", Path.Combine(_folder, "elsewhere"), "--store", Store);
        await Expect(session.Page.Locator("#runs tbody tr")).ToContainTextAsync(["elsewhere"]);
        await Expect(session.Page.Locator("#run-curves .dot")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Where_a_run_is_chosen_one_of_the_command_line_appears_without_a_reload()
    {
        await using StudioSession inspect = await studio.OpenAsync("/inspect", at: _server!.Address), draw = await studio.OpenAsync("/draw", at: _server.Address);
        await Expect(inspect.Page.Locator(".empty").First).ToContainTextAsync("no trained network");
        await Expect(draw.Page.Locator(".empty").First).ToContainTextAsync("No network");
        await StudioProgram.RunAsync("train", Small, "--limit", "2000", "--epochs", "1", "--out", Path.Combine(_folder, "first"), "--store", Store);
        await Expect(inspect.Page.Locator("#run option")).ToContainTextAsync(["first"]);
        await Expect(inspect.Page.Locator(".confusion tbody tr")).ToHaveCountAsync(10);
        await Expect(draw.Page.Locator("#verdict")).ToBeVisibleAsync();
        await StudioProgram.RunAsync("train", Small, "--limit", "2000", "--epochs", "1", "--out", Path.Combine(_folder, "second"), "--store", Store);
        // It can be chosen, and does not push aside what is looked at.
        foreach (StudioSession session in (StudioSession[])[inspect, draw])
        {
            await Expect(session.Page.Locator("#run option")).ToContainTextAsync(["second", "first"]);
            await Expect(session.Page.Locator("#run option:checked")).ToContainTextAsync("first");
        }
    }

    [Fact]
    public async Task A_training_that_was_left_elsewhere_can_be_taken_up_without_a_reload()
    {
        await using StudioSession session = await studio.OpenAsync("/train", at: _server!.Address);
        Trainer trainer = TrainerOf(500);
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "left")).FullName;
        trainer.Save(folder);
        using (RunStore store = RunStore.Open(Store)) new RunRecorder(store, trainer, folder).Save();
        await Expect(session.Page.GetByRole(AriaRole.Button, new() { Name = "Go on with left" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Runs_that_differ_in_their_seed_alone_are_drawn_as_a_mean_with_a_band()
    {
        Train("one", samples: 500, seed: 1, epochs: 2);
        Train("two", samples: 500, seed: 2, epochs: 2);
        Train("other", samples: 400, seed: 3, epochs: 2);
        await using StudioSession session = await studio.OpenAsync("/experiments?runs=1,2,3", at: _server!.Address);
        await Expect(session.Page.Locator("#run-curves .legend li")).ToHaveTextAsync(["one to two, 2 seeds", "other"]);
        double[] accuracies;
        using (RunStore store = RunStore.Open(Store)) accuracies = [.. store.Runs([1, 2]).Select(run => run.History[0].ValidationAccuracy!.Value)];
        await Expect(session.Page.Locator("#run-curves .band")).ToHaveCountAsync(2);
        // What the page says in C# gives the mean of the two, by hand.
        string code = await Snippets.CodeOf(session);
        string[] lines = await Snippets.ProgramAsync(code[code.IndexOf("using RunStore", StringComparison.Ordinal)..], _folder);
        Assert.Equal(["one, 2 seeds", "other, 1 seeds"], lines.Select(line => line.Split(':')[0]));
        double mean = double.Parse(lines[0].Split(' ')[4], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal((accuracies[0] + accuracies[1]) / 2, mean, 1e-12);
    }

    [Fact]
    public async Task A_preset_is_started_and_its_verdict_and_report_can_be_had()
    {
        await using StudioSession session = await studio.OpenAsync("/experiments?study=loss&seeds=1,2&samples=500", at: _server!.Address);
        await session.Page.Locator("#start").ClickAsync();
        await Expect(session.Page.GetByRole(AriaRole.Heading, new() { Name = "The verdict" })).ToBeVisibleAsync(new() { Timeout = 120_000 });
        Assert.True(await session.Page.Locator(".conclusion").CountAsync() >= 1);
        ILocator link = session.Page.Locator("#runs a").First;
        await link.WaitForAsync();
        IDownload download = await session.Page.RunAndWaitForDownloadAsync(() => link.ClickAsync());
        Assert.Equal("loss-report.html", download.SuggestedFilename);
    }

    [Fact]
    public async Task A_study_of_the_command_line_has_its_verdict_and_its_accuracy_against_time()
    {
        await using StudioSession session = await studio.OpenAsync("/experiments", at: _server!.Address);
        await Expect(session.Page.Locator(".empty")).ToHaveCountAsync(1);
        await StudioProgram.RunAsync("study", "--model", "flatten | linear 10 | logsoftmax", "--vary", "batch-size=16,500", "--seeds", "1,2", "--epochs", "2", "--limit", "1000",
            "--out", Path.Combine(_folder, "study"), "--store", Store);
        await Expect(session.Page.GetByRole(AriaRole.Heading, new() { Name = "The verdict" })).ToBeVisibleAsync();
        using var result = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "study", "study.json"), TestContext.Current.CancellationToken));
        await Expect(session.Page.Locator(".conclusion")).ToHaveTextAsync([.. result.RootElement.GetProperty("conclusions").EnumerateArray().Select(sentence => sentence.GetString() + ".")]);
        // A line for each of the two batch sizes.
        await Expect(session.Page.Locator("#run-curves .curve.c1, #run-curves .curve.c0").First).ToBeVisibleAsync();
        await session.Page.GetByRole(AriaRole.Button, new() { Name = "by second" }).ClickAsync();
        await Expect(session.Page.Locator("#run-curves .name.x")).ToHaveTextAsync("second");
        await Expect(session.Page.Locator("#run-curves .legend li")).ToHaveCountAsync(2);
        await Expect(session.Page.Locator("#runs a")).ToHaveCountAsync(4);
        // Seconds of another number of threads say nothing on the networks.
        await StudioProgram.RunAsync("train", Small, "--limit", "1000", "--epochs", "1", "--threads", $"{Environment.ProcessorCount + 1}", "--out", Path.Combine(_folder, "more"), "--store", Store);
        await Expect(session.Page.Locator("#unlike")).ToContainTextAsync("Nothing is drawn by seconds, as the runs were made with different numbers of threads");
    }

    [Fact]
    public async Task A_result_that_is_damaged_says_what_to_do()
    {
        Train("runs/a", samples: 500, study: "broken");
        await File.WriteAllTextAsync(Path.Combine(_folder, "study.json"), "{", TestContext.Current.CancellationToken);
        await using StudioSession session = await studio.OpenAsync("/experiments", at: _server!.Address);
        await Expect(session.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("Run the study again");
    }

    [Fact]
    public async Task A_digit_that_is_drawn_is_recognized()
    {
        Train("digits", samples: 20_000, "stride2");
        await using StudioSession session = await studio.OpenAsync("/draw", at: _server!.Address);
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
        await session.ReadyAsync();
        await Expect(session.Page.Locator("#verdict")).ToHaveTextAsync("1");
        // Without a hand to draw, a test image is taken by its number: the first five are, as published, 7, 2, 1, 0 and 4.
        await session.Page.Locator("#sample").FocusAsync();
        await session.Page.Keyboard.TypeAsync("3");
        await session.Page.Keyboard.PressAsync("Enter");
        await Expect(session.Page.Locator("#verdict")).ToHaveTextAsync("0");
        await Expect(session.Page.Locator("#stages li")).ToHaveTextAsync(["as it came28 x 28"]);
        await session.Page.WaitForURLAsync("**sample=3**");
        // It is on the paper: light on dark.
        Assert.Equal(0, await session.Page.Locator(".paper").EvaluateAsync<int>("canvas => canvas.getContext('2d').getImageData(1, 1, 1, 1).data[0]"));
        await session.Page.ReloadAsync();
        await session.ReadyAsync();
        await Expect(session.Page.Locator("#verdict")).ToHaveTextAsync("0");
        // A drawing takes its place.
        await session.Page.GetByRole(AriaRole.Button, new() { Name = "a one" }).ClickAsync();
        await Expect(session.Page.Locator("#stages li")).ToHaveCountAsync(5);
        await Expect(session.Page.Locator("#sample")).ToHaveValueAsync("");
    }

    [Fact]
    public async Task A_mistake_is_traced_through_the_network()
    {
        Train("digits", samples: 3000);
        await using StudioSession session = await studio.OpenAsync("/inspect", at: _server!.Address);
        await Expect(session.Page.Locator(".confusion tbody tr")).ToHaveCountAsync(10, new() { Timeout = 60_000 });
        await session.Page.Locator("#mistakes button").Nth(1).ClickAsync();
        await session.Page.WaitForURLAsync("**sample=**");
        // A row for each layer, and both maps of pixels.
        await Expect(session.Page.Locator("#trace li")).ToHaveCountAsync(5);
        await Expect(session.Page.Locator("#gradient, #occlusion")).ToHaveCountAsync(2);
        // Others follow it: the first five test images are, as published, 7, 2, 1, 0 and 4.
        foreach (string sample in (string[])["3", "4"])
        {
            await session.Page.Locator("#sample").FillAsync(sample);
            await session.Page.Locator("#sample").PressAsync("Enter");
            await session.Page.WaitForURLAsync(new Regex($"sample={sample}(&|$)"));
        }
        await Expect(session.Page.Locator("#answer")).ToContainTextAsync("It is 4, taken for");
        await Expect(session.Page.Locator("#gradient, #occlusion")).ToHaveCountAsync(2);
        await Expect(session.Page.Locator("#trace")).ToHaveAttributeAsync("aria-busy", "false");
    }

    private static Trainer TrainerOf(int samples, string? known = null, ulong seed = 1, int epochs = 1)
    {
        Dataset data = Datasets.Load("mnist", DatasetPart.Training).Take(samples);
        ModelSpec model = known is null ? ModelSpec.Parse("conv 8 k5 s2 | relu | flatten | linear 10 | logsoftmax", data.Shape) : Zoo.Get(known);
        return new Trainer(model, data, new TrainingSettings { Epochs = epochs, Seed = seed });
    }

    private void Train(string name, int samples, string? known = null, string? study = null, ulong seed = 1, int epochs = 1)
    {
        Trainer trainer = TrainerOf(samples, known, seed, epochs);
        trainer.Run();
        string folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        trainer.Save(folder);
        using RunStore store = RunStore.Open(Store);
        new RunRecorder(store, trainer, folder, study: study is null ? null : (study, name)).Finish(trainer.Evaluate(Datasets.Load("mnist", DatasetPart.Test)), null);
    }
}
