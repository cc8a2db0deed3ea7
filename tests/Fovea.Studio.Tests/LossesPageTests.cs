using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Fovea.Studio.Tests;

public class LossesPageTests(StudioHost studio)
{
    [Fact]
    public async Task Binary_cross_entropy_is_worked_out_to_base_2_and_e()
    {
        await using StudioSession session = await studio.OpenAsync("/losses");
        // -(ln 0.2 + ln 0.5 + ln 0.9) / 3 = (1.60944 + 0.69315 + 0.10536) / 3; to base 2 it is divided by ln 2.
        await Expect(session.Page.Locator("#loss-working")).ToContainTextAsync("0.8026");
        await session.Page.Locator("#base").SelectOptionAsync("2");
        await Expect(session.Page.Locator("#loss-working")).ToContainTextAsync("1.15797");
    }

    [Fact]
    public async Task The_point_is_dragged_along_the_curves()
    {
        await using StudioSession session = await studio.OpenAsync("/losses");
        ILocator row = session.Page.Locator("#at-point tbody tr").First;
        // 240 steps from -6 to 6: the 180th is 3, and 3^2 = 9 with the gradient 6.
        await Expect(row).ToContainTextAsync("9.0000");
        await Expect(row).ToContainTextAsync("6.0000");
        ILocator drawing = session.Page.Locator("#loss-curves > svg");
        LocatorBoundingBoxResult box = (await drawing.BoundingBoxAsync())!;
        // The plot lies between 60 and 544 of 560: its middle is the score 0.
        await session.Page.Mouse.MoveAsync(box.X + box.Width * 200 / 560, box.Y + box.Height / 2);
        await session.Page.Mouse.DownAsync();
        await session.Page.Mouse.MoveAsync(box.X + box.Width * 302 / 560, box.Y + box.Height / 2, new() { Steps = 4 });
        await session.Page.Mouse.UpAsync();
        await Expect(row).ToContainTextAsync("0.0000");
        await session.Page.WaitForURLAsync("**at=120**");
    }

    [Fact]
    public async Task A_browser_that_is_late_with_the_address_does_not_take_a_newer_point_back()
    {
        await using StudioSession session = await studio.OpenAsync("/losses");
        ILocator row = session.Page.Locator("#at-point tbody tr").First;
        await session.Page.EvaluateAsync("() => { const now = Blazor.navigateTo; Blazor.navigateTo = (...all) => setTimeout(() => now(...all), 1500); }");
        // Twice the same, each published after a quarter of a second and before the browser has told of it, and then another one.
        foreach (string at in (string[])["100", "100", "120"])
        {
            await session.Page.Locator("#point").EvaluateAsync("(slider, at) => { slider.value = at; slider.dispatchEvent(new Event('input', { bubbles: true })); }", at);
            await session.Page.WaitForTimeoutAsync(500);
        }
        await session.Page.WaitForURLAsync("**at=120**");
        await Expect(row).ToContainTextAsync("0.0000");
    }

    [Fact]
    public async Task Outliers_bend_the_line_of_squares_most()
    {
        await using StudioSession session = await studio.OpenAsync("/losses?outliers=8");
        ILocator off = session.Page.Locator("section[aria-labelledby=outliers-head] tbody tr td:last-child");
        await Expect(off).ToHaveCountAsync(3);
        double[] errors = [.. (await off.AllInnerTextsAsync()).Select(text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];
        Assert.True(errors[0] > 3 * errors[1]);
        await session.Page.Locator("#outliers").FillAsync("0");
        await Expect(off.First).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^0[.]0"));
    }

    [Fact]
    public async Task A_prediction_that_is_none_says_where_and_what_was_expected()
    {
        await using StudioSession session = await studio.OpenAsync("/losses");
        await session.Page.GetByLabel("Prediction of sample 2").FillAsync("half");
        await Expect(session.Page.Locator("#loss-working [role=alert]")).ToHaveTextAsync("sample 2: the prediction must be a number, such as 0.5, but it is \"half\".");
        await session.Page.GetByLabel("Prediction of sample 2").FillAsync("0.5");
        await session.Page.GetByRole(AriaRole.Button, new() { Name = "Add a sample" }).ClickAsync();
        await Expect(session.Page.Locator("#samples tbody tr")).ToHaveCountAsync(4);
    }

    [Fact]
    public async Task A_card_is_shown_for_each_loss()
    {
        await using StudioSession session = await studio.OpenAsync("/losses");
        await session.Page.Locator(".panel:has(.card)").GetByRole(AriaRole.Button, new() { Name = "mae", Exact = true }).ClickAsync();
        await Expect(session.Page.Locator(".card h2")).ToHaveTextAsync("Mean absolute error");
    }
}
