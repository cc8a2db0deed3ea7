using Fovea.Lab;

namespace Fovea.Tests;

public sealed class RunLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_is_in_the_hands_of_one_at_a_time_who_is_named()
    {
        using (RunLock.Take(_folder.Path, "fovea train"))
        {
            Assert.Equal($"{_folder.Path}: it is in the hands of fovea train, process {Environment.ProcessId}. Wait for its end, or stop it there: Ctrl-C ends a command, Leave it lets go in the studio.",
                Assert.Throws<FoveaException>(() => RunLock.Take(_folder.Path, "fovea studio")).Message);
        }
        // Nothing of it stays, and another may have it.
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        using (RunLock.Take(_folder.Path, "fovea studio")) Assert.Throws<FoveaException>(() => RunLock.Take(_folder.Path, "fovea train"));
    }

    [Fact]
    public void What_a_killed_program_leaves_behind_holds_nobody_off()
    {
        foreach (string file in (string[])[".training-lock", ".training-holder"]) File.WriteAllText(_folder[file], "fovea train, process 1");
        using (RunLock.Take(_folder.Path, "fovea studio"))
            Assert.Contains("in the hands of fovea studio, process", Assert.Throws<FoveaException>(() => RunLock.Take(_folder.Path, "fovea train")).Message);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Of_many_who_try_at_once_one_has_it()
    {
        int holders = 0, most = 0, taken = 0;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            for (int round = 0; round < 200; round++)
            {
                try
                {
                    using RunLock held = RunLock.Take(_folder.Path, "a test");
                    InterlockedMax(ref most, Interlocked.Increment(ref holders));
                    Interlocked.Increment(ref taken);
                    Interlocked.Decrement(ref holders);
                }
                catch (FoveaException)
                {
                    // Somebody else has it.
                }
            }
        });
        Assert.Equal(1, most);
        Assert.True(taken > 0);

        static void InterlockedMax(ref int most, int value)
        {
            for (int seen = Volatile.Read(ref most); seen < value; seen = Volatile.Read(ref most)) Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    [Fact]
    public void On_a_full_disk_nothing_is_taken_and_nothing_stays()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Only Linux has a device that is always full.");
        File.CreateSymbolicLink(_folder[".training-holder"], "/dev/full");
        string message = Assert.Throws<FoveaException>(() => RunLock.Take(_folder.Path, "fovea train")).Message;
        Assert.StartsWith($"{_folder.Path}: the folder cannot be written: No space left on device", message);
        Assert.EndsWith("Make room or the folder writable, and go on.", message);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_no_training_in_the_hands_of_another() =>
        Assert.StartsWith($"{_folder["none"]}: the folder cannot be written: ", Assert.Throws<FoveaException>(() => RunLock.Take(_folder["none"], "fovea train")).Message);
}
