using System.Numerics;

namespace Fovea.Kernels;

/// <summary>
/// Dropout: one random word for each element of each sample, keyed by seed, layer and update and by the sample's place in the batch, so
/// that the same elements are dropped whatever the threads, micro-batches or kernels.
/// </summary>
internal static class DropoutKernels
{
    /// <summary>By what an element of a sample is multiplied: 0 where it is dropped, 1 / (1 - probability) where it is kept.</summary>
    public static T Scale<T>(in Philox random, uint sample, uint update, float probability, int element) where T : IBinaryFloatingPointIeee754<T>
    {
        var (a, b, c, d) = random.Block((uint)element / 4, sample, update);
        uint word = (element % 4) switch { 0 => a, 1 => b, 2 => c, _ => d };
        return word < Threshold(probability) ? T.Zero : T.One / (T.One - T.CreateChecked(probability));
    }

    /// <summary>y = x scales, of a row of pixels: a number for each lane.</summary>
    public static unsafe void ScaleLanes<V>(float* scales, float* x, float* y, int count) where V : struct, ILanes<V>
    {
        V scale = V.Load(scales);
        for (int i = 0; i < count; i += V.Count) (V.Load(x + i) * scale).Store(y + i);
    }

    /// <summary>
    /// y = x / (1 - probability) where an element is kept, 0 where it is dropped, for elements of one sample that lie
    /// <paramref name="step"/> apart; the first is number <paramref name="firstElement"/> of its sample. The gradient goes the same way.
    /// </summary>
    public static void Apply<T>(in Philox random, uint sample, uint update, float probability, ReadOnlySpan<T> x, Span<T> y, int step, int firstElement)
        where T : IBinaryFloatingPointIeee754<T>
    {
        uint threshold = Threshold(probability);
        T scale = T.One / (T.One - T.CreateChecked(probability));
        (uint A, uint B, uint C, uint D) block = random.Block((uint)firstElement / 4, sample, update);
        for (int i = 0, element = firstElement; i < x.Length; i += step, element++)
        {
            if (element % 4 == 0) block = random.Block((uint)element / 4, sample, update);
            uint word = (element % 4) switch { 0 => block.A, 1 => block.B, 2 => block.C, _ => block.D };
            y[i] = word < threshold ? T.Zero : x[i] * scale;
        }
    }

    private static uint Threshold(float probability) => (uint)Math.Round(probability * 4294967296.0);
}
