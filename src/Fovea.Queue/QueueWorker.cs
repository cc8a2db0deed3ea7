using Hangfire;

namespace Fovea.Lab;

/// <summary>Takes trials from a queue, one at a time, until it is told to stop.</summary>
public static class QueueWorker
{
    /// <summary>Works until cancellation is asked for: the trial at hand then leaves a checkpoint and is handed to another worker.</summary>
    /// <param name="queue">Where the trials are.</param>
    /// <param name="cancellation">Stops the worker.</param>
    /// <param name="report">Is told, in a sentence each, what is begun, finished, handed back or failed.</param>
    public static void Run(StudyQueue queue, CancellationToken cancellation, Action<string>? report = null)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var options = new BackgroundJobServerOptions
        {
            Queues = [StudyQueue.Name],
            WorkerCount = 1,
            Activator = new TrialActivator(queue, report),
            // A trial that is asked to stop writes its checkpoint first.
            ShutdownTimeout = TimeSpan.FromMinutes(1),
            SchedulePollingInterval = TimeSpan.FromSeconds(1),
            FilterProvider = new Hangfire.Common.JobFilterCollection
            {
                // The database was away: as often as need be. Whatever else goes wrong is entered as a failure, and not tried again.
                new AutomaticRetryAttribute { Attempts = int.MaxValue, DelaysInSeconds = [1, 5, 15, 30] },
            },
        };
        using var server = new BackgroundJobServer(options, queue.Jobs);
        cancellation.WaitHandle.WaitOne();
    }

    private sealed class TrialActivator(StudyQueue queue, Action<string>? report) : JobActivator
    {
        public override object ActivateJob(Type jobType) => new TrialJob(queue, report);
    }
}
