using Microsoft.Extensions.Logging;

namespace Fovea.Studio.Training;

/// <summary>What pages have computed while they answer: on other threads, and so that whatever goes wrong there ends no page.</summary>
public sealed class PageWork(ILogger<PageWork> log)
{
    private int _running;

    /// <summary>Whether something is computed, and takes the machine.</summary>
    public bool IsBusy => Volatile.Read(ref _running) > 0;

    /// <summary>Does a piece of work.</summary>
    /// <param name="work">The work.</param>
    /// <returns>Why it could not be done; null where it was, or where nobody waits for it any more.</returns>
    public async Task<FoveaException?> RunAsync(Action work)
    {
        Interlocked.Increment(ref _running);
        try
        {
            await Task.Run(work);
            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (FoveaException exception)
        {
            return exception;
        }
        catch (Exception exception)
        {
            // A defect, or a machine without memory: the page says so, and the terminal where.
            log.LogError(exception, "Work for a page has failed");
            return new FoveaException($"this cannot be shown: {exception.Message}", exception);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
