using System.Diagnostics;

[assembly: AssemblyFixture(typeof(Fovea.Tests.PostgreSqlServer))]

namespace Fovea.Tests;

/// <summary>A PostgreSQL server of Debian's package, on a socket in a folder of its own, that lives as long as the tests.</summary>
public sealed class PostgreSqlServer : IDisposable
{
    private static readonly string? s_programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(Directory.Exists).Order().LastOrDefault()
        : null;

    private readonly Lock _lock = new();
    private string? _folder;
    private int _databases;

    /// <summary>Skips a test where there is no server.</summary>
    public static void Need() => Assert.SkipWhen(s_programs is null, "PostgreSQL is not installed: apt-get install postgresql");

    /// <summary>A connection string to a new, empty database.</summary>
    public string NewDatabase()
    {
        lock (_lock)
        {
            if (_folder is null) Start();
            string name = $"test{++_databases}";
            Run("createdb", "-h", _folder!, "-U", "fovea", name);
            return $"Host={_folder};Database={name};Username=fovea";
        }
    }

    public void Dispose()
    {
        if (_folder is null) return;
        Run("pg_ctl", "-D", Path.Combine(_folder, "data"), "-m", "immediate", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    private void Start()
    {
        _folder = Directory.CreateTempSubdirectory("fovea-postgresql-").FullName;
        // The server refuses to run as root.
        if (IsRoot) Wait(Process.Start("chown", ["postgres", _folder]));
        string data = Path.Combine(_folder, "data");
        Run("initdb", "-A", "trust", "-U", "fovea", "-N", "-D", data);
        Run("pg_ctl", "-w", "-D", data, "-l", Path.Combine(_folder, "log"), "-o", $"-k {_folder} -h '' -c fsync=off", "start");
    }

    private static bool IsRoot => Environment.UserName == "root";

    private void Run(string program, params string[] arguments)
    {
        string path = Path.Combine(s_programs!, program);
        ProcessStartInfo start = IsRoot ? new("runuser", ["-u", "postgres", "--", path, .. arguments]) : new(path, arguments);
        start.WorkingDirectory = _folder;
        // A server that is started would keep a redirected pipe open.
        start.RedirectStandardOutput = program != "pg_ctl";
        using Process process = Process.Start(start)!;
        if (start.RedirectStandardOutput) process.StandardOutput.ReadToEnd();
        Wait(process);
    }

    private static void Wait(Process process)
    {
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
