using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Fovea.Studio.Tests;

public class BatchPageTests(StudioHost studio)
{
    [Fact]
    public async Task Batches_of_each_size_are_looked_at()
    {
        await using StudioSession session = await studio.OpenAsync("/batch?samples=2000");
        ILocator rows = session.Page.Locator("#sizes tbody tr");
        // Of 2,000 samples 5% are set aside: 1,900 hold batches of up to 1,024, ten sizes.
        await Expect(rows).ToHaveCountAsync(10, new() { Timeout = 60_000 });
        // 1,900 / 2 and 1,900 / 1,024, rounded up.
        await Expect(rows.First.Locator("td").Nth(1)).ToHaveTextAsync("950");
        await Expect(rows.Last.Locator("td").Nth(1)).ToHaveTextAsync("2");
        await Expect(rows.Last.Locator("td").Nth(2)).ToHaveTextAsync("0.0%");
        await Expect(session.Page.Locator("#noise")).ToContainTextAsync("samples");
        // What follows the training comes last: the accuracy with the smallest batches.
        await Expect(session.Page.Locator("#doing")).ToHaveTextAsync("nothing: all is measured");
        await Expect(rows.First.Locator("td").Nth(6)).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^[0-9.]+%$"));
        await Expect(session.Page.Locator("#spread .curve")).ToHaveCountAsync(4);
        await session.Page.Locator("#size").FillAsync("0");
        await Expect(session.Page.Locator("tr.shown td").First).ToHaveTextAsync("2");
        await session.Page.WaitForURLAsync("**size=0");
    }

    [Fact]
    public async Task A_network_without_batch_normalization_says_what_to_do()
    {
        await using StudioSession session = await studio.OpenAsync("/batch?samples=500&model=flatten+%7C+linear+10+%7C+logsoftmax");
        await Expect(session.Page.Locator(".panel .empty")).ToContainTextAsync("put batchnorm after a convolution", new() { Timeout = 60_000 });
    }
}
