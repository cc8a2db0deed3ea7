using System.Diagnostics;
using Fovea.Lab;
using Npgsql;

namespace Fovea.Tests;

public class TrialLockTests(PostgreSqlServer server)
{
    private static readonly StudyPlan s_plan = new() { Name = "small", Model = "flatten | linear 10 | logsoftmax", Seeds = [1], Budgets = ["epochs=1"] };

    // With the pools of connections that a connection string has unless it says otherwise, and without.
    [Theory]
    [InlineData("")]
    [InlineData(";No Reset On Close=true")]
    [InlineData(";Multiplexing=true")]
    [InlineData(";Pooling=false")]
    public void A_trial_that_was_let_go_of_is_free_for_others_at_once(string more)
    {
        PostgreSqlServer.Need();
        string connection = server.NewDatabase() + more;
        using StudyQueue mine = StudyQueue.Open(connection), others = StudyQueue.Open(connection);
        Guid id = mine.Add(s_plan, [(0, 1)], "", 1, 30);
        for (int i = 0; i < 3; i++)
        {
            using (mine.Hold(id, 0, 1, Patience().Token)) AssertHeld(others, id);
            using (others.Hold(id, 0, 1, Patience().Token)) AssertHeld(mine, id);
        }
    }

    [Fact]
    public void Who_has_lost_a_trial_writes_nothing_over_its_new_owners()
    {
        PostgreSqlServer.Need();
        using var folder = new TemporaryFolder();
        string connection = server.NewDatabase();
        using StudyQueue queue = StudyQueue.Open(connection);
        Guid id = queue.Add(s_plan, [(0, 1)], "", 1, 30);
        using TrialLock lost = queue.Hold(id, 0, 1, Patience().Token);
        Assert.True(lost.Report(0.25, "first"));
        Assert.True(lost.Upload(Folder("first"), 0.5));
        // As when the network or the server fails.
        using (NpgsqlDataSource database = NpgsqlDataSource.Create(connection))
        using (NpgsqlCommand end = database.CreateCommand("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"))
            Assert.Equal(true, end.ExecuteScalar());
        using TrialLock owner = queue.Hold(id, 0, 1, Patience().Token);
        Assert.True(owner.Report(0.5, "second"));
        Assert.True(owner.Upload(Folder("second"), 0.5));

        Assert.ThrowsAny<NpgsqlException>(() => lost.Upload(folder["first"], 0.5));
        Assert.ThrowsAny<Exception>(() => lost.Report(0.75, "first"));
        Assert.ThrowsAny<Exception>(() => lost.Finish("{}"));
        Assert.ThrowsAny<Exception>(() => lost.Fail("of the first"));
        queue.Download(id, 0, 1, folder["kept"]);
        Assert.Equal(["second.txt"], Directory.EnumerateFiles(folder["kept"]).Select(Path.GetFileName));
        Assert.Equal(new QueuedTrial(0, 1, 0.5, "second", null, null), Assert.Single(queue.Trials(id)));

        string Folder(string name)
        {
            Directory.CreateDirectory(folder[name]);
            File.WriteAllText(Path.Combine(folder[name], $"{name}.txt"), name);
            return folder[name];
        }
    }

    [Fact]
    public void A_trial_with_figures_is_written_no_more_and_neither_is_one_that_was_removed()
    {
        PostgreSqlServer.Need();
        using var folder = new TemporaryFolder();
        using StudyQueue queue = StudyQueue.Open(server.NewDatabase());
        Guid id = queue.Add(s_plan, [(0, 1)], "", 1, 30);
        using TrialLock hold = queue.Hold(id, 0, 1, Patience().Token);
        File.WriteAllText(folder["before.txt"], "");
        Assert.True(hold.Upload(folder.Path, 0.5));
        Assert.True(hold.Finish("{}"));
        var finished = new QueuedTrial(0, 1, 1, null, "{}", null);
        Assert.Equal(finished, Assert.Single(queue.Trials(id)));
        File.WriteAllText(folder["later.txt"], "");
        Assert.False(hold.Upload(folder.Path, 0.5));
        Assert.False(hold.Report(0.5, "me"));
        Assert.False(hold.Finish("[]"));
        Assert.False(hold.Fail("too late"));
        Assert.Equal(finished, Assert.Single(queue.Trials(id)));
        queue.Download(id, 0, 1, folder["kept"]);
        Assert.Equal(["before.txt"], Directory.EnumerateFiles(folder["kept"]).Select(Path.GetFileName));
        queue.Remove(id);
        Assert.False(hold.Upload(folder.Path, 0.5));
        Assert.False(hold.Report(0.5, "me"));
    }

    [Fact]
    public async Task A_worker_that_stands_still_keeps_no_trial_and_writes_nothing_when_it_goes_on()
    {
        PostgreSqlServer.Need();
        string connection = server.NewDatabase();
        using StudyQueue queue = StudyQueue.Open(connection);
        StudyPlan plan = s_plan with { Limit = 256, Budgets = ["epochs=100000"] };
        var (training, test) = StudyRunner.LoadData(plan.ToStudy());
        Guid id = queue.Add(plan, [(0, 1)], SampleFingerprint.Of(training, test), 1, 0.1);
        queue.HandOut(id);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Fovea.Cli.dll"), "worker", "--queue", connection, "--silence-seconds", "3"])
        {
            RedirectStandardOutput = true,
        };
        using Process worker = Process.Start(start)!;
        try
        {
            using CancellationTokenSource patience = Patience();
            string? line;
            while ((line = await worker.StandardOutput.ReadLineAsync(patience.Token)) is not null && !line.EndsWith("begun", StringComparison.Ordinal)) { }
            Assert.NotNull(line);
            while (queue.Trials(id)[0].Share == 0) await Task.Delay(100, patience.Token);
            AssertHeld(queue, id);
            Signal("-STOP");
            using TrialLock owner = queue.Hold(id, 0, 1, patience.Token);
            Assert.True(owner.Report(0.5, "owner"));
            Signal("-CONT");
            // It wants to tell how far it is every second.
            await Task.Delay(3000, patience.Token);
            Assert.Equal(new QueuedTrial(0, 1, 0.5, "owner", null, null), Assert.Single(queue.Trials(id)));
        }
        finally
        {
            worker.Kill();
        }

        void Signal(string name)
        {
            using Process kill = Process.Start("kill", [name, $"{worker.Id}"]);
            kill.WaitForExit();
            Assert.Equal(0, kill.ExitCode);
        }
    }

    private static void AssertHeld(StudyQueue queue, Guid id)
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(0.5));
        Assert.Throws<OperationCanceledException>(() => queue.Hold(id, 0, 1, stop.Token));
    }

    private static CancellationTokenSource Patience() => new(TimeSpan.FromMinutes(2));
}
