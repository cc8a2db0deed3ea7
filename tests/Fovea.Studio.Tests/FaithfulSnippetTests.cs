using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Fovea.Studio.Tests;

/// <summary>The texts to copy give what the page shows, when they are run.</summary>
public sealed class FaithfulSnippetTests(StudioHost studio) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-studio-").FullName;
    private StudioServer? _server;

    public async ValueTask InitializeAsync() => _server = await StudioServer.StartAsync(new StudioOptions { Store = Path.Combine(_folder, "fovea.db") });

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Of_a_convolution()
    {
        await using StudioSession session = await OpenAsync("/convolution?image=1+2+3+4%3B5+6+7+8%3B9+8+7+6&kernel=1+-1%3B0+2&stride=2&padding=1&mode=convolution&around=circular&all=yes&at=1");
        string[] shown = [.. await session.Page.Locator(".cells.result .cell text").AllTextContentsAsync()];
        string[] lines = await ProgramAsync(session);
        Assert.Equal(shown, lines.Where(line => line.Length > 0).SelectMany(line => line.Split(',')));
        using var answer = JsonDocument.Parse(await Snippets.ShellAsync(await Snippets.CommandOf(session) + " --json", _folder));
        Assert.Equal(shown.Select(Number), answer.RootElement.GetProperty("result").GetProperty("values").EnumerateArray().Select(value => value.GetDouble()));
    }

    [Fact]
    public async Task Of_a_matrix()
    {
        await using StudioSession session = await OpenAsync("/matrix?image=10+10+0+0%3B10+10+0+0%3B10+10+0+0&kernel=gaussian&size=3&padding=1");
        string command = await Snippets.ShellAsync(await Snippets.CommandOf(session), _folder);
        // The working of both is the same.
        foreach (string line in (await ProgramAsync(session)).Where(line => line.Length > 0)) Assert.Contains(line.Trim(), command);
    }

    [Fact]
    public async Task Of_a_network()
    {
        await using StudioSession session = await OpenAsync("/shapes?net=conv+4+k3+%7C+relu+%7C+flatten+%7C+linear+10&in=1x9x9&batch=32");
        // 4 * 9 + 4 and 196 * 10 + 10.
        await Expect(session.Page.Locator("#total")).ToContainTextAsync("2,010");
        Assert.Contains("2,010", await Snippets.ShellAsync(await Snippets.CommandOf(session), _folder));
        Assert.Contains("2,010", string.Concat(await ProgramAsync(session)));
    }

    [Theory]
    [InlineData("total")]
    [InlineData("view")]
    [InlineData("1")]
    public async Task Of_a_working(string shown)
    {
        await using StudioSession session = await OpenAsync("/shapes?net=conv+4+k3+%7C+relu+%7C+flatten+%7C+linear+10&in=1x9x9&batch=32&show=" + shown);
        // A sentence without a formula, which a terminal writes with other letters.
        string sentence = (await session.Page.Locator("#derivation .derivation p").AllInnerTextsAsync()).Select(Words).First(text => text.Length > 20 && text.All(char.IsAscii)).Split(new[] { '.', ':', ',' })[0];
        Assert.Contains(sentence, Words(await Snippets.ShellAsync(await Snippets.CommandOf(session), _folder)));
        Assert.Contains(sentence, Words(string.Join(' ', await ProgramAsync(session))));

        // Lines are broken elsewhere.
        static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Of_a_claim_that_is_checked()
    {
        await using StudioSession session = await OpenAsync("/shapes");
        // The example has a mistake, which the command answers with another exit code than 0.
        string wrong = "parameters 0, not 110";
        await Expect(session.Page.Locator(".audit .finding").First).ToContainTextAsync(wrong);
        string answer = await Snippets.ShellAsync(await Snippets.CommandOf(session, ".audit") + " || echo wrong", _folder);
        Assert.Contains("110", answer);
        Assert.EndsWith("wrong\n", answer);
        Assert.Contains("110", string.Join(' ', await Snippets.ProgramAsync(await Snippets.CodeOf(session, ".audit"), _folder)));
    }

    [Fact]
    public async Task Of_a_claim_that_a_stranger_has_written()
    {
        const string Claim = "layer,output,parameters\nConv2d-1,\"[-1, 6, 28, 28]\",156\n'$(touch evil)';touch evil,`touch evil`,1\\";
        await using StudioSession session = await OpenAsync("/shapes?claim=" + Uri.EscapeDataString(Claim));
        string command = await Snippets.CommandOf(session, ".audit");
        await Snippets.ShellAsync(command[..command.LastIndexOf('\n')], _folder);
        Assert.Equal(Claim + "\n", await File.ReadAllTextAsync(Path.Combine(_folder, "claim.txt"), TestContext.Current.CancellationToken));
        Assert.False(File.Exists(Path.Combine(_folder, "evil")));
    }

    [Fact]
    public async Task Of_blanks_that_are_solved()
    {
        await using StudioSession session = await OpenAsync("/shapes?net=conv+6+k%3F&in=1x28x28&sizes=24");
        // 28 - 24 + 1.
        await Expect(session.Page.Locator("main")).ToContainTextAsync("k5");
        Assert.Contains("k5", await Snippets.ShellAsync(await Snippets.CommandOf(session), _folder));
        Assert.Contains("k5", string.Concat(await ProgramAsync(session)));
    }

    [Theory]
    [InlineData("/losses?link=sigmoid&base=2&losses=mse%2Cbce&target=0&at=100&outliers=6&seed=3&delta=0.5&card=mae&y=1%2C0&p=0.25%2C0.5")]
    [InlineData("/losses?loss=huber&delta=2.5&target=-1.5&y=1%2C4&p=0%2C0&card=huber")]
    public async Task Of_losses(string address)
    {
        await using StudioSession session = await OpenAsync(address);
        string[] commands = (await Snippets.CommandOf(session)).Split('\n'), documents = await ProgramAsync(session);
        Assert.Equal(4, commands.Length);
        // A value worked out, curves, fits and a card, by both in the same order.
        for (int i = 0; i < 4; i++) Assert.Equal(documents[i], (await Snippets.ShellAsync(commands[i] + " --json", _folder)).TrimEnd('\n'));
        JsonElement[] answers = [.. documents.Select(document => JsonDocument.Parse(document).RootElement)];
        Assert.Contains(answers[0].GetProperty("loss").GetDouble().ToString("0.####", CultureInfo.InvariantCulture), await session.Page.Locator("#loss-working").InnerTextAsync());
        int at = (await session.Page.Locator("#point").InputValueAsync()) is { } value ? int.Parse(value, CultureInfo.InvariantCulture) : 0;
        Assert.Equal(answers[1].GetProperty("curves").EnumerateArray().Select(curve => curve.GetProperty("values")[at].GetDouble().ToString("F4", CultureInfo.InvariantCulture)),
            await session.Page.Locator("#at-point tbody td:nth-child(2)").AllTextContentsAsync());
        Assert.Equal(answers[2].GetProperty("cases")[0].GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("slope").GetDouble().ToString("F3", CultureInfo.InvariantCulture)),
            await session.Page.Locator("section[aria-labelledby=outliers-head] tbody td:nth-child(2)").AllTextContentsAsync());
    }

    [Fact]
    public async Task Of_batches()
    {
        await using StudioSession session = await OpenAsync("/batch?model=conv+4+k5+s2+%7C+batchnorm+%7C+relu+%7C+flatten+%7C+linear+10+%7C+logsoftmax&data=shapes&samples=700&seed=5");
        await Expect(session.Page.Locator("#doing")).ToHaveTextAsync("nothing: all is measured");
        string[] shown = [.. await session.Page.Locator("#sizes tbody tr:first-child td").AllTextContentsAsync()];
        string document = string.Join('\n', await ProgramAsync(session));
        Assert.Equal(document, (await Snippets.ShellAsync(await Snippets.CommandOf(session) + " --json", _folder)).TrimEnd('\n'));
        using var lab = JsonDocument.Parse(document);
        JsonElement row = lab.RootElement.GetProperty("rows")[0], statistics = row.GetProperty("spread").GetProperty("statistics");
        Assert.Equal(shown, (string[])[.. ((string[])["size", "updatesPerEpoch"]).Select(name => row.GetProperty(name).GetInt32().ToString("N0", CultureInfo.InvariantCulture)), .. shown[2..4],
            .. ((string[])["meanError", "varianceError", "trainingModeAccuracy"]).Select(name => (100 * statistics.GetProperty(name).GetDouble()).ToString("F1", CultureInfo.InvariantCulture) + "%")]);
    }

    [Fact]
    public async Task Of_a_training()
    {
        await using StudioSession session = await OpenAsync("/train?model=conv+4+k5+s2+%7C+relu+%7C+flatten+%7C+linear+10+%7C+logsoftmax&samples=1500&epochs=2&batch=50&optimizer=sgd&lr=0.05&seed=7");
        await session.Page.Locator("#train").ClickAsync();
        string accuracy = (await session.Page.Locator("#test-accuracy").InnerTextAsync()).TrimEnd('%');
        using var report = JsonDocument.Parse((await Snippets.ShellAsync(await Snippets.CommandOf(session) + " --json", _folder)).TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal(accuracy, Percent(report.RootElement.GetProperty("test").GetProperty("accuracy").GetDouble()));
        Assert.Contains($"Accuracy = {Number(accuracy) / 100:0.####}", (await ProgramAsync(session))[^1]);
    }

    [Fact]
    public async Task Of_an_inspection()
    {
        await TrainAsync();
        await using StudioSession session = await OpenAsync("/inspect");
        await Expect(session.Page.Locator("#trace li")).Not.ToHaveCountAsync(0);
        await session.Page.Locator("#mistakes button").Nth(2).ClickAsync();
        await Expect(session.Page.Locator("#mistakes button").Nth(2)).ToHaveAttributeAsync("aria-pressed", "true");
        string[] facts = [.. await session.Page.Locator(".facts dd").AllTextContentsAsync()];
        string answer = await session.Page.Locator("#answer strong").Nth(1).InnerTextAsync();
        string[] lines = await ProgramAsync(session), words = lines[0].Split(' ');
        Assert.Equal([facts[0], facts[2].Replace(",", "", StringComparison.Ordinal), answer], [Percent(Number(words[0])) + "%", words[1], words[2]]);
        // The map of the class that it is taken for, not of its own.
        Assert.Contains("ByGradient(trained.Network, sample, output)", await Snippets.CodeOf(session));
        using var report = JsonDocument.Parse(await Snippets.ShellAsync(await Snippets.CommandOf(session) + " --json", _folder));
        Assert.Equal(facts[0], Percent(report.RootElement.GetProperty("accuracy").GetDouble()) + "%");
        // The command lists the mistakes that the page shows.
        string[] shown = [.. await session.Page.Locator("#mistakes img").EvaluateAllAsync<string[]>("images => images.map(image => image.alt)")];
        Assert.Equal(shown, report.RootElement.GetProperty("mistakes").EnumerateArray().Select(mistake => $"Test sample {mistake.GetProperty("sample").GetInt32()}"));
    }

    [Theory]
    [InlineData("/draw?strokes=50.18-50.50-50.82")]
    [InlineData("/draw?sample=61")]
    public async Task Of_a_drawing_that_is_saved_as_a_file(string address)
    {
        await TrainAsync();
        await using StudioSession session = await OpenAsync(address);
        ILocator verdict = session.Page.Locator("#verdict");
        await Expect(verdict).ToBeVisibleAsync();
        await Expect(session.Page.Locator("#save")).ToBeEnabledAsync();
        IDownload file = await session.Page.RunAndWaitForDownloadAsync(() => session.Page.Locator("#save").ClickAsync());
        Assert.Equal("digit.png", file.SuggestedFilename);
        await file.SaveAsAsync(Path.Combine(_folder, "digit.png"));
        string[] shown = [.. await session.Page.Locator(".bars .number").AllTextContentsAsync()];
        using var report = JsonDocument.Parse(await Snippets.ShellAsync(await Snippets.CommandOf(session) + " --json", _folder));
        JsonElement prediction = report.RootElement.GetProperty("predictions")[0];
        Assert.Equal(await verdict.InnerTextAsync(), prediction.GetProperty("class").GetString());
        Assert.Equal(shown, prediction.GetProperty("probabilities").EnumerateObject().Select(item => (100 * item.Value.GetDouble()).ToString("F1", CultureInfo.InvariantCulture) + "%"));
        Assert.StartsWith(await verdict.InnerTextAsync() + ": ", Assert.Single(await ProgramAsync(session)));
    }

    [Fact]
    public async Task Of_experiments()
    {
        await TrainAsync();
        await TrainAsync(seed: 2);
        await using StudioSession session = await OpenAsync("/experiments?study=loss&seeds=1&samples=300&runs=1%2C2");
        string[] commands = (await Snippets.CommandOf(session)).Split('\n');
        Assert.Equal(2, commands.Length);
        // The sentences of the study, and then the means of the two runs.
        string[] sentences = await ProgramAsync(session);
        using var study = JsonDocument.Parse(await Snippets.ShellAsync(commands[0] + " --json", _folder));
        Assert.Equal(("loss", 1), (study.RootElement.GetProperty("study").GetString(), study.RootElement.GetProperty("seeds").GetArrayLength()));
        Assert.Equal(study.RootElement.GetProperty("variants").GetArrayLength(), sentences.Length);
        Assert.StartsWith("run-1, 2 seeds: 1 ", sentences[^1]);
        using var runs = JsonDocument.Parse(await Snippets.ShellAsync(commands[1] + " --json", _folder));
        Assert.Equal(["run-1", "run-2"], runs.RootElement.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("name").GetString()).Order());
    }

    private Task TrainAsync(int seed = 1) => StudioProgram.RunAsync("train", "conv 8 k5 s2 | relu | flatten | linear 10 | logsoftmax", "--limit", "2000", "--epochs", "1", "--seed", $"{seed}",
        "--out", Path.Combine(_folder, $"run-{seed}"), "--store", Path.Combine(_folder, "fovea.db"));

    private Task<StudioSession> OpenAsync(string path) => studio.OpenAsync(path, at: _server!.Address);

    private async Task<string[]> ProgramAsync(StudioSession session) => await Snippets.ProgramAsync(await Snippets.CodeOf(session), _folder);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("F2", CultureInfo.InvariantCulture);
}
