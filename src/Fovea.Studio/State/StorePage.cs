namespace Fovea.Studio.State;

/// <summary>A page that shows runs of the store: what is trained elsewhere, on the command line too, appears on it by itself.</summary>
public abstract class StorePage : StudioPage
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _looking = new();

    /// <summary>What is shown of the store, in a word that changes with it.</summary>
    private protected abstract string Shown { get; }

    /// <summary>Whether it is worth a look.</summary>
    private protected virtual bool Looks => true;

    /// <inheritdoc/>
    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender) _ = LookAsync(_looking.Token);
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(s_look);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                await InvokeAsync(() =>
                {
                    if (!Looks) return;
                    string before = Shown + Problem?.Message;
                    Refresh();
                    if (Shown + Problem?.Message != before) StateHasChanged();
                });
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _looking.Cancel();
        _looking.Dispose();
        base.Dispose(disposing);
    }
}
