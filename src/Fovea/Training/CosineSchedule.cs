namespace Fovea;

/// <summary>
/// Lets the learning rate fall along half a cosine from the first update to the last (Loshchilov and Hutter 2017, without restarts):
/// PyTorch's CosineAnnealingLR, stepped after every update.
/// </summary>
/// <param name="FinalShare">Where it ends, as a share of the optimizer's rate.</param>
public sealed record CosineSchedule(double FinalShare = 0) : Schedule
{
    internal override double Rate(double rate, in ScheduleContext context)
    {
        double end = rate * FinalShare;
        return end + (rate - end) * (1 + Math.Cos(Math.PI * context.Update / context.Updates)) / 2;
    }

    internal override string? Problem() => FinalShare is >= 0 and <= 1
        ? base.Problem()
        : $"the schedule cosine needs a final share from 0 to 1, got {FinalShare}";
}
