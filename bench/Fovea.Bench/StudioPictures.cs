using Microsoft.Playwright;

namespace Fovea.Bench;

/// <summary>Pictures of every page of the studio, each light, dark, narrow (360 pixels) and wide (3840), as the documents show them.</summary>
internal sealed class StudioPictures(string workspace, string folder, string program, bool isWhole)
{
    // What is opened, and what must be seen before the picture is taken.
    private static readonly (string Name, string Path, string Seen)[] s_pages =
    [
        ("home", "/", ".chapters"),
        ("shapes", "/shapes", "#per-epoch:not(:text('…'))"),
        ("convolution", "/convolution?at=5", ".linked"),
        ("matrix", "/matrix", ".matrix"),
        ("losses", "/losses", "#loss-curves"),
        ("train", "/train?model=lenet5&samples=20000&epochs=3", "#test-accuracy"),
        ("experiments", "/experiments", "#run-curves"),
        ("inspect", "/inspect", "#trace"),
        ("draw", "/draw", "#verdict"),
        ("batch", "/batch", "#doing:text('nothing')"),
    ];

    private static readonly (string Suffix, int Width, int Height, ColorScheme Colors)[] s_views =
        [("", 1280, 900, ColorScheme.Light), ("-dark", 1280, 900, ColorScheme.Dark), ("-narrow", 360, 740, ColorScheme.Light)];

    /// <summary>Takes them.</summary>
    public async Task<int> RunAsync(TextWriter output)
    {
        Directory.CreateDirectory(folder);
        await using StudioUnderTest studio = await StudioUnderTest.StartAsync(program, Path.Combine(workspace, Lab.RunStore.FileName));
        await using IBrowserContext context = await studio.Browser.NewContextAsync();
        // The picture is half as large as the screen, to be looked at on a smaller one.
        await using IBrowserContext wideContext = await studio.Browser.NewContextAsync(new() { ViewportSize = new() { Width = 3840, Height = 2160 }, DeviceScaleFactor = 0.5f, ReducedMotion = ReducedMotion.Reduce });
        IPage page = await context.NewPageAsync(), wide = await wideContext.NewPageAsync();
        page.SetDefaultTimeout(120_000);
        wide.SetDefaultTimeout(120_000);
        foreach (var (name, path, seen) in s_pages)
        {
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
            await page.SetViewportSizeAsync(1280, 900);
            await studio.OpenAsync(page, path);
            if (name == "train") await page.Locator("#train").ClickAsync();
            await page.Locator(seen).First.WaitForAsync();
            foreach (var (suffix, width, height, colors) in s_views)
            {
                await page.SetViewportSizeAsync(width, height);
                await page.EmulateMediaAsync(new() { ColorScheme = colors });
                await TakeAsync(page, name + suffix, output);
            }
            // The same view by its address.
            await studio.OpenAsync(wide, new Uri(page.Url).PathAndQuery);
            await wide.Locator(seen).First.WaitForAsync();
            await TakeAsync(wide, $"{name}-wide", output);
        }
        return 0;
    }

    private async Task TakeAsync(IPage page, string name, TextWriter output)
    {
        // Matrices are drawn as far as they are seen, a moment later.
        await page.WaitForTimeoutAsync(500);
        string file = Path.Combine(folder, $"{name}.png");
        await page.ScreenshotAsync(new() { Path = file, FullPage = isWhole });
        output.WriteLine(file);
    }
}
