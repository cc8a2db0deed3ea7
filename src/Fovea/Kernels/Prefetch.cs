using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Fovea.Kernels;

/// <summary>Asks for memory that is soon read or written, where it is not read from end to end and the processor does not foresee it. Nothing is read: any
/// address is allowed. Elsewhere than on x86 it does nothing.</summary>
internal static unsafe class Prefetch
{
    private const int Line = 16;

    /// <summary>Asks for rows of so many floats, <paramref name="row"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Rows(float* start, nint row, int rows, int floats)
    {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < rows; i++, start += row)
        {
            for (int j = 0; j < floats; j += Line) Sse.Prefetch0(start + j);
        }
    }
}
