using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Fovea.Studio.Tests;

public class TrainPageTests(StudioHost studio)
{
    private const string Small = "/train?model=conv+4+k5+s2+%7C+relu+%7C+flatten+%7C+linear+10+%7C+logsoftmax&samples=3000&epochs=2";

    [Fact]
    public async Task A_small_network_is_trained_to_the_end()
    {
        await using StudioSession session = await studio.OpenAsync(Small);
        await session.Page.Locator("#train").ClickAsync();
        await Expect(session.Page.Locator("#test-accuracy")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(session.Page.Locator("#epochs-table tbody tr")).ToHaveCountAsync(2);
        await Expect(session.Page.Locator("#loss-curve .curve").First).ToHaveAttributeAsync("d", new System.Text.RegularExpressions.Regex("^M.*L"));
        await Expect(session.Page.Locator("#filters img")).ToHaveCountAsync(4);
        await Expect(session.Page.Locator("#maps img")).ToHaveCountAsync(4);
        // Better than one digit in ten by far.
        string accuracy = await session.Page.Locator("#test-accuracy").InnerTextAsync();
        Assert.InRange(double.Parse(accuracy.TrimEnd('%'), System.Globalization.CultureInfo.InvariantCulture), 50, 100);
    }

    [Fact]
    public async Task It_is_paused_goes_on_by_single_updates_and_to_the_end_on_a_page_opened_anew()
    {
        await using StudioSession session = await studio.OpenAsync(Small.Replace("epochs=2", "epochs=1000"));
        await session.Page.Locator("#train").ClickAsync();
        await session.Page.Locator("#pause").ClickAsync();
        await Expect(session.Page.Locator("#phase")).ToContainTextAsync("paused");
        ILocator updates = session.Page.Locator(".facts dd").First;
        int before = await NumberAsync(updates);
        await session.Page.Locator("#single").ClickAsync();
        await Expect(updates).ToHaveTextAsync((before + 1).ToString("N0", System.Globalization.CultureInfo.InvariantCulture));
        // The address follows the page a moment later, and names the training then.
        await session.Page.WaitForURLAsync("**run=**");
        await session.Page.ReloadAsync();
        await session.ReadyAsync();
        await Expect(updates).ToHaveTextAsync((before + 1).ToString("N0", System.Globalization.CultureInfo.InvariantCulture));
        await session.Page.Locator("#resume").ClickAsync();
        await session.Page.Locator("#pause").ClickAsync();
        await Expect(session.Page.Locator("#phase")).ToContainTextAsync("paused");
        Assert.True(await NumberAsync(updates) > before + 1);
    }

    [Fact]
    public async Task A_killed_studio_leaves_a_training_that_another_goes_on_with()
    {
        string folder = Directory.CreateTempSubdirectory("fovea-studio-").FullName;
        try
        {
            await using (StudioServer first = await StudioServer.StartAsync(new StudioOptions { Store = Path.Combine(folder, "fovea.db") }))
            {
                await using StudioSession session = await studio.OpenAsync(Small.Replace("epochs=2", "epochs=1000"), at: first);
                await session.Page.Locator("#train").ClickAsync();
                await Expect(session.Page.Locator("#epochs-table tbody tr").First).ToBeVisibleAsync();
                await session.Page.Locator("#pause").ClickAsync();
                await Expect(session.Page.Locator("#phase")).ToContainTextAsync("paused");
            }
            await using StudioServer second = await StudioServer.StartAsync(new StudioOptions { Store = Path.Combine(folder, "fovea.db") });
            await using StudioSession later = await studio.OpenAsync("/train", at: second);
            await later.Page.GetByRole(AriaRole.Button, new() { Name = "Go on with model-1" }).ClickAsync();
            await Expect(later.Page.Locator("#phase")).ToContainTextAsync("samples/s");
            await later.Page.Locator("#pause").ClickAsync();
            await Expect(later.Page.Locator("#phase")).ToContainTextAsync("paused");
            Assert.True(await later.Page.Locator("#epochs-table tbody tr").CountAsync() >= 1);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_model_that_does_not_fit_the_data_cannot_be_started()
    {
        await using StudioSession session = await studio.OpenAsync("/train?model=conv+4+k99");
        await Expect(session.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("kernel 99x99 does not fit");
        await Expect(session.Page.Locator("#train")).ToBeDisabledAsync();
    }

    [Fact]
    public async Task Data_are_chosen_by_name_and_never_by_path()
    {
        await using StudioSession session = await studio.OpenAsync("/train?data=%2Fetc&model=lenet5");
        await Expect(session.Page.Locator("#train")).ToBeEnabledAsync();
        await session.Page.Locator("#train").ClickAsync();
        await Expect(session.Page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("there are no data \"/etc\" here. Choose one of mnist");
    }

    private static async Task<int> NumberAsync(ILocator locator) =>
        int.Parse(await locator.InnerTextAsync(), System.Globalization.NumberStyles.AllowThousands, System.Globalization.CultureInfo.InvariantCulture);
}
