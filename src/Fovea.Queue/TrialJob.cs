using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace Fovea.Lab;

/// <summary>One trial of a queued study, as a worker does it.</summary>
/// <param name="queue">The queue that it is of.</param>
/// <param name="report">Is told what is begun, finished, handed back or failed.</param>
internal sealed class TrialJob(StudyQueue queue, Action<string>? report = null)
{
    // How often the queue is told how far the trial is.
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Takes a trial up from the checkpoint that the queue keeps, or begins it, and trains it to its end. Asked to stop, it leaves a
    /// checkpoint and throws, so that the trial is handed to another worker.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    /// <exception cref="NpgsqlException">The database cannot be reached, or the session that held the trial is lost: to be tried again.</exception>
    public void Run(Guid study, int variant, ulong seed, CancellationToken cancellation)
    {
        TrialLock? hold = null;
        try
        {
            hold = queue.Hold(study, variant, seed, cancellation);
            QueuedTrial? trial = queue.Trials(study).FirstOrDefault(t => t.Variant == variant && t.Seed == seed);
            // Handed out twice, or removed.
            if (trial is not { Result: null, Failure: null }) return;
            hold.Report(trial.Share, Environment.MachineName);
            Train(hold, study, trial, cancellation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            if (hold is not { IsOpen: true } || StudyQueue.IsAway(exception))
            {
                report?.Invoke($"the queue cannot be used: {FirstLine(exception)}. The trial is tried again, from its last checkpoint.");
                throw;
            }
            string why = exception is FoveaException ? exception.Message : $"unexpected {exception.GetType().Name}: {FirstLine(exception)}.";
            report?.Invoke($"failed: {why}");
            hold.Fail($"{Environment.MachineName}: {why}");
        }
        finally
        {
            hold?.Dispose();
        }

        static string FirstLine(Exception exception) => exception.Message.Split('\n')[0].TrimEnd('.', '\r');
    }

    private void Train(TrialLock hold, Guid study, QueuedTrial queued, CancellationToken cancellation)
    {
        if (queue.Study(study) is not var (plan, threads, checkpointSeconds, samples, recordSteps)) return;
        Study whole = plan.ToStudy();
        var (training, test) = StudyRunner.LoadData(whole);
        var trial = new Trial(whole, queued.Variant, queued.Seed, training, test, StudyOptions.ThreadsOf(threads));
        string name = $"{plan.Name}: {trial.Variant.Name}, seed {trial.Seed}";
        Tell(queued.Share > 0 ? $"taken up at {queued.Share:P0}" : "begun");
        if (SampleFingerprint.Of(training, test) != samples)
            throw new FoveaException($"{whole.Data}: the samples on this machine are not those of the machine that began the study. Give every worker the same data.");

        // Ends when the trial is removed or gets figures from elsewhere, too.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        string folder = Directory.CreateTempSubdirectory("fovea-trial-").FullName;
        try
        {
            StepFile? steps = null;
            double share = queued.Share;
            TrialFolder kept = TrialFolder.Of(folder, trial.Number, trial.Seed, checkpointSeconds, saved: () =>
            {
                steps?.Save();
                StopUnless(hold.Upload(TrialFolder.Of(folder, trial.Number, trial.Seed).Path, share));
            });
            queue.Download(study, trial.Number, trial.Seed, kept.Path);
            if (recordSteps) steps = new StepFile(kept.Path);
            StudyRunner.WarmUp(trial.Variant, training, trial.Threads, cancellation);
            long reported = Stopwatch.GetTimestamp();
            TrialOutcome? ended = StudyRunner.RunOne(trial, kept, Report, Warn, (_, words) => report?.Invoke($"{name}, found {words}"), stop.Token);
            if (ended is null)
            {
                Tell(cancellation.IsCancellationRequested ? "handed back, to go on from here" : "no longer wanted");
                cancellation.ThrowIfCancellationRequested();
            }
            else if (Finish(hold, ended, kept, steps, share))
            {
                Tell(ended.Run is { } run ? $"finished, test accuracy {run.TestAccuracy:P2}" : $"diverged: {ended.Diverged!.Message}");
            }

            void Report(TrainingProgress progress)
            {
                steps?.Add(progress.Step);
                share = progress.Share;
                if (Stopwatch.GetElapsedTime(reported) < s_interval) return;
                reported = Stopwatch.GetTimestamp();
                StopUnless(hold.Report(share, Environment.MachineName));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        RunRecorder? Warn(Trainer trainer)
        {
            foreach (string warning in trainer.Warnings) Tell(warning);
            return null;
        }

        void StopUnless(bool wanted)
        {
            if (!wanted) stop.Cancel();
        }

        void Tell(string words) => report?.Invoke($"{name}: {words}");
    }

    // False where the trial is no longer wanted.
    private static bool Finish(TrialLock hold, TrialOutcome ended, TrialFolder kept, StepFile? steps, double share)
    {
        if (steps is not null && ended.Diverged is not null)
        {
            // No checkpoint took the last updates along.
            steps.Save();
            if (!hold.Upload(kept.Path, share)) return false;
        }
        return hold.Finish(JsonSerializer.Serialize(ended, LabJson.Readable.TrialOutcome));
    }
}
