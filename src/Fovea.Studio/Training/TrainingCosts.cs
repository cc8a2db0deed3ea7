using Fovea.Lab;

namespace Fovea.Studio.Training;

/// <summary>How long networks train on this machine: measured one at a time, and never while a training, a study or what a page has computed takes the machine.</summary>
public sealed class TrainingCosts(Trainings trainings, StudySessions studies, PageWork work)
{
    private readonly CalibrationCache _cache = new(CalibrationCache.UsualPath);
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Whether the machine does something else, so that nothing can be measured.</summary>
    public bool IsBusy => trainings.IsBusy || studies.Current is { Phase: TrainingPhase.Running } || work.IsBusy;

    /// <summary>What is known without measuring; null where nothing is.</summary>
    public TrainingCost? Known(ModelSpec model, TrainingSettings settings, int samples) => TrainingCost.Known(model, settings, samples, _cache);

    /// <summary>Measures; null where the machine is busy.</summary>
    /// <exception cref="FoveaException">The network cannot be trained.</exception>
    /// <exception cref="OperationCanceledException">Nobody asks any more.</exception>
    public async Task<TrainingCost?> MeasureAsync(ModelSpec model, TrainingSettings settings, int samples, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            return IsBusy ? null : await Task.Run(() => TrainingCost.Predict(model, settings, samples, _cache, cancellation), cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }
}
