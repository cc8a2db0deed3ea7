using Fovea.Kernels;

namespace Fovea;

/// <summary>The samples of an epoch in the order in which a training takes them: a function of the data, the seed and the epoch alone.</summary>
internal sealed class SampleOrder
{
    private readonly Sampling _sampling;
    private readonly ulong _seed;
    private readonly int _count;
    private readonly int[][] _classes;

    /// <summary>The orders of a training.</summary>
    /// <param name="data">The samples trained on.</param>
    /// <param name="sampling">Which are taken.</param>
    /// <param name="seed">What is drawn by.</param>
    /// <exception cref="FoveaException">The samples have no classes to be drawn by.</exception>
    public SampleOrder(Dataset data, Sampling sampling, ulong seed)
    {
        (_sampling, _seed, _count) = (sampling, seed, data.Count);
        if (sampling == Sampling.Plain)
        {
            _classes = [];
            return;
        }
        if (data.AllLabels is null)
            throw new FoveaException($"{data.Name}: the samples have target values, not classes: {sampling.ToString().ToLowerInvariant()} sampling has nothing to draw by. Use plain sampling.");
        _classes = [.. Enumerable.Range(0, data.Count).GroupBy(data.Label).OrderBy(same => same.Key).Select(same => same.ToArray())];
    }

    /// <summary>Writes the order of an epoch, counted from 0.</summary>
    public void Fill(Span<int> order, uint epoch)
    {
        switch (_sampling)
        {
            case Sampling.Weighted:
                Draw(order, epoch);
                break;
            case Sampling.Balanced:
                TakeTurns(order, epoch);
                break;
            default:
                for (int i = 0; i < _count; i++) order[i] = i;
                new Philox(_seed, RandomPurpose.Shuffle).Shuffle(order, epoch);
                break;
        }
    }

    private void Draw(Span<int> order, uint epoch)
    {
        var random = new Philox(_seed, RandomPurpose.Sample);
        for (int i = 0; i < order.Length; i++)
        {
            var (a, b, c, _) = random.Block((uint)i, step: epoch);
            int[] samples = _classes[(int)(((ulong)a * (ulong)_classes.Length) >> 32)];
            order[i] = samples[(int)Math.BigMul(((ulong)b << 32) | c, (ulong)samples.Length, out _)];
        }
    }

    // A class that is used up within the epoch is shuffled again.
    private void TakeTurns(Span<int> order, uint epoch)
    {
        var turns = new Philox(_seed, RandomPurpose.Sample);
        int[][] queues = [.. _classes.Select(samples => (int[])samples.Clone())];
        int[] taken = new int[queues.Length];
        for (int i = 0; i < order.Length; i++)
        {
            int round = i / queues.Length;
            // Each round begins with another class, so that a batch that ends within a round favours none.
            int first = (int)(((ulong)turns.Block((uint)round, step: epoch).A * (ulong)queues.Length) >> 32);
            int label = (first + i) % queues.Length, next = taken[label]++ % queues[label].Length;
            if (next == 0)
            {
                uint pass = (uint)((taken[label] - 1) / queues[label].Length);
                new Philox(_seed, RandomPurpose.Shuffle, stream: 1 + (uint)label + pass * (uint)queues.Length).Shuffle(queues[label], epoch);
            }
            order[i] = queues[label][next];
        }
    }
}
