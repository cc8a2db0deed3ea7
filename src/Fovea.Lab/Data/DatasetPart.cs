namespace Fovea.Lab;

/// <summary>Which samples of a dataset are meant.</summary>
public enum DatasetPart
{
    /// <summary>Those to train on.</summary>
    Training,

    /// <summary>Those to test on.</summary>
    Test,
}
