using System.CommandLine;
using Fovea.Lab;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea worker</c>: trains the trials of queued studies.</summary>
internal static class WorkerCommand
{
    public static Verb Create(Terminal terminal)
    {
        Option<string?> queue = Options.Queue("The PostgreSQL database that studies were given with --queue");
        queue.Required = true;
        var silence = Options.Number("--silence-seconds", "How long a worker may be silent before its trial is handed to another.", "a number of at least 1",
            x => x >= 1, StudyQueue.UsualSilence.TotalSeconds);
        var verb = new Verb("worker", "Train the trials of queued studies, one at a time, until interrupted. Any number of workers, on any machines, share them.") { queue, silence };
        verb.Examples = ["fovea worker --queue \"Host=server;Database=fovea;Username=me\""];
        verb.SetAction(result =>
        {
            using var interruption = new Interruption();
            using StudyQueue trials = StudyQueue.Open(result.GetValue(queue)!, TimeSpan.FromSeconds(result.GetValue(silence)!.Value));
            terminal.WriteLine($"Waiting for trials of studies that were given with {Engine.Description}. Ctrl-C ends it: the trial at hand then goes to another worker, from where it is.");
            QueueWorker.Run(trials, interruption.Token, terminal.WriteLine);
            return Program.Done;
        });
        return verb;
    }
}
