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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_is_stopped_is_finished_as_it_is_and_kept(bool isPaused)
    {
        using var trainings = new Trainings(Options);
        TrainingSession session = await trainings.Find(trainings.Begin(Request(samples: 64, epochs: 1000)))!;
        while (session.Updates < 3) await Task.Delay(10, TestContext.Current.CancellationToken);
        if (isPaused) session.Pause();
        session.Stop();
        await EndAsync(session);
        Assert.Equal(TrainingPhase.Finished, session.Phase);
        Assert.True(session.IsStopped);
        using RunStore store = RunStore.Open(Options.Store);
        RunRecord run = Assert.Single(store.Runs());
        Assert.True(run.IsFinished);
        Assert.Equal(session.Result!.Accuracy, run.TestAccuracy);
        Assert.Equal(session.Updates, run.Updates);
        Assert.True(run.History.Count < 1000);
        Assert.Empty(trainings.Unfinished(store));
        // The weights that were tested lie in its folder, which is free.
        using (RunLock.Take(session.Folder, "a test"))
            Assert.Equal(run.TestAccuracy, TrainedNetwork.Load(session.Folder).Evaluate(Datasets.Load("mnist", DatasetPart.Test)).Evaluation.Accuracy);
    }

    [Fact]
    public async Task One_that_is_stopped_while_its_pause_is_written_down_is_stopped()
    {
        using var trainings = new Trainings(Options);
        for (int round = 0; round < 8; round++)
        {
            TrainingSession session = await trainings.Find(trainings.Begin(Request(samples: 64, epochs: 1000)))!;
            Task pause = Task.Run(session.Pause, TestContext.Current.CancellationToken);
            // At another moment of it each time.
            await Task.Delay(3 * round, TestContext.Current.CancellationToken);
            session.Stop();
            await pause;
            while (session.Phase == TrainingPhase.Running) await Task.Delay(10, TestContext.Current.CancellationToken);
            Assert.Equal(TrainingPhase.Finished, session.Phase);
        }
    }

    [Fact]
    public async Task Whatever_goes_wrong_in_it_the_studio_goes_on()
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "run")).FullName;
        Dataset data = Datasets.Load("mnist", DatasetPart.Training).Take(64);
        // Without data it cannot be tested, of which nobody has thought.
        var session = new TrainingSession("run", new Trainer(Zoo.Get("lenet5"), data.Fit(Zoo.Get("lenet5").Input), new TrainingSettings { Epochs = 1 }), null!, folder, Options.Store,
            RunLock.Take(folder, "a test"));
        session.Start();
        await EndAsync(session);
        Assert.Equal(TrainingPhase.Failed, session.Phase);
        Assert.StartsWith("the training cannot go on: ", session.Failure!.Message, StringComparison.Ordinal);
        using (RunLock.Take(folder, "another test"))
        {
        }
    }

    [Fact]
    public async Task What_was_left_is_offered_again_here_and_free_for_others()
    {
        using var trainings = new Trainings(Options);
        string name = trainings.Begin(Request(samples: 64, epochs: 1000));
        Assert.Equal(Path.Combine("runs", "model-1"), name);
        TrainingSession session = await trainings.Find(name)!;
        using RunStore store = RunStore.Open(Options.Store);
        while (trainings.Unfinished(store).Count == 0) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Equal(TrainingPhase.Running, Assert.Single(trainings.Unfinished(store)).Phase);
        Assert.Contains("goes on. Pause it first", Assert.Throws<FoveaException>(() => trainings.Discard(1)).Message);
        session.Pause();
        Assert.Equal(TrainingPhase.Paused, Assert.Single(trainings.Unfinished(store)).Phase);
        Assert.Contains("in the hands of fovea studio", Assert.Throws<FoveaException>(() => RunLock.Take(session.Folder, "fovea train")).Message);
        // Without leaving it, it goes on where it is.
        Assert.Equal(name, trainings.Resume(1));
        Assert.Same(session, await trainings.Find(name)!);
        session.Pause();
        long updates = session.Updates;
        trainings.Leave(name);
        Assert.Equal(TrainingPhase.Left, session.Phase);
        session.Start();
        Assert.Equal(TrainingPhase.Left, session.Phase);
        Assert.Null(trainings.Find(name));
        Assert.Null(Assert.Single(trainings.Unfinished(store)).Phase);
        // Another has it; what could not begin is tried anew.
        using (RunLock.Take(session.Folder, "fovea train"))
        {
            trainings.Resume(1);
            Assert.Contains("in the hands of fovea train", (await Assert.ThrowsAsync<FoveaException>(() => trainings.Find(name)!)).Message);
        }
        trainings.Resume(1);
        TrainingSession again = await trainings.Find(name)!;
        Assert.NotSame(session, again);
        again.Pause();
        Assert.True(again.Updates >= updates);
        Assert.Equal("model-1", trainings.Discard(1).Name);
        Assert.Empty(store.Runs());
        Assert.Equal(again.Updates, Trainer.Resume(session.Folder, Datasets.Load("mnist", DatasetPart.Training).Take(64)).Updates);
    }

    [Fact]
    public async Task Runs_of_one_name_are_told_apart_and_one_that_diverged_is_not_offered()
    {
        using var trainings = new Trainings(Options);
        using RunStore store = RunStore.Open(Options.Store);
        foreach (string folder in (string[])["a/same", "b/same", "c/diverged"])
        {
            TrainingRequest request = Request(samples: 64, epochs: 1000);
            var trainer = new Trainer(request.Spec, Datasets.Load("mnist", DatasetPart.Training).Take(64), request.Settings);
            string path = Path.Combine(_folder, folder);
            trainer.Save(path);
            var recorder = new RunRecorder(store, trainer, path);
            if (folder.StartsWith('c')) recorder.Fail(new TrainingFailedException("the loss is NaN"));
        }
        Assert.Equal([1, 2], trainings.Unfinished(store).Select(run => run.Run.Id));
        string[] names = [trainings.Resume(1), trainings.Resume(2)];
        Assert.Equal([Path.Combine("a", "same"), Path.Combine("b", "same")], names);
        Assert.NotSame(await trainings.Find(names[0])!, await trainings.Find(names[1])!);
    }

    [Fact]
    public async Task Of_those_that_have_ended_the_last_few_are_kept_in_memory()
    {
        using var trainings = new Trainings(Options);
        List<string> names = [];
        for (int i = 0; i < 6; i++)
        {
            names.Add(trainings.Begin(Request(samples: 8, epochs: 1)));
            await EndAsync(await trainings.Find(names[i])!);
        }
        Assert.Null(trainings.Find(names[0]));
        Assert.NotNull(trainings.Find(names[5]));
        // Networks that pages look at likewise.
        var runs = new TrainedRuns(Options);
        RunRecord[] all = [.. runs.All()];
        TrainedNetwork first = runs.Load(all[0]);
        Assert.Same(first, runs.Load(all[0]));
        for (int other = 0; other < 8; other++) runs.Load(all[1] with { Id = 100 + other });
        Assert.NotSame(first, runs.Load(all[0]));
    }

    [Fact]
    public async Task A_studio_that_ends_leaves_none_behind_whose_data_are_still_read()
    {
        var trainings = new Trainings(Options);
        Task<TrainingSession> begun = trainings.Find(trainings.Begin(Request(samples: 60_000, epochs: 1000)))!;
        trainings.Dispose();
        Assert.True(begun.IsCompleted);
        if (begun.IsCompletedSuccessfully) Assert.Equal(TrainingPhase.Left, (await begun).Phase);
        // Nothing is written any more, and the folder of a training that has not begun is gone.
        else Assert.Empty(Directory.GetDirectories(Path.Combine(_folder, "runs")));
    }

    private static async Task EndAsync(TrainingSession session)
    {
        while (session.Phase is TrainingPhase.Running or TrainingPhase.Paused) await Task.Delay(10, TestContext.Current.CancellationToken);
    }

    private static TrainingRequest Request(int samples, int epochs) =>
        new("flatten | linear 10 | logsoftmax", "mnist", samples, new TrainingSettings { Epochs = epochs, Loss = new NllLoss(), ValidationFraction = 0 });
}
