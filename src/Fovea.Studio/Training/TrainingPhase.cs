namespace Fovea.Studio.Training;

/// <summary>Where a training stands.</summary>
public enum TrainingPhase
{
    /// <summary>It goes on.</summary>
    Running,

    /// <summary>It can go on.</summary>
    Paused,

    /// <summary>It has come to its end, or was stopped before it.</summary>
    Finished,

    /// <summary>It cannot go on.</summary>
    Failed,

    /// <summary>It was let go of: who goes on with it begins from its checkpoint.</summary>
    Left,
}
