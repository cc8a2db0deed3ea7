using Deque.AxeCore.Playwright;
using Fovea.Studio.Layout;
using Microsoft.Playwright;

namespace Fovea.Studio.Tests;

/// <summary>What holds for every page. That nothing goes wrong in the browser's console, each session checks at its end.</summary>
public class PageTests(StudioHost studio)
{
    public static TheoryData<string> Paths => ["/", .. Chapter.All.Select(chapter => "/" + chapter.Path)];

    [Theory, MemberData(nameof(Paths))]
    public async Task Nobody_is_kept_from_using_a_page(string path)
    {
        await using StudioSession session = await studio.OpenAsync(path);
        Assert.Equal(1, await session.Page.Locator("h1").CountAsync());
        Assert.Equal($"{await session.Page.Locator("h1").InnerTextAsync()} · Fovea", await session.Page.TitleAsync());
        Assert.Equal([], await SeriousAsync(session));
        await session.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        Assert.Equal([], await SeriousAsync(session));
        await session.Page.SetViewportSizeAsync(360, 740);
        Assert.Equal(360, await session.Page.EvaluateAsync<int>("Math.max(360, document.documentElement.scrollWidth)"));
        await session.Page.SetViewportSizeAsync(3840, 2160);
        Assert.Equal(3840, await session.Page.EvaluateAsync<int>("Math.max(3840, document.documentElement.scrollWidth)"));
    }

    private static async Task<IEnumerable<string>> SeriousAsync(StudioSession session) =>
        (await session.Page.RunAxe()).Violations.Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{violation.Id}: {violation.Help}: {string.Join("; ", violation.Nodes.Take(3).Select(node => node.Html))}");
}
