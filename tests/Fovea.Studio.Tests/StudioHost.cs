using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Fovea.Studio.Tests.StudioHost))]

namespace Fovea.Studio.Tests;

/// <summary>A studio on a free port, in an empty workspace, and Debian's Chromium without a window; both live as long as the tests.</summary>
public sealed class StudioHost : IAsyncLifetime
{
    private static readonly string? s_browser = ((string[])["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]).FirstOrDefault(File.Exists);

    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-studio-").FullName;
    private StudioServer? _server;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>The address with the token.</summary>
    public Uri Address => _server!.Address;

    /// <summary>A new session with a page of the studio; the test is skipped where there is no browser.</summary>
    public async Task<StudioSession> OpenAsync(string path, int height = 900, ColorScheme colors = ColorScheme.Light, Uri? at = null)
    {
        Uri address = at ?? Address;
        Assert.SkipWhen(s_browser is null, "Chromium is not installed: apt-get install chromium");
        IBrowserContext context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = 1280, Height = height },
            ColorScheme = colors,
            ReducedMotion = ReducedMotion.Reduce,
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        var session = new StudioSession(context, await context.NewPageAsync());
        await session.Page.GotoAsync(new Uri(new Uri(address.GetLeftPart(UriPartial.Authority)), path + (path.Contains('?') ? "&" : "?") + address.Query[1..]).AbsoluteUri);
        await session.ReadyAsync();
        return session;
    }

    public async ValueTask InitializeAsync()
    {
        // What is measured of this machine is not kept among the user's own measurements.
        Environment.SetEnvironmentVariable("FOVEA_CACHE", _folder);
        _server = await StudioServer.StartAsync(new StudioOptions { Store = Path.Combine(_folder, "fovea.db") });
        if (s_browser is null) return;
        _playwright = await Playwright.CreateAsync();
        // A busy machine is no failure.
        Assertions.SetDefaultExpectTimeout(60_000);
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = s_browser,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        await _server!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
