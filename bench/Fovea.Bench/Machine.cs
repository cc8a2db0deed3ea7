using System.Diagnostics;
using System.Runtime.CompilerServices;
using Fovea.Kernels;

namespace Fovea.Bench;

/// <summary>What this machine can do at best: fused multiply-adds in registers, and reading memory.</summary>
internal static unsafe class Machine
{
    private const int Rounds = 1 << 22, Repetitions = 7;

    /// <summary>Floating-point operations per second of so many threads; a fused multiply-add is two.</summary>
    public static double PeakFlops<V>(int threads) where V : struct, ILanes<V>
    {
        float* sink = new Memory().Floats(64 * 16);
        double seconds = Best(threads, worker => sink[worker * 16] = MultiplyAdds<V>(Rounds));
        return 2.0 * Accumulators * V.Count * Rounds * threads / seconds;
    }

    /// <summary>Bytes per second that so many threads read from memory far larger than the caches.</summary>
    public static double Bandwidth<V>(int threads) where V : struct, ILanes<V>
    {
        const int floats = 64 << 20;
        var memory = new Memory();
        float* source = memory.Floats(floats), sink = memory.Floats(64 * 16);
        new Span<float>(source, floats).Fill(1);
        int part = floats / threads / 256 * 256;
        double seconds = Best(threads, worker => sink[worker * 16] = Read<V>(source + (nint)worker * part, part));
        return (double)sizeof(float) * part * threads / seconds;
    }

    private static double Best(int threads, Action<int> run)
    {
        double best = double.MaxValue;
        WorkItem item = (index, _) => run(index);
        for (int i = 0; i < Repetitions; i++)
        {
            long start = Stopwatch.GetTimestamp();
            Work.For(threads, threads, item);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }

    private const int Accumulators = 12;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float MultiplyAdds<V>(int rounds) where V : struct, ILanes<V>
    {
        V a = V.Broadcast(0.999f), b = V.Broadcast(0.001f);
        V c0 = a, c1 = a, c2 = a, c3 = a, c4 = a, c5 = a, c6 = a, c7 = a, c8 = a, c9 = a, c10 = a, c11 = a;
        for (int i = 0; i < rounds; i++)
        {
            c0 = V.MultiplyAdd(c0, a, b);
            c1 = V.MultiplyAdd(c1, a, b);
            c2 = V.MultiplyAdd(c2, a, b);
            c3 = V.MultiplyAdd(c3, a, b);
            c4 = V.MultiplyAdd(c4, a, b);
            c5 = V.MultiplyAdd(c5, a, b);
            c6 = V.MultiplyAdd(c6, a, b);
            c7 = V.MultiplyAdd(c7, a, b);
            c8 = V.MultiplyAdd(c8, a, b);
            c9 = V.MultiplyAdd(c9, a, b);
            c10 = V.MultiplyAdd(c10, a, b);
            c11 = V.MultiplyAdd(c11, a, b);
        }
        return V.Sum(c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Read<V>(float* source, int count) where V : struct, ILanes<V>
    {
        V c0 = V.Zero, c1 = V.Zero, c2 = V.Zero, c3 = V.Zero;
        for (int i = 0; i < count; i += 4 * V.Count)
        {
            c0 += V.Load(source + i);
            c1 += V.Load(source + i + V.Count);
            c2 += V.Load(source + i + 2 * V.Count);
            c3 += V.Load(source + i + 3 * V.Count);
        }
        return V.Sum(c0 + c1 + c2 + c3);
    }
}
