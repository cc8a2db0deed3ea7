namespace Fovea.Lab;

/// <summary>How a study is run: with how many threads, where its runs are kept, and who is told of them. None of it changes what is learned.</summary>
public sealed record StudyOptions
{
    /// <summary>Threads that each run may use; 0 takes all processors of its machine. Loss and accuracy do not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Where runs are kept while the study goes on: finished ones in it are not repeated, one under way is taken up from its last checkpoint,
    /// to the same bits. Null keeps nothing, which a study that goes through a queue cannot do.</summary>
    public string? Folder { get; init; }

    /// <summary>How often a checkpoint is written, besides after each epoch.</summary>
    public double CheckpointSeconds { get; init; } = TrialFolder.UsualCheckpointSeconds;

    /// <summary>Where runs that are kept in a folder are entered; null enters them nowhere.</summary>
    public RunStore? Store { get; init; }

    /// <summary>Whether the store keeps every update.</summary>
    public bool RecordSteps { get; init; }

    /// <summary>Measurements of this machine: where one was made of a variant, the result sets what it predicts beside the runs. Null predicts nothing.</summary>
    public CalibrationCache? Calibrations { get; init; }

    /// <summary>Called after each run that was finished, diverged or failed, with all results so far.</summary>
    public Action<StudyResult>? RunDone { get; init; }

    /// <summary>Told, in a sentence each, of what the study goes on in spite of: a damaged checkpoint, in whose place an older one was taken, and one that
    /// another engine wrote; in a queue trials that fail, a database that is away, and that no worker is there.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Told of what runs suffer from, in words and as soon as it is found: after epochs 1, 2, 4, 8, ..., at their end, or where numbers are no
    /// longer finite. What several seeds of a variant suffer from is told of the first. In a queue the workers tell it, each of its trials.</summary>
    public Action<string>? Found { get; init; }

    /// <summary>The threads of a run on this machine.</summary>
    internal int ThreadsHere => ThreadsOf(Threads);

    /// <summary>A number of threads, where 0 stands for all processors of this machine.</summary>
    internal static int ThreadsOf(int threads) => threads > 0 ? threads : Environment.ProcessorCount;
}
