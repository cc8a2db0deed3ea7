using Microsoft.Playwright;

namespace Fovea.Studio.Tests;

/// <summary>One user with one page. At its end, nothing may have gone wrong in the browser.</summary>
public sealed class StudioSession : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];

    internal StudioSession(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.SetDefaultTimeout(60_000);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") _errors.Add($"{message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => _errors.Add(error);
        page.RequestFailed += (_, request) => _errors.Add($"{request.Url}: {request.Failure}");
    }

    public IPage Page { get; }

    /// <summary>Waits until the page answers.</summary>
    public Task ReadyAsync() => Page.Locator("html[data-ready]").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.Equal([], _errors);
    }
}
