namespace Fovea;

/// <summary>
/// A search for the learning rate (the range test of Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3): one short training
/// in which the rate rises exponentially from update to update, until the loss diverges.
/// </summary>
/// <param name="Points">The updates.</param>
/// <param name="Steepest">The rate at which the smoothed loss fell fastest; null where it never fell.</param>
/// <param name="Divergence">The rate at which the loss diverged; null where it did not.</param>
public sealed record LearningRateRange(IReadOnlyList<LearningRatePoint> Points, double? Steepest, double? Divergence)
{
    // Of the smoothing: the share of what was before.
    private const double Memory = 0.9;

    // The loss has diverged when it is so many times its least, or above its start after it had fallen to this share of it.
    private const double Burst = 4, Fallen = 0.8;

    private const int FirstUpdates = 10;

    // A loss that falls by less than this share of its start falls nowhere.
    private const double LeastFall = 1e-3;

    /// <summary>A tenth of the rate at which the loss diverged; null where it did not.</summary>
    public double? TenthOfDivergence => Divergence / 10;

    /// <summary>The more careful of the two suggestions; null where there is none.</summary>
    public double? Suggested => (Steepest, TenthOfDivergence) switch
    {
        ({ } steepest, { } tenth) => Math.Min(steepest, tenth),
        var (steepest, tenth) => steepest ?? tenth,
    };

    /// <summary>Runs the test on a network of its own.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">The samples.</param>
    /// <param name="settings">How to train: batch size, optimizer, loss, seed; what says how long and at which rate does not matter.</param>
    /// <param name="lowest">The rate of the first update.</param>
    /// <param name="highest">The rate of the last, if the loss has not diverged before.</param>
    /// <param name="updates">How many updates there are.</param>
    /// <param name="threads">Threads to use; 0 takes all processors. The result does not depend on it.</param>
    /// <param name="progress">Called after each update.</param>
    /// <param name="cancellation">Stops the test after an update; the result is that of the updates so far.</param>
    /// <exception cref="FoveaException">The rates or the number of updates make no sense, or model, data and settings do not fit each other.</exception>
    public static LearningRateRange Run(ModelSpec model, Dataset data, TrainingSettings settings, double lowest = 1e-7, double highest = 10, int updates = 200,
        int threads = 0, Action<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (!(lowest > 0 && lowest < highest && highest < double.PositiveInfinity))
            throw new FoveaException($"the learning rate rises from a number above 0 to a larger one, got {lowest} and {highest}.");
        if (updates < 10) throw new FoveaException($"a range test needs at least 10 updates, got {updates}.");
        var trainer = new Trainer(model, data, settings with
        {
            Epochs = TrainingSettings.Unlimited,
            Updates = updates,
            Seconds = null,
            Patience = null,
            ValidationFraction = 0,
            Optimizer = settings.Optimizer with { LearningRate = (float)lowest },
            Schedule = new ExponentialSchedule(highest / lowest),
        }, threads);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var steps = new List<StepResult>();
        double average = 0, best = double.PositiveInfinity, start = 0;
        double? divergence = null;
        try
        {
            trainer.Run(now =>
            {
                progress?.Invoke(now);
                steps.Add(now.Step);
                average = Memory * average + (1 - Memory) * now.Step.Loss;
                double smoothed = average / (1 - Math.Pow(Memory, steps.Count));
                if (steps.Count == 1) start = smoothed;
                best = Math.Min(best, smoothed);
                if (smoothed <= Burst * best && (smoothed <= start || best > Fallen * start)) return;
                divergence = now.Step.LearningRate;
                stop.Cancel();
            }, cancellation: stop.Token);
        }
        catch (TrainingFailedException)
        {
            // The loss is no number any more: the last rate was too much.
            divergence = steps.Count > 0 ? steps[^1].LearningRate : lowest;
        }
        return Of(steps, divergence);
    }

    /// <summary>The result of these updates.</summary>
    internal static LearningRateRange Of(IReadOnlyList<StepResult> steps, double? divergence)
    {
        // Losses of a divergence would hide the fall before them: they count as the largest of the first ones.
        double most = steps.Take(FirstUpdates).Select(step => step.Loss).DefaultIfEmpty(0).Max();
        double[] smoothed = Smooth([.. steps.Select(step => Math.Min(step.Loss, most))]);
        LearningRatePoint[] points = [.. steps.Select((step, i) => new LearningRatePoint(step.Update, step.LearningRate, step.Loss, smoothed[i]))];
        // Up to its least only: a loss that has diverged may fall back.
        int least = points.Length == 0 ? 0 : Array.IndexOf(smoothed, smoothed.Min());
        double fastest = 0;
        double? steepest = null;
        bool falls = points.Length > 0 && smoothed[0] - smoothed[least] > LeastFall * Math.Abs(smoothed[0]);
        for (int i = 1; i < least && falls; i++)
        {
            double slope = (smoothed[i + 1] - smoothed[i - 1]) / Math.Log(points[i + 1].LearningRate / points[i - 1].LearningRate);
            if (slope < fastest) (fastest, steepest) = (slope, points[i].LearningRate);
        }
        return new LearningRateRange(points, steepest, divergence);
    }

    /// <summary>Means over the neighbours on both sides, whose weights fall with their distance: they do not run after the losses, as an average of
    /// those before would.</summary>
    private static double[] Smooth(double[] losses) => [.. losses.Select((_, i) =>
    {
        double sum = 0, weights = 0;
        for (int j = 0; j < losses.Length; j++)
        {
            double weight = Math.Pow(Memory, Math.Abs(i - j));
            sum += weight * losses[j];
            weights += weight;
        }
        return sum / weights;
    })];
}

/// <summary>An update of a range test.</summary>
/// <param name="Update">Its number, from 1.</param>
/// <param name="LearningRate">The rate that it was made with.</param>
/// <param name="Loss">The mean loss of its batch, before the update.</param>
/// <param name="Smoothed">The same, smoothed over the neighbouring updates; what is above the first losses counts as these.</param>
public sealed record LearningRatePoint(long Update, double LearningRate, double Loss, double Smoothed);
