using Fovea.Lab;

namespace Fovea.Studio.Training;

/// <summary>The study of this studio: one at a time, and none beside a training, as each takes the whole machine and measures its times.</summary>
public sealed class StudySessions(StudioOptions options, Trainings trainings) : IDisposable
{
    private readonly Lock _lock = new();

    /// <summary>The last one that was begun.</summary>
    public StudySession? Current { get; private set; }

    /// <summary>Stops the study that goes on: it can be resumed on the command line.</summary>
    public void Dispose() => Current?.Dispose();

    /// <summary>Begins a preset.</summary>
    /// <exception cref="FoveaException">There is none of this name, its settings do not fit, or another or a training goes on.</exception>
    public StudySession Begin(string name, IReadOnlyList<ulong> seeds, int epochs, int samples)
    {
        StudyPlan plan = Studies.Get(name) with { Seeds = seeds, Budgets = [$"epochs={epochs}"], Limit = samples };
        Study study = plan.ToStudy();
        study.Check();
        lock (_lock)
        {
            if (Current is { Phase: TrainingPhase.Running }) throw new FoveaException($"the study {Current.Name} goes on. Wait for its end, or stop it.");
            if (trainings.IsBusy) throw new FoveaException("a training goes on, and would lengthen the times that a study measures. Pause it, or wait for its end.");
            string folder = Enumerable.Range(1, int.MaxValue).Select(number => Path.Combine(trainings.Workspace, "studies", $"{name}-{number}")).First(free => !Path.Exists(free));
            Directory.CreateDirectory(folder);
            Current?.Dispose();
            return Current = new StudySession(study, folder, options.Store);
        }
    }
}
