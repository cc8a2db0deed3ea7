using Npgsql;
using static Fovea.Lab.StudyQueue;

namespace Fovea.Lab;

/// <summary>
/// A trial that nobody else may train until this is disposed of. The lock belongs to one session of the database, and all that is written of the trial goes
/// through that session: who has lost the lock with it can no longer write, and who holds the lock next reads what was written last.
/// </summary>
internal sealed class TrialLock : IDisposable
{
    private readonly NpgsqlConnection _session;
    private readonly Guid _study;
    private readonly int _variant;
    private readonly string _seed;

    private TrialLock(NpgsqlConnection session, Guid study, int variant, ulong seed) => (_session, _study, _variant, _seed) = (session, study, variant, Text(seed));

    /// <summary>Waits until nobody else holds a trial, and holds it.</summary>
    /// <param name="database">Where it is.</param>
    /// <param name="silence">How long the session may be silent before the database ends it: a worker that is stopped, or cut off from the network, keeps
    /// no lock. A living one is heard of three times as often, whatever it does.</param>
    /// <param name="study">The study.</param>
    /// <param name="variant">The variant's number, from 0.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="OperationCanceledException">It was asked to wait no longer.</exception>
    public static TrialLock Wait(NpgsqlConnectionStringBuilder database, TimeSpan silence, Guid study, int variant, ulong seed, CancellationToken cancellation)
    {
        int third = Math.Max(1, (int)(silence.TotalSeconds / 3));
        // A connection that went back to a pool would keep its session, and with it the lock.
        var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false, KeepAlive = third }.ConnectionString);
        try
        {
            session.Open();
            string[] limits = session.PostgreSqlVersion.Major >= 14 ? ["idle_session_timeout", "idle_in_transaction_session_timeout"] : ["idle_in_transaction_session_timeout"];
            foreach (string limit in limits) Command(session, "SELECT set_config($1, $2, false)", limit, $"{3 * third}s").ExecuteNonQuery();
            while (!(bool)Command(session, "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", $"{study} {variant} {Text(seed)}").ExecuteScalar()!)
            {
                if (cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(0.2))) throw new OperationCanceledException(cancellation);
            }
            return new TrialLock(session, study, variant, seed);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Whether the session lives, as far as is known.</summary>
    public bool IsOpen => _session.State == System.Data.ConnectionState.Open;

    /// <summary>Says how far the trial is and who trains it. False where the trial was removed or has figures: nothing is then written.</summary>
    public bool Report(double share, string worker) => Set("share = $4, worker = $5", share, worker);

    /// <summary>Enters the figures of the trial; the first are kept. False where it was removed or has figures.</summary>
    public bool Finish(string result) => Set("result = $4, share = 1", result);

    /// <summary>Says why the trial cannot be trained. False where it was removed or has figures.</summary>
    public bool Fail(string failure) => Set("failure = $4", failure);

    /// <summary>Puts the files of a trial's folder in place of those kept before, at once or not at all, and says how far the trial is. False where the trial was removed or has figures.</summary>
    public bool Upload(string folder, double share)
    {
        using NpgsqlTransaction transaction = _session.BeginTransaction();
        // The row stays as it is until the end of the transaction.
        if (!Set("share = $4", share)) return false;
        Command(_session, "DELETE FROM fovea.files WHERE study = $1 AND variant = $2 AND seed = $3", _study, _variant, _seed).ExecuteNonQuery();
        using NpgsqlCommand insert = Command(_session, "INSERT INTO fovea.files VALUES ($1, $2, $3, $4, $5)", _study, _variant, _seed, "", Array.Empty<byte>());
        // Prepared, so that a file is in the first message of its command: the database ends a session that stops in the middle of that one, but would wait
        // for ever for the rest of a later one.
        insert.Prepare();
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            (insert.Parameters[3].Value, insert.Parameters[4].Value) = (Path.GetFileName(file), File.ReadAllBytes(file));
            insert.ExecuteNonQuery();
        }
        transaction.Commit();
        return true;
    }

    /// <summary>Lets go of the trial.</summary>
    public void Dispose() => _session.Dispose();

    private bool Set(string what, params object[] values) =>
        Command(_session, $"UPDATE fovea.trials SET {what} WHERE study = $1 AND variant = $2 AND seed = $3 AND result IS NULL", [_study, _variant, _seed, .. values]).ExecuteNonQuery() == 1;
}
