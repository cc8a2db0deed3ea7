namespace Fovea;

/// <summary>
/// Multiplies the learning rate when the loss has not improved for some epochs: PyTorch's ReduceLROnPlateau. It watches the validation loss;
/// where no samples are set aside, the training loss.
/// </summary>
public sealed record PlateauSchedule : Schedule
{
    // A rate that would change by less stays (eps).
    private const double LeastChange = 1e-8;

    /// <summary>What the rate is multiplied by.</summary>
    public double Factor { get; init; } = 0.1;

    /// <summary>Epochs without improvement that are let pass.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>An improvement is a loss below the best by more than this share of it.</summary>
    public double Threshold { get; init; } = 1e-4;

    /// <summary>Epochs after a reduction in which none is counted as bad.</summary>
    public int Cooldown { get; init; }

    /// <summary>The rate is not made smaller than this.</summary>
    public double LeastRate { get; init; }

    // Worked out anew from the finished epochs: there is nothing to be kept in a checkpoint.
    internal override double Rate(double rate, in ScheduleContext context)
    {
        double best = double.PositiveInfinity;
        int bad = 0, cooling = 0;
        for (int i = 0; i < context.History.Count; i++)
        {
            double loss = context.History[i].ValidationLoss ?? context.History[i].TrainLoss;
            if (loss < best * (1 - Threshold)) (best, bad) = (loss, 0);
            else bad++;
            if (cooling > 0) (cooling, bad) = (cooling - 1, 0);
            if (bad <= Patience) continue;
            double reduced = Math.Max(rate * Factor, LeastRate);
            if (rate - reduced > LeastChange) rate = reduced;
            (cooling, bad) = (Cooldown, 0);
        }
        return rate;
    }

    internal override string? Problem() => this switch
    {
        { Factor: not (> 0 and < 1) } => $"the schedule plateau needs a factor above 0 and below 1, got {Factor}",
        { Patience: < 0 } => $"the schedule plateau needs a patience that is not negative, got {Patience}",
        { Threshold: not (>= 0 and < 1) } => $"the schedule plateau needs a threshold of at least 0 and below 1, got {Threshold}",
        { Cooldown: < 0 } => $"the schedule plateau needs a cooldown that is not negative, got {Cooldown}",
        { LeastRate: not (>= 0 and < double.PositiveInfinity) } => $"the schedule plateau needs a least rate that is not negative, got {LeastRate}",
        _ => base.Problem(),
    };
}
