using System.Diagnostics;
using Microsoft.Playwright;

namespace Fovea.Bench;

/// <summary>The studio as its user has it: the program in a process of its own, and Debian's Chromium without a window.</summary>
internal sealed class StudioUnderTest : IAsyncDisposable
{
    private static readonly string[] s_browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly Process _program;
    private readonly Uri _address;
    private readonly IPlaywright _playwright;

    private StudioUnderTest(Process program, Uri address, IPlaywright playwright, IBrowser browser) =>
        (_program, _address, _playwright, Browser) = (program, address, playwright, browser);

    /// <summary>The browser.</summary>
    public IBrowser Browser { get; }

    /// <summary>Starts both.</summary>
    /// <param name="program">The command line.</param>
    /// <param name="store">The store of runs.</param>
    public static async Task<StudioUnderTest> StartAsync(string program, string store)
    {
        string executable = s_browsers.FirstOrDefault(File.Exists) ?? throw new FileNotFoundException("Chromium is not installed: apt-get install chromium");
        IPlaywright playwright = await Playwright.CreateAsync();
        IBrowser browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Args = ["--no-sandbox", "--disable-gpu"] });
        Process process = Process.Start(new ProcessStartInfo("dotnet", [program, "studio", "--port", "0", "--no-browser", "--store", store]) { RedirectStandardOutput = true })!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            if (Uri.TryCreate(line, UriKind.Absolute, out Uri? address) && address.Scheme == "http") return new StudioUnderTest(process, address, playwright, browser);
        throw new InvalidOperationException("the studio has ended without an address");
    }

    /// <summary>Opens a page with the key, and waits until it answers.</summary>
    public async Task OpenAsync(IPage page, string path)
    {
        await page.GotoAsync(new Uri(_address, path + (path.Contains('?') ? "&" : "?") + _address.Query[1..]).AbsoluteUri);
        await page.Locator("html[data-ready]").WaitForAsync(new() { State = WaitForSelectorState.Attached, Timeout = 60_000 });
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
        _program.Kill();
        await _program.WaitForExitAsync();
        _program.Dispose();
    }
}
