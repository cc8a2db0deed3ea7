using System.Buffers.Binary;
using System.Text;
using Fovea.Lab;
using Microsoft.Data.Sqlite;

namespace Fovea.Tests;

public sealed class RunStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static RunRecord Run(string name, ulong seed, string optimizer, string folder) => new(0, "mine", name, seed, "stride2", "mnist", folder,
        new Dictionary<string, string> { ["optimizer"] = optimizer, ["batchSize"] = "64" }, 0.25, 0.9,
        [new EpochResult(1, 0.5, 0.8, 0.4, 0.85, 1.5) { Updates = 10 }, new EpochResult(2, 0.3, 0.9, null, null, 2) { Updates = 20 }])
    {
        Places = [new TrainingPlace(new Machine("A processor", 2, "A system", ".NET", "0.1.0") { Host = "A host" }, 2)],
        Stored = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Updates = 20,
    };

    [Fact]
    public void A_run_comes_back_as_it_was_stored()
    {
        RunRecord run = Run("one", ulong.MaxValue, "sgd", "/runs/1");
        using (RunStore store = RunStore.Open(_folder["fovea.db"])) Assert.Equal(1, store.Add(run));
        using RunStore again = RunStore.Open(_folder["fovea.db"]);
        RunRecord back = Assert.Single(again.Runs());
        Assert.Equal(run.History, back.History);
        Assert.Equal(run.Settings, back.Settings);
        Assert.Equal(run with { Id = 1, History = back.History, Settings = back.Settings, Findings = back.Findings, Places = back.Places }, back);
        Assert.Equal(run.Places, back.Places);
    }

    [Fact]
    public void What_a_run_suffers_from_is_kept_and_brought_up_to_date()
    {
        Finding dead = new(Finding.DeadUnits, "layer 2 relu", 0.75, "3 of 4 are dead", "Use less"), rate = new(Finding.LearningRate, "training", 2, "too high", "Use less");
        RunRecord run = Run("one", 1, "sgd", "/runs/1") with { TestLoss = null, TestAccuracy = null, Divergence = "it is NaN", Findings = [dead, rate] };
        using RunStore store = RunStore.Open(_folder["fovea.db"]);
        store.Add(run);
        Assert.Equal([dead, rate], store.Runs()[0].Findings);
        Assert.Equal("it is NaN", store.Runs()[0].Divergence);
        store.Add(run with { Divergence = null, Findings = [rate] });
        Assert.Equal([rate], store.Runs()[0].Findings);
        Assert.Null(store.Runs()[0].Divergence);
        store.Delete([1]);
        store.Add(Run("two", 1, "sgd", "/runs/1"));
        Assert.Empty(store.Runs()[0].Findings);
    }

    [Fact]
    public void A_run_of_the_same_folder_is_replaced_and_never_counts_twice()
    {
        using RunStore store = RunStore.Open(_folder["fovea.db"]);
        store.Add(Run("one", 1, "sgd", "/runs/1"));
        store.Add(Run("two", 1, "sgd", "/runs/2"));
        Assert.Equal(1, store.Add(Run("one", 2, "sgd", "/runs/1")));
        Assert.Equal([2, 1], store.Runs().Select(run => run.Seed).Order().Reverse());
        Assert.Equal(["one", "two"], store.Runs().Select(run => run.Name));
    }

    [Fact]
    public async Task Runs_are_read_as_of_one_moment_while_another_program_writes()
    {
        using RunStore store = RunStore.Open(_folder["fovea.db"]);
        // Its settings, epochs and updates change together.
        RunRecord one = Run("one", 1, "sgd", "/runs/1"), other = Run("other", 1, "adam", "/runs/1") with { History = [], Updates = 0 };
        store.Add(one);
        bool done = false;
        Task writing = Task.Run(() =>
        {
            using RunStore second = RunStore.Open(_folder["fovea.db"]);
            for (int i = 0; !Volatile.Read(ref done); i++) second.Add(i % 2 == 0 ? other : one);
        }, TestContext.Current.CancellationToken);
        try
        {
            for (int i = 0; i < 300; i++)
            {
                RunRecord run = Assert.Single(store.Runs());
                Assert.True((run.Name, run.Setting("optimizer"), run.History.Count) is ("one", "sgd", 2) or ("other", "adam", 0), $"{run.Name}, {run.Setting("optimizer")}, {run.History.Count} epochs");
            }
        }
        finally
        {
            Volatile.Write(ref done, true);
            await writing;
        }
    }

    [Fact]
    public void Updates_that_a_resumed_training_does_again_are_kept_once()
    {
        using RunStore store = RunStore.Open(_folder["fovea.db"]);
        RunRecord run = Run("one", 1, "sgd", "/runs/1") with { TestLoss = null, TestAccuracy = null, History = [] };
        StepResult Step(long update) => new(update, 1.0 / update, 0.5, 0.1f);
        Assert.Equal(1, store.Add(run with { Updates = 0 }, []));
        store.Add(run with { Updates = 2 }, [Step(1), Step(2)]);
        store.Add(run with { Updates = 4 }, [Step(3), Step(4)]);
        Assert.Equal([Step(1), Step(2), Step(3), Step(4)], store.Steps(1));
        // The checkpoint was of 2 updates.
        store.Add(run with { Updates = 2 }, []);
        Assert.Equal([Step(1), Step(2)], store.Steps(1));
        store.Add(run with { Updates = 3 }, [Step(3)]);
        Assert.Equal([Step(1), Step(2), Step(3)], store.Steps(1));
        Assert.False(Assert.Single(store.Runs()).IsFinished);
        // It goes on without keeping its updates: those that were kept stay.
        store.Add(run with { Updates = 5 });
        Assert.Equal([Step(1), Step(2), Step(3)], store.Steps(1));
        // Another training in this folder, whose updates are not kept.
        store.Add(run with { Updates = 0 });
        Assert.Empty(store.Steps(1));
    }

    [Fact]
    public void A_store_of_the_first_version_keeps_its_runs()
    {
        string path = _folder["fovea.db"];
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            // As version 1 made it.
            command.CommandText = """
                CREATE TABLE runs (id INTEGER PRIMARY KEY, study TEXT, name TEXT NOT NULL, seed TEXT NOT NULL, model TEXT NOT NULL, data TEXT NOT NULL,
                    folder TEXT NOT NULL UNIQUE, test_loss REAL NOT NULL, test_accuracy REAL NOT NULL, stored TEXT NOT NULL, processor TEXT NOT NULL,
                    processors INTEGER NOT NULL, system TEXT NOT NULL, runtime TEXT NOT NULL, fovea TEXT NOT NULL) STRICT;
                CREATE TABLE settings (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, name)) STRICT;
                CREATE TABLE epochs (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, epoch INTEGER NOT NULL, updates INTEGER NOT NULL,
                    train_loss REAL NOT NULL, train_accuracy REAL NOT NULL, validation_loss REAL, validation_accuracy REAL, seconds REAL NOT NULL,
                    PRIMARY KEY (run, epoch)) STRICT;
                INSERT INTO runs VALUES (7, 'mine', 'one', '1', 'stride2', 'mnist', '/runs/1', 0.25, 0.9, '2026-01-02T03:04:05.0000000+00:00', 'A processor', 2, 'A system', '.NET', '0.1.0');
                INSERT INTO settings VALUES (7, 'optimizer', 'sgd');
                INSERT INTO epochs VALUES (7, 1, 10, 0.5, 0.8, 0.4, 0.85, 1.5), (7, 2, 20, 0.3, 0.9, NULL, NULL, 2);
                PRAGMA user_version = 1;
                """;
            command.ExecuteNonQuery();
        }
        using RunStore store = RunStore.Open(path);
        RunRecord run = Assert.Single(store.Runs());
        Assert.Equal((7, 20, 0.25, "sgd"), (run.Id, run.Updates, run.TestLoss, run.Setting("optimizer")));
        Assert.Equal(Run("one", 1, "sgd", "/runs/1").History, run.History);
        // Neither its host nor its threads were kept: it cannot be compared.
        Assert.Equal(new TrainingPlace(new Machine("A processor", 2, "A system", ".NET", "0.1.0"), 0), Assert.Single(run.Places));
        Assert.Equal("it is not known on which machine and with how many threads each run was made", TrainingPlace.Difference([run.Places, run.Places]));
        Assert.Equal(8, store.Add(Run("two", 1, "sgd", "/runs/2")));
        store.Delete([7]);
        Assert.Single(store.Runs());
    }

    [Fact]
    public void A_store_of_a_later_version_is_left_alone()
    {
        string path = _folder["fovea.db"];
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }
        Assert.StartsWith($"{path}: the store is of version 99, this program knows versions up to ", Assert.Throws<FoveaException>(() => RunStore.Open(path)).Message);
    }

    [Fact]
    public void What_one_kind_of_optimizer_has_differs_only_among_runs_of_this_kind()
    {
        RunRecord sgd = Run("one", 1, "sgd", "/1"), adam = Run("two", 1, "adam", "/2"), patient = Run("three", 1, "adam", "/3");
        sgd = sgd with { Settings = new Dictionary<string, string>(sgd.Settings) { ["momentum"] = "0.9" } };
        adam = adam with { Settings = new Dictionary<string, string>(adam.Settings) { ["optimizer.beta1"] = "0.9" } };
        patient = patient with { Settings = new Dictionary<string, string>(adam.Settings) { ["optimizer.beta1"] = "0.8", ["patience"] = "3" } };
        Assert.Equal(["optimizer"], RunRecord.Differing([sgd, adam]));
        Assert.Equal(["optimizer", "optimizer.beta1", "patience"], RunRecord.Differing([sgd, adam, patient]));
    }

    [Fact]
    public void Settings_that_are_the_same_in_all_runs_are_not_among_those_that_differ() =>
        Assert.Equal(["optimizer"], RunRecord.Differing([Run("one", 1, "sgd", "/1"), Run("two", 1, "adam", "/2")]));

    [Fact]
    public async Task Several_write_and_read_at_once()
    {
        string path = _folder["fovea.db"];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            using RunStore store = RunStore.Open(path);
            for (int i = 0; i < 10; i++)
            {
                store.Add(Run("run", (ulong)i, "sgd", $"/{writer}/{i}"));
                _ = store.Runs();
            }
        }, TestContext.Current.CancellationToken)));
        using RunStore all = RunStore.Open(path);
        Assert.Equal(40, all.Runs().Count);
    }

    [Fact]
    public void A_damaged_database_is_refused_and_left_as_it_is()
    {
        string path = _folder["fovea.db"];
        File.WriteAllText(path, new string('x', 8192));
        FoveaException exception = Assert.Throws<FoveaException>(() => RunStore.Open(path));
        Assert.Contains("It is damaged: nothing was written.", exception.Message);
        Assert.Equal(new string('x', 8192), File.ReadAllText(path));
    }

    [Fact]
    public void A_store_that_cannot_be_made_says_what_to_do() =>
        Assert.Contains("give another --store", Assert.Throws<FoveaException>(() => RunStore.Open(Path.Combine(_folder["missing"], "fovea.db"))).Message);

    [Fact]
    public void Missing_weights_are_found()
    {
        using RunStore store = RunStore.Open(_folder["fovea.db"]);
        store.Add(Run("one", 1, "sgd", _folder["runs"]));
        Assert.Equal($"run 1: {_folder["runs"]}: there is no checkpoint. Give the folder that a training wrote (its --out).", Assert.Single(store.Check()));
        Assert.Throws<FoveaException>(() => store.Delete([1, 2]));
        store.Delete([1]);
        Assert.Empty(store.Check());
    }

    [Fact]
    public void A_damaged_page_is_found_and_reported_with_exit_code_1()
    {
        string path = _folder["fovea.db"];
        using (RunStore store = RunStore.Open(path))
        {
            for (int i = 0; i < 200; i++) store.Add(Run($"run {i}", 1, "sgd", $"/{i}") with { TestLoss = null, TestAccuracy = null, Updates = 0 });
        }
        Assert.Equal((0, "200 runs, all whole\n"), (CommandLineRun.Of("runs", "check", "--store", path) is var good ? good.Code : 0, good.Output));
        byte[] bytes = File.ReadAllBytes(path);
        // A page in the middle, of 4,096 bytes.
        bytes.AsSpan(bytes.Length / 2 / 4096 * 4096, 4096).Fill(0xa5);
        File.WriteAllBytes(path, bytes);
        CommandLineRun run = CommandLineRun.Of("runs", "check", "--store", path);
        Assert.Equal((1, ""), (run.Code, run.Error));
        Assert.Contains(path, run.Output);
        Assert.Equal(bytes, File.ReadAllBytes(path));
        // What is no database at all.
        File.WriteAllText(path, new string('x', 8192));
        run = CommandLineRun.Of("runs", "check", "--store", path);
        Assert.Equal((1, ""), (run.Code, run.Error));
        Assert.Contains("It is damaged: nothing was written.", run.Output);
        // A training that would be entered there is not begun.
        CommandLineRun.AssertRefused($"{path}: the store cannot be used: ", "train", "flatten | linear 10", "--limit", "20", "--out", _folder["out"], "--store", path);
        Assert.Equal(new string('x', 8192), File.ReadAllText(path));
        Assert.False(TrainedNetwork.Exists(_folder["out"]));
    }

    [Fact]
    public void Csv_has_a_row_for_each_epoch_and_quotes_commas()
    {
        string[] lines = RunExport.ToCsv([Run("a, b", 1, "sgd", "/1"), Run("c", 1, "adam", "/2")]).Split("\r\n");
        Assert.Equal("run,study,name,seed,optimizer,epoch,updates,seconds,train_loss,train_accuracy,validation_loss,validation_accuracy,test_loss,test_accuracy", lines[0]);
        Assert.Equal("0,mine,\"a, b\",1,sgd,1,10,1.5,0.5,0.8,0.4,0.85,,", lines[1]);
        Assert.Equal("0,mine,\"a, b\",1,sgd,2,20,2,0.3,0.9,,,0.25,0.9", lines[2]);
        Assert.Equal(6, lines.Length);
        // What a run may spend has not the name of what it spent.
        RunRecord limited = Run("c", 1, "sgd", "/3") with { Settings = new Dictionary<string, string> { ["optimizer"] = "sgd", ["updates"] = "20" } };
        Assert.StartsWith("run,study,name,seed,budget_updates,epoch,updates,", RunExport.ToCsv([Run("a", 1, "sgd", "/1") with { Settings = new Dictionary<string, string> { ["optimizer"] = "sgd" } }, limited]));
    }

    // RFC 3720, appendix B.4: 32 bytes of zeros; and the check value of the catalogue of CRCs.
    [Fact]
    public void Checksums_are_CRC_32C()
    {
        Assert.Equal(0x8a9136aau, RunExport.Crc32C(new byte[32]));
        Assert.Equal(0xe3069283u, RunExport.Crc32C("123456789"u8));
    }

    [Fact]
    public void Event_files_are_records_of_TensorFlow()
    {
        RunExport.WriteTensorBoard([Run("one", 1, "sgd", "/1")], _folder.Path);
        byte[] bytes = File.ReadAllBytes(Assert.Single(Directory.EnumerateFiles(_folder.Path, "events.out.tfevents.*", SearchOption.AllDirectories)));
        var records = new List<byte[]>();
        for (int at = 0; at < bytes.Length;)
        {
            int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
            records.Add(bytes[(at + 12)..(at + 12 + length)]);
            at += 12 + length + 4;
        }
        // The version, two epochs, the test.
        Assert.Equal(4, records.Count);
        // wall_time: field 1, a double; file_version: field 3, 13 letters.
        Assert.Equal((byte)0x09, records[0][0]);
        Assert.Equal("brain.Event:2", Encoding.UTF8.GetString(records[0][11..]));
        // step: field 2, a number; 10 updates.
        Assert.Equal([0x10, 10], records[1][9..11]);
        // value { tag: "loss/train", simple_value: 0.5 }: 0.5 is 0x3f000000.
        Assert.Equal([0x0a, 17, 0x0a, 10, .. "loss/train"u8, 0x15, 0, 0, 0, 0x3f], records[1][13..32]);
    }
}
