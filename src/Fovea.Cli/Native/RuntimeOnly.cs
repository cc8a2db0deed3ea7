using Fovea.Lab;

namespace Fovea.Cli;

/// <summary>In place of studies on several machines and the studio, in programs that are compiled ahead of time: both need reflection.</summary>
internal static class RuntimeOnly
{
    /// <summary>No verbs.</summary>
    public static KnownVerb[] Verbs => [];

    /// <summary>Refuses.</summary>
    /// <exception cref="FoveaException">Always.</exception>
    public static StudyResult RunQueued(string connection, Study study, StudyOptions options, Action<QueueProgress> progress, CancellationToken cancellation) =>
        throw new FoveaException("--queue: a native build has no queue. Leave it out, or use the command line on the .NET runtime (dotnet tool install fovea.cli).");
}
