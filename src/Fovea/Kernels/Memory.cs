using System.Runtime.CompilerServices;

namespace Fovea.Kernels;

/// <summary>
/// Hands out blocks of pinned memory, filled with zeros and aligned to 64 bytes, that live as long as this object. Nothing needs to be
/// disposed: the garbage collector takes the blocks with it.
/// </summary>
internal sealed unsafe class Memory
{
    private const int Alignment = 64, SmallestChunk = 1 << 12, LargestChunk = 1 << 18;
    private readonly List<float[]> _chunks = [];
    private float* _next;
    private nint _left, _chunkSize = SmallestChunk;

    /// <summary>Bytes handed out, with the padding between blocks.</summary>
    public long Bytes { get; private set; }

    /// <summary>Rounds a number of floats up to whole cache lines.</summary>
    public static nint Align(nint floats) => (floats + Alignment / sizeof(float) - 1) & ~(nint)(Alignment / sizeof(float) - 1);

    /// <summary>A block of <paramref name="count"/> zeros.</summary>
    public float* Floats(nint count)
    {
        if (count == 0) return null;
        nint size = Align(count);
        if (size > _left)
        {
            // Small blocks share a chunk; a large one has its own. Chunks grow with what is asked for: a network of few numbers takes little memory, as where a
            // file's nodes are evaluated one by one.
            nint chunkSize = Math.Max(size, _chunkSize);
            _chunkSize = Math.Min(2 * _chunkSize, LargestChunk);
            float[] chunk = GC.AllocateArray<float>(checked((int)(chunkSize + Alignment / sizeof(float))), pinned: true);
            _chunks.Add(chunk);
            float* start = (float*)(((nint)Unsafe.AsPointer(ref chunk[0]) + Alignment - 1) & ~(nint)(Alignment - 1));
            if (chunkSize - size < _left) return Count(start, size);
            _next = start;
            _left = chunkSize;
        }
        float* block = _next;
        _next += size;
        _left -= size;
        return Count(block, size);
    }

    /// <summary>A block of bytes.</summary>
    public byte* ByteBlock(nint count) => (byte*)Floats((count + sizeof(float) - 1) / sizeof(float));

    private float* Count(float* block, nint size)
    {
        Bytes += size * sizeof(float);
        return block;
    }
}
