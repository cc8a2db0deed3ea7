namespace Fovea.Bench;

/// <summary>A reader of files, to be tried with damaged ones.</summary>
/// <param name="Name">What it reads.</param>
/// <param name="Seeds">Whole files, each as short as shows all that the reader looks at.</param>
/// <param name="Read">Reads a file. The documented exception of all readers is <see cref="FoveaException"/>.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Seeds, Action<byte[]> Read)
{
    /// <summary>Makes a damaged file look whole on the outside, by its check sums or by compressing it, so that the damage is not found at once; done to
    /// some of the files.</summary>
    public Func<byte[], byte[]>? Repair { get; init; }

    /// <summary>Bytes that may be allocated beside twice the length of the file.</summary>
    public long Allowance { get; init; } = 64 << 20;

    // For an exception and its message.
    private const long Message = 1 << 20;

    /// <summary>A damaged file by its number: the same for the same number.</summary>
    public byte[] File(int seed, int number)
    {
        // The generator of .NET for a given seed is the same in all versions.
        var random = new Random(HashCode(seed, number));
        byte[] file = Mutation.Of(Seeds, random);
        return Repair is not null && random.Next(4) > 0 ? Repair(file) : file;
    }

    /// <summary>Reads a file.</summary>
    /// <returns>Whether it could be read, and what is wrong with the reader; null where nothing is.</returns>
    public (bool IsRead, string? Find) Try(byte[] file)
    {
        bool isRead = false;
        string? find = null;
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            Read(file);
            isRead = true;
        }
        catch (FoveaException)
        {
        }
        catch (Exception exception)
        {
            find = $"{exception.GetType().Name}: {exception.Message}\n{exception.StackTrace}";
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > 2L * file.Length + Allowance + Message) find ??= $"{allocated:N0} bytes were allocated for a file of {file.Length:N0}";
        return (isRead, find);
    }

    private static int HashCode(int seed, int number) => unchecked((int)(((ulong)(uint)seed * 0x9E3779B97F4A7C15 + (ulong)(uint)number) * 0xD1B54A32D192ED03 >> 32));
}
