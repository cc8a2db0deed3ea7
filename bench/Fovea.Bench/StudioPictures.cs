using Microsoft.Playwright;

namespace Fovea.Bench;

/// <summary>Pictures of every page of the studio from its head to its end, each light, dark and narrow (360 pixels), and of one at 4K (3840 x 2160), as the
/// documents show them.</summary>
internal sealed class StudioPictures(string workspace, string folder, string program)
{
    // The time of a training is measured first; nothing is measured while one goes on.
    private const string Costs = "#per-epoch:not(:text('…'))";

    // What is opened, and what must be seen before the picture is taken.
    private static readonly (string Name, string Path, string Seen)[] s_pages =
    [
        ("home", "/", ".chapters"),
        ("shapes", "/shapes", Costs),
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
        [("", 1280, 900, ColorScheme.Light), ("-dark", 1280, 900, ColorScheme.Dark), ("-narrow", 360, 740, ColorScheme.Light), ("-4k", 3840, 2160, ColorScheme.Light)];

    private const string Largest = "experiments";

    /// <summary>Takes them.</summary>
    public async Task<int> RunAsync(TextWriter output)
    {
        Directory.CreateDirectory(folder);
        await using StudioUnderTest studio = await StudioUnderTest.StartAsync(program, Path.Combine(workspace, Lab.RunStore.FileName));
        await using IBrowserContext context = await studio.Browser.NewContextAsync();
        IPage page = await context.NewPageAsync();
        page.SetDefaultTimeout(120_000);
        foreach (var (name, path, seen) in s_pages)
        {
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
            await page.SetViewportSizeAsync(1280, 900);
            await studio.OpenAsync(page, path);
            if (name == "train")
            {
                await page.Locator(Costs).WaitForAsync();
                await page.Locator("#train").ClickAsync();
            }
            await page.Locator(seen).First.WaitForAsync();
            foreach (var (suffix, width, height, colors) in s_views.Where(view => view.Suffix != "-4k" || name == Largest))
            {
                await page.SetViewportSizeAsync(width, height);
                await page.EmulateMediaAsync(new() { ColorScheme = colors });
                await TakeAsync(page, name + suffix, output);
            }
        }
        return 0;
    }

    private async Task TakeAsync(IPage page, string name, TextWriter output)
    {
        // Matrices are drawn as far as they are seen, a moment later.
        await page.WaitForTimeoutAsync(500);
        string file = Path.Combine(folder, $"{name}.png");
        await page.ScreenshotAsync(new() { Path = file, FullPage = true });
        output.WriteLine(file);
    }
}
