using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Fovea.Lab;

/// <summary>
/// The runs of a workspace in one SQLite database with a write-ahead log, so that several programs read and write it at once. Weights
/// lie as files where the runs were made.
/// </summary>
public sealed class RunStore : IDisposable
{
    /// <summary>The name of the file in a workspace.</summary>
    public const string FileName = "fovea.db";

    // What each version adds to the one before. SQLite cannot drop a NOT NULL: the table is made anew.
    private static readonly string[] s_versions =
    [
        """
        CREATE TABLE runs (id INTEGER PRIMARY KEY, study TEXT, name TEXT NOT NULL, seed TEXT NOT NULL, model TEXT NOT NULL, data TEXT NOT NULL,
            folder TEXT NOT NULL UNIQUE, test_loss REAL NOT NULL, test_accuracy REAL NOT NULL, stored TEXT NOT NULL, processor TEXT NOT NULL,
            processors INTEGER NOT NULL, system TEXT NOT NULL, runtime TEXT NOT NULL, fovea TEXT NOT NULL) STRICT;
        CREATE TABLE settings (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, name)) STRICT;
        CREATE TABLE epochs (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, epoch INTEGER NOT NULL, updates INTEGER NOT NULL,
            train_loss REAL NOT NULL, train_accuracy REAL NOT NULL, validation_loss REAL, validation_accuracy REAL, seconds REAL NOT NULL,
            PRIMARY KEY (run, epoch)) STRICT;
        """,
        """
        CREATE TABLE runs_new (id INTEGER PRIMARY KEY, study TEXT, name TEXT NOT NULL, seed TEXT NOT NULL, model TEXT NOT NULL, data TEXT NOT NULL,
            folder TEXT NOT NULL UNIQUE, test_loss REAL, test_accuracy REAL, stored TEXT NOT NULL, processor TEXT NOT NULL,
            processors INTEGER NOT NULL, system TEXT NOT NULL, runtime TEXT NOT NULL, fovea TEXT NOT NULL, updates INTEGER NOT NULL) STRICT;
        INSERT INTO runs_new SELECT *, coalesce((SELECT max(updates) FROM epochs WHERE run = runs.id), 0) FROM runs;
        DROP TABLE runs;
        ALTER TABLE runs_new RENAME TO runs;
        CREATE TABLE steps (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, step INTEGER NOT NULL, loss REAL NOT NULL, accuracy REAL NOT NULL,
            learning_rate REAL NOT NULL, PRIMARY KEY (run, step)) STRICT, WITHOUT ROWID;
        """,
        """
        ALTER TABLE runs ADD COLUMN divergence TEXT;
        CREATE TABLE findings (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, number INTEGER NOT NULL, kind TEXT NOT NULL, place TEXT NOT NULL,
            figure REAL NOT NULL, sentence TEXT NOT NULL, remedy TEXT NOT NULL, PRIMARY KEY (run, number)) STRICT;
        """,
        // Hosts and threads were not kept before.
        """
        CREATE TABLE places (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, number INTEGER NOT NULL, host TEXT NOT NULL, processor TEXT NOT NULL,
            processors INTEGER NOT NULL, system TEXT NOT NULL, runtime TEXT NOT NULL, fovea TEXT NOT NULL, threads INTEGER NOT NULL, PRIMARY KEY (run, number)) STRICT;
        INSERT INTO places SELECT id, 0, '', processor, processors, system, runtime, fovea, 0 FROM runs;
        ALTER TABLE runs DROP COLUMN processor;
        ALTER TABLE runs DROP COLUMN processors;
        ALTER TABLE runs DROP COLUMN system;
        ALTER TABLE runs DROP COLUMN runtime;
        ALTER TABLE runs DROP COLUMN fovea;
        """,
        "ALTER TABLE places ADD COLUMN engine TEXT NOT NULL DEFAULT ''",
    ];

    private readonly SqliteConnection _connection;
    private readonly string _path;

    private RunStore(string path, SqliteConnection connection) => (_path, _connection) = (path, connection);

    /// <summary>Opens the store, which is made where there is none.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FoveaException">It cannot be written, is damaged, or is of a later version.</exception>
    public static RunStore Open(string path) => Open(path, SqliteOpenMode.ReadWriteCreate);

    /// <summary>Opens a store that is there.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FoveaException">There is none, or it cannot be written, is damaged, or is of a later version.</exception>
    public static RunStore OpenExisting(string path) => File.Exists(path) ? Open(path, SqliteOpenMode.ReadWrite)
        : throw new FoveaException($"{path}: there is no store of runs. fovea train and fovea study make one; one that lies elsewhere is named by --store or $FOVEA_STORE.");

    private static RunStore Open(string path, SqliteOpenMode mode)
    {
        ArgumentNullException.ThrowIfNull(path);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, DefaultTimeout = 30, Pooling = false }.ToString());
        var store = new RunStore(path, connection);
        try
        {
            return store.Guard(() =>
            {
                connection.Open();
                store.Execute("PRAGMA journal_mode = WAL");
                store.Execute("PRAGMA synchronous = FULL");
                // While tables are made anew, what refers to them stays.
                store.Execute("PRAGMA foreign_keys = OFF");
                // Two programs may find it empty at once: the second waits for the first.
                store.Execute("BEGIN IMMEDIATE");
                long version = (long)store.Command("PRAGMA user_version").ExecuteScalar()!;
                if (version > s_versions.Length)
                    throw new FoveaException($"{path}: the store is of version {version}, this program knows versions up to {s_versions.Length}. Use the Fovea that wrote it.");
                foreach (string step in s_versions.Skip((int)version)) store.Execute(step);
                if (version < s_versions.Length) store.Execute($"PRAGMA user_version = {s_versions.Length}");
                store.Execute("COMMIT");
                store.Execute("PRAGMA foreign_keys = ON");
                return store;
            });
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Enters a run, or brings the entry of its folder up to date.</summary>
    /// <param name="run">The run.</param>
    /// <param name="steps">New updates of it, whose numbers go on from those that were stored before; stored ones that the run has not done are
    /// removed. Null where updates are not kept from now on.</param>
    /// <returns>Its number.</returns>
    public long Add(RunRecord run, IReadOnlyList<StepResult>? steps = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Guard(() =>
        {
            using SqliteTransaction transaction = _connection.BeginTransaction();
            Execute("""
                INSERT INTO runs VALUES (NULL, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (folder) DO UPDATE SET
                    study = excluded.study, name = excluded.name, seed = excluded.seed, model = excluded.model, data = excluded.data,
                    test_loss = excluded.test_loss, test_accuracy = excluded.test_accuracy, stored = excluded.stored, updates = excluded.updates,
                    divergence = excluded.divergence
                """, run.Study, run.Name, run.Seed.ToString(CultureInfo.InvariantCulture), run.Model, run.Data, run.Folder, run.TestLoss, run.TestAccuracy,
                run.Stored.ToString("O", CultureInfo.InvariantCulture), run.Updates, run.Divergence);
            long id = (long)Command("SELECT id FROM runs WHERE folder = $1", run.Folder).ExecuteScalar()!;
            foreach (string table in (string[])["settings", "epochs", "findings", "places"]) Execute($"DELETE FROM {table} WHERE run = $1", id);
            foreach (var (name, value) in run.Settings) Execute("INSERT INTO settings VALUES ($1, $2, $3)", id, name, value);
            foreach (EpochResult epoch in run.History)
            {
                Execute("INSERT INTO epochs VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", id, epoch.Epoch, epoch.Updates, epoch.TrainLoss, epoch.TrainAccuracy,
                    epoch.ValidationLoss, epoch.ValidationAccuracy, epoch.Seconds);
            }
            foreach (var (number, finding) in run.Findings.Index())
                Execute("INSERT INTO findings VALUES ($1, $2, $3, $4, $5, $6, $7)", id, number, finding.Kind, finding.Where, finding.Figure, finding.Sentence, finding.Remedy);
            foreach (var (number, (machine, threads)) in run.Places.Index())
            {
                Execute("INSERT INTO places VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", id, number, machine.Host, machine.Processor, machine.Processors,
                    machine.OperatingSystem, machine.Runtime, machine.Fovea, threads, machine.Engine);
            }
            Execute("DELETE FROM steps WHERE run = $1 AND step > $2", id, steps is { Count: > 0 } ? steps[0].Update - 1 : run.Updates);
            if (steps is { Count: > 0 }) AddSteps(id, steps);
            transaction.Commit();
            return id;
        });
    }

    /// <summary>All runs, the oldest first.</summary>
    public IReadOnlyList<RunRecord> Runs() => Guard(() =>
    {
        // All tables as of one moment, whatever another program writes meanwhile.
        using SqliteTransaction moment = _connection.BeginTransaction(deferred: true);
        var settings = Rows("SELECT run, name, value FROM settings ORDER BY run, rowid", row => (Run: row.GetInt64(0), Name: row.GetString(1), Value: row.GetString(2)))
            .ToLookup(row => row.Run);
        var epochs = Rows("SELECT run, epoch, train_loss, train_accuracy, validation_loss, validation_accuracy, seconds, updates FROM epochs ORDER BY run, epoch",
            row => (Run: row.GetInt64(0), Epoch: new EpochResult(row.GetInt32(1), row.GetDouble(2), row.GetDouble(3), Number(row, 4), Number(row, 5), row.GetDouble(6))
            {
                Updates = row.GetInt64(7),
            })).ToLookup(row => row.Run);
        var findings = Rows("SELECT run, kind, place, figure, sentence, remedy FROM findings ORDER BY run, number",
            row => (Run: row.GetInt64(0), Finding: new Finding(row.GetString(1), row.GetString(2), row.GetDouble(3), row.GetString(4), row.GetString(5)))).ToLookup(row => row.Run);
        var places = Rows("SELECT run, processor, processors, system, runtime, fovea, host, threads, engine FROM places ORDER BY run, number", row => (Run: row.GetInt64(0),
            Place: new TrainingPlace(new Machine(row.GetString(1), row.GetInt32(2), row.GetString(3), row.GetString(4), row.GetString(5)) { Host = row.GetString(6), Engine = row.GetString(8) },
                row.GetInt32(7)))).ToLookup(row => row.Run);
        return Rows("SELECT * FROM runs ORDER BY id", row => new RunRecord(row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetString(2),
            ulong.Parse(row.GetString(3), CultureInfo.InvariantCulture), row.GetString(4), row.GetString(5), row.GetString(6),
            settings[row.GetInt64(0)].ToDictionary(setting => setting.Name, setting => setting.Value), Number(row, 7), Number(row, 8),
            [.. epochs[row.GetInt64(0)].Select(epoch => epoch.Epoch)])
        {
            Stored = DateTimeOffset.Parse(row.GetString(9), CultureInfo.InvariantCulture),
            Updates = row.GetInt64(10),
            Divergence = row.IsDBNull(11) ? null : row.GetString(11),
            Places = [.. places[row.GetInt64(0)].Select(found => found.Place)],
            Findings = [.. findings[row.GetInt64(0)].Select(found => found.Finding)],
        });
    });

    /// <summary>The updates of a run, where they are kept.</summary>
    public IReadOnlyList<StepResult> Steps(long run) => Guard(() => Rows("SELECT step, loss, accuracy, learning_rate FROM steps WHERE run = $1 ORDER BY step",
        row => new StepResult(row.GetInt64(0), row.GetDouble(1), row.GetDouble(2), row.GetFloat(3)), run));

    /// <summary>The runs of these numbers, in this order.</summary>
    /// <exception cref="FoveaException">There is none of a number.</exception>
    public IReadOnlyList<RunRecord> Runs(IReadOnlyList<long> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var all = Runs().ToDictionary(run => run.Id);
        return [.. ids.Select(id => all.TryGetValue(id, out RunRecord? run) ? run
            : throw new FoveaException($"{_path}: there is no run {id}. See fovea runs."))];
    }

    /// <summary>Removes runs from the store; their files stay.</summary>
    /// <exception cref="FoveaException">There is none of a number; none is then removed.</exception>
    public void Delete(IReadOnlyList<long> ids)
    {
        _ = Runs(ids);
        Guard(() =>
        {
            using SqliteTransaction transaction = _connection.BeginTransaction();
            foreach (long id in ids) Execute("DELETE FROM runs WHERE id = $1", id);
            transaction.Commit();
            return 0;
        });
    }

    /// <summary>What is wrong with the database or the files of its runs; nothing where all is well.</summary>
    public IReadOnlyList<string> Check() => Guard<IReadOnlyList<string>>(() =>
    {
        string[] damage = [.. Rows("PRAGMA integrity_check", row => row.GetString(0)).Where(line => line != "ok").Select(line => $"{_path}: {line}")];
        if (damage.Length > 0) return damage;
        var problems = new List<string>(Rows("PRAGMA foreign_key_check", row => $"{_path}: a row of {row.GetString(0)} belongs to no run"));
        // One that has only begun has no weights yet, and one that diverged at once never had any.
        foreach (RunRecord run in Runs().Where(run => run.IsFinished || (run.Divergence is null ? run.Updates > 0 : TrainedNetwork.Exists(run.Folder))))
        {
            try
            {
                if (TrainedNetwork.Load(run.Folder).CheckpointWarning is { } warning) problems.Add($"run {run.Id}: {warning}");
            }
            catch (FoveaException exception)
            {
                problems.Add($"run {run.Id}: {exception.Message}");
            }
        }
        return problems;
    });

    /// <summary>Closes the database.</summary>
    public void Dispose() => _connection.Dispose();

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException exception)
        {
            string remedy = exception.SqliteErrorCode switch
            {
                // SQLITE_CORRUPT, SQLITE_NOTADB
                11 or 26 => "It is damaged: nothing was written. Restore it from a copy, or move it away and begin a new one",
                // SQLITE_READONLY, SQLITE_CANTOPEN
                8 or 14 => "Make the folder writable, or give another --store",
                // SQLITE_IOERR: its files for reading need room too
                10 => "The disk may be full, or fail: make room and do it again; what was stored before is whole",
                // SQLITE_FULL
                13 => "The disk is full: make room and do it again; what was stored before is whole",
                _ => "Nothing was changed",
            };
            throw new FoveaException($"{_path}: the store cannot be used: {exception.Message.TrimEnd('.')}. {remedy}.", exception);
        }
    }

    // One statement for all: a row takes some microseconds.
    private void AddSteps(long id, IReadOnlyList<StepResult> steps)
    {
        using SqliteCommand insert = Command("INSERT INTO steps VALUES ($1, $2, $3, $4, $5)", id, 0, 0, 0, 0);
        foreach (StepResult step in steps)
        {
            (insert.Parameters[1].Value, insert.Parameters[2].Value) = (step.Update, step.Loss);
            (insert.Parameters[3].Value, insert.Parameters[4].Value) = (step.Accuracy, step.LearningRate);
            insert.ExecuteNonQuery();
        }
    }

    private static double? Number(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);

    private List<T> Rows<T>(string text, Func<SqliteDataReader, T> read, params object?[] values)
    {
        using SqliteCommand command = Command(text, values);
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }

    private void Execute(string text, params object?[] values)
    {
        using SqliteCommand command = Command(text, values);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string text, params object?[] values)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = text;
        for (int i = 0; i < values.Length; i++) command.Parameters.AddWithValue($"${i + 1}", values[i] ?? DBNull.Value);
        return command;
    }
}
