namespace Fovea.Studio.Training;

/// <summary>Where a training stands.</summary>
public enum TrainingPhase
{
    /// <summary>It goes on.</summary>
    Running,

    /// <summary>It can go on.</summary>
    Paused,

    /// <summary>It has come to its end.</summary>
    Finished,

    /// <summary>It cannot go on.</summary>
    Failed,
}
