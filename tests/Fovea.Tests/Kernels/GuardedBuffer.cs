using System.Runtime.CompilerServices;

namespace Fovea.Tests.Kernels;

/// <summary>
/// Pinned memory between two strips of NaN: what a kernel reads past an end spoils its result, what it writes there is found out. The
/// memory itself is NaN at first too, so that what a kernel does not write is seen.
/// </summary>
internal sealed unsafe class GuardedBuffer
{
    private const int Strip = 512;

    // A NaN that no arithmetic gives.
    private const int Untouched = 0x7FC0_DEAD;
    private readonly float[] _memory;
    private readonly int _start;

    public GuardedBuffer(nint count)
    {
        Count = checked((int)count);
        _memory = GC.AllocateArray<float>(Count + 2 * Strip, pinned: true);
        float* memory = (float*)Unsafe.AsPointer(ref _memory[0]);
        // Aligned to a cache line, as the engine's memory is.
        _start = Strip - (int)(((nint)memory >> 2) & 15);
        _memory.AsSpan().Fill(BitConverter.Int32BitsToSingle(Untouched));
        Data = memory + _start;
    }

    public float* Data { get; }
    public int Count { get; }
    public Span<float> Span => _memory.AsSpan(_start, Count);

    /// <summary>Fails when something was written past an end.</summary>
    public void AssertUntouchedOutside(string what)
    {
        for (int i = 0; i < _memory.Length; i++)
        {
            if ((i < _start || i >= _start + Count) && !IsUntouched(_memory[i]))
                Assert.Fail($"{what}: {_memory[i]} was written {(i < _start ? $"{_start - i} before the start" : $"{i - _start - Count + 1} after the end")}");
        }
    }

    /// <summary>Whether a number is what this memory held at first.</summary>
    public static bool IsUntouched(float value) => BitConverter.SingleToInt32Bits(value) == Untouched;
}
