using System.Diagnostics;
using System.Text.Json;
using Fovea.Lab;
using Npgsql;

namespace Fovea.Tests;

public class QueuedStudyTests(PostgreSqlServer server)
{
    // Two trials of a second or two, with random numbers in them.
    private static readonly string[] s_study =
    [
        "study", "--model", "conv 4 k5 s2 | relu | dropout 0.3 | flatten | linear 10 | logsoftmax", "--vary", "optimizer=adam,sgd", "--seeds", "1",
        "--epochs", "60", "--limit", "1000", "--set", "batch-size=10", "--checkpoint-seconds", "0.5", "--threads", "1", "--json",
    ];

    private static readonly Lazy<WrittenStudy> s_whole = new(() =>
    {
        using var folder = new TemporaryFolder();
        CommandLineRun.OutputOf([.. s_study, "--out", folder["study"], "--store", folder["fovea.db"]]);
        return WrittenStudy.Of(folder["study"]);
    });

    [Fact]
    public async Task Workers_that_are_killed_lose_nothing_and_the_study_ends_with_the_bits_figures_and_report_of_a_local_one()
    {
        PostgreSqlServer.Need();
        using var folder = new TemporaryFolder();
        string connection = server.NewDatabase();
        Process[] workers = [StartWorker(connection), StartWorker(connection)];
        using StudyQueue queue = StudyQueue.Open(connection);
        using (CancellationTokenSource workersCome = Patience())
        {
            // Without one the study would say so.
            while (!queue.HasWorker()) await Task.Delay(100, workersCome.Token);
        }
        using Process study = Start([.. s_study, "--out", folder["study"], "--store", folder["fovea.db"], "--queue", connection]);
        var random = new Random(1);
        int kills = 0;
        while (!study.HasExited && kills < 3)
        {
            await Task.Delay(random.Next(1500, 3500), TestContext.Current.CancellationToken);
            int killed = random.Next(workers.Length);
            workers[killed].Kill();
            workers[killed].Dispose();
            workers[killed] = StartWorker(connection);
            kills++;
        }
        Task<string> error = study.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        await study.WaitForExitAsync(patience.Token);
        Assert.True(kills >= 2, $"only {kills} workers were killed while the study was under way");
        Assert.Equal("", await error);
        Assert.Equal(0, study.ExitCode);
        foreach (Process worker in workers)
        {
            worker.Kill();
            worker.Dispose();
        }

        s_whole.Value.AssertSame(folder["study"]);
        using RunStore store = RunStore.Open(folder["fovea.db"]);
        Assert.Equal(2, store.Runs().Count);
        Assert.Empty(store.Check());
        // Nothing of a finished study stays behind.
        Assert.False(File.Exists(folder["study/queue.json"]));
        foreach (string table in (string[])["studies", "trials", "files"]) Assert.Equal(0, Count(connection, $"fovea.{table}"));
    }

    [Fact]
    public async Task A_trial_that_is_handed_out_twice_at_once_is_trained_and_counted_once()
    {
        PostgreSqlServer.Need();
        string connection = server.NewDatabase();
        using StudyQueue first = StudyQueue.Open(connection), second = StudyQueue.Open(connection);
        StudyPlan plan = Plan(epochs: 100);
        Guid id = first.Add(plan, [(0, 1)], Fingerprint(plan), 1, 30);
        first.HandOut(id);
        first.HandOut(id);
        using CancellationTokenSource stop = new(), patience = Patience();
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        Task[] workers = [.. new[] { first, second }.Select(queue => Task.Run(() => QueueWorker.Run(queue, stop.Token, told.Enqueue), CancellationToken.None))];
        // Both workers have the trial in their hands, and one waits for the other.
        while (first.Jobs.GetMonitoringApi().ProcessingCount() < 2) await Task.Delay(20, patience.Token);
        while (first.Jobs.GetMonitoringApi().SucceededListCount() < 2) await Task.Delay(100, patience.Token);
        await stop.CancelAsync();
        await Task.WhenAll(workers);
        Assert.Equal(2, told.Count);
        Assert.Equal("small: adam, seed 1: begun", told.First());
        Assert.StartsWith("small: adam, seed 1: finished, test accuracy ", told.Last());
        Assert.NotNull(Assert.Single(first.Trials(id)).Result);
    }

    [Fact]
    public void A_trial_that_diverges_ends_there_and_the_study_is_collected()
    {
        PostgreSqlServer.Need();
        using var folder = new TemporaryFolder();
        using StudyQueue queue = StudyQueue.Open(server.NewDatabase());
        Study study = (Plan() with { Model = "flatten | linear 10", Vary = [StudyAxis.Parse("lr=0.001,1e38")], Settings = Plan().With("optimizer", "sgd").Settings }).ToStudy();
        using RunStore store = RunStore.Open(folder["fovea.db"]);
        StudyResult result = QueuedStudy.Run(study, queue, new StudyOptions { Folder = folder.Path, Threads = 1, Store = store, RecordSteps = true }, progress: _ =>
        {
            Guid id = JsonDocument.Parse(File.ReadAllText(folder["queue.json"])).RootElement.GetProperty("study").GetGuid();
            foreach (QueuedTrial trial in queue.Trials(id)) new TrialJob(queue).Run(id, trial.Variant, trial.Seed, CancellationToken.None);
        });
        StudyResult local = StudyRunner.Run(study, new StudyOptions { Threads = 1 });
        RunRecord record = store.Runs().First(run => run.Divergence is not null);
        // The updates that no checkpoint took along.
        Assert.Equal(record.Updates, store.Steps(record.Id).Count);
        Assert.True(result.IsComplete);
        Assert.Equal(local.Variants[1].Diverged.Select(run => (run.Seed, run.Updates, run.Message)), result.Variants[1].Diverged.Select(run => (run.Seed, run.Updates, run.Message)));
        Assert.Equal(local.Variants[0].Runs.Select(run => run.TestLoss), result.Variants[0].Runs.Select(run => run.TestLoss));
        Assert.Equal(new TrainingPlace(Machine.This, 1), Assert.Single(result.Variants[1].Diverged[0].Places));
    }

    [Fact]
    public void Every_update_of_a_trial_that_changed_hands_is_kept_once_and_predictions_stand_beside_the_figures()
    {
        PostgreSqlServer.Need();
        using var folder = new TemporaryFolder();
        using RunStore store = RunStore.Open(folder["fovea.db"]), alone = RunStore.Open(folder["alone.db"]);
        foreach (string name in (string[])["queued", "alone"]) Directory.CreateDirectory(folder[name]);
        string connection = server.NewDatabase();
        using StudyQueue queue = StudyQueue.Open(connection);
        Study study = (Plan(epochs: 20) with { Settings = Plan().With("batch-size", "1").Settings }).ToStudy();
        var calibrations = new CalibrationCache(folder["calibration.json"]);
        StudyCost cost = StudyCost.Predict(study, calibrations, threads: 1);
        var told = new List<string>();
        StudyResult result = QueuedStudy.Run(study, queue, new StudyOptions { Folder = folder["queued"], Threads = 1, Store = store, RecordSteps = true, Calibrations = calibrations }, progress: _ =>
        {
            if (told.Count > 0) return;
            Guid id = JsonDocument.Parse(File.ReadAllText(folder["queued/queue.json"])).RootElement.GetProperty("study").GetGuid();
            var first = new TrialJob(queue, told.Add);
            using (var stop = new CancellationTokenSource())
            {
                // Stopped once it has a checkpoint: that of the first of its twenty epochs.
                Task stopping = Task.Run(async () =>
                {
                    while (Count(connection, "fovea.files") == 0) await Task.Delay(5);
                    await stop.CancelAsync();
                });
                Assert.Throws<OperationCanceledException>(() => first.Run(id, 0, study.Seeds[0], stop.Token));
                stopping.GetAwaiter().GetResult();
            }
            foreach (QueuedTrial trial in queue.Trials(id)) new TrialJob(queue, told.Add).Run(id, trial.Variant, trial.Seed, CancellationToken.None);
        });
        string[] course = [.. Course(told)];
        Assert.Equal(["small: adam, seed 1: begun", "small: adam, seed 1: handed back, to go on from here"], course.Take(2));
        Assert.StartsWith("small: adam, seed 1: taken up at ", course[2]);
        Assert.StartsWith("small: adam, seed 1: finished", Assert.Single(course.Skip(3)));
        StudyRunner.Run(study, new StudyOptions { Threads = 1, Folder = folder["alone"], Store = alone, RecordSteps = true });
        Assert.All(study.Seeds, seed => Assert.Equal(Steps(alone, seed), Steps(store, seed)));
        Assert.NotEmpty(Steps(store, study.Seeds[0]));
        Assert.Equal(cost.Variants[0] with { }, result.Variants[0].Predicted);

        IReadOnlyList<StepResult> Steps(RunStore of, ulong seed) => of.Steps(of.Runs().Single(run => run.Seed == seed).Id);
    }

    [Fact]
    public void What_a_resumed_trial_does_again_takes_the_place_of_what_it_did_before()
    {
        using var folder = new TemporaryFolder();
        StepResult Step(long update, double loss) => new(update, loss, 0.5, 0.1f);
        var steps = new StepFile(folder.Path);
        for (long update = 1; update <= 5; update++) steps.Add(Step(update, 1.0 / 3));
        steps.Save();
        Assert.Equal([1, 2, 3, 4, 5], StepFile.Read(folder.Path).Select(step => step.Update));
        // The newest checkpoint was damaged: it goes on from that of update 3.
        var again = new StepFile(folder.Path);
        again.Add(Step(4, 0.25));
        again.Save();
        Assert.Equal([Step(1, 1.0 / 3), Step(2, 1.0 / 3), Step(3, 1.0 / 3), Step(4, 0.25)], StepFile.Read(folder.Path));
        File.WriteAllText(folder["steps.csv"], "1,2");
        Assert.StartsWith($"{folder["steps.csv"]}: the updates cannot be read: ", Assert.Throws<FoveaException>(() => StepFile.Read(folder.Path)).Message);
    }

    [Fact]
    public void A_trial_that_somebody_trains_is_waited_for()
    {
        PostgreSqlServer.Need();
        using StudyQueue queue = StudyQueue.Open(server.NewDatabase());
        StudyPlan plan = Plan();
        Guid id = queue.Add(plan, [(0, 1)], Fingerprint(plan), 1, 30);
        using (queue.Hold(id, 0, 1, CancellationToken.None))
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(0.5));
            Assert.Throws<OperationCanceledException>(() => new TrialJob(queue).Run(id, 0, 1, stop.Token));
            Assert.Null(Assert.Single(queue.Trials(id)).Worker);
        }
        new TrialJob(queue).Run(id, 0, 1, CancellationToken.None);
        Assert.NotNull(Assert.Single(queue.Trials(id)).Result);
    }

    [Fact]
    public async Task A_worker_that_dies_while_a_trial_changes_hands_does_not_keep_it_from_others()
    {
        PostgreSqlServer.Need();
        string connection = server.NewDatabase();
        using StudyQueue queue = StudyQueue.Open(connection, TimeSpan.FromSeconds(1));
        StudyPlan plan = Plan();
        Guid id = queue.Add(plan, [(0, 1)], Fingerprint(plan), 1, 30);
        queue.HandOut(id);
        // What the dead one leaves: the lock of the trial's job, which nobody gives back.
        await using (NpgsqlDataSource database = NpgsqlDataSource.Create(connection))
        await using (NpgsqlCommand command = database.CreateCommand(
            "INSERT INTO fovea_hangfire.lock (resource, acquired) SELECT 'fovea_hangfire:job:' || id || ':state-lock', now() AT TIME ZONE 'UTC' FROM fovea_hangfire.job"))
            Assert.Equal(1, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task worker = Task.Run(() => QueueWorker.Run(queue, stop.Token), CancellationToken.None);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (Assert.Single(queue.Trials(id)).Result is null && !patience.IsCancellationRequested)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await worker;
        Assert.NotNull(Assert.Single(queue.Trials(id)).Result);
    }

    [Fact]
    public void Asked_to_stop_a_trial_leaves_a_checkpoint_that_another_worker_goes_on_from()
    {
        PostgreSqlServer.Need();
        using var folder = new TemporaryFolder();
        using StudyQueue queue = StudyQueue.Open(server.NewDatabase());
        StudyPlan plan = Plan(epochs: 100_000);
        Guid id = queue.Add(plan, [(0, 1)], Fingerprint(plan), 1, 0.05);
        var told = new List<string>();
        using (var stop = new CancellationTokenSource(TimeSpan.FromSeconds(6)))
            Assert.Throws<OperationCanceledException>(() => new TrialJob(queue, told.Add).Run(id, 0, 1, stop.Token));
        Assert.Equal(["small: adam, seed 1: begun", "small: adam, seed 1: handed back, to go on from here"], Course(told));
        queue.Download(id, 0, 1, folder["trial"]);
        Trainer trainer = Trainer.Resume(folder["trial"], StudyRunner.LoadData(plan.ToStudy()).Training, 1);
        Assert.True(trainer.Updates > 0 && !trainer.IsFinished, $"{trainer.Updates} updates");
    }

    [Fact]
    public void A_study_whose_waiting_was_interrupted_is_collected_later()
    {
        PostgreSqlServer.Need();
        using var folder = new TemporaryFolder();
        using StudyQueue queue = StudyQueue.Open(server.NewDatabase());
        Study study = Plan().ToStudy();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(0.3));
        Assert.False(QueuedStudy.Run(study, queue, new StudyOptions { Folder = folder.Path, Threads = 1 }, cancellation: stop.Token).IsComplete);
        Guid id = JsonDocument.Parse(File.ReadAllText(folder["queue.json"])).RootElement.GetProperty("study").GetGuid();
        new TrialJob(queue).Run(id, 0, 1, CancellationToken.None);
        StudyResult result = QueuedStudy.Run(StudyFolder.LoadPlan(folder.Path).ToStudy(), queue, new StudyOptions { Folder = folder.Path, Threads = 1 });
        Assert.True(result.IsComplete);
        Assert.True(TrainedNetwork.Exists(folder["runs/1-seed1"]));
        Assert.Null(queue.Study(id));
    }

    [Fact]
    public void A_trial_that_cannot_be_trained_says_why_and_where()
    {
        PostgreSqlServer.Need();
        using var folder = new TemporaryFolder();
        using StudyQueue queue = StudyQueue.Open(server.NewDatabase());
        StudyPlan plan = Plan();
        Guid id = queue.Add(plan, [(0, 1)], "another", 1, 30);
        new TrialJob(queue).Run(id, 0, 1, CancellationToken.None);
        File.WriteAllText(folder["queue.json"], $$"""{"study":"{{id}}"}""");
        Assert.StartsWith($"{Environment.MachineName}: mnist: the samples on this machine are not those", Assert.Single(queue.Trials(id)).Failure);
        // Asked for again, it gets another try.
        queue.HandOut(id);
        Assert.Null(Assert.Single(queue.Trials(id)).Failure);
        new TrialJob(queue).Run(id, 0, 1, CancellationToken.None);
        StudyResult failed = QueuedStudy.Run(plan.ToStudy(), queue, new StudyOptions { Folder = folder.Path, Threads = 1 }, progress: _ => new TrialJob(queue).Run(id, 0, 1, CancellationToken.None));
        Assert.StartsWith($"adam, seed 1: {Environment.MachineName}: mnist:", Assert.Single(failed.Failures));
    }

    [Fact]
    public void A_queue_file_of_another_study_or_database_is_not_followed()
    {
        PostgreSqlServer.Need();
        using StudyQueue queue = StudyQueue.Open(server.NewDatabase());
        StudyPlan plan = Plan(), another = Plan(epochs: 2);
        Guid other = queue.Add(another, [(0, 1)], Fingerprint(another), 1, 30);
        foreach (Guid number in (Guid[])[other, Guid.NewGuid()])
        {
            using var folder = new TemporaryFolder();
            File.WriteAllText(folder["queue.json"], $$"""{"study":"{{number}}"}""");
            StudyResult result = QueuedStudy.Run(plan.ToStudy(), queue, new StudyOptions { Folder = folder.Path, Threads = 1 }, cancellation: Patience().Token, progress: _ =>
            {
                Guid id = JsonDocument.Parse(File.ReadAllText(folder["queue.json"])).RootElement.GetProperty("study").GetGuid();
                new TrialJob(queue).Run(id, 0, 1, CancellationToken.None);
            });
            Assert.Single(Assert.Single(result.Variants[0].Runs).History);
            Assert.Equal(new QueuedTrial(0, 1, 0, null, null, null), Assert.Single(queue.Trials(other)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"study":3}""")]
    [InlineData("""{"study":"x"}""")]
    public void A_queue_file_that_cannot_be_read_is_named(string content)
    {
        PostgreSqlServer.Need();
        using var folder = new TemporaryFolder();
        using StudyQueue queue = StudyQueue.Open(server.NewDatabase());
        File.WriteAllText(folder["queue.json"], content);
        string message = Assert.Throws<FoveaException>(() => QueuedStudy.Run(Plan().ToStudy(), queue, new StudyOptions { Folder = folder.Path, Threads = 1 }, cancellation: Patience().Token)).Message;
        Assert.StartsWith($"{folder["queue.json"]}: it cannot be read which study of the queue this is: ", message);
        Assert.EndsWith("Remove the file: the trials that have no figures yet are then handed out anew.", message);
    }

    [Fact]
    public async Task A_trial_that_no_worker_can_train_ends_as_failed_the_others_go_on_and_it_can_be_tried_again()
    {
        PostgreSqlServer.Need();
        using var folder = new TemporaryFolder();
        string connection = server.NewDatabase();
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(connection);
        using StudyQueue queue = StudyQueue.Open(connection);
        Study study = (Plan() with { Vary = [StudyAxis.Parse("optimizer=adam,sgd")] }).ToStudy();
        using var stop = new CancellationTokenSource();
        Task? worker = null;
        var warnings = new List<string>();
        // A file of the first trial that no folder can hold: an error that nobody thought of.
        StudyResult result = QueuedStudy.Run(study, queue, new StudyOptions { Folder = folder.Path, Threads = 1, Warn = warnings.Add }, cancellation: Patience().Token, progress: _ =>
        {
            if (worker is not null) return;
            Change("INSERT INTO fovea.files SELECT study, variant, seed, '.', '' FROM fovea.trials WHERE variant = 0");
            worker = Task.Run(() => QueueWorker.Run(queue, stop.Token), CancellationToken.None);
        });
        string failure = $"{Environment.MachineName}: unexpected UnauthorizedAccessException: Access to the path '";
        Assert.StartsWith(failure, Assert.Single(result.Variants[0].Failed).Message);
        Assert.Empty(result.Variants[0].Runs);
        Assert.Single(result.Variants[1].Runs);
        Assert.False(result.IsComplete);
        Assert.StartsWith("no worker is there yet", warnings[0]);
        Assert.StartsWith($"adam, seed 1 failed: {failure}", Assert.Single(warnings.Skip(1)));
        string report = StudyReport.ToHtml(result);
        Assert.Contains($"<p>A run failed: this report holds those that were finished.</p><ul><li>adam, seed 1: {Environment.MachineName}: unexpected", report);
        Assert.DoesNotContain("interrupted", report);

        Change("DELETE FROM fovea.files WHERE name = '.'");
        StudyResult again = QueuedStudy.Run(study, queue, new StudyOptions { Folder = folder.Path, Threads = 1, Warn = warnings.Add }, cancellation: Patience().Token);
        await stop.CancelAsync();
        await worker!;
        Assert.True(again.IsComplete);
        Assert.Empty(again.Failures);
        Assert.Equal(2, warnings.Count);
        Assert.False(File.Exists(folder["queue.json"]));

        void Change(string text)
        {
            using NpgsqlCommand command = database.CreateCommand(text);
            Assert.Equal(1, command.ExecuteNonQuery());
        }
    }

    [Fact]
    public void A_trial_that_failed_and_is_finished_on_another_try_that_somebody_else_asked_for_counts_once()
    {
        PostgreSqlServer.Need();
        using var folder = new TemporaryFolder();
        string connection = server.NewDatabase();
        using NpgsqlDataSource database = NpgsqlDataSource.Create(connection);
        using StudyQueue queue = StudyQueue.Open(connection);
        Study study = (Plan() with { Vary = [StudyAxis.Parse("optimizer=adam,sgd")] }).ToStudy();
        using CancellationTokenSource patience = Patience();
        int asked = 0;
        StudyResult result = QueuedStudy.Run(study, queue, new StudyOptions { Folder = folder.Path, Threads = 1 }, cancellation: patience.Token, progress: _ =>
        {
            switch (++asked)
            {
                case 1:
                    Change("UPDATE fovea.trials SET failure = 'an error' WHERE variant = 0");
                    break;
                case 2:
                    // Both are finished before the study asks again.
                    Change("UPDATE fovea.trials SET failure = NULL");
                    Guid id = JsonDocument.Parse(File.ReadAllText(folder["queue.json"])).RootElement.GetProperty("study").GetGuid();
                    foreach (int variant in (int[])[0, 1]) new TrialJob(queue).Run(id, variant, 1, CancellationToken.None);
                    break;
            }
        });
        Assert.False(patience.IsCancellationRequested);
        Assert.True(result.IsComplete);
        Assert.Empty(result.Failures);
        Assert.False(File.Exists(folder["queue.json"]));

        void Change(string text)
        {
            using NpgsqlCommand command = database.CreateCommand(text);
            command.ExecuteNonQuery();
        }
    }

    [Fact]
    public async Task A_worker_with_other_vectors_takes_no_trial_and_the_study_says_that_it_waits_for_one_that_can()
    {
        PostgreSqlServer.Need();
        Assert.SkipUnless(System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated, "This machine has no wider vectors to turn off.");
        using var folder = new TemporaryFolder();
        string connection = server.NewDatabase();
        using Process other = Start(["worker", "--queue", connection], ("DOTNET_EnableAVX2", "0"));
        using StudyQueue queue = StudyQueue.Open(connection);
        using CancellationTokenSource patience = Patience(), stop = new();
        while (queue.Jobs.GetMonitoringApi().Servers().Count == 0) await Task.Delay(100, patience.Token);
        Assert.False(queue.HasWorker());
        var warnings = new List<string>();
        Task? worker = null;
        int asked = 0;
        StudyResult result = QueuedStudy.Run(Plan().ToStudy(), queue, new StudyOptions { Folder = folder.Path, Threads = 1, Warn = warnings.Add }, cancellation: patience.Token, progress: progress =>
        {
            // The other has looked several times.
            if (++asked < 8) Assert.Equal(0, progress.UnderWay);
            else worker ??= Task.Run(() => QueueWorker.Run(queue, stop.Token), CancellationToken.None);
        });
        other.Kill();
        await stop.CancelAsync();
        await worker!;
        Assert.True(result.IsComplete);
        Assert.Equal(Engine.Description, Assert.Single(Assert.Single(result.Variants[0].Runs).Places).Machine.Engine);
        Assert.Equal($"no worker is there yet that can take the trials, which are for {Engine.Description}. Start some: fovea worker --queue ...", Assert.Single(warnings));
    }

    [Fact]
    public async Task A_trial_whose_worker_lost_the_database_is_tried_again_by_itself()
    {
        PostgreSqlServer.Need();
        using var folder = new TemporaryFolder();
        string connection = server.NewDatabase();
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(connection);
        using StudyQueue queue = StudyQueue.Open(connection);
        Study study = Plan(epochs: 200).ToStudy();
        using var stop = new CancellationTokenSource();
        var told = new List<string>();
        Task worker = Task.Run(() => QueueWorker.Run(queue, stop.Token, told.Add), CancellationToken.None);
        int ends = 0;
        StudyResult result = QueuedStudy.Run(study, queue, new StudyOptions { Folder = folder.Path, Threads = 1, CheckpointSeconds = 0.1 }, cancellation: Patience().Token, progress: progress =>
        {
            // All sessions but this one: as when the server starts anew.
            if (progress.UnderWay == 0 || ends++ > 0) return;
            using NpgsqlCommand command = database.CreateCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            command.ExecuteNonQuery();
        });
        await stop.CancelAsync();
        await worker;
        Assert.True(result.IsComplete);
        Assert.StartsWith("the queue cannot be used: ", Assert.Single(told, line => line.Contains("tried again", StringComparison.Ordinal)));
        StudyResult local = StudyRunner.Run(study, new StudyOptions { Threads = 1 });
        Assert.Equal(local.Variants[0].Runs[0].TestLoss, result.Variants[0].Runs[0].TestLoss);
    }

    [Theory]
    [InlineData("Host=/nowhere;Database=fovea;Username=me")]
    [InlineData("Database=fovea")]
    [InlineData("nonsense")]
    public void A_database_that_cannot_be_reached_is_refused(string connection)
    {
        using var folder = new TemporaryFolder();
        CommandLineRun.AssertRefused("the queue cannot be opened: ", "worker", "--queue", connection);
        CommandLineRun run = CommandLineRun.Of([.. s_study, "--out", folder["study"], "--store", folder["fovea.db"], "--queue", connection]);
        Assert.Equal(2, run.Code);
        Assert.Contains("Expected a PostgreSQL database that can be reached, as in --queue", run.Error);
    }

    private static StudyPlan Plan(int epochs = 1) => new()
    {
        Name = "small",
        Model = "conv 2 k5 s4 | relu | flatten | linear 10 | logsoftmax",
        Limit = 256,
        Vary = [StudyAxis.Parse("optimizer=adam")],
        Seeds = [1],
        Budgets = [$"epochs={epochs}"],
    };

    private static long Count(string connection, string table)
    {
        using NpgsqlDataSource database = NpgsqlDataSource.Create(connection);
        using NpgsqlCommand command = database.CreateCommand($"SELECT count(*) FROM {table}");
        return (long)command.ExecuteScalar()!;
    }

    private static CancellationTokenSource Patience() => new(TimeSpan.FromMinutes(2));

    private static string Fingerprint(StudyPlan plan)
    {
        var (training, test) = StudyRunner.LoadData(plan.ToStudy());
        return SampleFingerprint.Of(training, test);
    }

    private static Process StartWorker(string connection) => Start(["worker", "--queue", connection, "--silence-seconds", "1"]);

    private static Process Start(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Fovea.Cli.dll"), .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        Process process = Process.Start(start)!;
        // Read, so that a full pipe stops nobody.
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    // What a worker says on the trial's way; what it finds in so small a training is told as well.
    private static IEnumerable<string> Course(IEnumerable<string> told) => told.Where(line => !line.Contains(", found ", StringComparison.Ordinal));
}
