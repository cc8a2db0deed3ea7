using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Fovea.Studio.Tests;

public class MatrixPageTests(StudioHost studio)
{
    private const string Edge = "/matrix?image=10+10+0+0%3B10+10+0+0%3B10+10+0+0%3B10+10+0+0&kernel=sobel-x";

    [Fact]
    public async Task The_matrix_of_an_upright_edge_is_that_of_the_library()
    {
        await using StudioSession session = await studio.OpenAsync(Edge);
        ILocator facts = session.Page.Locator("#matrix-facts dd");
        // 2 x 2 results and 4 x 4 pixels; Sobel's kernel has three zeros: 4 * 6 of the 64 cells are not zero, and 1 - 24 / 64 are.
        await Expect(facts).ToHaveTextAsync(["4", "16", "24", "62.50%", "no"]);
        // The second row is the first, one pixel on.
        await Expect(session.Page.Locator(".matrix .row").Nth(1).Locator("text")).ToHaveTextAsync(["-1", "0", "1", "-2", "0", "2", "-1", "0", "1"]);
        await session.Page.Locator(".matrix .row").Nth(2).ClickAsync();
        await Expect(session.Page.Locator(".patch .sum")).ToHaveTextAsync("= -40");
        await session.Page.WaitForURLAsync("**row=2**");
        // The keys do what the mouse does.
        await session.Page.Locator(".matrix").FocusAsync();
        await session.Page.Keyboard.PressAsync("ArrowDown");
        await session.Page.WaitForURLAsync("**row=3**");
    }

    [Fact]
    public async Task A_larger_matrix_than_before_fills_what_is_seen_of_it()
    {
        await using StudioSession session = await studio.OpenAsync("/matrix");
        await session.Page.GetByRole(AriaRole.Button, new() { Name = "a ring, 64 x 64" }).ClickAsync();
        await session.Page.WaitForFunctionAsync("""
            () => {
                const matrix = document.querySelector(".matrix"), rows = matrix.querySelectorAll(".row");
                return matrix.scrollHeight > 2 * matrix.clientHeight
                    && rows[rows.length - 1].getBoundingClientRect().bottom >= matrix.getBoundingClientRect().top + matrix.clientHeight;
            }
            """);
    }

    [Fact]
    public async Task A_row_that_the_keys_choose_is_seen_and_moves_nothing_else()
    {
        await using StudioSession session = await studio.OpenAsync("/matrix?kernel=gaussian&size=5&image=" + Uri.EscapeDataString(string.Join(';', Enumerable.Repeat(string.Join(' ', Enumerable.Repeat("1", 32)), 32))));
        ILocator matrix = session.Page.Locator(".matrix");
        await matrix.FocusAsync();
        double page = await session.Page.EvaluateAsync<double>("scrollY");
        for (int i = 1; i <= 3; i++)
        {
            await session.Page.Keyboard.PressAsync("ArrowDown");
            await Expect(session.Page.GetByRole(AriaRole.Heading, new() { Name = $"Row {i + 1} of the Toeplitz matrix" })).ToBeVisibleAsync();
        }
        // The rows are all to be seen: there is nothing to scroll.
        Assert.Equal(0, await matrix.EvaluateAsync<double>("element => element.scrollTop"));
        Assert.Equal(page, await session.Page.EvaluateAsync<double>("scrollY"));
        // Somebody has scrolled away: a step brings the chosen row back.
        await matrix.EvaluateAsync("element => element.scrollTo(0, element.scrollHeight)");
        await session.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(session.Page.GetByRole(AriaRole.Heading, new() { Name = "Row 5 of the Toeplitz matrix" })).ToBeVisibleAsync();
        await session.Page.WaitForFunctionAsync("() => document.querySelector('.matrix').scrollTop < 40");
    }

    [Fact]
    public async Task Transposed_it_is_the_backward_pass()
    {
        await using StudioSession session = await studio.OpenAsync(Edge);
        await session.Page.Locator("#transpose").ClickAsync();
        await Expect(session.Page.Locator(".matrix .row")).ToHaveCountAsync(16);
        await Expect(session.Page.Locator(".derivation").First).ToContainTextAsync("transposed convolution");
    }

    [Fact]
    public async Task Of_a_long_matrix_only_what_is_seen_is_in_the_page()
    {
        // 32 x 32 pixels, padded, so that there are 1,024 rows.
        string image = Uri.EscapeDataString(string.Join(';', Enumerable.Repeat(string.Join(' ', Enumerable.Repeat("1", 32)), 32)));
        await using StudioSession session = await studio.OpenAsync($"/matrix?kernel=box&padding=1&image={image}");
        Assert.InRange(await session.Page.Locator(".matrix .row").CountAsync(), 10, 200);
        await Expect(session.Page.Locator(".matrix [data-row=\"1023\"]")).ToHaveCountAsync(0);
        await session.Page.Locator(".matrix").EvaluateAsync("element => element.scrollTo(element.scrollWidth, element.scrollHeight)");
        // The last window lies in a corner: 4 of its taps are on the image.
        await Expect(session.Page.Locator(".matrix [data-row=\"1023\"] rect:not(.hit)")).ToHaveCountAsync(4);
    }

    [Fact]
    public async Task An_image_of_64_by_64_pixels_is_scrolled_and_multiplied()
    {
        await using StudioSession session = await studio.OpenAsync("/matrix?kernel=gaussian&size=5");
        await session.Page.GetByRole(AriaRole.Button, new() { Name = "a ring, 64 x 64" }).ClickAsync();
        // (64 - 5 + 1)^2 windows of 25 taps.
        await Expect(session.Page.Locator("#matrix-facts dd")).ToContainTextAsync(["3,600", "4,096", "90,000"]);
        await session.Page.Locator(".matrix").EvaluateAsync("element => element.scrollTo(element.scrollWidth, element.scrollHeight)");
        await session.Page.Locator(".matrix [data-row=\"3599\"]").ClickAsync();
        await Expect(session.Page.GetByRole(AriaRole.Heading, new() { Name = "Row 3600 of the Toeplitz matrix" })).ToBeVisibleAsync();
        // The row's 25 weights above their pixels, and no more.
        await Expect(session.Page.Locator(".cells.strip .cell")).ToHaveCountAsync(50);
        Assert.InRange(await session.Page.Locator("main *").CountAsync(), 100, 8000);
        // Its address is long, and still opens.
        await session.Page.WaitForURLAsync("**row=3599**");
        await session.Page.ReloadAsync();
        await session.ReadyAsync();
        await Expect(session.Page.Locator("#matrix-facts dd").First).ToHaveTextAsync("3,600");
        await session.Page.Locator("#transpose").ClickAsync();
        await Expect(session.Page.Locator(".derivation").First).ToContainTextAsync("transposed convolution");
    }
}
