namespace Fovea;

/// <summary>
/// One rise of the learning rate to the optimizer's and a long fall to almost nothing, while the momentum goes the other way (Smith and
/// Topin 2018). The definition is PyTorch's OneCycleLR, stepped after every update.
/// </summary>
public sealed record OneCycleSchedule : Schedule
{
    /// <summary>The share of the updates in which the rate rises (pct_start).</summary>
    public double RiseShare { get; init; } = 0.3;

    /// <summary>By what the optimizer's rate is divided at first (div_factor).</summary>
    public double InitialDivisor { get; init; } = 25;

    /// <summary>By what the first rate is divided at last (final_div_factor).</summary>
    public double FinalDivisor { get; init; } = 1e4;

    /// <summary>Whether rise and fall are straight lines, instead of halves of a cosine.</summary>
    public bool Linear { get; init; }

    /// <summary>Whether the fall mirrors the rise, and a third phase goes on to the last rate.</summary>
    public bool ThreePhases { get; init; }

    /// <summary>Whether the momentum of SGD and RMSprop and the beta1 of Adam go with it, where they are used.</summary>
    public bool CycleMomentum { get; init; } = true;

    /// <summary>The momentum where the rate is largest (base_momentum).</summary>
    public double LowMomentum { get; init; } = 0.85;

    /// <summary>The momentum at both ends (max_momentum).</summary>
    public double HighMomentum { get; init; } = 0.95;

    /// <inheritdoc/>
    public override float? Momentum(in ScheduleContext context)
    {
        if (!CycleMomentum) return null;
        var (phase, share) = Phase(context);
        return (float)(phase switch
        {
            0 => Between(HighMomentum, LowMomentum, share),
            1 => Between(LowMomentum, HighMomentum, share),
            _ => HighMomentum,
        });
    }

    internal override double Rate(double rate, in ScheduleContext context)
    {
        var (phase, share) = Phase(context);
        double first = rate / InitialDivisor, last = first / FinalDivisor;
        return (phase, ThreePhases) switch
        {
            (0, _) => Between(first, rate, share),
            (1, true) => Between(rate, first, share),
            (1, false) => Between(rate, last, share),
            _ => Between(first, last, share),
        };
    }

    // The phases end with the updates RiseShare x all - 1 (not always a whole number), with three of them 2 x RiseShare x all - 2, and the last.
    private (int Phase, double Share) Phase(in ScheduleContext context)
    {
        double start = 0, end = RiseShare * context.Updates - 1;
        int phase = 0, last = ThreePhases ? 2 : 1;
        while (context.Update > end && phase < last)
        {
            start = end;
            phase++;
            end = phase == last ? context.Updates - 1 : 2 * RiseShare * context.Updates - 2;
        }
        return (phase, end > start ? (context.Update - start) / (end - start) : 1);
    }

    private double Between(double from, double to, double share) =>
        Linear ? from + (to - from) * share : to + (from - to) / 2 * (1 + Math.Cos(Math.PI * share));

    internal override string? Problem() => this switch
    {
        { WarmUp: not 0 } => $"the schedule one-cycle has a rise of its own and takes no warm-up, got {WarmUp}",
        { RiseShare: not (> 0 and < 1) } => $"the schedule one-cycle needs a rise share above 0 and below 1, got {RiseShare}",
        { RiseShare: > 0.5, ThreePhases: true } => $"the schedule one-cycle needs a rise share of at most 0.5 where it has three phases, got {RiseShare}",
        { InitialDivisor: not (>= 1 and < double.PositiveInfinity) } => $"the schedule one-cycle needs an initial divisor of at least 1, got {InitialDivisor}",
        { FinalDivisor: not (>= 1 and < double.PositiveInfinity) } => $"the schedule one-cycle needs a final divisor of at least 1, got {FinalDivisor}",
        { LowMomentum: not (> 0 and < 1) } => $"the schedule one-cycle needs a low momentum above 0 and below 1, got {LowMomentum}",
        { HighMomentum: not (> 0 and < 1) } => $"the schedule one-cycle needs a high momentum above 0 and below 1, got {HighMomentum}",
        _ => base.Problem(),
    };
}
