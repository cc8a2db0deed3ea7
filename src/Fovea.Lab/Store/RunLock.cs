namespace Fovea.Lab;

/// <summary>
/// The folder of a run or a study in the hands of one program: two that went on with the same one would write over each other's files. The operating
/// system lets go of it when the program ends, however it ends. It works between programs on one machine.
/// </summary>
public sealed class RunLock : IDisposable
{
    // The file that is held cannot be read by others: who holds it is said in a second one.
    private const string HeldFile = ".training-lock", HolderFile = ".training-holder";

    private readonly FileStream _held;
    private readonly string _path, _holder;

    private RunLock(FileStream held, string path, string holder) => (_held, _path, _holder) = (held, path, holder);

    /// <summary>Takes a folder.</summary>
    /// <param name="folder">The folder, which is there.</param>
    /// <param name="program">Who takes it, in words for others: "fovea train".</param>
    /// <exception cref="FoveaException">Another has it, which the message names, or the folder cannot be written.</exception>
    public static RunLock Take(string folder, string program)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string path = Path.Combine(folder, HeldFile), holder = Path.Combine(folder, HolderFile);
        FileStream? held = null;
        try
        {
            // What another has removed in this very moment holds nobody off.
            for (held = Open(path); !File.Exists(path); held = Open(path)) held.Dispose();
            File.WriteAllText(holder, $"{program}, process {Environment.ProcessId}");
            return new RunLock(held, path, holder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            bool isTaken = held is null && exception.GetType() == typeof(IOException) && File.Exists(path);
            if (held is not null) Release(held, path, holder);
            throw new FoveaException(isTaken
                ? $"{folder}: it is in the hands of {Holder(holder)}. Wait for its end, or stop it there: Ctrl-C ends a command, Leave it lets go in the studio."
                : $"{folder}: the folder cannot be written: {exception.Message.TrimEnd('.')}. Make room or the folder writable, and go on.", exception);
        }
    }

    /// <summary>Lets go of the folder; nothing of the lock stays in it.</summary>
    public void Dispose() => Release(_held, _path, _holder);

    private static void Release(FileStream held, string path, string holder)
    {
        try
        {
            File.Delete(holder);
            if (!OperatingSystem.IsWindows()) File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The folder is gone, or no longer writable: what is left there says nothing once the lock is free.
        }
        held.Dispose();
    }

    // Windows lets nobody remove what is open, but does so itself.
    private static FileStream Open(string path) =>
        new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None);

    private static string Holder(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "another program";
        }
    }
}
