namespace Fovea;

/// <summary>Multiplies the learning rate every so many epochs: PyTorch's StepLR; with every epoch, its ExponentialLR.</summary>
/// <param name="Every">Epochs from one step to the next.</param>
public sealed record StepSchedule(int Every = 10) : Schedule
{
    /// <summary>What each step multiplies by.</summary>
    public double Factor { get; init; } = 0.1;

    internal override double Rate(double rate, in ScheduleContext context) => rate * Math.Pow(Factor, context.Epoch / Every);

    internal override string? Problem() => this switch
    {
        { Every: < 1 } => $"the schedule step needs at least 1 epoch from step to step, got {Every}",
        { Factor: not (> 0 and <= 1) } => $"the schedule step needs a factor above 0 and at most 1, got {Factor}",
        _ => base.Problem(),
    };
}
