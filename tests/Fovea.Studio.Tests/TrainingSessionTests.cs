using Fovea.Lab;
using Fovea.Studio.Training;

namespace Fovea.Studio.Tests;

/// <summary>What pages ask of a training, several of them at once.</summary>
public sealed class TrainingSessionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-studio-").FullName;

    private StudioOptions Options => new() { Store = Path.Combine(_folder, "fovea.db") };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_epochs_are_read_while_they_are_added_to()
    {
        // Epochs of one update: there is a new one at almost every look.
        using var trainings = new Trainings(Options);
        TrainingSession session = await trainings.Find(trainings.Begin(Request(samples: 8, epochs: 1000)))!;
        IReadOnlyList<EpochResult> before = [];
        for (int look = 0; session.Updates < 300; look++)
        {
            IReadOnlyList<EpochResult> history = session.History;
            // Those of an earlier look are at the beginning of what is seen later.
            Assert.True(history.Count >= before.Count);
            Assert.Equal(Enumerable.Range(1, history.Count), history.Select(epoch => epoch.Epoch));
            before = history;
        }
    }

    [Fact]
    public async Task Those_who_start_and_pause_it_at_once_have_one_training()
    {
        using var trainings = new Trainings(Options);
        TrainingSession session = await trainings.Find(trainings.Begin(Request(samples: 64, epochs: 1000)))!;
        session.Pause();
        for (int round = 0; round < 20; round++)
        {
            long updates = session.Updates;
            using var start = new Barrier(8);
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(() =>
            {
                start.SignalAndWait();
                session.Step();
            }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            session.Pause();
            // None where the pause came before its update; another may have begun when one had ended.
            Assert.Equal(TrainingPhase.Paused, session.Phase);
            Assert.InRange(session.Updates - updates, 0, 8);
            // What was done lies in the checkpoint.
            Assert.Equal(session.Updates, Trainer.Resume(session.Folder, Datasets.Load("mnist", DatasetPart.Training).Take(64)).Updates);
        }
    }

    private static TrainingRequest Request(int samples, int epochs) =>
        new("flatten | linear 10 | logsoftmax", "mnist", samples, new TrainingSettings { Epochs = epochs, Loss = new NllLoss(), ValidationFraction = 0 });
}
