using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;

namespace Fovea.Studio.State;

/// <summary>A page whose whole state is in its address: a change shows at once, and a moment later the address follows.</summary>
public abstract class StudioPage : ComponentBase, IDisposable
{
    // Browsers refuse addresses that change more often than some times a second.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    // What was given to the browser and is not yet told of by it: the same twice, where it was given twice.
    private readonly List<string> _published = [];
    private string _path = "";
    private int _changes;

    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private IJSRuntime Browser { get; set; } = default!;

    /// <summary>What is shown.</summary>
    private protected PageState State { get; private set; } = PageState.Of("http://localhost/");

    /// <summary>Why nothing can be shown; null when something can.</summary>
    private protected FoveaException? Problem { get; private set; }

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        _path = new Uri(Navigation.Uri).AbsolutePath;
        State = PageState.Of(Navigation.Uri);
        Navigation.LocationChanged += Follow;
        Refresh();
    }

    /// <summary>Works out what the page shows; what it throws as a <see cref="FoveaException"/> is shown instead.</summary>
    protected abstract void Compute();

    /// <summary>Computes again.</summary>
    protected void Refresh()
    {
        Problem = null;
        try
        {
            Compute();
        }
        catch (FoveaException exception)
        {
            Problem = exception;
        }
    }

    /// <summary>Changes the state; a value of null is the usual one.</summary>
    private protected void Set(params (string Name, string? Value)[] changes)
    {
        foreach (var (name, value) in changes) State = State.With(name, value);
        Refresh();
        _ = PublishAsync();
    }

    /// <summary>Changes one value of the state.</summary>
    private protected void Set(string name, object? value) => Set((name, value?.ToString()));

    /// <summary>Changes one value, and the address with it at once: for what must be found again if the page is loaded anew this very moment.</summary>
    private protected void SetAtOnce(string name, string? value)
    {
        State = State.With(name, value);
        Refresh();
        _changes++;
        _ = PublishNowAsync();
    }

    private async Task PublishAsync()
    {
        int change = ++_changes;
        await Task.Delay(s_pause);
        if (change == _changes) await PublishNowAsync();
    }

    private async Task PublishNowAsync()
    {
        string query = State.ToQuery();
        if (query == PageState.Of(Navigation.Uri).ToQuery()) return;
        _published.Add(query);
        try
        {
            await Browser.InvokeVoidAsync("fovea.show", _path + query);
        }
        catch (Exception exception) when (exception is JSDisconnectedException or OperationCanceledException)
        {
            // The page was closed meanwhile.
        }
    }

    // Somebody followed a link to the same page, or went back.
    private void Follow(object? sender, LocationChangedEventArgs change)
    {
        if (new Uri(change.Location).AbsolutePath != _path) return;
        PageState now = PageState.Of(change.Location);
        // The browser tells of what was published here too, and by then there may be a newer state.
        if (_published.Remove(now.ToQuery()) || now.ToQuery() == State.ToQuery()) return;
        _changes++;
        State = now;
        Refresh();
        _ = InvokeAsync(StateHasChanged);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go.</summary>
    protected virtual void Dispose(bool disposing)
    {
        // A change that is not yet in the address is lost with the page.
        _changes++;
        Navigation.LocationChanged -= Follow;
    }
}
