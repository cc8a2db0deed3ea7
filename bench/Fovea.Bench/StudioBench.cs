using System.Globalization;
using Fovea.Lab;
using Microsoft.Playwright;

namespace Fovea.Bench;

/// <summary>
/// Measures how soon each page of the studio is painted and answers, and whether a training takes longer while its page is open.
/// </summary>
internal sealed class StudioBench(int rounds, string model, int samples, int epochs, string program)
{
    private static readonly string[] s_pages = ["/", "/shapes", "/convolution", "/matrix", "/losses", "/train", "/experiments", "/inspect", "/draw", "/batch"];
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs it.</summary>
    public async Task<int> RunAsync(TextWriter output)
    {
        string folder = Directory.CreateTempSubdirectory("fovea-studio-").FullName;
        try
        {
            string store = Path.Combine(folder, RunStore.FileName);
            await using StudioUnderTest studio = await StudioUnderTest.StartAsync(program, store);
            await WatchAsync(studio, store, output);
            await PaintAsync(studio, output);
            await BatchesAsync(studio, output);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Every page in a browser that has seen none of them.
    private async Task PaintAsync(StudioUnderTest studio, TextWriter output)
    {
        output.WriteLine("page            first paint, ms: median   largest   answers after, ms: median");
        foreach (string page in s_pages)
        {
            var paints = new List<double>();
            var answers = new List<double>();
            for (int i = 0; i < Math.Max(3, rounds); i++)
            {
                await using IBrowserContext context = await studio.Browser.NewContextAsync();
                IPage opened = await context.NewPageAsync();
                await studio.OpenAsync(opened, page);
                answers.Add(await opened.EvaluateAsync<double>("performance.now()"));
                paints.Add(await opened.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime"));
            }
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{page,-15} {Median(paints),24:F0} {paints.Max(),9:F0} {Median(answers),27:F0}"));
        }
    }

    private static async Task BatchesAsync(StudioUnderTest studio, TextWriter output)
    {
        await using IBrowserContext context = await studio.Browser.NewContextAsync();
        IPage page = await context.NewPageAsync();
        page.SetDefaultTimeout(120_000);
        await studio.OpenAsync(page, "/batch");
        await page.Locator("#sizes").WaitForAsync();
        double first = await page.EvaluateAsync<double>("performance.now()");
        await Assertions.Expect(page.Locator("#doing")).ToHaveTextAsync("nothing: all is measured", new() { Timeout = 120_000 });
        double all = await page.EvaluateAsync<double>("performance.now()");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"batch lab: first figures after {first / 1000:F1} s, all after {all / 1000:F1} s"));
    }

    // Turn by turn the same training, with its page open to its end and with the page left as soon as it runs.
    private async Task WatchAsync(StudioUnderTest studio, string store, TextWriter output)
    {
        await using IBrowserContext context = await studio.Browser.NewContextAsync();
        IPage page = await context.NewPageAsync();
        page.SetDefaultTimeout(120_000);
        var seconds = new Dictionary<bool, List<double>> { [true] = [], [false] = [] };
        // The first round waits for code to be compiled.
        for (int round = 0; round <= rounds; round++)
        {
            foreach (bool isWatched in (bool[])[round % 2 == 0, round % 2 != 0])
            {
                await studio.OpenAsync(page, $"/train?model={model}&samples={samples}&epochs={epochs}");
                int before = Finished(store).Count;
                await page.Locator("#train").ClickAsync();
                await page.Locator("#pause").WaitForAsync();
                if (!isWatched) await page.GotoAsync("about:blank");
                while (Finished(store).Count == before) await Task.Delay(s_look);
                if (round > 0) seconds[isWatched].Add(Finished(store)[^1].Seconds);
            }
        }
        double watched = Median(seconds[true]), alone = Median(seconds[false]);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model}, {samples:N0} samples, {epochs} epochs, {rounds} rounds: {alone:F3} s of updates alone, {watched:F3} s with the page open, {100 * (watched / alone - 1):+0.0;-0.0}%"));
        double least = seconds[false].Min(), leastWatched = seconds[true].Min();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  the fastest of each, which other programs disturbed least: {least:F3} s and {leastWatched:F3} s, {100 * (leastWatched / least - 1):+0.0;-0.0}%"));
        foreach (bool isWatched in (bool[])[false, true])
            output.WriteLine($"  {(isWatched ? "page open" : "alone"),-10} {string.Join(' ', seconds[isWatched].Select(value => value.ToString("F3", CultureInfo.InvariantCulture)))}");
    }

    private static List<RunRecord> Finished(string store)
    {
        if (!File.Exists(store)) return [];
        using RunStore runs = RunStore.Open(store);
        return [.. runs.Runs().Where(run => run.IsFinished)];
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
