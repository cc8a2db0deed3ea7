using Deque.AxeCore.Playwright;
using Fovea.Studio.Layout;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Fovea.Studio.Tests;

/// <summary>What holds for every page, with all on it that it can show. That nothing goes wrong in the browser's console, each session checks at its end.</summary>
public class PageTests(StudioHost studio, FilledWorkspace workspace) : IClassFixture<FilledWorkspace>
{
    // What is opened, and what is there when the page is full.
    private static readonly Dictionary<string, string> s_seen = new()
    {
        ["/"] = ".chapters",
        ["/shapes?net=conv+6+k5+%7C+relu+%7C+conv+4+k99"] = ".wrong",
        ["/shapes"] = "#per-epoch:not(:text('…'))",
        ["/convolution?at=5"] = ".patch",
        ["/matrix?working=yes"] = "#working .derivation",
        ["/losses"] = "#loss-curves .knob",
        ["/train?model=conv+4+k5+s2+%7C+relu+%7C+flatten+%7C+linear+10+%7C+logsoftmax&samples=1000&epochs=2"] = "#test-accuracy",
        ["/experiments?runs=1,2,3,4"] = "#verdicts .conclusion",
        ["/inspect"] = "#occlusion",
        ["/draw"] = "#verdict",
        ["/batch?samples=1000"] = "#doing:text('nothing')",
    };

    public static TheoryData<string> Addresses => [.. s_seen.Keys];

    [Fact]
    public void Every_page_is_among_them() =>
        Assert.Equal(Chapter.All.Select(chapter => "/" + chapter.Path).Append("/").Order(), s_seen.Keys.Select(address => address.Split('?')[0]).Distinct().Order());

    [Theory, MemberData(nameof(Addresses))]
    public async Task Nobody_is_kept_from_using_a_page(string address)
    {
        await using StudioSession session = await studio.OpenAsync(address, at: workspace.Address);
        if (address.StartsWith("/train", StringComparison.Ordinal)) await session.Page.Locator("#train").ClickAsync();
        await Expect(session.Page.Locator(s_seen[address]).First).ToBeVisibleAsync();
        Assert.Equal(1, await session.Page.Locator("h1").CountAsync());
        Assert.Equal($"{await session.Page.Locator("h1").InnerTextAsync()} · Fovea", await session.Page.TitleAsync());
        await session.Page.GetByText("Show both").EvaluateAllAsync<object>("summaries => summaries.forEach(summary => summary.parentElement.open = true)");
        foreach (int width in (int[])[1280, 360])
        {
            await session.Page.SetViewportSizeAsync(width, 900);
            foreach (ColorScheme colors in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
            {
                await session.Page.EmulateMediaAsync(new() { ColorScheme = colors });
                Assert.Equal("", string.Join('\n', await SeriousAsync(session)));
            }
        }
        Assert.Equal(360, await session.Page.EvaluateAsync<int>("Math.max(360, document.documentElement.scrollWidth)"));
        await session.Page.SetViewportSizeAsync(3840, 2160);
        Assert.Equal(3840, await session.Page.EvaluateAsync<int>("Math.max(3840, document.documentElement.scrollWidth)"));
    }

    [Fact]
    public async Task What_is_wrong_is_found()
    {
        // The scan itself: an image without words, and grey on grey.
        await using StudioSession session = await studio.OpenAsync("/inspect", at: workspace.Address);
        await Expect(session.Page.Locator("#occlusion")).ToBeVisibleAsync();
        await session.Page.EvaluateAsync("document.querySelector('#occlusion').removeAttribute('alt'); document.querySelector('.lead').id = 'pale'");
        await session.Page.EvaluateAsync("() => { const sheet = new CSSStyleSheet(); sheet.replaceSync('#pale { color: #aaa }'); document.adoptedStyleSheets = [sheet]; }");
        Assert.Equal(["color-contrast", "image-alt"], (await SeriousAsync(session)).Select(finding => finding.Split(':')[0]).Order());
    }

    private static async Task<IEnumerable<string>> SeriousAsync(StudioSession session) =>
        (await session.Page.RunAxe()).Violations.Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{violation.Id}: {violation.Help}: {string.Join("; ", violation.Nodes.Take(3).Select(node => node.Html))}");
}
