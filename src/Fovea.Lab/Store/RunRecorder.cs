namespace Fovea.Lab;

/// <summary>
/// Keeps a training's entry in the store up to date while it goes on. What is written before a checkpoint and lost with it is done again after
/// a resumption, to the same bits: steps that the training has not done are then removed first.
/// </summary>
public sealed class RunRecorder
{
    private readonly RunStore _store;
    private readonly Trainer _trainer;
    private readonly string _folder;
    private readonly (string, string)? _study;
    private readonly List<StepResult>? _steps;

    /// <summary>Enters the training.</summary>
    /// <param name="store">The store.</param>
    /// <param name="trainer">The training.</param>
    /// <param name="folder">The folder with its weights.</param>
    /// <param name="recordSteps">Whether every update is kept.</param>
    /// <param name="study">The study that it belongs to, and the name of the variant there.</param>
    /// <exception cref="FoveaException">The store cannot be written.</exception>
    public RunRecorder(RunStore store, Trainer trainer, string folder, bool recordSteps = false, (string Name, string Variant)? study = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(trainer);
        (_store, _trainer, _folder, _study, _steps) = (store, trainer, folder, study, recordSteps ? [] : null);
        Save();
    }

    /// <summary>The run's number in the store.</summary>
    public long Id { get; private set; }

    /// <summary>Notes an update, where every one is kept; it is written with the next <see cref="Save"/>.</summary>
    public void Add(StepResult step) => _steps?.Add(step);

    /// <summary>Writes how far the training is. To be called before each checkpoint: a checkpoint is never ahead of the store.</summary>
    /// <exception cref="FoveaException">The store cannot be written.</exception>
    public void Save() => Write(RunRecord.Of(_trainer, _folder, null, _study));

    /// <summary>Writes how the training ended.</summary>
    /// <param name="test">The figures of its end.</param>
    /// <param name="diagnosis">What it suffers from; null where that was not looked for.</param>
    /// <exception cref="FoveaException">The store cannot be written.</exception>
    public void Finish(Evaluation test, Diagnosis? diagnosis) => Write(RunRecord.Of(_trainer, _folder, test, _study) with { Findings = diagnosis?.Findings ?? [] });

    /// <summary>Writes that the training has diverged.</summary>
    /// <param name="failure">Where and why.</param>
    /// <exception cref="FoveaException">The store cannot be written.</exception>
    public void Fail(TrainingFailedException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        Write(RunRecord.Of(_trainer, _folder, null, _study) with { Divergence = failure.Message, Findings = Finding.Of(_trainer.History, failure.Finding) });
    }

    private void Write(RunRecord run)
    {
        Id = _store.Add(run, _steps);
        _steps?.Clear();
    }
}
