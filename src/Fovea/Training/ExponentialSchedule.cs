namespace Fovea;

/// <summary>
/// Multiplies the learning rate by the same factor from update to update: PyTorch's ExponentialLR, stepped after every update. It falls, or
/// rises where the final share is above 1.
/// </summary>
/// <param name="FinalShare">Where it ends with the last update, as a share of the optimizer's rate.</param>
public sealed record ExponentialSchedule(double FinalShare = 1e-3) : Schedule
{
    internal override double Rate(double rate, in ScheduleContext context) => rate * Math.Pow(FinalShare, context.Update / Math.Max(1, context.Updates - 1.0));

    internal override string? Problem() => FinalShare is > 0 and < double.PositiveInfinity
        ? base.Problem()
        : $"the schedule exponential needs a final share above 0, got {FinalShare}";
}
