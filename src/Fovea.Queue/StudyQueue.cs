using System.Globalization;
using Hangfire;
using Hangfire.PostgreSql;
using Npgsql;

namespace Fovea.Lab;

/// <summary>
/// The trials of studies in a PostgreSQL database. Hangfire hands each trial to a worker and hands it out again when the worker dies; the
/// tables here hold what must not be lost: plans, checkpoints and figures. Whoever trains a trial holds it (<see cref="TrialLock"/>), so that no
/// trial is trained by two at once, and a finished one is never trained again.
/// </summary>
public sealed class StudyQueue : IDisposable
{
    /// <summary>How long a worker may be silent before its trial is handed to another.</summary>
    public static readonly TimeSpan UsualSilence = TimeSpan.FromSeconds(30);

    // Held while tables are made, by any number that no other program is likely to use.
    private const long SchemaLock = 0x666F766561;

    private const string Schema = """
        CREATE SCHEMA IF NOT EXISTS fovea;
        CREATE TABLE IF NOT EXISTS fovea.studies (id uuid PRIMARY KEY, plan text NOT NULL, threads integer NOT NULL, checkpoint_seconds double precision NOT NULL,
            samples text NOT NULL, created timestamptz NOT NULL DEFAULT now());
        ALTER TABLE fovea.studies ADD COLUMN IF NOT EXISTS record_steps boolean NOT NULL DEFAULT false;
        CREATE TABLE IF NOT EXISTS fovea.trials (study uuid NOT NULL REFERENCES fovea.studies ON DELETE CASCADE, variant integer NOT NULL, seed text NOT NULL,
            share double precision NOT NULL DEFAULT 0, worker text, result text, failure text, PRIMARY KEY (study, variant, seed));
        CREATE TABLE IF NOT EXISTS fovea.files (study uuid NOT NULL, variant integer NOT NULL, seed text NOT NULL, name text NOT NULL, content bytea NOT NULL,
            PRIMARY KEY (study, variant, seed, name), FOREIGN KEY (study, variant, seed) REFERENCES fovea.trials ON DELETE CASCADE);
        """;

    private readonly NpgsqlDataSource _database;

    private readonly NpgsqlConnectionStringBuilder _connection;
    private readonly TimeSpan _silence;

    private StudyQueue(NpgsqlDataSource database, NpgsqlConnectionStringBuilder connection, PostgreSqlStorage jobs, TimeSpan silence) =>
        (_database, _connection, Jobs, _silence) = (database, connection, jobs, silence);

    /// <summary>Hangfire's part of the database.</summary>
    internal PostgreSqlStorage Jobs { get; }

    /// <summary>The name under which trials wait: workers on another engine would train other bits, and take none of them. Hangfire allows small letters, digits and hyphens.</summary>
    internal static string Name { get; } = string.Concat(Engine.Description.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));

    /// <summary>Opens a queue; its tables are made where there are none.</summary>
    /// <param name="connection">As Npgsql takes it: <c>Host=...;Database=...;Username=...</c>.</param>
    /// <param name="silence">How long a worker may be silent before its trial is handed to another; <see cref="UsualSilence"/> unless given.</param>
    /// <exception cref="FoveaException">The text is no connection string, or the database cannot be reached.</exception>
    public static StudyQueue Open(string connection, TimeSpan? silence = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        NpgsqlDataSource? database = null;
        try
        {
            // All that is asked of the database is waited for, which multiplexing refuses.
            var parsed = new NpgsqlConnectionStringBuilder(connection) { Multiplexing = false };
            if (parsed.Host is null or "") throw new ArgumentException("there is no Host in it");
            database = NpgsqlDataSource.Create(parsed);
            using (NpgsqlConnection open = database.OpenConnection())
            {
                using NpgsqlTransaction transaction = open.BeginTransaction();
                Command(open, "SELECT pg_advisory_xact_lock($1)", SchemaLock).ExecuteNonQuery();
                Command(open, Schema).ExecuteNonQuery();
                transaction.Commit();
            }
            TimeSpan patience = silence ?? UsualSilence;
            var options = new PostgreSqlStorageOptions
            {
                SchemaName = "fovea_hangfire",
                InvisibilityTimeout = patience,
                UseSlidingInvisibilityTimeout = true,
                QueuePollInterval = TimeSpan.FromSeconds(1),
                // Held for moments only, while a trial changes hands; of a worker that died in one it stays, and is taken away after this time.
                DistributedLockTimeout = patience,
            };
            return new StudyQueue(database, parsed, new PostgreSqlStorage(new Hangfire.PostgreSql.Factories.NpgsqlConnectionFactory(parsed.ConnectionString, options), options), patience);
        }
        catch (Exception exception) when (exception is NpgsqlException or ArgumentException or FormatException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            database?.Dispose();
            throw new FoveaException($"the queue cannot be opened: {exception.Message.Split('\n')[0].TrimEnd('.')}. "
                + "Expected a PostgreSQL database that can be reached, as in --queue \"Host=server;Database=fovea;Username=me\".", exception);
        }
    }

    /// <summary>Enters a study and its trials; nobody takes them until <see cref="HandOut"/>.</summary>
    /// <param name="plan">The study.</param>
    /// <param name="trials">Which of its trials: variants by their number from 0, and seeds.</param>
    /// <param name="samples">The fingerprint of the samples that all workers must have.</param>
    /// <param name="threads">Threads that each trial may use; 0 for all of its machine.</param>
    /// <param name="checkpointSeconds">How often a checkpoint is written.</param>
    /// <param name="recordSteps">Whether every update is kept.</param>
    internal Guid Add(StudyPlan plan, IEnumerable<(int Variant, ulong Seed)> trials, string samples, int threads, double checkpointSeconds, bool recordSteps = false)
    {
        var id = Guid.CreateVersion7();
        using NpgsqlConnection open = _database.OpenConnection();
        using NpgsqlTransaction transaction = open.BeginTransaction();
        Command(open, "INSERT INTO fovea.studies (id, plan, threads, checkpoint_seconds, samples, record_steps) VALUES ($1, $2, $3, $4, $5, $6)",
            id, plan.ToJson(), threads, checkpointSeconds, samples, recordSteps).ExecuteNonQuery();
        foreach (var (variant, seed) in trials) Command(open, "INSERT INTO fovea.trials VALUES ($1, $2, $3)", id, variant, Text(seed)).ExecuteNonQuery();
        transaction.Commit();
        return id;
    }

    /// <summary>Hands the trials of a study that have no figures yet to the workers; those that failed get another try.</summary>
    internal void HandOut(Guid study)
    {
        Execute("UPDATE fovea.trials SET failure = NULL, worker = NULL WHERE study = $1 AND failure IS NOT NULL", study);
        var client = new BackgroundJobClient(Jobs);
        foreach (QueuedTrial trial in Trials(study))
        {
            // In a state alone the name would be forgotten when the trial is tried again.
            if (trial.Result is null) client.Enqueue<TrialJob>(Name, job => job.Run(study, trial.Variant, trial.Seed, CancellationToken.None));
        }
    }

    /// <summary>The trials of a study, by variant; none where there is no such study.</summary>
    internal IReadOnlyList<QueuedTrial> Trials(Guid study) => Rows("SELECT variant, seed, share, worker, result, failure FROM fovea.trials WHERE study = $1 ORDER BY variant, seed",
        row => new QueuedTrial(row.GetInt32(0), ulong.Parse(row.GetString(1), CultureInfo.InvariantCulture), row.GetDouble(2), Text(row, 3), Text(row, 4), Text(row, 5)), study);

    /// <summary>What a worker must know of a study; null where it was removed.</summary>
    internal (StudyPlan Plan, int Threads, double CheckpointSeconds, string Samples, bool RecordSteps)? Study(Guid study)
    {
        var rows = Rows("SELECT plan, threads, checkpoint_seconds, samples, record_steps FROM fovea.studies WHERE id = $1",
            row => (row.GetString(0), row.GetInt32(1), row.GetDouble(2), row.GetString(3), row.GetBoolean(4)), study);
        return rows.Count == 0 ? null : (StudyPlan.FromJson(rows[0].Item1, "the queue"), rows[0].Item2, rows[0].Item3, rows[0].Item4, rows[0].Item5);
    }

    /// <summary>Waits until nobody else trains a trial, and holds it.</summary>
    internal TrialLock Hold(Guid study, int variant, ulong seed, CancellationToken cancellation) => TrialLock.Wait(_connection, _silence, study, variant, seed, cancellation);

    /// <summary>Writes the files that are kept of a trial into a folder, in place of what is there.</summary>
    internal void Download(Guid study, int variant, ulong seed, string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        foreach (var (name, content) in Rows("SELECT name, content FROM fovea.files WHERE study = $1 AND variant = $2 AND seed = $3 ORDER BY name",
            row => (row.GetString(0), row.GetFieldValue<byte[]>(1)), study, variant, Text(seed)))
        {
            // The name is a stranger's: only its last part can be a file of this folder.
            File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(name)), content);
        }
    }

    /// <summary>Removes a study with its trials and files; a worker that trains one of them stops when it next says how far it is.</summary>
    internal void Remove(Guid study) => Execute("DELETE FROM fovea.studies WHERE id = $1", study);

    /// <summary>Whether a worker is there that can take the trials of this program.</summary>
    internal bool HasWorker() => Jobs.GetMonitoringApi().Servers().Any(server => server.Queues.Contains(Name));

    /// <summary>Whether an error is one of a database that is away for a while, and may be back later.</summary>
    internal static bool IsAway(Exception exception) => exception is NpgsqlException { IsTransient: true }
        or PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown };

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _database.Dispose();

    internal static string Text(ulong seed) => seed.ToString(CultureInfo.InvariantCulture);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    internal static NpgsqlCommand Command(NpgsqlConnection open, string text, params object[] values)
    {
        var command = new NpgsqlCommand(text, open);
        foreach (object value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private int Execute(string text, params object[] values)
    {
        using NpgsqlConnection open = _database.OpenConnection();
        return Command(open, text, values).ExecuteNonQuery();
    }

    private List<T> Rows<T>(string text, Func<NpgsqlDataReader, T> read, params object[] values)
    {
        using NpgsqlConnection open = _database.OpenConnection();
        using NpgsqlDataReader reader = Command(open, text, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }
}

/// <summary>A trial as the queue knows it.</summary>
/// <param name="Variant">The variant's number, from 0.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Share">How far it is, from 0 to 1.</param>
/// <param name="Worker">The machine that trains or trained it; null before.</param>
/// <param name="Result">Its figures as JSON; null before it is finished.</param>
/// <param name="Failure">Why it cannot be trained; null where nothing is known against it.</param>
internal sealed record QueuedTrial(int Variant, ulong Seed, double Share, string? Worker, string? Result, string? Failure);
