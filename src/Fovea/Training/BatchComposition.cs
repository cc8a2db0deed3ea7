using System.Text.Json.Serialization;

namespace Fovea;

/// <summary>
/// How many samples of the rarest class the batches of a training hold, beside what chance would give: a batch of samples that are taken
/// each once follows the hypergeometric distribution.
/// </summary>
/// <param name="RareClass">The name of the class with the fewest samples.</param>
/// <param name="Samples">Samples trained on.</param>
/// <param name="RareSamples">How many of them are of this class.</param>
/// <param name="LargestClass">How many samples the largest class has.</param>
/// <param name="BatchSize">Samples of a batch; smaller last ones are not counted.</param>
/// <param name="Batches">How many batches had 0, 1, 2 ... samples of the class.</param>
public sealed record BatchComposition(string RareClass, int Samples, int RareSamples, int LargestClass, int BatchSize, IReadOnlyList<int> Batches)
{
    /// <summary>Counts over the first updates of a training.</summary>
    /// <param name="training">The samples trained on, those for validation set aside.</param>
    /// <param name="settings">How it is trained.</param>
    /// <param name="updates">Over how many updates; one that ends an epoch with a smaller batch is among them, and not counted.</param>
    /// <returns>Null where the samples have no classes, or no batch is full.</returns>
    /// <exception cref="FoveaException">A setting is out of its range.</exception>
    public static BatchComposition? Of(Dataset training, TrainingSettings settings, long updates)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(settings);
        settings.Check();
        if (training.AllLabels is null || settings.BatchSize > training.Count || updates < 1) return null;
        int[] sizes = new int[training.ClassNames.Count];
        for (int i = 0; i < training.Count; i++) sizes[training.Label(i)]++;
        int rare = sizes.Index().Where(size => size.Item > 0).MinBy(size => size.Item).Index;
        int[] batches = new int[settings.BatchSize + 1];
        int[] order = new int[training.Count];
        var orders = new SampleOrder(training, settings.Sampling, settings.Seed);
        int perEpoch = new EpochSize(training.Count, settings.BatchSize).Updates;
        for (long epoch = 0; epoch * perEpoch < updates; epoch++)
        {
            orders.Fill(order, (uint)epoch);
            // The last epoch may have ended before its last sample.
            long full = Math.Min(order.Length / settings.BatchSize, updates - epoch * perEpoch);
            for (int first = 0; first < full * settings.BatchSize; first += settings.BatchSize)
            {
                int count = 0;
                for (int i = first; i < first + settings.BatchSize; i++) if (training.Label(order[i]) == rare) count++;
                batches[count]++;
            }
        }
        int most = Array.FindLastIndex(batches, count => count > 0);
        return new BatchComposition(training.ClassNames[rare], training.Count, sizes[rare], sizes.Max(), settings.BatchSize, batches[..(most + 1)]);
    }

    /// <summary>The share of the class among all samples.</summary>
    public double Share => (double)RareSamples / Samples;

    /// <summary>The mean share of the class in a batch, as counted.</summary>
    public double MeanShare => Batches.Index().Sum(b => (double)b.Index * b.Item) / Batches.Sum() / BatchSize;

    /// <summary>The standard deviation of the number of its samples in a batch, as counted.</summary>
    public double Deviation
    {
        get
        {
            double mean = MeanShare * BatchSize;
            return Math.Sqrt(Batches.Index().Sum(b => b.Item * (b.Index - mean) * (b.Index - mean)) / Batches.Sum());
        }
    }

    /// <summary>The same of the hypergeometric distribution: sqrt(n p (1 - p) (N - n) / (N - 1)).</summary>
    public double ExpectedDeviation =>
        Samples == 1 ? 0 : Math.Sqrt(BatchSize * Share * (1 - Share) * (Samples - BatchSize) / (Samples - 1));

    /// <summary>The shares of batches with 0, 1, 2 ... samples of the class, as counted.</summary>
    [JsonIgnore]
    public IReadOnlyList<double> Shares => [.. Batches.Select(count => (double)count / Batches.Sum())];

    /// <summary>The share of batches without a sample of the class, as counted.</summary>
    public double ShareWithout => Shares[0];

    /// <summary>The probability that a batch holds so many samples of the class: C(K, k) C(N - K, n - k) / C(N, n).</summary>
    public double Expected(int count)
    {
        if (count < 0 || count > RareSamples || count > BatchSize || BatchSize - count > Samples - RareSamples) return 0;
        return Math.Exp(LogChoose(RareSamples, count) + LogChoose(Samples - RareSamples, BatchSize - count) - LogChoose(Samples, BatchSize));
    }

    private static double LogChoose(int n, int k)
    {
        double sum = 0;
        for (int i = 1; i <= k; i++) sum += Math.Log((double)(n - k + i) / i);
        return sum;
    }
}
