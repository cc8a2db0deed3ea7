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

    [Theory]
    [InlineData("/convolution", "Stride", "-1", "2", "Not taken: expected a whole number from 1 to 9.")]
    [InlineData("/convolution", "Dilation", "1.5", "2", "Not taken: expected a whole number from 1 to 9.")]
    [InlineData("/train", "Samples", "99999999", "100", "Not taken: expected a whole number from 1 to 10,000,000.")]
    [InlineData("/train", "Learning rate", "-1", "0.01", "Not taken: expected a number from 0.000000001 to 1,000.")]
    public async Task A_number_that_a_field_does_not_take_is_told_there(string page, string field, string wrong, string right, string message)
    {
        await using StudioSession session = await studio.OpenAsync(page);
        ILocator label = session.Page.Locator("label.field").Filter(new() { HasText = field }), input = label.Locator("input");
        await Expect(input).ToHaveAttributeAsync("aria-invalid", "false");
        await input.FillAsync(wrong);
        await Expect(label).ToHaveAttributeAsync("data-expected", message);
        await Expect(input).ToHaveAttributeAsync("aria-invalid", "true");
        await input.FillAsync(right);
        await Expect(input).ToHaveAttributeAsync("aria-invalid", "false");
    }

    [Fact]
    public async Task What_is_no_page_says_so_and_leads_on()
    {
        await using StudioSession session = await studio.OpenAsync("/");
        await session.Page.EvaluateAsync("Blazor.navigateTo('/nothing')");
        await Expect(session.Page.GetByRole(AriaRole.Heading, new() { Name = "There is no such page" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_is_copied_reaches_the_clipboard_from_a_page_that_the_browser_does_not_trust()
    {
        // Browsers hide the clipboard from a page that came over plain http from another machine.
        await using StudioSession session = await studio.OpenAsync("/losses");
        await session.Page.EvaluateAsync("window.clipboard = navigator.clipboard; Object.defineProperty(navigator, 'clipboard', { value: undefined })");
        ILocator bar = session.Page.Locator("main > .copy");
        await bar.GetByRole(AriaRole.Button, new() { Name = "Copy as command" }).ClickAsync();
        await Expect(bar.GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();
        Assert.Equal(await Snippets.CommandOf(session), await session.Page.EvaluateAsync<string>("window.clipboard.readText()"));
        await bar.GetByRole(AriaRole.Button, new() { Name = "Copy link" }).ClickAsync();
        await Expect(bar.GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();
        Assert.Equal(session.Page.Url, await session.Page.EvaluateAsync<string>("window.clipboard.readText()"));
        // The button still has the keys.
        await Expect(bar.GetByRole(AriaRole.Button).Last).ToBeFocusedAsync();
    }

    [Fact]
    public async Task What_cannot_be_copied_is_selected_and_the_page_goes_on()
    {
        await using StudioSession session = await studio.OpenAsync("/losses");
        await session.Page.EvaluateAsync("Object.defineProperty(navigator, 'clipboard', { value: undefined }); document.execCommand = () => false");
        ILocator bar = session.Page.Locator("main > .copy");
        await bar.GetByRole(AriaRole.Button, new() { Name = "Copy as C#" }).ClickAsync();
        await Expect(bar.GetByRole(AriaRole.Status)).ToContainTextAsync("The text is selected: press Ctrl-C");
        Assert.Equal((await bar.Locator("pre.csharp").InnerTextAsync()).Trim(), (await session.Page.EvaluateAsync<string>("getSelection().toString()")).Trim());
        await bar.GetByRole(AriaRole.Button, new() { Name = "Copy link" }).ClickAsync();
        await Expect(bar.GetByRole(AriaRole.Status)).ToContainTextAsync("Copy the link from the browser's address bar");
        await session.Page.Locator("#base").SelectOptionAsync("2");
        await Expect(session.Page.Locator("#loss-working")).ToContainTextAsync("1.15797");
    }

    private static Task<string> GroundAsync(StudioSession session) => session.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
}
