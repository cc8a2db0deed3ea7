using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Fovea.Kernels;

/// <summary>Asks for memory that is soon read or written, where it is not read from end to end and the processor does not foresee it, or where it comes from far
/// while something else is computed. It is brought into the second-level cache. Nothing is read: any address is allowed. Elsewhere than on x86 it does nothing.</summary>
internal static unsafe class Prefetch
{
    private const int Line = 16;

    /// <summary>Asks for so many floats, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Block(float* start, nint floats)
    {
        if (!Sse.IsSupported) return;
        float* end = start + floats;
        for (; start + 3 * Line < end; start += 4 * Line)
        {
            Sse.Prefetch1(start);
            Sse.Prefetch1(start + Line);
            Sse.Prefetch1(start + 2 * Line);
            Sse.Prefetch1(start + 3 * Line);
        }
        for (; start < end; start += Line) Sse.Prefetch1(start);
    }

    /// <summary>Asks for rows of so many floats, <paramref name="row"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Rows(float* start, nint row, int rows, int floats)
    {
        for (int i = 0; i < rows; i++) Block(start + i * row, floats);
    }
}

/// <summary>Up to four blocks of memory that are read after what is computed now, all laid out as its result.</summary>
internal unsafe struct Upcoming
{
    private const int Maximum = 4;
    private fixed long _blocks[Maximum];
    private int _count;

    /// <summary>One more; null is none.</summary>
    public void Add(float* block)
    {
        if (block != null) _blocks[_count++] = (long)block;
    }

    /// <summary>Asks for so many floats of each, from <paramref name="start"/> on.</summary>
    public readonly void Ask(nint start, nint floats)
    {
        for (int i = 0; i < _count; i++) Prefetch.Block((float*)_blocks[i] + start, floats);
    }
}
