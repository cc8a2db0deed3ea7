using Fovea.Cli.Commands;
using Fovea.Lab;

namespace Fovea.Cli;

/// <summary>
/// What needs the .NET runtime: studies on several machines, and the studio. Programs that are compiled ahead of time have
/// another file, Native/RuntimeOnly.cs, in place of this one.
/// </summary>
internal static class RuntimeOnly
{
    /// <summary>The verbs that a native build lacks.</summary>
    public static KnownVerb[] Verbs => [new("worker", WorkerCommand.Create), new("studio", StudioCommand.Create)];

    /// <summary>Runs a study by the workers of a queue.</summary>
    public static StudyResult RunQueued(string connection, Study study, StudyOptions options, Action<QueueProgress> progress, CancellationToken cancellation)
    {
        using StudyQueue queue = StudyQueue.Open(connection);
        return QueuedStudy.Run(study, queue, options, progress, cancellation);
    }
}
