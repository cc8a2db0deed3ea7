using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Fovea.Studio.Layout;
using Microsoft.Playwright;

namespace Fovea.Studio.Tests;

/// <summary>What holds for every page. That nothing goes wrong in the browser's console, each session checks at its end.</summary>
public class PageTests(StudioHost studio)
{
    public static TheoryData<string> Paths => ["/", .. Chapter.All.Select(chapter => "/" + chapter.Path)];

    [Theory, MemberData(nameof(Paths))]
    public async Task Nothing_serious_keeps_anybody_from_using_a_page(string path)
    {
        foreach (ColorScheme colors in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await using StudioSession session = await studio.OpenAsync(path, colors: colors);
            AxeResult result = await session.Page.RunAxe();
            Assert.Equal([], result.Violations.Where(violation => violation.Impact is "serious" or "critical")
                .Select(violation => $"{violation.Id}: {violation.Help}: {string.Join("; ", violation.Nodes.Take(3).Select(node => node.Html))}"));
        }
    }

    [Theory, MemberData(nameof(Paths))]
    public async Task A_page_fits_a_narrow_screen(string path)
    {
        await using StudioSession session = await studio.OpenAsync(path, width: 360, height: 740);
        Assert.Equal(360, await session.Page.EvaluateAsync<int>("Math.max(360, document.documentElement.scrollWidth)"));
    }

    [Theory, MemberData(nameof(Paths))]
    public async Task A_page_has_one_heading_and_a_title_of_its_own(string path)
    {
        await using StudioSession session = await studio.OpenAsync(path);
        Assert.Equal(1, await session.Page.Locator("h1").CountAsync());
        Assert.Equal($"{await session.Page.Locator("h1").InnerTextAsync()} · Fovea", await session.Page.TitleAsync());
    }
}
