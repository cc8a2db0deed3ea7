using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Fovea.Studio.Tests;

public class LayoutTests(StudioHost studio)
{
    [Fact]
    public async Task The_theme_follows_the_system_until_it_is_chosen_and_stays()
    {
        await using StudioSession session = await studio.OpenAsync("/", colors: ColorScheme.Dark);
        string dark = await GroundAsync(session);
        await session.Page.Locator("#theme").ClickAsync();
        string light = await GroundAsync(session);
        Assert.NotEqual(dark, light);
        await session.Page.ReloadAsync();
        Assert.Equal(light, await GroundAsync(session));
    }

    [Fact]
    public async Task The_keyboard_reaches_the_content_first()
    {
        await using StudioSession session = await studio.OpenAsync("/");
        // The first thing that a key reaches: nothing that can be reached stands before it.
        Assert.Equal("skip", await session.Page.EvaluateAsync<string>("document.querySelector('a, button, input').className"));
        await session.Page.Locator(".skip").FocusAsync();
        await Expect(session.Page.Locator(".skip")).ToBeInViewportAsync();
        await session.Page.Keyboard.PressAsync("Enter");
        await Expect(session.Page.Locator("#main")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task What_is_no_page_says_so_and_leads_on()
    {
        await using StudioSession session = await studio.OpenAsync("/");
        await session.Page.EvaluateAsync("Blazor.navigateTo('/nothing')");
        await Expect(session.Page.GetByRole(AriaRole.Heading, new() { Name = "There is no such page" })).ToBeVisibleAsync();
    }

    private static Task<string> GroundAsync(StudioSession session) => session.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
}
