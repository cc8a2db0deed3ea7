namespace Fovea.Lab;

/// <summary>How far a study is whose trials are trained by the workers of a queue.</summary>
/// <param name="Finished">Trials that have come to an end.</param>
/// <param name="UnderWay">Trials that workers train now.</param>
/// <param name="Share">The share of the whole that is done, from 0 to 1.</param>
public readonly record struct QueueProgress(int Finished, int UnderWay, double Share);
