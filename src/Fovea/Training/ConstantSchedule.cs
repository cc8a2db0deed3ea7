namespace Fovea;

/// <summary>The same learning rate throughout.</summary>
public sealed record ConstantSchedule : Schedule
{
    internal override double Rate(double rate, in ScheduleContext context) => rate;
}
